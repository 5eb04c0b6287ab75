//! One run per example, of which END and the other roles are read on the way up: what comes of it are some numbers per
//! prompt. Attribution and lens are both among them, so that one pass serves both.

mod read;
mod rows;

use std::rc::Rc;

use burn::tensor::Tensor;

pub use read::streams;
pub use rows::Rows;

use super::batch::batches;
use super::lens::LensScale;
use super::written::{self, labels};
use super::zeroed::{Zeroed, without};
use crate::Result;
use crate::engine::{Asked, Forest, Key, Probe, Read, Shared, Stop, Stopped};
use crate::frame::{Bootstrap, Together};
use crate::loader::LoadedModel;
use crate::model::Gpt2Config;
use crate::patch::Node;
use crate::task::{Example, Examples, PromptForm};

pub struct AtEnd {
    config: Gpt2Config,
    examples: Rc<Examples>,
    form: PromptForm,
    zeroed: Zeroed,
    batches: Vec<Vec<usize>>,
    bootstrap: Bootstrap,
    /// What is run, in words.
    what: String,
    /// Prompt by prompt, in the examples' order, as far as they are known: contributions, and then the lens role by role.
    rows: Rc<Vec<Vec<f64>>>,
}

/// A question about it, by its spec.
pub struct OfEnd<S> {
    pub spec: S,
    pub at_end: AtEnd,
}

/// The only list of nodes that a batch marks: the last of each of its runs.
const ENDS: usize = 0;

impl AtEnd {
    /// `zero`: where z is zero in these runs.
    ///
    /// # Errors
    /// As [`Zeroed::new`].
    pub fn new(
        model: &LoadedModel,
        examples: Examples,
        form: PromptForm,
        zero: &[Node],
        together: Together,
    ) -> Result<Self> {
        let config = model.gpt2.config.clone();
        // With room for two runs of each, as where heads are zeroed.
        let batches = batches(&examples, 0, |_, _| 0, model.device.rows_per_grid());
        let batches = batches.into_iter().map(|batch| batch.examples).collect();
        Ok(Self {
            zeroed: Zeroed::new(zero, &examples, &config)?,
            config,
            examples: Rc::new(examples),
            form,
            batches,
            bootstrap: Bootstrap::of(together),
            what: format!("attribution and lens of the {form:?} run{}", without(zero)),
            rows: Rc::default(),
        })
    }

    pub fn config(&self) -> &Gpt2Config {
        &self.config
    }

    pub fn prompts(&self) -> usize {
        self.examples.len()
    }

    pub fn roles(&self) -> &[String] {
        &self.examples.roles
    }

    /// The logit difference at END, the parts as [`labels`] has them, and b_U.
    pub fn contributions(&self) -> Rows {
        self.numbers(0, self.parts())
    }

    /// The logit difference that each of the [`streams`] gives at a role, by its place among the roles.
    pub fn lens(&self, role: usize, scale: LensScale) -> Rows {
        let streams = streams(self.config.n_layer).count();
        let live = match scale {
            LensScale::Frozen => 0,
            LensScale::Live => streams,
        };
        self.numbers(self.parts() + 2 * streams * role + live, streams)
    }

    fn numbers(&self, first: usize, count: usize) -> Rows {
        let rows = self.rows.iter().map(|row| row[first..first + count].to_vec()).collect();
        Rows { rows, bootstrap: self.bootstrap.clone() }
    }

    /// How many numbers contributions are.
    fn parts(&self) -> usize {
        labels(self.config.n_layer, self.config.n_head).len() + 2
    }

    fn of_batch(&self, batch: usize) -> impl Iterator<Item = &Example> {
        self.batches[batch].iter().map(|&i| &self.examples.examples[i])
    }

    /// A role's node of each run of a batch.
    fn at_role(&self, forest: &Forest, batch: usize, ends: &[usize], role: usize) -> Vec<usize> {
        let of_batch = self.of_batch(batch).zip(ends);
        of_batch.map(|(example, &end)| forest.path(end)[example.positions[role]]).collect()
    }

    /// What tells the answers of each example of a batch from its wrong ones. `[batch, d_model]`
    fn answer_directions(&self, at: &Stopped) -> Tensor<2> {
        let answers: Vec<[&[u32]; 2]> =
            self.of_batch(at.batch).map(|example| [&example.answers[..], &example.wrong_answers]).collect();
        at.gpt2.answer_directions(&answers)
    }

    /// The floating point operations of every run by itself.
    pub fn flops_one_by_one(&self) -> f64 {
        let forward = |example: &Example| self.config.forward_flops(example.end() + 1);
        self.examples.examples.iter().map(forward).sum()
    }
}

impl Probe for AtEnd {
    fn batches(&self) -> usize {
        self.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![Stop { layer: self.config.n_layer, what: "contributions and streams" }]
    }

    fn ask(&self, batch: usize) -> Asked {
        let mut forest = Forest::default();
        let mut ends: Vec<usize> =
            self.of_batch(batch).map(|example| forest.run(example.up_to_end(self.form))).collect();
        for (end, example) in ends.iter_mut().zip(self.of_batch(batch)) {
            let path = forest.branch(*end, self.zeroed.placed(example));
            *end = *path.last().expect("a run has tokens");
        }
        let roles = 0..self.roles().len();
        let at_roles: Vec<usize> = roles.flat_map(|role| self.at_role(&forest, batch, &ends, role)).collect();
        let stream = |(layer, part)| Read { layer, part, nodes: at_roles.clone() };
        let reads = written::reads(self.config.n_layer, &ends);
        let reads = reads.into_iter().chain(streams(self.config.n_layer).map(stream)).collect();
        Asked { forest, reads, makers: Vec::new(), marked: vec![ends] }
    }

    /// `[batch · number]`
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let ends = &at.marked[ENDS];
        let directions = self.answer_directions(at);
        let contributions = read::contributions(at, ends, directions.clone());
        let of_role = |role| {
            let nodes = self.at_role(at.forest, at.batch, ends, role);
            read::lens(at, &nodes, directions.clone())
        };
        let lenses = (0..self.roles().len()).map(of_role);
        Tensor::cat([contributions].into_iter().chain(lenses).collect(), 1).flatten(0, 1)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let width = values.len() / self.batches[at.batch].len();
        let row = |row: &[f32]| row.iter().map(|&value| f64::from(value)).collect();
        Rc::make_mut(&mut self.rows).extend(values.chunks_exact(width).map(row));
    }

    fn shared(&mut self) -> Option<Shared<'_>> {
        let key = Key { examples: self.examples.clone(), what: self.what.clone() };
        Some(Shared { key, numbers: &mut self.rows })
    }
}

impl<S> Probe for OfEnd<S> {
    fn batches(&self) -> usize {
        self.at_end.batches()
    }

    fn stops(&self) -> Vec<Stop> {
        self.at_end.stops()
    }

    fn ask(&self, batch: usize) -> Asked {
        self.at_end.ask(batch)
    }

    fn measure(&self, at: &Stopped) -> Tensor<1> {
        self.at_end.measure(at)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        self.at_end.keep(at, values);
    }

    fn shared(&mut self) -> Option<Shared<'_>> {
        self.at_end.shared()
    }
}
