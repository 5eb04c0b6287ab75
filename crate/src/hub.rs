//! The hub's GPT-2 small: where it is, and what its files must be. The page reads the same file.

use serde::Deserialize;

use crate::Result;
use crate::model::Gpt2Config;
use crate::tokenizer::check_merges;

/// A model on the hub, pinned to one revision.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct HubModel {
    /// Its name there.
    pub id: String,
    /// The commit.
    pub revision: String,
    /// What a file's name is put behind.
    pub base: String,
    pub small: SmallFiles,
    pub weights: Weights,
}

/// What config.json and tokenizer.json must say. They have no hash: tools write them in several ways, but a
/// wrong number in them gives wrong figures as silently as one in the weights.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SmallFiles {
    pub config: Gpt2Config,
    /// The hash of the merges.txt, from which GPT-2's vocabulary follows.
    pub merges_sha256: String,
}

impl SmallFiles {
    /// # Errors
    /// [`crate::Error::BadModel`] if the files are broken, or say anything else.
    pub fn check(&self, config_json: impl AsRef<[u8]>, tokenizer_json: &[u8]) -> Result<()> {
        Gpt2Config::from_json(config_json)?.check_equals(&self.config)?;
        check_merges(tokenizer_json, &self.merges_sha256)
    }
}

/// What model.safetensors must be.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Weights {
    /// Bytes.
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
}

/// The model that everything here is about.
pub fn gpt2_small() -> HubModel {
    serde_json::from_str(include_str!("hub.json")).expect("hub.json is a part of the program")
}

#[cfg(test)]
mod tests {
    use super::gpt2_small;

    #[test]
    fn the_model_is_pinned() {
        let model = gpt2_small();
        assert!(model.base.ends_with(&format!("{}/resolve/{}/", model.id, model.revision)));
        assert_eq!((model.revision.len(), model.weights.sha256.len()), (40, 64));
        assert_eq!((model.small.config.n_head, model.small.merges_sha256.len()), (12, 64));
    }
}
