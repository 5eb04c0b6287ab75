//! Trains ioi-mini: a small GPT-2 on sentences of the IOI generator and a few others, with Burn's autodiff.
//!
//! What is trained is the crate's own [`Gpt2`](crate::model::Gpt2) as it computes, without LayerNorm parameters:
//! those can be folded into the weights that read their output, so nothing is lost. It is written in the hub's layout with
//! LayerNorm weights of 1 and biases of 0.
//!
//! `corpus` draws sentences, `vocabulary` makes the tokenizer of them, `start` the first weights, [`Trainer`] the
//! steps, `export` the files. All that is drawn follows from the seed and the step, so a training that is resumed
//! from its checkpoint goes on as if it had not been stopped.

mod checkpoint;
mod corpus;
mod export;
mod guide;
mod start;
mod trainer;
mod vocabulary;
mod writes;

use serde::{Deserialize, Serialize};

use crate::model::{Gelu, Gpt2Config};
use crate::{Error, Result};

pub use export::export;
pub use trainer::{StepReport, Trainer};

/// All it takes to train a model again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainSpec {
    pub seed: u32,
    /// Layers.
    pub n_layer: usize,
    /// Attention heads in each layer.
    pub n_head: usize,
    /// Width of the residual stream.
    pub n_embd: usize,
    /// Layers that have an MLP, from the first. Those of the others stay 0.
    pub mlps: usize,
    /// Width of the MLPs.
    pub n_inner: usize,
    pub steps: usize,
    /// Sentences a step.
    pub batch: usize,
    /// The largest learning rate, reached after the warm-up.
    pub learning_rate: f64,
    pub weight_decay: f32,
    /// The weight of the guidance beside the loss: see [`Trainer`].
    pub guidance: f64,
}

impl Default for TrainSpec {
    /// The shipped model's.
    fn default() -> Self {
        Self {
            seed: 0,
            n_layer: 4,
            n_head: 4,
            n_embd: 96,
            mlps: 1,
            n_inner: 96,
            steps: 3600,
            batch: 32,
            learning_rate: 3e-3,
            weight_decay: 0.05,
            guidance: 0.3,
        }
    }
}

/// Most tokens in a row: the longest texts of the corpus have some 50.
const N_CTX: usize = 64;

impl TrainSpec {
    /// # Errors
    /// [`Error::BadInput`] naming the entry that makes no training.
    pub fn check(&self) -> Result<()> {
        let positive = [("n_layer", self.n_layer), ("n_head", self.n_head), ("n_embd", self.n_embd)]
            .into_iter()
            .chain([("n_inner", self.n_inner), ("steps", self.steps), ("batch", self.batch)]);
        for (field, value) in positive {
            if value == 0 || value > 1_000_000 {
                return Err(Error::input(field, format!("{field} must be from 1 to 1000000, not {value}")));
            }
        }
        if !self.n_embd.is_multiple_of(self.n_head) {
            let message = format!("n_embd {} must be a multiple of n_head {}", self.n_embd, self.n_head);
            return Err(Error::input("n_embd", message));
        }
        if self.mlps > self.n_layer {
            let message = format!("{} layers cannot have {} MLPs", self.n_layer, self.mlps);
            return Err(Error::input("mlps", message));
        }
        if !(self.learning_rate > 0.0 && self.learning_rate < 1.0) {
            let message = format!("the learning rate must be between 0 and 1, not {}", self.learning_rate);
            return Err(Error::input("learning_rate", message));
        }
        if !(0.0..1.0).contains(&self.weight_decay) {
            let message = format!("the weight decay must be from 0 to below 1, not {}", self.weight_decay);
            return Err(Error::input("weight_decay", message));
        }
        if !(0.0..=10.0).contains(&self.guidance) {
            let message = format!("the guidance must be from 0 to 10, not {}", self.guidance);
            return Err(Error::input("guidance", message));
        }
        Ok(())
    }

    fn config(&self, vocab_size: usize) -> Gpt2Config {
        Gpt2Config {
            n_layer: self.n_layer,
            n_head: self.n_head,
            n_embd: self.n_embd,
            n_inner: self.n_inner,
            n_ctx: N_CTX,
            vocab_size,
            layer_norm_epsilon: 1e-5,
            gelu: Gelu::Tanh,
            scale_attn_weights: true,
            scale_attn_by_inverse_layer_idx: false,
            tie_word_embeddings: true,
            bos_token_id: Some(0),
        }
    }

    /// Up in a straight line, then down to a tenth along a cosine.
    fn learning_rate_at(&self, step: usize) -> f64 {
        const WARM_UP: usize = 100;
        let peak = self.learning_rate;
        if step < WARM_UP {
            return peak * (step + 1) as f64 / WARM_UP as f64;
        }
        let part = (step - WARM_UP) as f64 / (self.steps.max(WARM_UP + 1) - WARM_UP) as f64;
        peak * (0.1 + 0.45 * (1.0 + (std::f64::consts::PI * part.min(1.0)).cos()))
    }
}

#[cfg(test)]
mod tests {
    use super::TrainSpec;

    #[test]
    fn the_learning_rate_goes_up_and_down() {
        let spec = TrainSpec { steps: 1100, learning_rate: 1e-3, ..TrainSpec::default() };
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found}");
        near(spec.learning_rate_at(0), 1e-5);
        near(spec.learning_rate_at(99), 1e-3);
        near(spec.learning_rate_at(600), 0.55e-3);
        near(spec.learning_rate_at(1100), 1e-4);
    }

    #[test]
    fn what_is_no_training_is_refused() {
        let message = |spec: TrainSpec| spec.check().unwrap_err().to_string();
        assert!(message(TrainSpec { steps: 0, ..TrainSpec::default() }).contains("steps must be"));
        assert!(message(TrainSpec { n_head: 5, ..TrainSpec::default() }).contains("multiple of n_head 5"));
        let spec = TrainSpec { learning_rate: f64::NAN, ..TrainSpec::default() };
        assert!(message(spec).contains("learning rate"));
        TrainSpec::default().check().unwrap();
    }
}
