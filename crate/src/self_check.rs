//! Whether a GPU computes what the CPU does: some adapters give wrong numbers and no error.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use serde::Serialize;

use crate::device::read_back;
use crate::engine::{Asked, Forest, Forward, LnScale, Part, Placed, Read, Value};
use crate::model::{Block, Embedding, Gpt2};
use crate::site::Activation;
use crate::{Error, Result};

/// The prompt's tokens at most. Copies of it fill a batch, and an odd number keeps them apart from the powers of two at
/// which a GPU may begin to go wrong: a row in another's place is then another row.
pub(crate) const TOKENS: usize = 15;
const BLOCKS: usize = 2;
/// So many of a chunk's first rows, and of its last, may be in the prompt: a buffer may be good at one end only.
const EDGE: usize = 4;
/// The largest difference allowed at a position, as a share of its largest activation (at least 1): two
/// blocks in float32 differ by some 1e-6 from one summation order to another, a wrong kernel by far more.
/// A share, since GPT-2's residual stream reaches into the thousands at its first token; there an absolute
/// limit would measure rounding.
pub(crate) const TOLERANCE: f32 = 1e-3;

/// What the CPU needs to run the first blocks beside the model's device.
#[derive(Debug, Default)]
pub struct SelfCheck {
    wte: Kept,
    lm_head: Kept,
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
    /// Takes the next chunk of wte, of which some rows are kept on the CPU.
    pub fn keep_wte(&mut self, chunk: &Tensor<2>) {
        self.wte.add(chunk);
    }

    /// [`SelfCheck::keep_wte`] of what is wte where there is no other.
    pub fn keep_lm_head(&mut self, chunk: &Tensor<2>) {
        self.lm_head.add(chunk);
    }

    pub fn keep_wpe(&mut self, wpe: &Tensor<2>) {
        let rows = wpe.dims()[0].min(TOKENS);
        self.wpe = Some(matrix(values(wpe, 0, rows), rows, &wpe.device()));
    }

    pub fn keep_block(&mut self, layer: usize, block: &Block) {
        if layer < BLOCKS {
            self.blocks[layer] = Some(block.clone());
        }
    }

    /// Runs the prompt through the first blocks of the model and of the copy on the CPU, as a run goes up the
    /// layers and, in the last, with an edit of one head. So all kernels a run needs are made here. The device has
    /// as many copies of the prompt in the last block as make `rows`, a batch of a run; on the CPU one is enough.
    ///
    /// # Errors
    /// [`Error::Device`] if the device does not answer.
    pub async fn run(self, model: &Gpt2, rows: usize) -> Result<SelfCheckReport> {
        // lm_head alone is wte.
        let wte = if self.wte.tokens.is_empty() { self.lm_head } else { self.wte };
        let Some(wpe) = self.wpe.filter(|_| !wte.tokens.is_empty()) else {
            return Err(Error::model("the self-check needs a loaded model"));
        };
        let (tokens, wte) = wte.spread(wpe.dims()[0], &wpe.device());
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
        let in_the_copy: Vec<u32> = (0..tokens.len() as u32).collect();
        let expected = compute(&reference, &in_the_copy, last, tokens.len())?;
        let expected = read_back(expected.flatten(0, 1)).await?;
        let found = read_back(compute(model, &tokens, last, rows)?.flatten(0, 1)).await?;
        let of_copies = found.chunks(expected.len());
        let max_difference =
            of_copies.map(|found| max_difference(&expected, found, model.config.n_embd)).fold(0.0, f32::max);
        Ok(SelfCheckReport { max_difference, tolerance: TOLERANCE, passed: max_difference <= TOLERANCE })
    }
}

