//! The likeliest tokens after each of some rows of the last layer's `resid_post`.

use burn::tensor::{Tensor, TensorData, activation};

use crate::Result;
use crate::device::read_back;
use crate::loader::LoadedModel;
use crate::model::Gpt2Config;
use crate::nearest::keep_best;

/// The whole vocabulary's logits of so many rows at once: 13 MB of them in GPT-2.
const ROWS: usize = 64;

pub struct NextTokens {
    /// How many are told of each row.
    count: usize,
    /// Log-probabilities with their tokens, the largest first, of the rows that are done.
    pub found: Vec<Vec<(f32, u32)>>,
}

impl NextTokens {
    pub fn new(count: usize) -> Self {
        Self { count, found: Vec::new() }
    }

    /// In how many steps so many rows are done.
    pub fn steps(rows: usize) -> usize {
        rows.div_ceil(ROWS)
    }

    /// The floating point operations of the matrix products.
    pub fn flops(rows: usize, config: &Gpt2Config) -> f64 {
        2.0 * (rows * config.n_embd) as f64 * config.vocab_size as f64
    }

    /// Does the next rows. `resid_post`: all of them. `[rows · d_model]`
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails or gives numbers that are not finite.
    pub async fn next(&mut self, model: &LoadedModel, resid_post: &[f32]) -> Result<()> {
        let config = &model.gpt2.config;
        let rest = &resid_post[self.found.len() * config.n_embd..];
        let rows: Vec<f32> = rest.iter().copied().take(ROWS * config.n_embd).collect();
        let count = rows.len() / config.n_embd;
        let rows =
            Tensor::<2>::from_data(TensorData::new(rows, [count, config.n_embd]), &model.gpt2.device());
        let log_probs = activation::log_softmax(model.gpt2.logits(rows), 1); // [rows, vocab]
        let log_probs = model.device.finite(read_back(log_probs.flatten(0, 1)).await?)?;
        let tokens: Vec<u32> = (0..config.vocab_size as u32).collect();
        for row in log_probs.chunks_exact(config.vocab_size) {
            let mut best = Vec::new();
            keep_best(&mut best, row, &tokens, self.count);
            self.found.push(best);
        }
        Ok(())
    }
}
