//! patchbay.json: what `fetch` says of the files beside it, once all of them are there.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use patchbay::Error;
use serde::{Deserialize, Serialize};

pub const RECORD: &str = "patchbay.json";

/// What a complete folder holds.
#[derive(Serialize, Deserialize)]
pub struct Record {
    /// The base URL.
    pub url: String,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub files: BTreeMap<String, Stored>,
}

#[derive(PartialEq, Serialize, Deserialize)]
pub struct Stored {
    pub size: u64,
    pub sha256: String,
}

impl Record {
    /// None where nothing was fetched into the folder.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(RECORD);
        let unreadable = || format!("cannot read {}; remove it, or fetch the model again", path.display());
        match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            bytes => {
                Ok(Some(serde_json::from_slice(&bytes.with_context(unreadable)?).with_context(unreadable)?))
            }
        }
    }

    /// The SHA-256 that a file should have; empty for a file that the record does not know.
    pub fn sha256(&self, name: &str) -> &str {
        self.files.get(name).map_or("", |stored| stored.sha256.as_str())
    }

    /// # Errors
    /// [`Error::BadModel`] if the file has another SHA-256 than when it was fetched.
    pub fn check(&self, name: &str, found: &str) -> Result<(), Error> {
        let expected = self.sha256(name);
        if expected == found {
            return Ok(());
        }
        Err(Error::model(format!(
            "{name} is not as it was fetched: expected SHA-256 {expected}, found {found}. Run `patchbay fetch` again, or remove {RECORD} if the change is meant"
        )))
    }
}
