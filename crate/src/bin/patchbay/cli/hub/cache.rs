//! One commit of a model in the cache folder: `blobs` by their hashes, `snapshots` with links to them by commit and name,
//! `refs` with the commits that branches were last seen at.

use std::cell::Cell;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use indicatif::ProgressBar;
use patchbay::Error;

use super::client::{Answer, Client, is_commit};
use super::{ContentHash, Environment, Failure, persist};
use crate::cli::files::{self, Source, most_bytes};
use crate::cli::model::HubName;
use crate::cli::progress::{download_bar, say_above};
use crate::cli::shown::say;

pub struct Snapshot {
    client: Client,
    endpoint: String,
    offline: bool,
    /// The model's own, in the cache.
    folder: PathBuf,
    locks: PathBuf,
    pub name: HubName,
    pub commit: String,
}

impl Snapshot {
    /// The commit is looked up where the revision is a branch or a tag.
    pub fn open(name: HubName, environment: &Environment) -> Result<Self> {
        let cache = environment.cache.clone();
        let cache = cache
            .ok_or_else(|| anyhow!("there is no home folder for the hub's cache; set HF_HOME to a folder"))?;
        let repository = format!("models--{}", name.id.replace('/', "--"));
        let mut snapshot = Self {
            client: Client::new(environment),
            endpoint: environment.endpoint.clone(),
            offline: environment.offline,
            folder: cache.join(&repository),
            locks: cache.join(".locks").join(repository),
            commit: name.revision.clone(),
            name,
        };
        if !is_commit(&snapshot.commit) {
            snapshot.commit = snapshot.look_up()?;
        }
        Ok(snapshot)
    }

    fn url(&self, file: &str) -> String {
        // A branch may have a slash in its name.
        format!("{}/{}/resolve/{}/{file}", self.endpoint, self.name.id, self.commit.replace('/', "%2F"))
    }

    /// The commit of a branch or tag: the hub's, or without a network the one last seen.
    fn look_up(&self) -> Result<String> {
        let HubName { id, revision } = &self.name;
        let path = self.folder.join("refs").join(revision);
        let known =
            files::read_up_to(&path, revision, 1 << 10).ok().and_then(|text| String::from_utf8(text).ok());
        let known = known.map(|commit| commit.trim().to_owned()).filter(|commit| is_commit(commit));
        if self.offline {
            return known.ok_or_else(|| {
                anyhow!("{id}@{revision} is not in {}, and HF_HUB_OFFLINE is set", self.folder.display())
            });
        }
        let url = self.url(files::CONFIG);
        let ask = || match self.client.describe(&url) {
            Ok(described) => described.commit.ok_or_else(|| Failure::Final(self.no_hub())),
            Err(Failure::Absent(why)) => Err(Failure::Final(why)),
            Err(failure) => Err(failure),
        };
        let commit = match (ask(), known) {
            (Ok(commit), _) => commit,
            (Err(Failure::Passing { why, .. }), Some(known)) => {
                say(&format!("{url}: {why}; taking {id}@{revision} as it was last seen, {known}"));
                return Ok(known);
            }
            (Err(Failure::Passing { .. }), None) => persist(&url, say, || 0, ask)?.unwrap_or_default(),
            (Err(Failure::Absent(why) | Failure::Final(why)), _) => return Err(why),
        };
        write_whole(&path, commit.as_bytes())?;
        Ok(commit)
    }

    fn no_hub(&self) -> anyhow::Error {
        anyhow!(
            "{} does not answer as a hub does, with the file's commit and hash; expected HF_ENDPOINT to be one",
            self.endpoint
        )
    }

    fn download(&self, name: &str) -> Result<Option<PathBuf>> {
        let bar = download_bar(name);
        let kept = Cell::new(0);
        let tell = |line: &str| say_above(&bar, line);
        let url = self.url(name);
        let blob = persist(&url, tell, || kept.get(), || self.attempt(&url, name, &kept, &bar))?;
        bar.finish_and_clear();
        let Some(blob) = blob else {
            write_whole(&self.folder.join(".no_exist").join(&self.commit).join(name), b"")?;
            return Ok(None);
        };
        let path = self.path(name);
        link(&blob, &path).with_context(|| cannot_write(&path))?;
        Ok(Some(path))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join("snapshots").join(&self.commit).join(name)
    }

