//! The files that make a model, wherever they are.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use patchbay::Error;
use patchbay::tokenizer::from_vocabulary;
use patchbay::weights::{CONVERT, shard_files};
use sha2::{Digest, Sha256};

use super::hub::ContentHash;

pub const CONFIG: &str = "config.json";
pub const TOKENIZER: &str = "tokenizer.json";
pub const VOCABULARY: &str = "vocab.json";
pub const MERGES: &str = "merges.txt";
pub const WEIGHTS: &str = "model.safetensors";
pub const INDEX: &str = "model.safetensors.index.json";
/// PyTorch's weights are programs, which this one does not run.
const PICKLES: [&str; 2] = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

/// Where a model's files are.
pub trait Source {
    /// A file, brought here where that is needed; none where the model has no such file.
    fn find(&self, name: &str) -> Result<Option<PathBuf>>;

    /// Whether the model has a file.
    fn has(&self, name: &str) -> Result<bool>;

    /// In words.
    fn place(&self) -> String;
}

/// Files that say the same as one: of the tokenizer one or two, of the weights any number.
pub struct Found {
    /// By name, in order.
    pub files: Vec<(String, PathBuf)>,
    /// What names them, where they are several.
    pub index: Option<PathBuf>,
}

fn one(name: &str, path: PathBuf) -> Found {
    Found { files: vec![(name.to_owned(), path)], index: None }
}

pub fn config(source: &dyn Source) -> Result<PathBuf> {
    source.find(CONFIG)?.ok_or_else(|| missing(source, CONFIG, ""))
}

pub fn tokenizer(source: &dyn Source) -> Result<Found> {
    if let Some(path) = source.find(TOKENIZER)? {
        return Ok(one(TOKENIZER, path));
    }
    match (source.find(VOCABULARY)?, source.find(MERGES)?) {
        (Some(vocabulary), Some(merges)) => Ok(Found {
            files: vec![(VOCABULARY.to_owned(), vocabulary), (MERGES.to_owned(), merges)],
            index: None,
        }),
        (vocabulary, merges) => {
            let found = match (vocabulary, merges) {
                (Some(_), None) => "; found vocab.json, but no merges.txt",
                (None, Some(_)) => "; found merges.txt, but no vocab.json",
                _ => "",
            };
            Err(missing(source, "tokenizer.json, or vocab.json and merges.txt", found))
        }
    }
}

pub fn weights(source: &dyn Source) -> Result<Found> {
    if let Some(path) = source.find(WEIGHTS)? {
        return Ok(one(WEIGHTS, path));
    }
    if let Some(index) = source.find(INDEX)? {
        let find = |name: String| {
            let path = source
                .find(&name)?
                .ok_or_else(|| missing(source, &format!("{name}, which the index names,"), ""))?;
            Ok((name, path))
        };
        let files = shard_files(&read(&index, INDEX)?)?.into_iter().map(find).collect::<Result<_>>()?;
        return Ok(Found { files, index: Some(index) });
    }
    for name in PICKLES {
        if source.has(name)? {
            let found = format!(
                "; found {name}, which is PyTorch's. {CONVERT}, and copy the tokenizer's files beside it"
            );
            return Err(missing(source, WEIGHTS, &found));
        }
    }
    Err(missing(source, "model.safetensors, or model.safetensors.index.json and what it names", ""))
}

fn missing(source: &dyn Source, what: &str, found: &str) -> anyhow::Error {
    anyhow!("expected {what} in {}{found}", source.place())
}

impl Found {
    /// The tokenizer's bytes, as a tokenizer.json.
    pub fn read_tokenizer(&self) -> Result<Vec<u8>> {
        match self.files.as_slice() {
            [(name, path)] => read(path, name),
            [(_, vocabulary), (_, merges)] => {
                Ok(from_vocabulary(&read(vocabulary, VOCABULARY)?, &read(merges, MERGES)?)?)
            }
            _ => Err(anyhow!("a tokenizer is one file, or two")),
        }
    }
}

/// A folder of the user's.
impl Source for PathBuf {
    fn find(&self, name: &str) -> Result<Option<PathBuf>> {
        match self.metadata() {
            Ok(found) if !found.is_dir() => {
                let message = format!("--model: expected a folder, found a file at {}", self.display());
                return Err(Error::input("model", message).into());
            }
            Ok(_) => {}
            Err(error) => {
                let hint =
                    "a model is a folder, OWNER/NAME on the hub, as openai-community/gpt2, or ioi-mini";
                return Err(anyhow!("cannot read {}: {error}; {hint}", self.display()));
            }
        }
        let path = self.join(name);
        // One that leads nowhere is there, and is told of when it is read.
        Ok(path.symlink_metadata().is_ok().then_some(path))
    }

    fn has(&self, name: &str) -> Result<bool> {
        Ok(self.join(name).exists())
    }

    fn place(&self) -> String {
        self.display().to_string()
    }
}

/// A file of the hub's cache says by its name what it must be. `sha256` is what was found, where that is known already.
pub fn check_cached(name: &str, path: &Path, sha256: Option<&str>) -> Result<()> {
    match ContentHash::of_cached(path) {
        None => Ok(()),
        Some(ContentHash::Sha256(expected)) if sha256 == Some(&expected) => Ok(()),
        Some(hash) => hash.check(name, path).map_err(|error| {
            let blob = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            anyhow!("{error}. Remove {}, so that it is downloaded again", blob.display())
        }),
    }
}

/// The most that is read of a file; of weights the most that a server may send without saying how much it is.
pub fn most_bytes(name: &str) -> u64 {
    match name {
        CONFIG => 1 << 20,
        TOKENIZER | VOCABULARY | MERGES | INDEX => 64 << 20,
        _ => 64 << 30,
    }
}

pub fn too_large(name: &str, most: u64) -> anyhow::Error {
    let most = match most {
        mib if mib % (1 << 20) == 0 => format!("{} MiB", mib >> 20),
        bytes => format!("{bytes} bytes"),
    };
    Error::model(format!("{name} is larger than {most}; expected the file of a GPT-2")).into()
}

/// A file, and nothing that could be waited for without end.
pub fn open(path: &Path) -> Result<File> {
    let cannot_read = || format!("cannot read {}", path.display());
    let found = path.metadata().with_context(cannot_read)?;
    if !found.is_file() {
        let what = if found.is_dir() { "a folder" } else { "a pipe or a device" };
        return Err(anyhow!("{}: expected a file, found {what}", cannot_read()));
    }
    File::open(path).with_context(cannot_read)
}

/// All of a small file.
pub fn read(path: &Path, name: &str) -> Result<Vec<u8>> {
    read_up_to(path, name, most_bytes(name))
}

pub fn read_up_to(path: &Path, name: &str, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes);
    read.with_context(|| format!("cannot read {}", path.display()))?;
    if bytes.len() as u64 > most { Err(too_large(name, most)) } else { Ok(bytes) }
}

/// A hash as it is written everywhere.
pub fn hex(digest: impl Digest) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file's size and SHA-256.
pub fn measure(path: &Path) -> Result<(u64, String)> {
    let mut sha256 = Sha256::new();
    let size = io::copy(&mut open(path)?, &mut HashWriter(&mut sha256))?;
    Ok((size, hex(sha256)))
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
