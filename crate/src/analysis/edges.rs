//! What a circuit's nodes send each other: path patching from each node to what each other one reads, and to the logits.

mod list;
mod report;
mod result;

use std::ops::Range;
use std::rc::Rc;

pub use result::EdgesResult;

use self::list::Edges;
use self::result::Measured;
use super::branches::{Branches, Branching, Pair};
use super::circuit::{CircuitSpec, Members};
use super::judged::Run;
use crate::Result;
use crate::engine::Forest;
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::report::Report;
use crate::task::Example;

/// The edges of a circuit, being run. What its other heads become says nothing here: every run is the whole model's.
pub type EdgesRun = OnePass<EdgesProbe>;

/// What an [`EdgesRun`] measures.
pub struct EdgesProbe {
    spec: CircuitSpec,
    edges: Edges,
    /// A column per edge; then the clean run.
    branches: Branches,
}

impl EdgesRun {
    /// # Errors
    /// As of [`super::CircuitRun::new`]; and if no node is below what another one reads.
    pub fn new(model: Rc<LoadedModel>, spec: &CircuitSpec) -> Result<Self> {
        spec.check()?;
        let config = &model.gpt2.config;
        spec.check_model(config)?;
        let examples = Rc::new(spec.task.examples(&model.tokenizer, config.n_ctx)?);
        let members = Members::new(&spec.keep, &examples)?;
        let edges = Edges::new(members, spec.metric, config.n_layer, &examples)?;
        let counts = [edges.all().len(), edges.all().len() + 1];
        let rows = |example: &Example, edge: usize| edges.rows(edge, example);
        let branches = Branches::new(model.clone(), spec.metric, examples, counts, &rows)?;
        Ok(Self::of(model, EdgesProbe { spec: spec.clone(), edges, branches }))
    }
}

impl Analysis for EdgesRun {
    const NAME: &'static str = "edges";
    type Question = Of<CircuitSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl EdgesProbe {
    fn measured(&self) -> Measured<'_> {
        Measured::new(&self.spec, &self.edges, &self.branches.judged)
    }
}

impl Measures for EdgesProbe {
    type Result = EdgesResult;

    fn result(&self) -> EdgesResult {
        self.measured().result()
    }

    fn report(&self, finished: bool) -> Option<Report> {
        finished.then(|| report::report(&self.measured(), &self.branches.examples))
    }

    /// Both runs of each edge, and the two unedited ones.
    fn needed(&self) -> f64 {
        self.branches.flops_one_by_one(2 + 2 * self.edges.all().len())
    }

    fn measuring(&self) -> f64 {
        self.branches.measuring()
    }
}

impl Branching for EdgesProbe {
    fn branches(&self) -> &Branches {
        &self.branches
    }

    fn branches_mut(&mut self) -> &mut Branches {
        &mut self.branches
    }

    fn reads_corrupted(&self) -> bool {
        true
    }

    fn runs(&self, forest: &mut Forest, pairs: &[Pair], edited: Range<usize>) -> Vec<Run> {
        let clean = self.edges.all().len();
        let mut runs = Vec::new();
        for (example, pair) in pairs.iter().enumerate() {
            runs.push(Run { end: pair.clean_end(), example, column: clean });
            let ends = self.edges.runs(edited.clone(), pair, forest);
            runs.extend(edited.clone().zip(ends).map(|(column, end)| Run { end, example, column }));
        }
        runs
    }
}
