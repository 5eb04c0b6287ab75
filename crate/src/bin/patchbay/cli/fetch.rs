mod download;
mod folder;
mod http;
mod intake;
mod part;
mod retry;
mod source;

use std::io::{Write, stdout};

use anyhow::{Result, anyhow};
use indicatif::ProgressBar;

use self::download::Download;
use self::folder::{CONFIG, Folder, Standing, TOKENIZER, WEIGHTS};
use self::http::{Client, Version};
use self::intake::SmallFiles;
use self::part::{Part, write_whole};
use self::retry::{Failure, persist};
use self::source::Source;
use super::options::FetchOptions;
use super::progress::bar;

/// More than any config.json or tokenizer.json, and no more than memory has room for.
const MOST_SMALL: usize = 64 << 20;

/// Downloads a model's three files. Nothing but the part of model.safetensors is written before all of them
/// have been verified.
pub fn fetch(options: &FetchOptions) -> Result<()> {
    let source = Source::parse(&options.model, options.sha256.as_deref())?;
    let folder = Folder::open(&options.to)?;
    let standing = folder.standing(&source)?;
    if let Standing::Complete(sha256) = standing {
        return report(&source, &format!("{} holds it already", options.to.display()), &sha256);
    }

    let client = Client::new(source.is_https());
    let bar = bar(None, "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}");
    let small = SmallFiles {
        config: small_file(&client, &source, CONFIG, &bar)?,
        tokenizer: small_file(&client, &source, TOKENIZER, &bar)?,
    };
    let files = [(CONFIG, &small.config), (TOKENIZER, &small.tokenizer)];
    small.check(source.pin.as_ref())?;
    if let Standing::Others = standing {
        for (name, bytes) in files {
            folder.check_none_but(name, bytes)?;
        }
    }

    let weights = weights(&client, &source, &folder, standing, &small, &bar)?;
    bar.finish_and_clear();
    for (name, bytes) in files {
        write_whole(&folder.path(name), bytes)?;
    }
    let (sha256, version) = match weights {
        Weights::There(sha256) => (sha256, Version::default()),
        Weights::Fetched(part, sha256) => {
            let version = part.version().clone();
            part.keep_as(&folder.path(WEIGHTS), &sha256)?;
            (sha256, version)
        }
    };
    folder.complete(source.url(""), version, &sha256)?;
    Part::forget(&folder.part());
    report(&source, &format!("{} holds the model", options.to.display()), &sha256)
}

enum Weights {
    There(String),
    Fetched(Part, String),
}

/// The weights with their SHA-256: those in the folder if they are the pin's, else fetched.
fn weights(
    client: &Client,
    source: &Source,
    folder: &Folder,
    standing: Standing,
    small: &SmallFiles,
    bar: &ProgressBar,
) -> Result<Weights> {
    let pin = source.pin.as_ref();
    if let Some(pin) = pin
        && folder.has_weights(pin, small)?
    {
        return Ok(Weights::There(pin.sha256.clone()));
    }
    if matches!(standing, Standing::Others) {
        folder.check_none(WEIGHTS)?;
    }
    let url = source.url(WEIGHTS);
    let part = Part::open(folder.part(), &url)?;
    let (part, sha256) = Download { client, url: &url, pin, small, bar }.run(part)?;
    Ok(Weights::Fetched(part, sha256))
}

/// All of a file that is small, or refused.
fn small_file(client: &Client, source: &Source, name: &'static str, bar: &ProgressBar) -> Result<Vec<u8>> {
    let url = source.url(name);
    bar.set_message(name);
    persist(&url, bar, 0, || {
        let mut answer = client.get(&url, None)?;
        let mut bytes = Vec::new();
        let mut chunk = vec![0; 1 << 16];
        loop {
            match answer.read(&mut chunk)? {
                0 => return Ok(bytes),
                read => bytes.extend_from_slice(&chunk[..read]),
            }
            if bytes.len() > MOST_SMALL {
                return Err(Failure::Final(anyhow!(
                    "{name} at {url} is larger than {} MiB; expected the file of GPT-2's repository",
                    MOST_SMALL >> 20
                )));
            }
        }
    })
}

fn report(source: &Source, what: &str, sha256: &str) -> Result<()> {
    let known = if source.pin.is_some() { ", as expected" } else { "" };
    writeln!(stdout(), "{what}; SHA-256 of {WEIGHTS}: {sha256}{known}")?;
    Ok(())
}
