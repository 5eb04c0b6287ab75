//! The tokens whose embeddings are most like a token's, in each of the places where a model embeds tokens.
//!
//! All of the vocabulary is embedded once for it, some hundred tokens a step; nothing of its size is kept.

mod report;

use std::rc::Rc;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::device::read_back;
use crate::experiment::{Progress, Work};
use crate::job::{Analysis, Answer, Job, Step, answer};
use crate::loader::LoadedModel;
use crate::model::Gpt2;
use crate::report::Report;
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// Where tokens are vectors: the effective embeddings, and the unembedding.
pub const SPACES: [&str; 4] = ["W_E (no MLPs)", "W_E (including MLPs)", "W_E (only MLPs)", "W_U"];

/// Rows enough for matrix products to run near their best, few enough that a step is short.
const TOKENS_PER_STEP: usize = 512;

/// What is found for one token.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct NearestTokens {
    pub token: u32,
    pub text: String,
    /// In the order of W_E, W_EE, W_EE with only MLPs, W_U.
    pub spaces: Vec<Neighbours>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Neighbours {
    #[cfg_attr(
        target_arch = "wasm32",
        tsify(type = "\"W_E (no MLPs)\" | \"W_E (including MLPs)\" | \"W_E (only MLPs)\" | \"W_U\"")
    )]
    pub space: &'static str,
    /// The nearest first; the token itself is the first of all.
    pub tokens: Vec<Neighbour>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Neighbour {
    pub token: u32,
    pub text: String,
    pub cosine: f32,
}

/// A search over the vocabulary, pulled step by step.
pub struct Nearest {
    model: Rc<LoadedModel>,
    tokens: Vec<u32>,
    /// By space, each of length 1. `[tokens, d_model]`
    sought: [Tensor<2>; 4],
    count: usize,
    /// The vocabulary's first tokens have been looked at.
    done: usize,
    /// `[token][space]`, the best so far.
    best: Vec<[Vec<(f32, u32)>; 4]>,
}

/// The token that a text is.
///
/// # Errors
/// [`Error::BadInput`] naming `token` if it is none, or several.
pub fn token_of(text: &str, tokenizer: &Tokenizer) -> Result<u32> {
    match tokenizer.encode(text)?.as_slice() {
        [token] => Ok(*token),
        tokens => {
            let texts: Vec<String> = tokens
                .iter()
                .map(|&id| tokenizer.text(id).map(|text| format!("{text:?}")))
                .collect::<Result<_>>()?;
            Err(Error::input(
                "token",
                format!(
                    "expected one token, found {} in {text:?}: {}. The space before a word is part of its token",
                    tokens.len(),
                    texts.join(", ")
                ),
            ))
        }
    }
}

/// The vectors of tokens in each of [`SPACES`]. `[tokens, d_model]` each
pub fn embeddings(gpt2: &Gpt2, tokens: &[u32]) -> [Tensor<2>; 4] {
    let [no_mlps, with_mlps, only_mlps] = gpt2.effective_embeddings(tokens);
    [no_mlps, with_mlps, only_mlps, gpt2.w_u(tokens)]
}

impl Nearest {
    /// # Errors
    /// As [`token_of`].
    pub fn new(model: Rc<LoadedModel>, texts: &[impl AsRef<str>], count: usize) -> Result<Self> {
        let token = |text: &_| token_of(AsRef::as_ref(text), &model.tokenizer);
        let tokens: Vec<u32> = texts.iter().map(token).collect::<Result<_>>()?;
        if tokens.is_empty() {
            return Err(Error::input("token", "expected a token to look for, found none"));
        }
        let sought = embeddings(&model.gpt2, &tokens).map(unit);
        // Without any to find there is nothing to look at.
        let done = if count == 0 { model.gpt2.config.vocab_size } else { 0 };
        Ok(Self { best: vec![Default::default(); tokens.len()], model, tokens, sought, count, done })
    }

