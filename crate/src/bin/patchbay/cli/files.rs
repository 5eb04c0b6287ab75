use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// A file of a model's folder.
pub fn open(model: &Path, name: &str) -> Result<File> {
    let path = model.join(name);
    File::open(&path).with_context(|| {
        format!(
            "cannot read {}; a model folder holds config.json, model.safetensors and tokenizer.json",
            path.display()
        )
    })
}

/// All of a file of a model's folder.
pub fn read(model: &Path, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(model, name)?.read_to_end(&mut bytes).with_context(|| format!("cannot read {name}"))?;
    Ok(bytes)
}

/// A hash as it is written everywhere.
pub fn hex(sha256: Sha256) -> String {
    sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
