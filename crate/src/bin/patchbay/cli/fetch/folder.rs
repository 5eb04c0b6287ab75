//! The folder fetched into. Nothing in it is written over that did not come from here.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use patchbay::Error;

use crate::cli::files::{CONFIG, INDEX, MERGES, TOKENIZER, VOCABULARY, WEIGHTS, open};
use crate::cli::record::{RECORD, Record, Stored};

pub struct Folder {
    path: PathBuf,
    /// The record of an earlier fetch.
    record: Option<Record>,
}

impl Folder {
    /// The folder, made if it is missing, if it is empty or of an earlier fetch of this model.
    pub fn open(path: &Path, model: &str) -> Result<Self> {
        if path.metadata().is_ok_and(|found| !found.is_dir()) {
            return Err(refused(format!("expected a folder, found a file at {}", path.display())));
        }
        match fs::create_dir_all(path) {
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return Err(refused(format!(
                    "expected a folder, found a file on the way to {}",
                    path.display()
                )));
            }
            made => made.with_context(|| cannot_write(path))?,
        }
        let folder = Self { path: path.to_owned(), record: Record::read(path)? };
        if let Some(Record { model: found, .. }) =
            folder.record.as_ref().filter(|record| record.model != model)
        {
            return Err(refused(format!(
                "expected a folder for {model}, found the model of {found} in {}",
                path.display()
            )));
        }
        folder.check_free([CONFIG, TOKENIZER, VOCABULARY, MERGES, WEIGHTS, INDEX])?;
        Ok(folder)
    }

    /// Refuses to write over a file of someone else's.
    fn check_free<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let is_ours = |name: &str| self.record.as_ref().is_some_and(|record| record.files.contains_key(name));
        match names.into_iter().find(|name| !is_ours(name) && self.path.join(name).symlink_metadata().is_ok())
        {
            None => Ok(()),
            Some(name) => Err(refused(format!(
                "expected a folder without another model's files, found a {name} in {}",
                self.path.display()
            ))),
        }
    }

    /// What it holds, if that is all of this revision.
    pub fn complete(&self, revision: Option<&str>) -> Option<&Record> {
        let record = self.record.as_ref().filter(|record| record.revision.as_deref() == revision)?;
        record.holds(&self.path).then_some(record)
    }

    /// Gives the staged files their places. Whatever stops it half way: a record that the files do not fit is one that
    /// `run` refuses.
    pub fn take(&self, staging: Staging, record: &Record) -> Result<()> {
        self.check_free(record.files.keys().map(String::as_str))?;
        for name in self
            .record
            .iter()
            .flat_map(|old| old.files.keys())
            .filter(|name| !record.files.contains_key(*name))
        {
            fs::remove_file(self.path.join(name)).or_else(if_there)?;
        }
        let mut moved: Vec<&str> = vec![RECORD];
        moved.extend(record.files.keys().map(String::as_str));
        fs::write(staging.path.join(RECORD), serde_json::to_vec_pretty(record)?)
            .with_context(|| cannot_write(&staging.path))?;
        for name in moved {
            let to = self.path.join(name);
            fs::rename(staging.path.join(name), &to).with_context(|| cannot_write(&to))?;
        }
        Ok(())
    }
}

fn if_there(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn refused(why: String) -> anyhow::Error {
    Error::input("to", format!("--to: {why}; name another folder, or move it away")).into()
}

/// A folder in the folder, for files that are not verified yet.
pub struct Staging {
    pub path: PathBuf,
    /// Held as long as the fetch goes on.
    _lock: File,
}

impl Staging {
    pub fn new(folder: &Folder) -> Result<Self> {
        let path = folder.path.join(".patchbay-fetch");
        let lock = path.join("lock");
        if path.symlink_metadata().is_ok() {
            // One that was stopped left it, unless it is still at work.
            let is_free = path.symlink_metadata()?.is_dir()
                && lock.symlink_metadata().is_ok_and(|found| found.is_file())
                && OpenOptions::new().write(true).open(&lock)?.try_lock().is_ok();
            if !is_free {
                return Err(anyhow!(
                    "{} is there: another fetch is under way; wait until it has ended, or remove it if there is none",
                    path.display()
                ));
            }
            fs::remove_dir_all(&path).with_context(|| cannot_write(&path))?;
        }
        fs::create_dir(&path).with_context(|| cannot_write(&path))?;
        let lock = File::create_new(&lock).with_context(|| cannot_write(&path))?;
        // Where the file system has no locks, one fetch at a time is up to the user.
        lock.try_lock().ok();
        Ok(Self { path, _lock: lock })
    }

    /// Takes a copy of a file.
    pub fn copy(&self, name: &str, from: &Path) -> Result<()> {
        let to = self.path.join(name);
        let copied = File::create_new(&to)
            .and_then(|mut to| io::copy(&mut open(from).map_err(io::Error::other)?, &mut to));
        copied.map(drop).with_context(|| cannot_write(&to))
    }

    /// What a record says of files.
    pub fn stored(&self, names: &[String]) -> Result<BTreeMap<String, Stored>> {
        names.iter().map(|name| Ok((name.clone(), Stored::of(&self.path.join(name))?))).collect()
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // The next fetch removes it else.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}; make room, or choose a folder that can be written", path.display())
}
