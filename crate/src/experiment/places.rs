//! Where the roles stand in the tensors of a batch.

use burn::tensor::Tensor;
#[cfg(not(target_arch = "wasm32"))]
use burn::tensor::{Device, TensorData};

use crate::ioi::Positions;
use crate::model::select_rows;

/// A role at which what a head reads is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Io,
    S1,
    End,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Io, Self::S1, Self::End];

    pub fn position(self, p: &Positions) -> usize {
        match self {
            Self::Io => p.io,
            Self::S1 => p.s1,
            Self::End => p.end,
        }
    }
}

/// Each prompt's positions of the roles, in tensors whose rows are of `pos` positions.
#[derive(Debug, Clone)]
pub struct Places {
    pub positions: Vec<Positions>,
    pub pos: usize,
}

impl Places {
    /// The rows of a role, from `[batch, pos, d]`. `[batch, d]`
    pub fn at(&self, x: Tensor<3>, role: Role) -> Tensor<2> {
        self.rows(x, |p| role.position(p))
    }

    /// The rows of END, from `[batch, pos, d]`. `[batch, d]`
    pub fn at_end(&self, x: Tensor<3>) -> Tensor<2> {
        self.rows_at(x, |p| p.end)
    }

    /// The row at a position of each prompt, from `[batch, pos, d]`. `[batch, d]`
    pub fn rows_at(&self, x: Tensor<3>, position: fn(&Positions) -> usize) -> Tensor<2> {
        self.rows(x, position)
    }

    fn rows(&self, x: Tensor<3>, position: impl Fn(&Positions) -> usize) -> Tensor<2> {
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
