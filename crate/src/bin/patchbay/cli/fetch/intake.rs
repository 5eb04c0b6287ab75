//! The bytes of model.safetensors on their way: hashed, and read as the model that they are said to be.

use patchbay::device::ComputeDevice;
use patchbay::loader::ModelLoader;
use patchbay::weights::LoadProgress;
use patchbay::{Error, Result};
use sha2::{Digest, Sha256};

use super::source::Pin;
use crate::cli::files::hex;

/// The files that a model's weights are checked against.
pub struct SmallFiles {
    pub config: Vec<u8>,
    pub tokenizer: Vec<u8>,
}

impl SmallFiles {
    /// # Errors
    /// [`Error::BadModel`] if they are broken, or not the known model's.
    pub fn check(&self, pin: Option<&Pin>) -> Result<()> {
        if let Some(known) = pin.and_then(|pin| pin.small.as_ref()) {
            known.check(&self.config, &self.tokenizer)?;
        }
        Intake::new(self).map(drop)
    }
}

/// Loading finds what a hash cannot where none is known: a header that lies, another model's weights, numbers
/// that are none. It takes less time than the network does, and a file is turned down at the first wrong byte.
pub struct Intake {
    sha256: Sha256,
    loader: ModelLoader,
    progress: LoadProgress,
}

impl Intake {
    /// # Errors
    /// [`Error::BadModel`] if config.json or tokenizer.json is broken.
    pub fn new(small: &SmallFiles) -> Result<Self> {
        let loader = ModelLoader::new(ComputeDevice::cpu(), &small.config, &small.tokenizer)?;
        let progress = LoadProgress { bytes: 0, total: None, tensor: String::new() };
        Ok(Self { sha256: Sha256::new(), loader, progress })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Error::BadModel`] as soon as something is wrong.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.progress = self.loader.push(bytes)?;
        // Both tell of what was taken.
        self.sha256.update(bytes);
        Ok(())
    }

    pub fn bytes(&self) -> u64 {
        self.progress.bytes
    }

    /// The SHA-256 of what has been pushed.
    pub fn sha256(&self) -> String {
        hex(self.sha256.clone())
    }

    /// Bytes of the whole file, by its own header.
    pub fn total(&self) -> Option<u64> {
        self.progress.total
    }

    /// The SHA-256 of all, once it has been found to be a whole model, and the right one.
    ///
    /// # Errors
    /// [`Error::BadModel`] if it is not.
    pub fn finish(self, pin: Option<&Pin>) -> Result<String> {
        let found = hex(self.sha256);
        if let Some(Pin { sha256: expected, .. }) = pin
            && found != *expected
        {
            return Err(Error::model(format!(
                "model.safetensors is not the file it should be: expected SHA-256 {expected}, found {found}"
            )));
        }
        pollster::block_on(self.loader.finish())?;
        Ok(found)
    }
}
