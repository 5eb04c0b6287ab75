use std::rc::Rc;

use burn::tensor::Tensor;
use serde::Serialize;

use super::batch::Batch;
use super::pass::{Pass, Probe, Progress, Stopped};
use super::places::Role;
use super::plan::{Reads, Stop};
use super::prompts::{Edits, Prompts};
use super::replace::Rows;
use super::{Case, EditedInput, Experiment, SweepSpec};
use crate::loader::LoadedModel;
use crate::model::{Block, center, scale};
use crate::{Error, Result};

/// An experiment at every head of every layer, in one pass: the mean score difference of each condition.
///
/// Each batch goes up once, clean and flipped, and is held at every layer. Since an edit puts the same in
/// place of every head's input, a case is then one matmul for all heads, and only of the rows that are read:
/// queries at END, keys at IO and S1.
///
/// With T tokens a prompt up to END, a layer takes 24·T·d_model² FLOP a prompt (attention itself apart). Clean
/// and flipped up to the last of n layers are 48·T·(n−1)·d_model²; the three conditions of "patching
/// positions" at all heads of all layers add n·10·d_model² (three queries, two keys). For GPT-2 small, T = 17:
/// 5.3 + 0.07 GFLOP a prompt. 144 runs of one head each would go up to their own layers, on average
/// half-way: 382 GFLOP a prompt, 71 times as much.
pub struct Sweep {
    pass: Pass,
    heads: AllHeads,
}

/// What a [`Sweep`] measures.
struct AllHeads {
    spec: SweepSpec,
    experiment: &'static Experiment,
    edits: Edits,
    prompts: usize,
    /// By layer.
    layers: Vec<LayerSums>,
}

/// Of the prompts measured so far.
#[derive(Clone)]
struct LayerSums {
    prompts: usize,
    /// The score difference, summed. `[condition][head]`
    diffs: Vec<Vec<f64>>,
}

