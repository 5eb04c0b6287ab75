//! Edited runs of some examples' clean ones, and what a metric is of each: what paths, edges and circuits have in common.

use std::ops::Range;
use std::rc::Rc;

use burn::tensor::Tensor;

use super::batch::{Batch, batches};
use super::judged::{Judged, Run};
use crate::Result;
use crate::engine::{Asked, Forest, Probe, Stop, Stopped};
use crate::loader::LoadedModel;
use crate::metric::Metric;
use crate::task::{Example, Examples};

/// An example of a batch: its unedited runs, by their nodes.
pub struct Pair<'a> {
    pub example: &'a Example,
    pub clean: Vec<usize>,
    /// Empty where nothing comes from it.
    pub corrupted: Vec<usize>,
}

impl Pair<'_> {
    pub fn clean_end(&self) -> usize {
        self.clean[self.example.end()]
    }
}

/// What it takes to run and judge them.
pub struct Branches {
    model: Rc<LoadedModel>,
    pub examples: Rc<Examples>,
    batches: Vec<Batch>,
    pub judged: Judged,
}

/// A question that is answered by a metric of edited runs. A column of what is judged is of one of these, by its number, or of
/// a run that comes after them all.
pub trait Branching {
    fn branches(&self) -> &Branches;

    fn branches_mut(&mut self) -> &mut Branches;

    /// Whether anything comes from the corrupted runs.
    fn reads_corrupted(&self) -> bool;

    /// Some edited runs of each example of a batch, by their numbers, and what else is judged.
    fn runs(&self, forest: &mut Forest, pairs: &[Pair], edited: Range<usize>) -> Vec<Run>;
}

impl Branches {
    /// `edited`: how many edited runs of each example; `columns`: of how many runs the metric is wanted; `rows`: how many rows
    /// of its own an edited run of an example has at most.
    ///
    /// # Errors
    /// As of [`Judged::new`].
    pub fn new(
        model: Rc<LoadedModel>,
        metric: Metric,
        examples: Rc<Examples>,
        [edited, columns]: [usize; 2],
        rows: &dyn Fn(&Example, usize) -> usize,
    ) -> Result<Self> {
        let batches = batches(&examples, edited, rows, model.device.rows_per_grid());
        let judged = Judged::new(&model, metric, examples.clone(), columns)?;
        Ok(Self { model, examples, batches, judged })
    }

    /// The floating point operations of so many runs of each example by themselves.
    pub fn flops_one_by_one(&self, runs: usize) -> f64 {
        let forward = |example: &Example| self.model.gpt2.config.forward_flops(example.end() + 1);
        self.examples.examples.iter().map(forward).sum::<f64>() * runs as f64
    }

    /// Those of the metric.
    pub fn measuring(&self) -> f64 {
        self.judged.flops(&self.model)
    }
}

impl<B: Branching> Probe for B {
    fn batches(&self) -> usize {
        self.branches().batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![self.branches().judged.stop()]
    }

    fn ask(&self, batch: usize) -> Asked {
        let Branches { batches, examples: all, judged, .. } = self.branches();
        let Batch { examples, edited } = &batches[batch];
        let mut forest = Forest::default();
        let of_batch = || examples.iter().map(|&i| &all.examples[i]);
        let mut run = |tokens: &[u32], example: &Example| {
            let end = forest.run(&tokens[..=example.end()]);
            forest.path(end).to_vec()
        };
        let pairs: Vec<Pair> = of_batch()
            .map(|example| Pair {
                example,
                clean: run(&example.clean, example),
                corrupted: if self.reads_corrupted() { run(&example.corrupted, example) } else { Vec::new() },
            })
            .collect();
        let runs = self.runs(&mut forest, &pairs, edited.clone());
        let unedited = pairs.iter().map(Pair::clean_end).collect();
        judged.ask(forest, Vec::new(), examples, unedited, &runs)
    }

    fn measure(&self, at: &Stopped) -> Tensor<1> {
        self.branches().judged.measure(at)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        self.branches_mut().judged.keep(at, values);
    }
}
