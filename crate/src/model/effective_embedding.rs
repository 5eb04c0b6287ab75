use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::Gpt2;
use super::fused::{linear, linear_add, normalize};

/// What a token is to the layers above, by itself: no position, no other token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum EffectiveEmbedding {
    /// W_E.
    #[serde(rename = "W_E (no MLPs)")]
    NoMlps,
    /// What layer 0 leaves of W_E: W_E, its heads attending to the token itself, and MLP_0.
    #[serde(rename = "W_E (including MLPs)")]
    WithMlps,
    /// MLP_0's part of that.
    #[serde(rename = "W_E (only MLPs)")]
    OnlyMlps,
}

impl EffectiveEmbedding {
    pub const ALL: [Self; 3] = [Self::NoMlps, Self::WithMlps, Self::OnlyMlps];

    /// As the field has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoMlps => "W_E",
            Self::WithMlps => "W_EE",
            Self::OnlyMlps => "W_EE, only MLPs",
        }
    }
}

impl Gpt2 {
    /// The effective embeddings of tokens, in the order of [`EffectiveEmbedding::ALL`]. `[tokens, d_model]` each
    pub fn effective_embeddings(&self, tokens: &[u32]) -> [Tensor<2>; 3] {
        let block = &self.blocks[0];
        let d_model = self.config.n_embd;
        let w_e = self.wte.embed(tokens);
        // Every head's pattern is 1 at the token itself. Value biases are 0, they are in b_O, which is left out.
        let v = linear(normalize(w_e.clone(), block.eps), block.attn.columns(2 * d_model, d_model));
        let (w_o, b_o) = block.attn.output();
        let resid_mid = linear_add(v, (w_o, b_o.zeros_like()), w_e.clone());
        let mlp = block.mlp.forward(resid_mid.clone(), block.eps);
        [w_e, resid_mid + mlp.clone(), mlp]
    }

    /// One of them. `[tokens, d_model]`
    pub fn effective_embedding(&self, tokens: &[u32], form: EffectiveEmbedding) -> Tensor<2> {
        let [no_mlps, with_mlps, only_mlps] = self.effective_embeddings(tokens);
        match form {
            EffectiveEmbedding::NoMlps => no_mlps,
            EffectiveEmbedding::WithMlps => with_mlps,
            EffectiveEmbedding::OnlyMlps => only_mlps,
        }
    }
}
