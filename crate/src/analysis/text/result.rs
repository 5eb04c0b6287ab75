use std::collections::BTreeMap;

use serde::Serialize;

use super::TextSpec;
use crate::Result;
use crate::tokenizer::Tokenizer;

/// What a head attends to in a text, and what the model says next after each of its tokens.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct TextResult {
    pub spec: TextSpec,
    /// The tokens' texts, of an example up to END; a character that is several tokens is � in each.
    pub tokens: Vec<String>,
    pub ids: Vec<u32>,
    /// The positions of the task's roles; of a corrupted prompt those where its own names stand; none of a text.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, number>"))]
    pub roles: BTreeMap<String, usize>,
    /// As of an [`crate::experiment::AttentionTable`].
    pub scores: Vec<Vec<f32>>,
    /// As of an [`crate::experiment::AttentionTable`].
    pub pattern: Vec<Vec<f32>>,
    /// The norm of the head's value vector at each token, without its bias, which is part of b_O.
    pub value_norms: Vec<f32>,
    /// After each token, the likeliest first.
    pub predictions: Vec<Vec<Prediction>>,
    /// What is said of each token.
    pub words: Vec<TokenWords>,
}

/// What the head does at a token, in a sentence each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct TokenWords {
    /// What it attends to from here.
    pub attends: String,
    /// From where it attends to it.
    pub attended: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Prediction {
    pub id: u32,
    /// The token's text.
    pub token: String,
    pub probability: f64,
}

impl Prediction {
    /// From a log-probability and its token.
    ///
    /// # Errors
    /// [`crate::Error::BadModel`] if the tokenizer cannot spell it.
    pub(in crate::analysis) fn of(&(log_prob, id): &(f32, u32), tokenizer: &Tokenizer) -> Result<Self> {
        Ok(Self { id, token: tokenizer.text(id)?, probability: f64::from(log_prob).exp() })
    }
}
