//! A few prompts that go through the network together, and where in their tensors the roles stand.

use burn::tensor::{Bool, Device, Tensor, TensorData};

use super::plan::Input;
use crate::ioi::{Flipped, IoiDataset, Positions};
use crate::model::select_rows;

pub struct Batch {
    /// Their places in the dataset.
    prompts: Vec<usize>,
    positions: Vec<Positions>,
    /// The tokens of IO and of S, one a prompt.
    pub io: Vec<u32>,
    pub s: Vec<u32>,
    clean: Vec<Vec<u32>>,
    flipped: Option<Vec<Vec<u32>>>,
}

impl Batch {
    /// A dataset's prompts by length, so that rows need little padding, in batches of about as many tokens
    /// as asked for.
    pub fn all(
        dataset: &IoiDataset,
        flipped: Option<&Flipped>,
        pad: u32,
        tokens_per_batch: usize,
    ) -> Vec<Self> {
        let mut by_length: Vec<usize> = (0..dataset.len()).collect();
        by_length.sort_by_key(|&prompt| dataset.positions[prompt].end);
        let mut batches: Vec<Vec<usize>> = Vec::new();
        for prompt in by_length {
            let length = dataset.positions[prompt].end + 1;
            match batches.last_mut() {
                Some(batch) if (batch.len() + 1) * length <= tokens_per_batch => batch.push(prompt),
                _ => batches.push(vec![prompt]),
            }
        }
        batches.into_iter().map(|prompts| Self::new(prompts, dataset, flipped, pad)).collect()
    }

    pub fn new(prompts: Vec<usize>, dataset: &IoiDataset, flipped: Option<&Flipped>, pad: u32) -> Self {
        let positions: Vec<Positions> = prompts.iter().map(|&prompt| dataset.positions[prompt]).collect();
        // Rows end at the last END, since a causal model cannot look further; a shorter row is padded behind
        // its own.
        let pos = 1 + positions.iter().map(|p| p.end).max().unwrap_or(0);
        let rows = |tokens: &[Vec<u32>]| {
            let row = |&prompt: &usize| {
                let mut row = tokens[prompt].clone();
                row.resize(pos, pad);
                row
            };
            prompts.iter().map(row).collect()
        };
        let ids = |ids: &[u32]| prompts.iter().map(|&prompt| ids[prompt]).collect();
        Self {
            io: ids(&dataset.io_token_ids),
            s: ids(&dataset.s_token_ids),
            clean: rows(&dataset.tokens),
            flipped: flipped.map(|flipped| rows(&flipped.tokens)),
            positions,
            prompts,
        }
    }

    pub fn len(&self) -> usize {
        self.prompts.len()
    }

    /// Rows of tokens, all of one length.
    pub fn tokens(&self, input: Input) -> Vec<&[u32]> {
        let rows = match input {
            Input::Clean => &self.clean,
            Input::Flipped => self.flipped.as_ref().expect("the batch was made with flipped prompts"),
        };
        rows.iter().map(Vec::as_slice).collect()
    }

    /// Their places in the dataset.
    pub fn prompts(&self) -> &[usize] {
        &self.prompts
    }

    pub fn positions(&self) -> &[Positions] {
        &self.positions
    }

    /// The rows of END, from `[batch, pos, d]`. `[batch, d]`
    pub fn at_end(&self, x: Tensor<3>) -> Tensor<2> {
        self.rows_at(x, |p| p.end)
    }

    /// The row at a position of each prompt, from `[batch, pos, d]`. `[batch, d]`
    pub fn rows_at(&self, x: Tensor<3>, position: fn(&Positions) -> usize) -> Tensor<2> {
        let [batch, pos, width] = x.dims();
        let place = |(i, p): (usize, &Positions)| i * pos + position(p);
        let places: Vec<usize> = self.positions.iter().enumerate().map(place).collect();
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
        let places: Vec<usize> = self.positions.iter().enumerate().map(place).collect();
        select_rows(table.reshape([batch * pos * pos, 1]), &places).squeeze_dim(1)
    }

    /// True at END. `[batch, pos, 1]`
    pub fn is_end(&self, device: &Device) -> Tensor<3, Bool> {
        let pos = self.clean[0].len();
        let is_end = |p: &Positions| {
            let end = p.end;
            (0..pos).map(move |at| at == end)
        };
        let is_end: Vec<bool> = self.positions.iter().flat_map(is_end).collect();
        Tensor::from_data(TensorData::new(is_end, [self.len(), pos, 1]), device)
    }

    /// 1 from the first token to END, 0 behind it, `[batch, pos, 1]`; and the number of ones, `[batch]`.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn up_to_end(&self, device: &Device) -> (Tensor<3>, Tensor<1>) {
        let pos = self.clean[0].len();
        let is_real = |p: &Positions| {
            let end = p.end;
            (0..pos).map(move |at| if at <= end { 1.0 } else { 0.0 })
        };
        let mask: Vec<f32> = self.positions.iter().flat_map(is_real).collect();
        let lengths: Vec<f32> = self.positions.iter().map(|p| (p.end + 1) as f32).collect();
        let mask = Tensor::from_data(TensorData::new(mask, [self.len(), pos, 1]), device);
        (mask, Tensor::from_data(TensorData::new(lengths, [self.len()]), device))
    }

    /// Puts a value for each prompt of the batch into its place in the dataset's column.
    pub fn scatter(&self, values: &[f32], column: &mut [f32]) {
        for (&prompt, &value) in self.prompts.iter().zip(values) {
            column[prompt] = value;
        }
    }
}
