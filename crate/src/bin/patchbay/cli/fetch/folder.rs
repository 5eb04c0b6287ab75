//! The folder fetched into. It is complete when patchbay.json, which is written last, says so; and nothing in
//! it is written over that did not come from here.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use patchbay::Error;
use sha2::{Digest, Sha256};

use super::http::Version;
use super::intake::{Intake, SmallFiles};
use super::part::{Part, cannot_write, write_whole};
use super::source::{Pin, Source};
use crate::cli::files::hex;
use crate::cli::record::{RECORD, Record, Stored};

pub const CONFIG: &str = "config.json";
pub const TOKENIZER: &str = "tokenizer.json";
pub const WEIGHTS: &str = "model.safetensors";

pub struct Folder(PathBuf);

/// What a folder is, before anything is fetched into it.
pub enum Standing {
    /// It holds the model, whose weights have this SHA-256.
    Complete(String),
    /// It holds what an earlier fetch wrote, which may be written over.
    Ours,
    Others,
}

impl Folder {
    /// The folder, made if it is missing.
    pub fn open(path: &Path) -> Result<Self> {
        let no_folder = |found| {
            let message =
                format!("--to: expected a folder, found {found} at {}; name another", path.display());
            Error::input("to", message).into()
        };
        if path.exists() && !path.is_dir() {
            return Err(no_folder("a file"));
        }
        match fs::create_dir_all(path) {
            Err(error) if error.kind() == ErrorKind::NotADirectory => Err(no_folder("a file on the way")),
            made => made.map(|()| Self(path.to_owned())).with_context(|| cannot_write(path)),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Where the weights are while they come.
    pub fn part(&self) -> PathBuf {
        self.path(&format!("{WEIGHTS}.part"))
    }

    /// # Errors
    /// [`Error::BadInput`] if it holds another model.
    pub fn standing(&self, source: &Source) -> Result<Standing> {
        // One that cannot be read counts for none: it is written anew.
        let Some(record) = Record::read(&self.0).ok().flatten() else {
            // A fetch may have been stopped just before it wrote it.
            Part::take_back(&self.part(), &self.path(WEIGHTS))?;
            if source.pin.is_none() {
                self.check_none(WEIGHTS)?;
            }
            return Ok(Standing::Others);
        };
        let here = record.url == source.url("");
        let sha256 = record.sha256(WEIGHTS);
        // Where the hash says which model is meant, it does not matter where this one came from.
        let same = source.pin.as_ref().map_or(here, |pin| pin.sha256 == sha256);
        if !same && !here {
            let message = format!(
                "--to: expected a folder for {}, found the model of {} in {}; name another folder",
                source.url(""),
                record.url,
                self.0.display()
            );
            return Err(Error::input("to", message).into());
        }
        if same && self.holds(&record)? {
            Ok(Standing::Complete(sha256.to_owned()))
        } else {
            Ok(Standing::Ours)
        }
    }

    /// Whether the weights that are there are those of the pin, and fit the other files.
    pub fn has_weights(&self, pin: &Pin, small: &SmallFiles) -> Result<bool> {
        let Ok(mut file) = File::open(self.path(WEIGHTS)) else {
            return Ok(false);
        };
        let mut intake = Intake::new(small)?;
        let read = read_through(&mut file, |bytes| intake.push(bytes).map_err(anyhow::Error::from));
        Ok(read.is_ok() && intake.finish(Some(pin)).is_ok())
    }

    /// Refuses to write over a file of someone else's.
    pub fn check_none_but(&self, name: &str, fetched: &[u8]) -> Result<()> {
        match fs::read(self.path(name)) {
            Ok(found) if found != fetched => Err(self.not_ours(name).into()),
            _ => Ok(()),
        }
    }

    /// The same of a file that is there at all.
    pub fn check_none(&self, name: &str) -> Result<()> {
        if self.path(name).exists() { Err(self.not_ours(name).into()) } else { Ok(()) }
    }

    fn not_ours(&self, name: &str) -> Error {
        let message = format!(
            "--to: expected a folder without another model's files, found a {name} in {}; name another folder, or move it away",
            self.0.display()
        );
        Error::input("to", message)
    }

    /// Says that it holds all files from now on; the weights' hash is known.
    pub fn complete(&self, url: String, version: Version, sha256: &str) -> Result<()> {
        let size = fs::metadata(self.path(WEIGHTS))?.len();
        let weights = Stored { size, sha256: sha256.to_owned() };
        let mut files = BTreeMap::from([(WEIGHTS.to_owned(), weights)]);
        for name in [CONFIG, TOKENIZER] {
            files.insert(name.to_owned(), stored(&self.path(name))?);
        }
        let record = Record { url, etag: version.etag, last_modified: version.last_modified, files };
        write_whole(&self.path(RECORD), &serde_json::to_vec_pretty(&record)?)
    }

    fn holds(&self, record: &Record) -> Result<bool> {
        for name in [CONFIG, TOKENIZER, WEIGHTS] {
            let path = self.path(name);
            if !path.exists() || record.files.get(name) != Some(&stored(&path)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What a record says of a file.
pub fn stored(path: &Path) -> Result<Stored> {
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut size, mut sha256) = (0, Sha256::new());
    read_through(&mut file, |bytes| {
        size += bytes.len() as u64;
        sha256.update(bytes);
        Ok(())
    })?;
    Ok(Stored { size, sha256: hex(sha256) })
}

fn read_through(file: &mut File, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(()),
            read => take(&chunk[..read])?,
        }
    }
}
