//! The attention score of a head as a linear function of what it reads: x · map + bias, where x is LN of what
//! queries are computed from and the keys are held fixed, or the other way round.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::model::Gpt2;

/// One of the two things that make a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Queries,
    Keys,
}

/// What makes a head's queries and keys of normalized rows.
pub struct QkWeights {
    /// W_Q and b_Q, W_K and b_K. `[d_model, d_head]` and `[d_head]`
    sides: [(Tensor<2>, Tensor<1>); 2],
    /// What their product is multiplied by: 1/√d_head, in GPT-2.
    pub score_scale: f64,
}

/// `[batch, d_model]` and `[batch]`
#[derive(Clone)]
pub struct LinearFunction {
    pub map: Tensor<2>,
    pub bias: Tensor<1>,
}

impl QkWeights {
    pub fn new(gpt2: &Gpt2, layer: usize, head: usize) -> Self {
        let (d_model, d_head) = (gpt2.config.n_embd, gpt2.config.d_head());
        let attn = &gpt2.blocks[layer].attn;
        let sides = [0, 1].map(|part| attn.columns(part * d_model + head * d_head, d_head));
        Self { sides, score_scale: attn.score_scale }
    }

    /// Queries or keys of normalized rows. `[rows, d_head]`
    pub fn read(&self, side: Side, normalized: Tensor<2>) -> Tensor<2> {
        self.read_part(side, normalized) + self.bias(side).unsqueeze()
    }

    /// What part of a row gives: no bias. `[rows, d_head]`
    pub fn read_part(&self, side: Side, part: Tensor<2>) -> Tensor<2> {
        part.matmul(self.weight(side))
    }

    /// `[d_model, d_head]`
    pub fn weight(&self, side: Side) -> Tensor<2> {
        self.sides[side as usize].0.clone()
    }

    /// `[d_head]`
    pub fn bias(&self, side: Side) -> Tensor<1> {
        self.sides[side as usize].1.clone()
    }

    /// The score as a function of one side, with the other, `[batch, d_head]`, held fixed.
    pub fn function_of(&self, side: Side, held: Tensor<2>) -> LinearFunction {
        let held = held * self.score_scale;
        LinearFunction {
            map: held.clone().matmul(self.weight(side).transpose()),
            bias: held.matmul(self.bias(side).unsqueeze_dim(1)).squeeze_dim(1),
        }
    }
}
