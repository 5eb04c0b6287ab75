//! What a file's bytes must add up to. The hub's ETag says it: of a large file the SHA-256, of any other Git's hash.

use std::io::Read;
use std::path::Path;

use anyhow::{Result, bail};
use patchbay::Error;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::cli::files;

#[derive(Debug, Clone, PartialEq)]
pub enum ContentHash {
    Sha256(String),
    Git(String),
}

impl ContentHash {
    /// None where a server counts its versions in another way.
    pub fn of_etag(etag: &str) -> Option<Self> {
        let etag = etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"').to_ascii_lowercase();
        let is_hash = etag.bytes().all(|byte| byte.is_ascii_hexdigit());
        match etag.len() {
            64 if is_hash => Some(Self::Sha256(etag)),
            40 if is_hash => Some(Self::Git(etag)),
            _ => None,
        }
    }

    /// The hash of a file of a cache, by the name that it has there; none where it is no link to such a file.
    pub fn of_cached(path: &Path) -> Option<Self> {
        let target =
            path.read_link().ok().filter(|target| target.parent().is_some_and(|at| at.ends_with("blobs")))?;
        Self::of_etag(target.file_name()?.to_str()?)
    }

    pub fn hex(&self) -> &str {
        match self {
            Self::Sha256(hex) | Self::Git(hex) => hex,
        }
    }

    /// # Errors
    /// [`Error::BadModel`] if the file is another one.
    pub fn check(&self, name: &str, path: &Path) -> Result<()> {
        let mut file = files::open(path)?;
        let size = file.metadata()?.len();
        let mut sha256 = Sha256::new();
        let mut git = Sha1::new_with_prefix(format!("blob {size}\0"));
        let mut chunk = vec![0; 1 << 20];
        loop {
            match (file.read(&mut chunk)?, self) {
                (0, _) => break,
                (read, Self::Sha256(_)) => sha256.update(&chunk[..read]),
                (read, Self::Git(_)) => git.update(&chunk[..read]),
            }
        }
        let (what, found) = match self {
            Self::Sha256(_) => ("SHA-256", files::hex(sha256)),
            Self::Git(_) => ("Git hash", files::hex(git)),
        };
        if found != self.hex() {
            bail!(Error::model(format!("{name} is damaged: expected {what} {}, found {found}", self.hex())));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::ContentHash;

    #[test]
    fn an_etag_is_a_hash_or_none() {
        let (long, short) = ("Ab".repeat(32), "0c".repeat(20));
        assert_eq!(ContentHash::of_etag(&format!("\"{long}\"")), Some(ContentHash::Sha256("ab".repeat(32))));
        assert_eq!(ContentHash::of_etag(&format!("W/\"{short}\"")), Some(ContentHash::Git(short)));
        for etag in ["", "\"../../x\"", "\"5d41402abc4b2a76b9719d911017c592\"", &"xy".repeat(32)] {
            assert_eq!(ContentHash::of_etag(etag), None);
        }
    }

    #[test]
    fn a_file_is_held_against_it() {
        let path = env::temp_dir().join(format!("patchbay-hash-{}", process::id()));
        fs::write(&path, "hello\n").unwrap();
        // As `git hash-object` and `sha256sum` print them.
        let git = "ce013625030ba8dba906f756967f9e9ca394464a";
        let sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
        for etag in [git, sha256] {
            ContentHash::of_etag(etag).unwrap().check("x", &path).unwrap();
            let other = ContentHash::of_etag(&etag.replace('5', "6")).unwrap();
            assert!(other.check("x", &path).unwrap_err().to_string().starts_with("x is damaged: expected "));
        }
        fs::remove_file(path).unwrap();
    }
}
