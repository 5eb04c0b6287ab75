//! model.safetensors.part: what has come of the file so far; and beside it, of which file that is, and up to
//! where it is known to be good.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::folder::stored;
use super::http::Version;

pub struct Part {
    path: PathBuf,
    origin_path: PathBuf,
    origin: Origin,
    file: File,
}

/// What is written beside a part.
#[derive(Default, Serialize, Deserialize)]
struct Origin {
    url: String,
    #[serde(flatten)]
    version: Version,
    mark: Option<Mark>,
}

/// So many bytes from the beginning have this SHA-256.
#[derive(Clone, Serialize, Deserialize)]
pub struct Mark {
    pub bytes: u64,
    pub sha256: String,
}

impl Part {
    /// The part of an earlier fetch from this URL as far as it is marked, or an empty one: behind the mark a
    /// power cut may have left anything.
    pub fn open(path: PathBuf, url: &str) -> Result<Self> {
        let origin_path = origin_path(&path);
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.with_context(|| cannot_write(&path))?;
        // Where the file system has no locks, one fetch at a time is up to the user.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            bail!("another fetch is writing {}; wait until it has ended", path.display());
        }
        let written = read_origin(&origin_path);
        // The query may be a signature that has changed since; the version guards against another file.
        let place = |url: &str| url.split('?').next().map(str::to_owned);
        match written.filter(|origin| place(&origin.url) == place(url)) {
            Some(origin) => {
                let marked = origin.mark.as_ref().map_or(0, |mark| mark.bytes);
                if file.metadata()?.len() > marked {
                    file.set_len(marked).with_context(|| cannot_write(&path))?;
                }
                Ok(Self { path, origin_path, origin, file })
            }
            None => {
                let origin = Origin { url: url.to_owned(), ..Origin::default() };
                let mut part = Self { path, origin_path, origin, file };
                part.start_over(Version::default())?;
                Ok(part)
            }
        }
    }

    pub fn version(&self) -> &Version {
        &self.origin.version
    }

    pub fn mark(&self) -> Option<&Mark> {
        self.origin.mark.as_ref()
    }

    /// What has been written can be told from what the disk makes of it later.
    pub fn set_mark(&mut self, mark: Mark) -> Result<()> {
        self.file.sync_data().with_context(|| cannot_write(&self.path))?;
        self.origin.mark = Some(mark);
        self.write_origin()
    }

    pub fn size(&self) -> Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// The next bytes that are there already; behind them it is written on.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.file.read(buffer).with_context(|| format!("cannot read {}", self.path.display()))
    }

    /// Drops what is there, for the beginning of this version.
    pub fn start_over(&mut self, version: Version) -> Result<()> {
        // First the bytes, then what they are of: never the bytes of one version under the name of another.
        self.file.set_len(0).and_then(|()| self.file.rewind()).with_context(|| cannot_write(&self.path))?;
        (self.origin.version, self.origin.mark) = (version, None);
        self.write_origin()
    }

    fn write_origin(&self) -> Result<()> {
        write_whole(&self.origin_path, &serde_json::to_vec(&self.origin)?)
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).with_context(|| cannot_write(&self.path))
    }

    /// It is whole and verified: gives it its name. What is beside it stays until [`Part::forget`], so that a
    /// fetch that is stopped before that can be gone on with.
    pub fn keep_as(mut self, path: &Path, sha256: &str) -> Result<()> {
        self.set_mark(Mark { bytes: self.size()?, sha256: sha256.to_owned() })?;
        fs::rename(&self.path, path).with_context(|| cannot_write(path))
    }

    /// Undoes [`Part::keep_as`], where the file at `kept` is the part that is remembered.
    pub fn take_back(path: &Path, kept: &Path) -> Result<()> {
        let mark = read_origin(&origin_path(path)).and_then(|origin| origin.mark);
        let (Some(mark), false) = (mark, path.exists()) else {
            return Ok(());
        };
        match stored(kept) {
            Ok(found) if (found.size, &found.sha256) == (mark.bytes, &mark.sha256) => {
                fs::rename(kept, path).with_context(|| cannot_write(path))
            }
            _ => Ok(()),
        }
    }

    /// Removes what is beside a part that has its name.
    pub fn forget(path: &Path) {
        // All is done without this; the next fetch would take no notice of it.
        let _ = fs::remove_file(origin_path(path));
    }

    pub fn remove(self) -> Result<()> {
        for path in [&self.origin_path, &self.path] {
            fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(())
    }
}

fn origin_path(part: &Path) -> PathBuf {
    part.with_added_extension("json")
}

fn read_origin(path: &Path) -> Option<Origin> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Writes a file, of which there is never a half.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let new = path.with_added_extension("new");
    fs::write(&new, bytes).and_then(|()| fs::rename(&new, path)).with_context(|| cannot_write(path))
}

pub fn cannot_write(path: &Path) -> String {
    format!(
        "cannot write {}; what has come so far is kept: make room, or choose a folder that can be written, and fetch again",
        path.display()
    )
}
