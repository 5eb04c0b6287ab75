//! Circuits: how much of a metric some heads keep where all others are ablated (Wang et al. 2022).

mod fills;
mod members;
mod preset;
mod report;
mod result;
mod spec;
mod variants;

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

pub(super) use members::{Member, Members};
pub use preset::Preset;
pub use result::{CircuitIntervals, CircuitResult, ClassFigures, Estimated, NodeFigures};
pub(super) use spec::keep;
pub use spec::{Ablation, CircuitSpec, Keep};

use self::fills::Fills;
use self::result::Measured;
use self::variants::{Base, Variants};
use super::branches::{Branches, Branching, Pair};
use super::judged::Run;
use super::means::{Means, Wanted};
use crate::Result;
use crate::engine::{Forest, Probe};
use crate::frame::Frame;
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::model::Gpt2Config;
use crate::report::Report;
use crate::site::Activation;
use crate::task::Example;
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
    spec: CircuitSpec,
    members: Members,
    variants: Variants,
    means: Option<Means>,
    /// A column per variant.
    branches: Branches,
    n_head: usize,
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
        let (counts, n_head) = ([variants.all().len(); 2], config.n_head);
        let branches = Branches::new(model.clone(), spec.metric, examples, counts, &rows)?;
        Ok(Self { spec: spec.clone(), members, variants, means, branches, n_head, layers })
    }

    fn measured(&self) -> Measured<'_> {
        let values = self.branches.judged.columns(0..self.variants.all().len());
        Measured::new(&self.spec, &self.members, &self.variants, &values)
    }

    /// The last node of each of some variants' runs.
    fn ends(&self, fills: &mut Fills, pair: &Pair, variants: Range<usize>) -> Vec<usize> {
        let mut circuit = None;
        let end_of = |variant: usize| {
            let variant = &self.variants.all()[variant];
            let base = match variant.of {
                Base::Model => pair.clean_end(),
                // The others are branches of it, and compute only what they have otherwise.
                Base::Circuit => *circuit.get_or_insert_with(|| {
                    let outside = fills.outside(pair);
                    fills.forest.branch(pair.clean_end(), outside)[pair.example.end()]
                }),
            };
            if variant.without.is_empty() {
                return base;
            }
            let edits = fills.of_members(&variant.without, pair);
            fills.forest.branch(base, edits)[pair.example.end()]
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
        self.branches.flops_one_by_one(runs)
    }

    fn measuring(&self) -> f64 {
        self.branches.measuring()
    }
}

impl Branching for Circuit {
    fn branches(&self) -> &Branches {
        &self.branches
    }

    fn branches_mut(&mut self) -> &mut Branches {
        &mut self.branches
    }

    fn reads_corrupted(&self) -> bool {
        self.spec.fill == Ablation::Patch
    }

    fn runs(&self, forest: &mut Forest, pairs: &[Pair], edited: Range<usize>) -> Vec<Run> {
        let mut fills = Fills {
            forest,
            fill: self.spec.fill,
            members: &self.members,
            means: self.means.as_ref(),
            n_head: self.n_head,
            layers: self.layers,
            known: HashMap::new(),
        };
        let mut runs = Vec::new();
        for (example, pair) in pairs.iter().enumerate() {
            let ends = self.ends(&mut fills, pair, edited.clone());
            runs.extend(edited.clone().zip(ends).map(|(column, end)| Run { end, example, column }));
        }
        runs
    }
}
