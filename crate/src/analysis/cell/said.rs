//! What the model says at END, unedited and edited: the metrics of every prompt, and the likeliest tokens of one.

use burn::tensor::{Tensor, TensorData, activation};

use super::runs::Runs;
use crate::Result;
use crate::device::read_back;
use crate::loader::LoadedModel;
use crate::metric::Metric;
use crate::model::Gpt2Config;
use crate::nearest::keep_best;

/// The whole vocabulary's logits of two runs of so many prompts at once: 13 MB of them in GPT-2.
const PROMPTS: usize = 32;
/// How many likeliest tokens.
const BEST: usize = 5;

pub const METRICS: [Metric; 5] =
    [Metric::LogitDiff, Metric::Prob, Metric::LogProb, Metric::ProbDiff, Metric::Kl];

/// Log-probabilities with their tokens, the largest first.
pub type Best = Vec<(f32, u32)>;

pub struct Said {
    /// Whose likeliest tokens are told.
    example: usize,
    /// The values of each prompt that is done, by metric: unedited and edited.
    pub values: Vec<[[f64; 2]; METRICS.len()]>,
    pub best: [Best; 2],
}

impl Said {
    pub fn new(example: usize) -> Self {
        Self { example, values: Vec::new(), best: [Vec::new(), Vec::new()] }
    }

    pub fn steps(&self, runs: &Runs) -> usize {
        runs.those().len().div_ceil(PROMPTS)
    }

    pub fn done(&self) -> usize {
        self.values.len().div_ceil(PROMPTS)
    }

    pub fn is_finished(&self, runs: &Runs) -> bool {
        self.values.len() == runs.those().len()
    }

    /// The floating point operations of the matrix products.
    pub fn flops(&self, runs: &Runs, config: &Gpt2Config) -> f64 {
        4.0 * (runs.those().len() * config.n_embd) as f64 * config.vocab_size as f64
    }

    /// Does the next prompts.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails or gives numbers that are not finite.
    pub async fn next(&mut self, model: &LoadedModel, runs: &Runs) -> Result<()> {
        let config = &model.gpt2.config;
        let rows: Vec<f32> =
            runs.rows.iter().skip(self.values.len()).take(PROMPTS).flatten().flatten().copied().collect();
        let shape = [rows.len() / config.n_embd, config.n_embd];
        let rows = Tensor::<2>::from_data(TensorData::new(rows, shape), &model.gpt2.device());
        let log_probs = activation::log_softmax(model.gpt2.logits(rows), 1); // [rows, vocab]
        let log_probs = model.device.finite(read_back(log_probs.flatten(0, 1)).await?)?;
        let those = runs.those()[self.values.len()..].iter();
        let tokens: Vec<u32> = (0..config.vocab_size as u32).collect();
        for (of_runs, &place) in log_probs.chunks_exact(2 * config.vocab_size).zip(those) {
            let (unedited, edited) = of_runs.split_at(config.vocab_size);
            let example = &runs.examples().examples[place];
            let of_tokens = |log_probs: &[f32]| -> Vec<f32> {
                example
                    .answers
                    .iter()
                    .chain(&example.wrong_answers)
                    .map(|&token| log_probs[token as usize])
                    .collect()
            };
            let told = [unedited, edited].map(of_tokens);
            self.values.push(METRICS.map(|metric| match metric {
                // Both from the unedited run.
                Metric::Kl => [0.0, divergence(unedited, edited)],
                // What makes logits probabilities is the same for all of them.
                Metric::LogitDiff => told.clone().map(|told| {
                    let (answers, wrong) = told.split_at(example.answers.len());
                    mean(answers) - mean(wrong)
                }),
                _ => told.clone().map(|told| metric.value(example, &told)),
            }));
            if place == self.example {
                for (best, log_probs) in self.best.iter_mut().zip([unedited, edited]) {
                    keep_best(best, log_probs, &tokens, BEST);
                }
            }
        }
        Ok(())
    }
}

/// KL(before ‖ after), of log-probabilities.
fn divergence(before: &[f32], after: &[f32]) -> f64 {
    let of_token =
        |(&before, &after): (&f32, &f32)| f64::from(before).exp() * (f64::from(before) - f64::from(after));
    before.iter().zip(after).map(of_token).sum()
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64
}
