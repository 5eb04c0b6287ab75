//! Prompts of a dataset in rows of one length, for the hooked forward.

use burn::tensor::{Device, Tensor, TensorData};

use crate::experiment::{Runs, batches};
use crate::ioi::{IoiDataset, Positions};
use crate::model::select_rows;

pub struct Batch {
    pub runs: Runs,
    /// Up to END; padded with END's to one length.
    pub tokens: Vec<Vec<u32>>,
}

impl Batch {
    /// A dataset's prompts, by length.
    pub fn all(dataset: &IoiDataset, tokens_per_batch: usize) -> Vec<Self> {
        batches(dataset, tokens_per_batch).iter().map(|prompts| Self::new(prompts, dataset)).collect()
    }

    fn new(prompts: &[usize], dataset: &IoiDataset) -> Self {
        let runs = Runs::known(prompts, dataset, [Vec::new(), Vec::new()]);
        let pos = 1 + runs.positions.iter().map(|p| p.end).max().unwrap_or(0);
        let padded = |(&prompt, p): (&usize, &Positions)| {
            (0..pos).map(|at| dataset.tokens[prompt][at.min(p.end)]).collect()
        };
        Self { tokens: prompts.iter().zip(&runs.positions).map(padded).collect(), runs }
    }

    /// The rows of END, from `[batch, pos, d]`. `[batch, d]`
    pub fn at_end(&self, x: Tensor<3>) -> Tensor<2> {
        let [batch, pos, width] = x.dims();
        let places: Vec<usize> =
            self.runs.positions.iter().enumerate().map(|(i, p)| i * pos + p.end).collect();
        select_rows(x.reshape([batch * pos, width]), &places)
    }

    /// END's score for the key at a position of each prompt, from `[batch, query, key]`. `[batch]`
    pub fn score(&self, scores: Tensor<3>, key: fn(&Positions) -> usize) -> Tensor<1> {
        self.between(scores, |p| p.end, key)
    }

    /// The entry at two positions of each prompt, from `[batch, query, key]`. `[batch]`
    pub fn between(
        &self,
        table: Tensor<3>,
        query: fn(&Positions) -> usize,
        key: fn(&Positions) -> usize,
    ) -> Tensor<1> {
        let [batch, pos, _] = table.dims();
        let place = |(i, p): (usize, &Positions)| (i * pos + query(p)) * pos + key(p);
        let places: Vec<usize> = self.runs.positions.iter().enumerate().map(place).collect();
        select_rows(table.reshape([batch * pos * pos, 1]), &places).squeeze_dim(1)
    }

    /// 1 from the first token to END, 0 after it, `[batch, pos, 1]`; and the number of ones, `[batch]`.
    pub fn up_to_end(&self, device: &Device) -> (Tensor<3>, Tensor<1>) {
        let pos = self.tokens[0].len();
        let is_real = |p: &Positions| {
            let end = p.end;
            (0..pos).map(move |at| if at <= end { 1.0 } else { 0.0 })
        };
        let mask: Vec<f32> = self.runs.positions.iter().flat_map(is_real).collect();
        let lengths: Vec<f32> = self.runs.positions.iter().map(|p| (p.end + 1) as f32).collect();
        let mask = Tensor::from_data(TensorData::new(mask, [self.runs.positions.len(), pos, 1]), device);
        (mask, Tensor::from_data(TensorData::new(lengths, [self.runs.positions.len()]), device))
    }
}
