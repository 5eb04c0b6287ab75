//! Whether a GPU computes what the CPU does: some adapters give wrong numbers and no error.

use burn::module::Param;
use burn::tensor::{Tensor, TensorData};
use serde::Serialize;

use crate::hooks::{Activation, Hooks};
use crate::model::{Block, Embedding, Gpt2};
use crate::{Error, Result};

/// The prompt: the vocabulary's first tokens.
const TOKENS: usize = 16;
const BLOCKS: usize = 2;
/// The largest difference allowed at a position, as a share of its largest activation (at least 1): two
/// blocks in float32 differ by some 1e-6 from one summation order to another, a wrong kernel by far more.
/// A share, since GPT-2's residual stream reaches into the thousands at its first token; there an absolute
/// limit would measure rounding.
const TOLERANCE: f32 = 1e-3;

/// What the CPU needs to run the first blocks beside the model's device.
#[derive(Debug, Default)]
pub struct SelfCheck {
    wte: Option<Tensor<2>>,
    wpe: Option<Tensor<2>>,
    blocks: [Option<Block>; BLOCKS],
}

/// How far the device is from the CPU.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SelfCheckReport {
    /// The largest difference of resid_post at a position, as a share of the largest value there (at
    /// least 1).
    pub max_difference: f32,
    pub tolerance: f32,
    pub passed: bool,
}

impl SelfCheck {
    /// Keeps the first rows of the first chunk of wte, on the CPU.
    pub fn keep_wte(&mut self, chunk: &Tensor<2>) {
        self.wte.get_or_insert_with(|| first_rows(chunk));
    }

    pub fn keep_wpe(&mut self, wpe: &Tensor<2>) {
        self.wpe = Some(first_rows(wpe));
    }

    pub fn keep_block(&mut self, layer: usize, block: &Block) {
        if layer < BLOCKS {
            self.blocks[layer] = Some(block.clone());
        }
    }

    /// Runs the prompt through the first blocks of the model and of the copy on the CPU.
    ///
    /// # Errors
    /// [`Error::Device`] if the device does not answer.
    pub async fn run(self, model: &Gpt2) -> Result<SelfCheckReport> {
        let (Some(wte), Some(wpe)) = (self.wte, self.wpe) else {
            return Err(Error::model("the self-check needs a loaded model"));
        };
        let tokens: Vec<u32> = (0..wte.dims()[0].min(wpe.dims()[0]) as u32).collect();
        let mut reference = Gpt2 {
            config: model.config.clone(),
            wte: Embedding { chunks: vec![Param::from_tensor(wte)] },
            wpe: Param::from_tensor(wpe),
            blocks: self.blocks.into_iter().flatten().collect(),
            ln_f: model.ln_f.clone(),
        };
        reference.config.n_layer = reference.blocks.len();

        let last = Activation::ResidPost.at(reference.blocks.len() - 1);
        let hooks = Hooks::new().read(last);
        let expected = read(reference.run(&[&tokens], &hooks)?.get(last)?).await?;
        let found = read(model.run(&[&tokens], &hooks)?.get(last)?).await?;
        let max_difference = max_difference(&expected, &found, model.config.n_embd);
        Ok(SelfCheckReport { max_difference, tolerance: TOLERANCE, passed: max_difference <= TOLERANCE })
    }
}

/// Over rows of one position each.
fn max_difference(expected: &[f32], found: &[f32], width: usize) -> f32 {
    let of_row = |(expected, found): (&[f32], &[f32])| {
        let largest = expected.iter().fold(1.0_f32, |largest, x| largest.max(x.abs()));
        let far = |(a, b): (&f32, &f32)| match (a - b).abs() / largest {
            // max() passes over NaN, which must not look like agreement.
            share if share.is_nan() => f32::INFINITY,
            share => share,
        };
        expected.iter().zip(found).map(far).fold(0.0, f32::max)
    };
    expected.chunks(width).zip(found.chunks(width)).map(of_row).fold(0.0, f32::max)
}

/// A copy, so that the whole does not stay in memory for its first rows.
fn first_rows(matrix: &Tensor<2>) -> Tensor<2> {
    let [rows, width] = matrix.dims();
    let rows = rows.min(TOKENS);
    let values = matrix.clone().narrow(0, 0, rows).into_data().iter::<f32>().collect::<Vec<_>>();
    Tensor::from_data(TensorData::new(values, [rows, width]), &matrix.device())
}

async fn read(tensor: Tensor<3>) -> Result<Vec<f32>> {
    crate::device::read_back(tensor.flatten(0, 2)).await
}

#[cfg(test)]
mod tests {
    use super::max_difference;

    #[test]
    fn the_worst_position_counts_by_its_own_size() {
        let expected = [3000.0, 1.0, 0.5, -0.25];
        assert_eq!(max_difference(&expected, &expected, 2), 0.0);
        // At a position whose largest activation is 3000, 0.1 is rounding; where it is 0.5, it is not.
        assert!(max_difference(&expected, &[3000.0, 1.1, 0.5, -0.25], 2) < 1e-3);
        assert!(max_difference(&expected, &[3000.0, 1.0, 0.5, -0.252], 2) > 1e-3);
    }

    #[test]
    fn what_is_not_a_number_is_no_agreement() {
        assert_eq!(max_difference(&[1.0, 2.0], &[1.0, f32::NAN], 2), f32::INFINITY);
        assert_eq!(max_difference(&[1.0, f32::NAN], &[1.0, 2.0], 2), f32::INFINITY);
        assert_eq!(max_difference(&[1.0, 2.0], &[f32::INFINITY, 2.0], 2), f32::INFINITY);
    }
}