    /// Looks at the next tokens.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails.
    pub async fn step(&mut self) -> Result<Progress> {
        let total = self.model.gpt2.config.vocab_size;
        let next: Vec<u32> = (self.done..total).take(TOKENS_PER_STEP).map(|token| token as u32).collect();
        if !next.is_empty() {
            let spaces = embeddings(&self.model.gpt2, &next).map(unit);
            let cosines = self.sought.iter().zip(spaces).map(|(sought, space)| {
                sought.clone().matmul(space.transpose()).flatten(0, 1) // [tokens · next]
            });
            let cosines = read_back(Tensor::cat(cosines.collect(), 0)).await?;
            self.model.device.check()?;
            let mut rows = cosines.chunks_exact(next.len());
            for space in 0..SPACES.len() {
                for best in &mut self.best {
                    let row = rows.next().expect("a row a space and token");
                    keep_best(&mut best[space], row, &next, self.count);
                }
            }
            self.done += next.len();
        }
        let step = format!("token {} of {total}", self.done);
        Ok(Progress { done: self.done, total, step, finished: self.done == total })
    }

    /// What was found, or nothing while steps are left.
    ///
    /// # Errors
    /// [`Error::BadModel`] if the tokenizer cannot spell a token.
    pub fn result(&self) -> Result<Option<Vec<NearestTokens>>> {
        if self.done < self.model.gpt2.config.vocab_size {
            return Ok(None);
        }
        let text = |token| self.model.tokenizer.text(token);
        let neighbour = |&(cosine, token): &(f32, u32)| Ok(Neighbour { token, text: text(token)?, cosine });
        let of_token = |(&token, best): (&u32, &[Vec<(f32, u32)>; 4])| {
            let spaces = SPACES.iter().zip(best).map(|(space, best)| {
                let tokens = best.iter().map(neighbour).collect::<Result<_>>()?;
                Ok(Neighbours { space, tokens })
            });
            Ok(NearestTokens { token, text: text(token)?, spaces: spaces.collect::<Result<_>>()? })
        };
        self.tokens.iter().zip(&self.best).map(of_token).collect::<Result<_>>().map(Some)
    }
}

/// Texts of one token each, and how many neighbours to find of each.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NearestQuestion {
    tokens: Vec<String>,
    count: usize,
}

impl Analysis for Nearest {
    const NAME: &'static str = "nearest";
    type Question = NearestQuestion;

    fn plan(model: Rc<LoadedModel>, question: NearestQuestion) -> Result<Self> {
        Self::new(model, &question.tokens, question.count)
    }
}

impl Job for Nearest {
    /// All that is done is needed: no token's embedding has a part in another's.
    fn cost(&self) -> Work {
        let config = &self.model.gpt2.config;
        let [d, inner] = [config.n_embd as f64, config.n_inner as f64];
        // A token's value and what the heads write, the MLP's two products, and its cosines.
        let of_token = 4.0 * d * d + 4.0 * d * inner + 2.0 * d * (SPACES.len() * self.tokens.len()) as f64;
        let looked_at = if self.count == 0 { 0 } else { config.vocab_size };
        let flop = of_token * looked_at as f64;
        Work { needed: flop, done: flop }
    }

    fn step(&mut self) -> Step<'_> {
        Box::pin(self.step())
    }

    fn result(&self) -> Result<Option<Answer>> {
        Ok(self.result()?.map(answer))
    }

    /// The report of a single token. Several have one each: [`NearestTokens::report`].
    fn report(&self) -> Result<Option<Report>> {
        Ok(match self.result()?.as_deref() {
            Some([found]) => Some(found.report()),
            _ => None,
        })
    }
}

/// Each row divided by its length. `[rows, d]`
fn unit(x: Tensor<2>) -> Tensor<2> {
    let length = (x.clone() * x.clone()).sum_dim(1).sqrt();
    x / length.clamp_min(1e-15)
}

/// The largest of those kept and of a row's, the first of equal ones first.
pub(crate) fn keep_best(best: &mut Vec<(f32, u32)>, row: &[f32], tokens: &[u32], count: usize) {
    for (&value, &token) in row.iter().zip(tokens) {
        let place = best.partition_point(|&(other, _)| other >= value);
        if place < count && !value.is_nan() {
            best.truncate(count - 1);
            best.insert(place, (value, token));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_largest_and_of_equal_ones_the_first() {
        let mut best = Vec::new();
        keep_best(&mut best, &[0.5, 0.9, 0.5], &[0, 1, 2], 2);
        assert_eq!(best, [(0.9, 1), (0.5, 0)]);
        keep_best(&mut best, &[0.5, 0.7, f32::NAN], &[3, 4, 5], 2);
        assert_eq!(best, [(0.9, 1), (0.7, 4)]);
        let mut none = Vec::new();
        keep_best(&mut none, &[1.0], &[6], 0);
        assert!(none.is_empty());
    }
}
