//! patchbay.json: what `fetch` says of the files beside it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use patchbay::Error;
use serde::{Deserialize, Serialize};

use super::files::{measure, read_up_to};

pub const RECORD: &str = "patchbay.json";

/// What a complete folder holds.
#[derive(Serialize, Deserialize)]
pub struct Record {
    /// OWNER/NAME, or an address without its query.
    pub model: String,
    /// The commit, of a model of the hub.
    pub revision: Option<String>,
    pub files: BTreeMap<String, Stored>,
}

#[derive(PartialEq, Serialize, Deserialize)]
pub struct Stored {
    pub size: u64,
    pub sha256: String,
}

impl Stored {
    pub fn of(path: &Path) -> Result<Self> {
        let (size, sha256) = measure(path)?;
        Ok(Self { size, sha256 })
    }
}

impl Record {
    /// None where nothing was fetched into the folder.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(RECORD);
        if path.symlink_metadata().is_err() {
            return Ok(None);
        }
        let unreadable = || format!("cannot read {}; remove it, or fetch the model again", path.display());
        let bytes = read_up_to(&path, RECORD, 1 << 20).with_context(unreadable)?;
        Ok(Some(serde_json::from_slice(&bytes).with_context(unreadable)?))
    }

    /// Whether the folder has all files as they were fetched.
    pub fn holds(&self, folder: &Path) -> bool {
        self.files
            .iter()
            .all(|(name, stored)| Stored::of(&folder.join(name)).is_ok_and(|found| found == *stored))
    }

    /// # Errors
    /// [`Error::BadModel`] if the file has another SHA-256 than when it was fetched.
    pub fn check(&self, name: &str, found: &str) -> Result<(), Error> {
        let expected = self.files.get(name).map_or("none", |stored| stored.sha256.as_str());
        if expected == found {
            return Ok(());
        }
        Err(Error::model(format!(
            "{name} is not as it was fetched: expected SHA-256 {expected}, found {found}. Run `patchbay fetch` again, or remove {RECORD} if the change is meant"
        )))
    }
}
