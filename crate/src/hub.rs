//! The hub's GPT-2 small: where it is, and what its weights must be. The page reads the same file.

use serde::Deserialize;

/// A model on the hub, pinned to one revision.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct HubModel {
    /// Its name there.
    pub id: String,
    /// The commit.
    pub revision: String,
    /// What a file's name is put behind.
    pub base: String,
    pub weights: Weights,
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
    }
}
