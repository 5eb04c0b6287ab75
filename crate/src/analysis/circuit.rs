//! Circuits: how much of a metric some heads keep where all others are ablated (Wang et al. 2022).

mod fills;
mod members;
mod preset;
mod report;
mod result;
mod spec;
mod variants;

use std::collections::HashMap;
use std::rc::Rc;

use burn::tensor::Tensor;

pub(super) use members::{Member, Members};
pub use preset::Preset;
pub use result::{CircuitIntervals, CircuitResult, ClassFigures, Estimated, NodeFigures};
pub(super) use spec::keep;
pub use spec::{Ablation, CircuitSpec, Keep};

use self::fills::{Fills, Runs};
use self::result::Measured;
use self::variants::{Base, Variants};
use super::batch::{Batch, batches};
use super::judged::{Judged, Run};
use super::means::{Means, Wanted};
use crate::Result;
use crate::engine::{Asked, Forest, Probe, Stop, Stopped};
use crate::frame::Frame;
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::model::Gpt2Config;
use crate::report::Report;
use crate::site::Activation;
use crate::task::{Example, Examples};
use crate::tokenizer::Tokenizer;

/// Whether a model can be asked of a circuit, as far as this can be said before it is run.
///
/// # Errors
/// As of [`CircuitRun::new`].
pub(crate) fn check_circuit(spec: &CircuitSpec, config: &Gpt2Config, tokenizer: &Tokenizer) -> Result<()> {
    spec.check_model(config)?;
    let examples = spec.task.examples(tokenizer, config.n_ctx)?;
    spec.metric.check_roles(&examples)?;
    Members::new(&spec.keep, &examples).map(drop)
}

/// A circuit, being run. A mean ablation takes the corrupted runs' means first.
pub type CircuitRun = OnePass<Circuit>;

/// What a [`CircuitRun`] measures.
pub struct Circuit {
    model: Rc<LoadedModel>,
    spec: CircuitSpec,
    examples: Rc<Examples>,
    members: Members,
    variants: Variants,
    means: Option<Means>,
    batches: Vec<Batch>,
    /// A column per variant.
    judged: Judged,
    /// The layers that can change what is measured, from 0 up to this one.
    layers: usize,
}

/// The heads of some layers are ablated at every position.
struct Everywhere {
    layers: usize,
}

impl Wanted for Everywhere {
    fn layers(&self) -> Vec<usize> {
        (0..self.layers).collect()
    }

    fn positions(&self, _: usize, example: &Example) -> Vec<usize> {
        (0..=example.end()).collect()
    }
}

impl CircuitRun {
    /// # Errors
    /// [`crate::Error::BadInput`] naming the field that does not fit the model, the task, or the others; what a task's
    /// examples may have wrong with them.
    pub fn new(model: Rc<LoadedModel>, spec: &CircuitSpec) -> Result<Self> {
        Ok(Self::of(model.clone(), Circuit::new(model, spec)?))
    }
}

impl Analysis for CircuitRun {
    const NAME: &'static str = "circuit";
    type Question = Of<CircuitSpec>;

    fn plan(model: Rc<LoadedModel>, question: Self::Question) -> Result<Self> {
        Self::new(model, &question.spec)
    }
}

impl Circuit {
    fn new(model: Rc<LoadedModel>, spec: &CircuitSpec) -> Result<Self> {
        spec.check()?;
        let config = &model.gpt2.config;
        spec.check_model(config)?;
        let examples = Rc::new(spec.task.examples(&model.tokenizer, config.n_ctx)?);
        let members = Members::new(&spec.keep, &examples)?;
        let variants = Variants::new(&members, spec.examine);
        let layers = spec.metric.layer(config.n_layer);
        let means = match spec.fill {
            Ablation::Mean => {
                Some(Means::new(&model, examples.clone(), vec![Activation::Z], &Everywhere { layers })?)
            }
            _ => None,
        };
        let rows = |example: &Example, variant: usize| {
            let variant = &variants.all()[variant];
            let all = example.end() + 1;
            let first = |&member: &usize| members.all()[member].positions(example).first().copied();
            match variant.without.iter().filter_map(first).min() {
                Some(first) => all - first,
                None if variant.of == Base::Circuit => all,
                None => 0,
            }
        };
        let batches = batches(&examples, variants.all().len(), rows, model.device.rows_per_grid());
        let judged = Judged::new(&model, spec.metric, examples.clone(), variants.all().len())?;
        let spec = spec.clone();
        Ok(Self { model, spec, examples, members, variants, means, batches, judged, layers })
    }