/// What a sweep has measured so far. A mean is over the prompts that its layer has seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SweepResult {
    pub experiment: &'static str,
    pub spec: SweepSpec,
    /// Prompts in all.
    pub prompts: usize,
    /// How complete each layer is.
    pub layers: Vec<LayerCount>,
    /// A layer, a head and a condition each; none of a layer that has seen no prompt.
    pub rows: Vec<SweepRow>,
    pub finished: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct LayerCount {
    pub layer: usize,
    /// Prompts measured so far.
    pub prompts: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SweepRow {
    pub layer: usize,
    pub head: usize,
    pub condition: &'static str,
    /// Attention score END→IO minus END→S1, mean over prompts.
    pub mean_diff: f64,
}

impl Sweep {
    /// Makes the dataset and plans the work.
    ///
    /// # Errors
    /// As [`super::Run::new`]; [`Error::BadInput`] naming `experiment` if it reads what some layers do not have
    /// below them.
    pub fn new(model: Rc<LoadedModel>, spec: &SweepSpec) -> Result<Self> {
        let prompts = Prompts::new(&model, spec)?;
        let experiment = prompts.experiment;
        if !experiment.sweeps() {
            return Err(Error::input(
                "experiment",
                format!(
                    "\"{}\" puts in what certain layers write, which heads below them do not have; run it at one head",
                    experiment.name
                ),
            ));
        }
        let config = &model.gpt2.config;
        let nothing =
            LayerSums { prompts: 0, diffs: vec![vec![0.0; config.n_head]; experiment.shown().count()] };
        let batches = prompts.batches(&model);
        let heads = AllHeads {
            spec: spec.clone(),
            experiment,
            prompts: prompts.dataset.len(),
            layers: vec![nothing; config.n_layer],
            edits: prompts.edits,
        };
        Ok(Self { pass: Pass::new(model, batches, &heads), heads })
    }

    /// Does the next step.
    ///
    /// # Errors
    /// As [`super::Run::step`].
    pub async fn step(&mut self) -> Result<Progress> {
        self.pass.step(&mut self.heads).await
    }

    /// What is there so far.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device has failed.
    pub fn result(&self) -> Result<SweepResult> {
        let finished = self.pass.is_finished()?;
        let AllHeads { spec, experiment, prompts, layers, .. } = &self.heads;
        let mut rows = Vec::new();
        for (layer, sums) in layers.iter().enumerate().filter(|(_, sums)| sums.prompts > 0) {
            for (case, of_heads) in experiment.shown().zip(&sums.diffs) {
                rows.extend(of_heads.iter().enumerate().map(|(head, sum)| SweepRow {
                    layer,
                    head,
                    condition: case.condition,
                    mean_diff: sum / sums.prompts as f64,
                }));
            }
        }
        let count = |(layer, sums): (usize, &LayerSums)| LayerCount { layer, prompts: sums.prompts };
        Ok(SweepResult {
            experiment: experiment.name,
            spec: spec.clone(),
            prompts: *prompts,
            layers: layers.iter().enumerate().map(count).collect(),
            rows,
            finished,
        })
    }
}

impl Probe for AllHeads {
    fn stops(&self) -> Vec<Stop> {
        let flipped = self.experiment.flips();
        let at = |layer| Stop {
            layer,
            flipped,
            reads: Reads::Roles,
            written: false,
            what: "all heads of the layer",
        };
        (0..self.layers.len()).map(at).collect()
    }

    /// Every condition's score differences. `[condition · prompt · head]`
    fn measure(&self, at: &Stopped) -> Result<Tensor<1>> {
        let layer = AllHeadsOfLayer::new(at, &self.edits);
        let diffs = self.experiment.shown().map(|case| layer.diff(case).flatten(0, 1));
        Ok(Tensor::cat(diffs.collect(), 0))
    }

    fn keep(&mut self, layer: usize, batch: &Batch, values: &[f32]) {
        let sums = &mut self.layers[layer];
        sums.prompts += batch.len();
        let n_head = sums.diffs[0].len();
        for (of_heads, values) in sums.diffs.iter_mut().zip(values.chunks_exact(batch.len() * n_head)) {
            for (place, &value) in values.iter().enumerate() {
                of_heads[place % n_head] += f64::from(value);
            }
        }
    }
}

/// A batch at a layer: the rows that are read, and what all heads make of them in the clean run.
struct AllHeadsOfLayer<'a> {
    block: &'a Block,
    edits: &'a Edits,
    /// At END, IO and S1.
    rows: [Rows<'a>; 3],
    /// Of the clean run. `[batch, head · d_head]`
    queries: Tensor<2>,
    keys: [Tensor<2>; 2],
}

impl<'a> AllHeadsOfLayer<'a> {
    fn new(at: &'a Stopped<'a>, edits: &'a Edits) -> Self {
        let block = &at.gpt2.blocks[at.layer];
        let rows = [Role::End, Role::Io, Role::S1].map(|role| Rows::at(at, role));
        let [end, io, s1] = [0, 1, 2].map(|i: usize| normalized(&rows[i].clean, &rows[i].clean, block.eps));
        let (queries, keys) = (block.attn.queries(end), [block.attn.keys(io), block.attn.keys(s1)]);
        Self { block, edits, rows, queries, keys }
    }

    /// Each prompt's score difference at each head. `[batch, head]`
    fn diff(&self, case: &Case) -> Tensor<2> {
        let (mut queries, [mut io, mut s1]) = (self.queries.clone(), self.keys.clone());
        let attn = &self.block.attn;
        if let Some(edit) = &case.edit {
            let frozen = edit.ln.is_frozen(self.edits.freeze_ln);
            let [end_rows, io_rows, s1_rows] = &self.rows;
            let edited = |rows: &Rows| {
                let input = rows.edited(edit, &self.edits.vectors);
                normalized(&input, if frozen { &rows.clean } else { &input }, self.block.eps)
            };
            match edit.input {
                EditedInput::Query => queries = attn.queries(edited(end_rows)),
                EditedInput::Key => [io, s1] = [attn.keys(edited(io_rows)), attn.keys(edited(s1_rows))],
            }
        }
        let [batch, d_model] = queries.dims();
        let d_head = d_model / attn.n_head;
        let score = |keys: Tensor<2>| {
            let products = (queries.clone() * keys).reshape([batch, attn.n_head, d_head]);
            products.sum_dim(2).squeeze_dim::<2>(2) * attn.score_scale
        };
        score(io) - score(s1)
    }
}

/// LN(x) of one row a prompt, with the scale of another. `[batch, d_model]`
fn normalized(x: &Tensor<3>, scaled_as: &Tensor<3>, eps: f64) -> Tensor<2> {
    let normalized = center(x.clone()) / scale(center(scaled_as.clone()), eps); // [batch, 1, d_model]
    normalized.squeeze_dim(1)
}