    /// One try: the file, whole and verified, among the blobs.
    fn attempt(
        &self,
        url: &str,
        name: &str,
        kept: &Cell<u64>,
        bar: &ProgressBar,
    ) -> Result<PathBuf, Failure> {
        let described = self.client.describe(url)?;
        let hash = described.etag.as_deref().and_then(ContentHash::of_etag);
        let (Some(hash), true) = (hash, described.commit.as_ref() == Some(&self.commit)) else {
            return Err(Failure::Final(self.no_hub()));
        };
        let blob = self.folder.join("blobs").join(hash.hex());
        let _lock = self.lock(hash.hex())?;
        if blob.is_file() {
            return Ok(blob);
        }
        let part = blob.with_added_extension("incomplete");
        let mut file = open_part(&part)?;
        let there = file.metadata().context("cannot read the part")?.len();
        kept.set(there);
        let is_whole = there > 0 && described.size == Some(there);
        if !is_whole {
            let from = if described.size.is_none_or(|size| there < size) { there } else { 0 };
            let mut answer = self.client.get(url, from)?;
            // From 0 on: the server sends the whole file only.
            if answer.first != 0 && answer.first != there {
                fs::remove_file(&part).with_context(|| cannot_write(&part))?;
                return Err(Failure::passing(
                    "the server sends another part than was asked for; starting over",
                ));
            }
            if let Some(size) = answer.size {
                bar.set_length(size);
            }
            file.set_len(answer.first).with_context(|| cannot_write(&part))?;
            receive(&mut answer, &mut file, name, &part, |bytes| {
                kept.set(bytes);
                bar.set_position(bytes);
            })?;
        }
        if let Err(error) = hash.check(name, &part) {
            fs::remove_file(&part).with_context(|| cannot_write(&part))?;
            kept.set(0);
            return Err(match there {
                0 => Failure::Final(anyhow!("{error}. What came is removed; try again")),
                _ => Failure::passing("what was kept of it was not its beginning; starting over"),
            });
        }
        fs::rename(&part, &blob).with_context(|| cannot_write(&blob))?;
        Ok(blob)
    }

    /// One download of a file at a time, by this program or another tool.
    fn lock(&self, hash: &str) -> Result<Option<File>> {
        let path = self.locks.join(format!("{hash}.lock"));
        let file = make_folder(&path).and_then(|()| open_part(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => {
                say(&format!(
                    "another download of the same file is under way; waiting for it ({})",
                    path.display()
                ));
                file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
                Ok(Some(file))
            }
            // Where the file system has no locks, one download at a time is up to the user.
            Err(TryLockError::Error(_)) => Ok(None),
        }
    }
}

impl Source for Snapshot {
    fn find(&self, name: &str) -> Result<Option<PathBuf>> {
        let path = self.path(name);
        let is_known_missing = || self.folder.join(".no_exist").join(&self.commit).join(name).exists();
        if path.exists() {
            Ok(Some(path))
        } else if self.offline || is_known_missing() {
            Ok(None)
        } else {
            self.download(name)
        }
    }

    fn has(&self, name: &str) -> Result<bool> {
        if self.offline || self.path(name).exists() {
            return Ok(self.path(name).exists());
        }
        let url = self.url(name);
        Ok(persist(&url, say, || 0, || self.client.describe(&url))?.is_some())
    }

    fn place(&self) -> String {
        let Self { name, commit, .. } = self;
        let offline =
            if self.offline { ", as far as it is in the cache, since HF_HUB_OFFLINE is set" } else { "" };
        format!("{}@{commit}{offline}", name.id)
    }
}

/// Writes what an answer brings behind what is there.
pub fn receive(
    answer: &mut Answer,
    file: &mut File,
    name: &str,
    path: &Path,
    tell: impl Fn(u64),
) -> Result<(), Failure> {
    let mut bytes = file.seek(SeekFrom::End(0)).with_context(|| cannot_write(path))?;
    let most = answer.size.unwrap_or(u64::MAX).min(most_bytes(name));
    if answer.size.is_some_and(|size| size > most) {
        return Err(Failure::Final(files::too_large(name, most)));
    }
    let mut chunk = vec![0; 1 << 20];
    loop {
        match answer.read(&mut chunk)? {
            0 => break,
            read => {
                bytes += read as u64;
                if bytes > most {
                    return Err(Failure::Final(files::too_large(name, most)));
                }
                file.write_all(&chunk[..read]).with_context(|| cannot_write(path))?;
                tell(bytes);
            }
        }
    }
    match answer.size {
        Some(size) if bytes < size => Err(Failure::passing("the answer ended before the file did")),
        _ => Ok(()),
    }
}

/// A file of ours that may be there already.
fn open_part(path: &Path) -> Result<File> {
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        return Err(Error::input(
            "model",
            format!("expected a file at {}, found something else; remove it", path.display()),
        )
        .into());
    }
    make_folder(path)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).open(path).with_context(|| cannot_write(path))
}

fn make_folder(path: &Path) -> Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all).with_context(|| cannot_write(path))
}

/// Writes a file, of which there is never a half.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let new = path.with_added_extension(format!("{}.new", std::process::id()));
    make_folder(path)?;
    fs::write(&new, bytes).and_then(|()| fs::rename(&new, path)).with_context(|| cannot_write(path))
}

/// A blob under the name that it has in a commit.
fn link(blob: &Path, path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    // A link whose blob is gone, or another process's.
    fs::remove_file(path).ok();
    #[cfg(unix)]
    return std::os::unix::fs::symlink(
        Path::new("../../blobs").join(blob.file_name().unwrap_or_default()),
        path,
    );
    #[cfg(not(unix))]
    return fs::hard_link(blob, path).or_else(|_| fs::copy(blob, path).map(drop));
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}; make room, or choose a folder that can be written", path.display())
}
