//! Where the roles stand in the tensors of a batch.

use burn::tensor::{Bool, Device, Tensor, TensorData};

use crate::ioi::Positions;
use crate::model::select_rows;

/// Each prompt's positions of the roles, in tensors whose rows are of `pos` positions.
#[derive(Debug, Clone)]
pub struct Places {
    pub positions: Vec<Positions>,
    pub pos: usize,
}

impl Places {
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
        let is_end = |p: &Positions| {
            let end = p.end;
            (0..self.pos).map(move |at| at == end)
        };
        let is_end: Vec<bool> = self.positions.iter().flat_map(is_end).collect();
        Tensor::from_data(TensorData::new(is_end, [self.positions.len(), self.pos, 1]), device)
    }

    /// 1 from the first token to END, 0 behind it, `[batch, pos, 1]`; and the number of ones, `[batch]`.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn up_to_end(&self, device: &Device) -> (Tensor<3>, Tensor<1>) {
        let is_real = |p: &Positions| {
            let end = p.end;
            (0..self.pos).map(move |at| if at <= end { 1.0 } else { 0.0 })
        };
        let mask: Vec<f32> = self.positions.iter().flat_map(is_real).collect();
        let lengths: Vec<f32> = self.positions.iter().map(|p| (p.end + 1) as f32).collect();
        let mask = Tensor::from_data(TensorData::new(mask, [self.positions.len(), self.pos, 1]), device);
        (mask, Tensor::from_data(TensorData::new(lengths, [self.positions.len()]), device))
    }
}
