use std::rc::Rc;

use burn::tensor::Tensor;
use serde::Serialize;

use super::prompts::Prompts;
use super::runs::{Looked, Role};
use super::{SweepSpec, report};
use crate::Result;
use crate::engine::{Asked, Part, Probe, Stop, Stopped};
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::report::Report;

/// An experiment at every head of every layer, in one pass: the mean score difference of each condition.
///
/// Each batch goes up once, clean and flipped, and is held at every layer. Since an edit puts the same in place of
/// every head's input, a case is one edit of all heads there, and only of what is read: queries at END, keys at IO and S1.
///
/// With T tokens a prompt up to END, a layer takes 24·T·d_model² FLOP a prompt (attention itself apart). Clean
/// and flipped up to the last of n layers are 48·T·(n−1)·d_model²; the four conditions of "patching
/// positions" at all heads of all layers add n·12·d_model² (four queries, two keys). For GPT-2 small, T = 17:
/// 5.3 + 0.08 GFLOP a prompt. 144 runs of one head each would go up to their own layers, on average
/// half-way: 382 GFLOP a prompt, 71 times as much.
pub type Sweep = OnePass<AllHeads>;

/// What a [`Sweep`] measures.
pub struct AllHeads {
    spec: SweepSpec,
    prompts: Prompts,
    /// By layer.
    layers: Vec<LayerSums>,
}

/// Sums over the prompts measured so far.
#[derive(Clone)]
struct LayerSums {
    prompts: usize,
    /// The score difference, summed. `[condition][head]`
    diffs: Vec<Vec<f64>>,
    /// What the condition that is spoken of changes about the clean run. `[head][prompt]`
    changes: Vec<Vec<Option<f64>>>,
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
    /// As [`super::Run::new`]; [`crate::Error::BadInput`] naming `experiment` if it reads what some layers do not have
    /// below them.
    pub fn new(model: Rc<LoadedModel>, spec: &SweepSpec) -> Result<Self> {
        let mut prompts = Prompts::new(&model, spec)?;
        prompts.experiment.check_sweeps()?;
        prompts.cases.retain(|case| !case.control);
        let config = &model.gpt2.config;
        let nothing = LayerSums {
            prompts: 0,
            diffs: vec![vec![0.0; config.n_head]; prompts.cases.len()],
            changes: vec![vec![None; prompts.dataset.len()]; config.n_head],
        };
        let heads = AllHeads { spec: spec.clone(), prompts, layers: vec![nothing; config.n_layer] };
        Ok(Self::of(model, heads))
    }
}

impl Analysis for Sweep {
    const NAME: &'static str = "sweep";
    type Question = Of<SweepSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl Measures for AllHeads {
    type Result = SweepResult;

    fn result(&self) -> SweepResult {
        let Self { spec, prompts, layers } = self;
        let mut rows = Vec::new();
        for (layer, sums) in layers.iter().enumerate().filter(|(_, sums)| sums.prompts > 0) {
            for (case, of_heads) in prompts.cases.iter().zip(&sums.diffs) {
                rows.extend(of_heads.iter().enumerate().map(|(head, sum)| SweepRow {
                    layer,
                    head,
                    condition: case.condition,
                    mean_diff: sum / sums.prompts as f64,
                }));
            }
        }
        let count = |(layer, sums): (usize, &LayerSums)| LayerCount { layer, prompts: sums.prompts };
        let all = prompts.dataset.len();
        SweepResult {
            experiment: prompts.experiment.name,
            spec: spec.clone(),
            prompts: all,
            layers: layers.iter().enumerate().map(count).collect(),
            rows,
            finished: layers.iter().all(|sums| sums.prompts == all),
        }
    }

    fn partial(&self) -> Option<SweepResult> {
        Some(self.result())
    }

    fn report(&self, _finished: bool) -> Option<Report> {
        let Prompts { experiment, cases, .. } = &self.prompts;
        let changes: Vec<_> =
            self.layers.iter().flat_map(|layer| &layer.changes).map(Vec::as_slice).collect();
        report::of_sweep(experiment, cases, &self.result(), &changes)
    }

    fn needed(&self) -> f64 {
        let below_the_last = self.layers.len() - 1;
        self.prompts.forward_flops(below_the_last, None) + self.prompts.flipped_flops(below_the_last, None)
    }
}

impl Probe for AllHeads {
    fn batches(&self) -> usize {
        self.prompts.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        (0..self.layers.len()).map(|layer| Stop { layer, what: "all heads of the layer" }).collect()
    }

    /// After the unedited runs, the edited ones of each layer are marked.
    fn ask(&self, batch: usize) -> Asked {
        let prompts = &self.prompts;
        let mut asking = prompts.asking(batch);
        let runs = asking.runs.clone();
        for layer in 0..self.layers.len() {
            let edited = prompts.cases.iter().flat_map(|case| {
                asking.edit(case.edit.as_ref(), &prompts.edits, layer, None, Looked::AtRoles)
            });
            let edited: Vec<usize> = edited.collect();
            let at = |role| runs.at(&asking.asked.forest, &edited, role);
            let (queries, keys) = (at(Role::End), [at(Role::Io), at(Role::S1)].concat());
            asking.read(layer, Part::Q, queries);
            asking.read(layer, Part::K, keys);
            asking.asked.marked.push(edited);
        }
        asking.finish()
    }

    /// Every condition's score differences. `[condition · prompt · head]`
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let runs = self.prompts.runs(at);
        let edited = &at.marked[2 + at.layer];
        let [end, io, s1] = [Role::End, Role::Io, Role::S1].map(|role| runs.at(at.forest, edited, role));
        (at.scores(at.layer, &end, &io) - at.scores(at.layer, &end, &s1)).flatten(0, 1)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let batch = &self.prompts.batches[at.batch];
        let prompts = batch.len();
        let sums = &mut self.layers[at.layer];
        sums.prompts += prompts;
        let n_head = sums.diffs[0].len();
        for (of_heads, values) in sums.diffs.iter_mut().zip(values.chunks_exact(prompts * n_head)) {
            for (place, &value) in values.iter().enumerate() {
                of_heads[place % n_head] += f64::from(value);
            }
        }
        let Some(case) = report::spoken_of(&self.prompts.cases) else { return };
        let of = |case: usize| &values[case * prompts * n_head..][..prompts * n_head];
        for (place, (own, clean)) in of(case).iter().zip(of(0)).enumerate() {
            let change = f64::from(*own) - f64::from(*clean);
            sums.changes[place % n_head][batch[place / n_head]] = Some(change);
        }
    }
}
