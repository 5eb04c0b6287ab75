use super::{ConditionResult, EditEvidence, KeyEvidence};
use crate::site::Activation;

/// What one case measured, before it is summed up; an entry a prompt.
#[derive(Debug, Clone)]
pub struct Measured {
    io_score: Vec<f32>,
    s1_score: Vec<f32>,
    /// Lengths of changes against the clean case.
    delta_q_input: Vec<f32>,
    delta_q: Vec<f32>,
    delta_k_input_io: Vec<f32>,
    delta_k_input_s1: Vec<f32>,
    delta_k_io: Vec<f32>,
    delta_k_s1: Vec<f32>,
}

impl Measured {
    /// How many [`Measured::columns`] there are.
    pub const COLUMNS: usize = 8;

    pub fn new(prompts: usize) -> Self {
        let column = || vec![0.0; prompts];
        Self {
            io_score: column(),
            s1_score: column(),
            delta_q_input: column(),
            delta_q: column(),
            delta_k_input_io: column(),
            delta_k_input_s1: column(),
            delta_k_io: column(),
            delta_k_s1: column(),
        }
    }

    /// The quantities in the order in which they are read from the device.
    pub fn columns(&mut self) -> [&mut Vec<f32>; Self::COLUMNS] {
        [
            &mut self.io_score,
            &mut self.s1_score,
            &mut self.delta_q_input,
            &mut self.delta_q,
            &mut self.delta_k_input_io,
            &mut self.delta_k_input_s1,
            &mut self.delta_k_io,
            &mut self.delta_k_s1,
        ]
    }

    /// `other_keys`: the logarithm of the sum of exp(score) over END's keys besides IO.
    pub fn condition(&self, other_keys: Option<&[f32]>) -> ConditionResult {
        let diff: Vec<f32> = self.io_score.iter().zip(&self.s1_score).map(|(io, s1)| io - s1).collect();
        ConditionResult {
            mean_diff: mean(&diff),
            diff,
            io_probability: other_keys.map(|others| {
                // The softmax of two.
                let probability = |(io, others): (&f32, &f32)| 1.0 / (1.0 + (others - io).exp());
                self.io_score.iter().zip(others).map(probability).collect()
            }),
            io_score: self.io_score.clone(),
            s1_score: self.s1_score.clone(),
        }
    }

    pub fn evidence(&self, edited: Activation) -> EditEvidence {
        let keys = self.delta_k_input_io.iter().zip(&self.delta_k_input_s1);
        let (prompts_touched, keys) = match edited {
            Activation::QInput => (self.delta_q_input.iter().filter(|&&delta| delta > 0.0).count(), None),
            _ => (
                keys.filter(|&(&io, &s1)| io > 0.0 || s1 > 0.0).count(),
                Some(KeyEvidence {
                    mean_delta_k_input_io: mean(&self.delta_k_input_io),
                    mean_delta_k_input_s1: mean(&self.delta_k_input_s1),
                    mean_delta_k_io: mean(&self.delta_k_io),
                    mean_delta_k_s1: mean(&self.delta_k_s1),
                }),
            ),
        };
        EditEvidence {
            prompts_touched,
            mean_delta_q_input: mean(&self.delta_q_input),
            mean_delta_q: mean(&self.delta_q),
            keys,
        }
    }

    /// The most that a score is from the clean case's.
    pub fn max_abs_change(&self, clean: &Self) -> f32 {
        let scores = self.io_score.iter().chain(&self.s1_score);
        let clean = clean.io_score.iter().chain(&clean.s1_score);
        scores.zip(clean).fold(0.0, |most, (a, b)| most.max((a - b).abs()))
    }
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64
}
