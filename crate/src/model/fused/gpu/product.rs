//! Products, in two ways: which is faster is measured on the GPU that is there.

use std::sync::{Mutex, PoisonError};

use burn::tensor::Tensor;
use burn_wgpu::CubeTensor;

use super::shader::{Part, Shader};
use super::{Matrix, contiguous, tensor};
use crate::model::fused::{Gelu, Weights};

/// How a product is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// Sums in registers, the rest left to the caches: what a software adapter wants, to which a barrier costs more than
    /// arithmetic.
    Registers,
    /// Tiles in the memory of a workgroup: what most GPUs want.
    Tiles,
}

/// How the products of the model in use are computed. A process has one GPU.
static CHOSEN: Mutex<Product> = Mutex::new(Product::Registers);

/// What both ways begin with.
const LINEAR: Part = Part { name: "linear", source: include_str!("linear.wgsl") };
/// What is done with a sum before it is stored.
const ONLY: Part = Part { name: "only", source: include_str!("finish_only.wgsl") };
const GELU: Part = Part { name: "gelu", source: include_str!("finish_gelu.wgsl") };
const GELU_EXACT: Part = Part { name: "exact gelu", source: include_str!("finish_gelu_exact.wgsl") };
const ADD: Part = Part { name: "add", source: include_str!("finish_add.wgsl") };

impl Product {
    pub const ALL: [Self; 2] = [Self::Registers, Self::Tiles];

    /// Sums in registers, until another is found to be faster.
    pub fn chosen() -> Self {
        *CHOSEN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn choose(self) {
        *CHOSEN.lock().unwrap_or_else(PoisonError::into_inner) = self;
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Registers => "sums in registers",
            Self::Tiles => "tiles in workgroup memory",
        }
    }

    /// x · W + b. `[rows, d_in]` → `[rows, d_out]`
    pub fn linear(self, x: &Tensor<2>, weights: &Weights) -> Option<Tensor<2>> {
        self.then(ONLY, x, weights, None)
    }

    /// GELU(x · W + b). `[rows, d_in]` → `[rows, d_out]`
    pub fn linear_gelu(self, x: &Tensor<2>, weights: &Weights, gelu: Gelu) -> Option<Tensor<2>> {
        let finish = match gelu {
            Gelu::Tanh => GELU,
            Gelu::Exact => GELU_EXACT,
        };
        self.then(finish, x, weights, None)
    }

    /// residual + x · W + b. `[rows, d_in]`, `[rows, d_out]` → `[rows, d_out]`
    pub fn linear_add(self, x: &Tensor<2>, weights: &Weights, residual: &Tensor<2>) -> Option<Tensor<2>> {
        self.then(ADD, x, weights, Some(contiguous(residual)?))
    }

    fn then(
        self,
        finish: Part,
        x: &Tensor<2>,
        (weight, bias): &Weights,
        residual: Option<CubeTensor>,
    ) -> Option<Tensor<2>> {
        let [x, weight] = [Matrix::of(x)?, Matrix::of(weight)?];
        let shader = Shader {
            parts: vec![LINEAR, self.part(), finish],
            constants: vec![
                ("IN", x.width),
                ("OUT", weight.width),
                ("X_STRIDE", x.stride),
                ("WEIGHT_STRIDE", weight.stride),
            ],
        };
        let [rows, columns] = self.tile();
        let groups = [weight.width.div_ceil(columns), x.rows.div_ceil(rows)];
        let inputs = [x.tensor, weight.tensor, contiguous(bias)?].into_iter().chain(residual);
        Some(tensor(shader.launch(inputs.collect(), [x.rows, weight.width], groups, &[x.rows])))
    }

    fn part(self) -> Part {
        let source = match self {
            Self::Registers => include_str!("linear_registers.wgsl"),
            Self::Tiles => include_str!("linear_tiles.wgsl"),
        };
        Part { name: self.name(), source }
    }

    /// Rows and columns that a workgroup computes.
    fn tile(self) -> [usize; 2] {
        match self {
            Self::Registers => [64, 32],
            Self::Tiles => [64, 64],
        }
    }
}
