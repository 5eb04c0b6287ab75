//! Files of an address that is no hub's, whose versions have no names. They come whole or not at all, and all of them are
//! asked for again at the end: two versions are never mixed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};

use crate::cli::files::{self, Source, most_bytes};
use crate::cli::hub::{Answer, Client, Failure, persist, receive};
use crate::cli::model::Base;
use crate::cli::progress::{download_bar, say_above};
use crate::cli::shown::say;

pub struct Address {
    pub base: Base,
    pub client: Client,
    /// Where the files are put.
    pub folder: PathBuf,
    /// What the server said of them.
    versions: RefCell<BTreeMap<String, Version>>,
}

/// ETag and size, as far as they are told.
type Version = (Option<String>, Option<u64>);

fn version(answer: &Answer) -> Version {
    (answer.described.etag.clone(), answer.size)
}

impl Address {
    pub fn new(base: Base, client: Client, folder: PathBuf) -> Self {
        Self { base, client, folder, versions: RefCell::default() }
    }

    fn get(&self, name: &str) -> Result<Answer, Failure> {
        let answer = self.client.get(&self.base.of(name), 0)?;
        if answer.first != 0 {
            return Err(Failure::passing("the server sends a part that was not asked for"));
        }
        Ok(answer)
    }

    fn shown(&self, name: &str) -> String {
        format!("{}/{name}", self.base.address)
    }

    /// # Errors
    /// If the server has another version of a file by now.
    pub fn check_unchanged(&self) -> Result<()> {
        for (name, before) in self.versions.borrow().iter() {
            let is_same = persist(
                &self.shown(name),
                say,
                || 0,
                || {
                    let mut answer = self.get(name)?;
                    if version(&answer) != *before {
                        return Ok(false);
                    }
                    if most_bytes(name) > most_bytes(files::TOKENIZER) {
                        return Ok(true);
                    }
                    let kept = files::read(&self.folder.join(name), name)?;
                    let (mut at, mut chunk) = (0, vec![0; 1 << 16]);
                    loop {
                        let read = answer.read(&mut chunk)?;
                        if read == 0 {
                            return Ok(at == kept.len());
                        }
                        if kept.get(at..at + read) != Some(&chunk[..read]) {
                            return Ok(false);
                        }
                        at += read;
                    }
                },
            )?;
            if is_same != Some(true) {
                return Err(anyhow!(
                    "{} was changed while the model was fetched; fetch it again",
                    self.shown(name)
                ));
            }
        }
        Ok(())
    }
}

impl Source for Address {
    fn find(&self, name: &str) -> Result<Option<PathBuf>> {
        let path = self.folder.join(name);
        let bar = download_bar(name);
        let fetched = persist(
            &self.shown(name),
            |line| say_above(&bar, line),
            || 0,
            || {
                let mut answer = self.get(name)?;
                fs::remove_file(&path).ok();
                let mut file =
                    File::create_new(&path).with_context(|| format!("cannot write {}", path.display()))?;
                if let Some(size) = answer.size {
                    bar.set_length(size);
                }
                receive(&mut answer, &mut file, name, &path, |bytes| bar.set_position(bytes))?;
                Ok(version(&answer))
            },
        )?;
        bar.finish_and_clear();
        Ok(fetched.map(|version| {
            self.versions.borrow_mut().insert(name.to_owned(), version);
            path
        }))
    }

    fn has(&self, name: &str) -> Result<bool> {
        Ok(persist(&self.shown(name), say, || 0, || self.get(name))?.is_some())
    }

    fn place(&self) -> String {
        self.base.address.clone()
    }
}