/// What the last block of a check leaves, of copies of a prompt and of an edited run of each: for each copy its nodes and
/// the edited one's last. `[copies · (pos + 1), d_model]`
///
/// `last`: the last block; it runs over so many copies of the tokens that there are at least `rows` rows.
pub(crate) fn compute(model: &Gpt2, tokens: &[u32], last: usize, rows: usize) -> Result<Tensor<2>> {
    let n_layer = model.config.n_layer;
    let mut forest = Forest::default();
    let end = forest.run(tokens);
    let nodes = forest.path(end).to_vec();
    let reads = vec![Read { layer: last, part: Part::ResidPre, nodes: nodes.clone() }];
    let mut alone = Forward::new(Asked { forest, reads, ..Asked::default() }, n_layer);
    alone.embed(model)?;
    for layer in 0..=last {
        alone.layer(model, layer);
    }
    let resid = alone.kept.get(&alone.forest, last, Part::ResidPre, &nodes); // [pos, d_model]

    let copies = rows.div_ceil(tokens.len());
    let mut forest = Forest::default();
    let ends: Vec<usize> = (0..copies)
        .map(|copy| {
            // A layer does not look at tokens: other numbers keep a copy's nodes apart.
            let apart = (copy * model.config.vocab_size) as u32;
            forest.run(&tokens.iter().map(|token| token + apart).collect::<Vec<_>>())
        })
        .collect();
    let checked = ends.iter().flat_map(|&end| {
        let path = forest.path(end).to_vec();
        let edit = Placed {
            layer: last,
            activation: Activation::QInput,
            head: Some(0),
            position: path.len() - 1,
            value: Value::Of(path[0]),
            ln: LnScale::Frozen,
        };
        let edited = forest.branch(end, vec![edit]);
        path.into_iter().chain(edited.last().copied()).collect::<Vec<_>>()
    });
    let checked: Vec<usize> = checked.collect();
    let reads = vec![Read { layer: last, part: Part::ResidPost, nodes: checked.clone() }];
    let mut all = Forward::new(Asked { forest, reads, ..Asked::default() }, n_layer);
    all.begin(resid.repeat(&[copies, 1]));
    all.layer(model, last);
    Ok(all.kept.get(&all.forest, last, Part::ResidPost, &checked))
}

/// The largest difference over rows of one position each, as [`SelfCheckReport`] has it.
pub(crate) fn max_difference(expected: &[f32], found: &[f32], width: usize) -> f32 {
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

/// Rows of a matrix that has one a token and comes in chunks: the first and the last few of each.
#[derive(Debug, Default)]
struct Kept {
    tokens: Vec<u32>,
    /// `[tokens, d_model]`
    values: Vec<f32>,
    /// Rows that have come.
    seen: usize,
}

impl Kept {
    fn add(&mut self, chunk: &Tensor<2>) {
        let rows = chunk.dims()[0];
        let first = rows.min(EDGE);
        let last = (rows - first).min(EDGE);
        for (from, count) in [(0, first), (rows - last, last)].into_iter().filter(|&(_, count)| count > 0) {
            self.tokens.extend((self.seen + from..self.seen + from + count).map(|row| row as u32));
            self.values.extend(values(chunk, from, count));
        }
        self.seen += rows;
    }

    /// At most so many of them, from the first to the last, and their tokens. `[tokens, d_model]`
    fn spread(&self, most: usize, device: &Device) -> (Vec<u32>, Tensor<2>) {
        let (have, count) = (self.tokens.len(), self.tokens.len().min(most));
        let places: Vec<usize> = (0..count).map(|i| i * (have - 1) / (count - 1).max(1)).collect();
        let width = self.values.len() / have;
        let rows = places.iter().flat_map(|&at| &self.values[at * width..(at + 1) * width]);
        let rows = matrix(rows.copied().collect(), count, device);
        (places.iter().map(|&at| self.tokens[at]).collect(), rows)
    }
}

/// Some rows of a matrix, copied so that the whole does not stay in memory for them.
fn values(rows: &Tensor<2>, from: usize, count: usize) -> Vec<f32> {
    rows.clone().narrow(0, from, count).into_data().iter::<f32>().collect()
}

fn matrix(values: Vec<f32>, rows: usize, device: &Device) -> Tensor<2> {
    let width = values.len() / rows;
    Tensor::from_data(TensorData::new(values, [rows, width]), device)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::{EDGE, Kept, TOKENS, max_difference};

    #[test]
    fn the_prompt_has_tokens_of_every_chunk_and_the_last_of_all() {
        let mut kept = Kept::default();
        let cpu = Device::flex();
        for (from, rows) in [(0, 100), (100, 100), (200, 3)] {
            let column = Tensor::<1>::from_floats(
                (from..from + rows).map(|row| row as f32).collect::<Vec<_>>().as_slice(),
                &cpu,
            );
            kept.add(&column.reshape([rows, 1]));
        }
        assert_eq!(kept.tokens.len(), 4 * EDGE + 3);
        let (tokens, rows) = kept.spread(TOKENS, &cpu);
        assert_eq!((tokens.len(), tokens[0], tokens[TOKENS - 1]), (TOKENS, 0, 202));
        assert!(
            tokens.is_sorted_by(|a, b| a < b) && tokens.iter().any(|&token| token / 100 == 1),
            "{tokens:?}"
        );
        assert_eq!(rows.into_data().iter::<f32>().map(|x| x as u32).collect::<Vec<_>>(), tokens);
        assert_eq!(kept.spread(1, &cpu).0, [0]);
    }

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