    fn measured(&self) -> Measured<'_> {
        let values = self.judged.columns(0..self.variants.all().len());
        Measured::new(&self.spec, &self.members, &self.variants, &values)
    }

    /// The last node of each of some variants' runs.
    fn runs(&self, fills: &mut Fills, runs: &Runs, variants: std::ops::Range<usize>) -> Vec<usize> {
        let clean = *runs.clean.last().expect("a run has tokens");
        let mut circuit = None;
        let end_of = |variant: usize| {
            let variant = &self.variants.all()[variant];
            let base = match variant.of {
                Base::Model => clean,
                // The others are branches of it, and compute only what they have otherwise.
                Base::Circuit => *circuit.get_or_insert_with(|| {
                    let outside = fills.outside(runs);
                    fills.forest.branch(clean, outside)[runs.example.end()]
                }),
            };
            if variant.without.is_empty() {
                return base;
            }
            let edits = fills.of_members(&variant.without, runs);
            fills.forest.branch(base, edits)[runs.example.end()]
        };
        variants.map(end_of).collect()
    }
}

impl Measures for Circuit {
    type Result = CircuitResult;

    fn first(&mut self) -> Option<&mut dyn Probe> {
        self.means.as_mut().map(|means| means as &mut dyn Probe)
    }

    fn result(&self) -> CircuitResult {
        self.measured().result(true)
    }

    fn partial(&self) -> Option<CircuitResult> {
        let measured = self.measured();
        (measured.prompts() > 0).then(|| measured.result(false))
    }

    fn report(&self, finished: bool) -> Option<Report> {
        finished.then(|| report::report(&self.measured()))
    }

    /// Every run's mean with its interval.
    fn frame(&self) -> Option<Frame> {
        Some(self.measured().frame())
    }

    /// Every variant's run, and the corrupted one where something of it is put in.
    fn needed(&self) -> f64 {
        let runs = self.variants.all().len() + usize::from(self.spec.fill != Ablation::Zero);
        let forward = |example: &Example| self.model.gpt2.config.forward_flops(example.end() + 1);
        self.examples.examples.iter().map(forward).sum::<f64>() * runs as f64
    }

    fn measuring(&self) -> f64 {
        self.judged.flops(&self.model)
    }
}

impl Probe for Circuit {
    fn batches(&self) -> usize {
        self.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![self.judged.stop()]
    }

    fn ask(&self, batch: usize) -> Asked {
        let Batch { examples, edited } = &self.batches[batch];
        let mut forest = Forest::default();
        let mut run = |tokens: &[u32], end: usize| forest.run(&tokens[..=end]);
        let ends: Vec<(usize, Option<usize>)> = examples
            .iter()
            .map(|&i| {
                let example = &self.examples.examples[i];
                let clean = run(&example.clean, example.end());
                let patches = self.spec.fill == Ablation::Patch;
                (clean, patches.then(|| run(&example.corrupted, example.end())))
            })
            .collect();
        let mut fills = Fills {
            forest,
            fill: self.spec.fill,
            members: &self.members,
            means: self.means.as_ref(),
            n_head: self.model.gpt2.config.n_head,
            layers: self.layers,
            known: HashMap::new(),
        };
        let mut runs = Vec::new();
        for (place, &(clean, corrupted)) in ends.iter().enumerate() {
            let path = |end: usize| fills.forest.path(end).to_vec();
            let example = &self.examples.examples[examples[place]];
            let unedited = Runs { example, clean: path(clean), corrupted: corrupted.map(path) };
            let ends = self.runs(&mut fills, &unedited, edited.clone());
            let columns = edited.clone();
            runs.extend(columns.zip(ends).map(|(column, end)| Run { end, example: place, column }));
        }
        let unedited = ends.iter().map(|&(clean, _)| clean).collect();
        self.judged.ask(fills.forest, Vec::new(), examples, unedited, &runs)
    }

    fn measure(&self, at: &Stopped) -> Tensor<1> {
        self.judged.measure(at)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        self.judged.keep(at, values);
    }
}
