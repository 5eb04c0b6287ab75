//! Whether a GPU computes what the CPU does: some adapters give wrong numbers and no error.

use burn::module::Param;
use burn::tensor::{Tensor, TensorData};
use serde::Serialize;

use crate::device::read_back;
use crate::hooks::{Activation, Hooks};
use crate::model::{Block, Embedding, Gpt2, PrefixTree};
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
    lm_head: Option<Tensor<2>>,
    wpe: Option<Tensor<2>>,
    blocks: [Option<Block>; BLOCKS],
}

/// How far the device is from the CPU.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SelfCheckReport {
    /// The largest difference at a position, as a share of the largest value there (at least 1).
    pub max_difference: f32,
    pub tolerance: f32,
    pub passed: bool,
}

impl SelfCheck {
    /// Keeps the first rows of the first chunk of wte, on the CPU.
    pub fn keep_wte(&mut self, chunk: &Tensor<2>) {
        self.wte.get_or_insert_with(|| first_rows(chunk));
    }

    /// [`SelfCheck::keep_wte`] of what is wte where there is no other.
    pub fn keep_lm_head(&mut self, chunk: &Tensor<2>) {
        self.lm_head.get_or_insert_with(|| first_rows(chunk));
    }

    pub fn keep_wpe(&mut self, wpe: &Tensor<2>) {
        self.wpe = Some(first_rows(wpe));
    }

    pub fn keep_block(&mut self, layer: usize, block: &Block) {
        if layer < BLOCKS {
            self.blocks[layer] = Some(block.clone());
        }
    }

    /// Runs the prompt through the first blocks of the model and of the copy on the CPU, as a run goes up the
    /// layers and, in the last, as one head runs under hooks. So all kernels a run needs are made here.
    ///
    /// # Errors
    /// [`Error::Device`] if the device does not answer.
    pub async fn run(self, model: &Gpt2) -> Result<SelfCheckReport> {
        let (Some(wte), Some(wpe)) = (self.wte.or(self.lm_head), self.wpe) else {
            return Err(Error::model("the self-check needs a loaded model"));
        };
        let tokens: Vec<u32> = (0..wte.dims()[0].min(wpe.dims()[0]) as u32).collect();
        let mut reference = Gpt2 {
            config: model.config.clone(),
            wte: Embedding { chunks: vec![Param::from_tensor(wte)] },
            lm_head: None,
            wpe: Param::from_tensor(wpe),
            blocks: self.blocks.into_iter().flatten().collect(),
            ln_f: model.ln_f.clone(),
        };
        reference.config.n_layer = reference.blocks.len();

        let last = reference.blocks.len() - 1;
        let expected = Checked::compute(&reference, &tokens, last)?.read().await?;
        let found = Checked::compute(model, &tokens, last)?.read().await?;
        let widths = [model.config.n_embd, tokens.len()];
        let differences = expected.iter().zip(&found).zip(widths);
        let max_difference = differences
            .map(|((expected, found), width)| max_difference(expected, found, width))
            .fold(0.0, f32::max);
        Ok(SelfCheckReport { max_difference, tolerance: TOLERANCE, passed: max_difference <= TOLERANCE })
    }
}

/// What is compared.
pub(crate) struct Checked {
    /// Behind the last block. `[pos, d_model]`
    resid_post: Tensor<2>,
    /// Of the last block's first head. `[1, query, key]`
    pattern: Tensor<3>,
}

impl Checked {
    pub(crate) fn compute(model: &Gpt2, tokens: &[u32], last: usize) -> Result<Self> {
        let mut tree = PrefixTree::default();
        tree.insert(tokens);
        let nodes: Vec<usize> = (0..tree.len()).collect();
        let mut resid = model.embed_tree(&tree)?;
        for layer in 0..last {
            resid = model.layer(layer, resid, &tree, &nodes);
        }
        let pattern = Activation::Pattern.at_head(last, 0);
        let hooks = Hooks::new().edit(Activation::QInput.at_head(last, 0), |input| input).read(pattern);
        let pattern = model.run_from(last, resid.clone().unsqueeze(), &hooks)?.get(pattern)?;
        Ok(Self { resid_post: model.layer(last, resid, &tree, &nodes), pattern })
    }

    async fn read(self) -> Result<[Vec<f32>; 2]> {
        Ok([read_back(self.resid_post.flatten(0, 1)).await?, read_back(self.pattern.flatten(0, 2)).await?])
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
