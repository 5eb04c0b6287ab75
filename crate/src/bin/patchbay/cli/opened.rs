//! The files of what `--model` names.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use patchbay::Error;
use patchbay::loader::ModelLoader;
use patchbay::model::Gpt2Config;
use sha2::{Digest, Sha256};

use super::embedded;
use super::files::{self, Source, check_cached, hex, open, read};
use super::hub::{Environment, Snapshot};
use super::model::Model;
use super::progress::bar;
use super::record::Record;
use super::shown::{say, visible};

pub struct Opened {
    /// As it was named.
    pub name: String,
    place: Place,
    /// The record of a folder that was fetched into.
    record: Option<Record>,
    /// Whether it must be the GPT-2 small that this program knows.
    pub is_pinned: bool,
}

enum Place {
    Embedded,
    Folder(PathBuf),
    Hub(Box<Snapshot>),
}

impl Opened {
    /// Without a name it is ioi-mini, whatever folders there are.
    pub fn new(model: Option<&Path>) -> Result<Self> {
        let Some(named) = model else { return Ok(Self::at(embedded::NAME.as_ref(), Place::Embedded)) };
        let environment = Environment::read()?;
        match Model::parse(named, &environment.endpoint)? {
            Model::Embedded => Ok(Self::at(named, Place::Embedded)),
            Model::Folder(folder) => Self::folder(folder, false),
            Model::Hub(name) => {
                let is_pinned = name.is_pinned();
                let place = Place::Hub(Box::new(Snapshot::open(name, &environment)?));
                Ok(Self { is_pinned, ..Self::at(named, place) })
            }
            Model::Url(base) => {
                let message = format!(
                    "--model: expected a folder, or OWNER/NAME on the hub, found {}; fetch it first: patchbay fetch --model ADDRESS --to DIR, then --model DIR",
                    base.address
                );
                Err(Error::input("model", message).into())
            }
        }
    }

    /// Says what is noted of its files; not of the model that this program carries, which nobody chose for its tokenizer and
    /// whose card says it.
    pub fn tell(&self, notes: &[String]) {
        if !matches!(self.place, Place::Embedded) {
            notes.iter().for_each(|note| say(note));
        }
    }

    pub fn folder(folder: PathBuf, is_pinned: bool) -> Result<Self> {
        let record = Record::read(&folder)?;
        Ok(Self { record, is_pinned, ..Self::at(&folder.clone(), Place::Folder(folder)) })
    }

    fn at(name: &Path, place: Place) -> Self {
        // JSON has no other text than Unicode.
        let name = name.to_string_lossy().into_owned();
        Self { name, place, record: None, is_pinned: false }
    }

    /// Nowhere, if it is within this program.
    fn source(&self) -> Option<&dyn Source> {
        match &self.place {
            Place::Embedded => None,
            Place::Folder(folder) => Some(folder),
            Place::Hub(snapshot) => Some(snapshot.as_ref()),
        }
    }

    /// As links name it.
    pub fn id(&self) -> String {
        match &self.place {
            Place::Embedded => embedded::NAME.into(),
            Place::Folder(_) => "folder".into(),
            Place::Hub(snapshot) => snapshot.name.id.clone(),
        }
    }

    /// Where the files come from, and of the hub's which commit.
    pub fn origin(&self) -> (&'static str, Option<&str>) {
        match &self.place {
            Place::Embedded => ("embedded", None),
            Place::Folder(_) => ("folder", None),
            Place::Hub(snapshot) => ("hub", Some(&snapshot.commit)),
        }
    }

    /// The head that is looked at where none is named.
    pub fn default_head(&self, config: &Gpt2Config) -> [usize; 2] {
        match self.place {
            Place::Embedded => embedded::default_head(),
            _ => config.default_head(),
        }
    }

    /// config.json and the tokenizer, checked.
    pub fn small(&self) -> Result<(Vec<u8>, Vec<u8>)> {
        let config = match self.source() {
            None => embedded::CONFIG.to_vec(),
            Some(source) => {
                let config = files::config(source)?;
                self.check_small(files::CONFIG, &config)?;
                read(&config, files::CONFIG)?
            }
        };
        Ok((config, self.tokenizer()?))
    }

    pub fn tokenizer(&self) -> Result<Vec<u8>> {
        let Some(source) = self.source() else { return Ok(embedded::TOKENIZER.to_vec()) };
        let tokenizer = files::tokenizer(source)?;
        for (name, path) in &tokenizer.files {
            self.check_small(name, path)?;
        }
        tokenizer.read_tokenizer()
    }

    fn check_small(&self, name: &str, path: &Path) -> Result<()> {
        check_cached(name, path, None)?;
        match &self.record {
            Some(record) => Ok(record.check(name, &hex(Sha256::new_with_prefix(read(path, name)?)))?),
            None => Ok(()),
        }
    }

    /// Gives the loader all weights. Bytes and SHA-256 of all files, one after the other.
    pub fn read_weights(&self, loader: &mut ModelLoader) -> Result<(u64, String)> {
        let Some(source) = self.source() else {
            loader.push(embedded::WEIGHTS)?;
            let sha256 = hex(Sha256::new_with_prefix(embedded::WEIGHTS));
            return Ok((embedded::WEIGHTS.len() as u64, sha256));
        };
        let weights = files::weights(source)?;
        let sizes = weights.files.iter().map(|(_, path)| Ok(open(path)?.metadata()?.len()));
        let bar = bar(Some(sizes.sum::<Result<_>>()?), "{wide_bar} {bytes}/{total_bytes} {eta} {msg}");
        let (mut all, mut bytes) = (Sha256::new(), 0);
        let mut chunk = vec![0; 1 << 20];
        for (name, path) in &weights.files {
            let mut file = open(path)?;
            // A single file's is that of all.
            let mut sha256 = weights.index.is_some().then(Sha256::new);
            if weights.index.is_some() {
                loader.next_file(name)?;
            }
            loop {
                let read = file.read(&mut chunk).with_context(|| format!("cannot read {name}"))?;
                if read == 0 {
                    break;
                }
                let progress = loader.push(&chunk[..read])?;
                all.update(&chunk[..read]);
                if let Some(sha256) = &mut sha256 {
                    sha256.update(&chunk[..read]);
                }
                bytes += read as u64;
                bar.set_position(bytes);
                bar.set_message(visible(&progress.tensor).into_owned());
            }
            let sha256 = hex(sha256.unwrap_or_else(|| all.clone()));
            check_cached(name, path, Some(&sha256))?;
            if let Some(record) = &self.record {
                record.check(name, &sha256)?;
            }
        }
        bar.finish_and_clear();
        Ok((bytes, hex(all)))
    }
}
