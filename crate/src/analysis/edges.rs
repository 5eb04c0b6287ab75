//! What a circuit's nodes send each other: path patching from each node to what each other one reads, and to the logits.

mod list;
mod report;
mod result;

use std::rc::Rc;

use burn::tensor::Tensor;

pub use result::EdgesResult;

use self::list::Edges;
use self::result::Measured;
use super::batch::{Batch, batches};
use super::circuit::{CircuitSpec, Members};
use super::judged::{Judged, Run};
use super::paths::Pair;
use crate::Result;
use crate::engine::{Asked, Forest, Probe, Stop, Stopped};
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::report::Report;
use crate::task::{Example, Examples};

/// The edges of a circuit, being run. What its other heads become says nothing here: every run is the whole model's.
pub type EdgesRun = OnePass<EdgesProbe>;

/// What an [`EdgesRun`] measures.
pub struct EdgesProbe {
    model: Rc<LoadedModel>,
    spec: CircuitSpec,
    examples: Rc<Examples>,
    edges: Edges,
    batches: Vec<Batch>,
    /// A column per edge; then the clean run.
    judged: Judged,
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
        let judged = Judged::new(&model, spec.metric, examples.clone(), edges.all().len() + 1)?;
        let rows = |example: &Example, edge: usize| edges.rows(edge, example);
        let batches = batches(&examples, edges.all().len(), rows, model.device.rows_per_grid());
        let spec = spec.clone();
        Ok(Self::of(model.clone(), EdgesProbe { model, spec, examples, edges, batches, judged }))
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
        Measured::new(&self.spec, &self.edges, &self.judged)
    }
}

impl Measures for EdgesProbe {
    type Result = EdgesResult;

    fn result(&self) -> EdgesResult {
        self.measured().result()
    }

    fn report(&self, finished: bool) -> Option<Report> {
        finished.then(|| report::report(&self.measured(), &self.examples))
    }

    /// Both runs of each edge, and the two unedited ones.
    fn needed(&self) -> f64 {
        let runs = 2 + 2 * self.edges.all().len();
        let forward = |example: &Example| self.model.gpt2.config.forward_flops(example.end() + 1);
        self.examples.examples.iter().map(forward).sum::<f64>() * runs as f64
    }

    fn measuring(&self) -> f64 {
        self.judged.flops(&self.model)
    }
}

impl Probe for EdgesProbe {
    fn batches(&self) -> usize {
        self.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![self.judged.stop()]
    }

    fn ask(&self, batch: usize) -> Asked {
        let Batch { examples, edited } = &self.batches[batch];
        let mut forest = Forest::default();
        let ends: Vec<[usize; 2]> = examples
            .iter()
            .map(|&i| {
                let example = &self.examples.examples[i];
                [&example.clean, &example.corrupted].map(|tokens| forest.run(&tokens[..=example.end()]))
            })
            .collect();
        let clean = self.edges.all().len();
        let mut runs = Vec::new();
        for (place, &[end, corrupted]) in ends.iter().enumerate() {
            runs.push(Run { end, example: place, column: clean });
            let pair = Pair {
                example: &self.examples.examples[examples[place]],
                clean: forest.path(end).to_vec(),
                corrupted: forest.path(corrupted).to_vec(),
            };
            let ends = self.edges.runs(edited.clone(), &pair, &mut forest);
            runs.extend(edited.clone().zip(ends).map(|(column, end)| Run { end, example: place, column }));
        }
        let unedited = ends.iter().map(|&[clean, _]| clean).collect();
        self.judged.ask(forest, Vec::new(), examples, unedited, &runs)
    }

    fn measure(&self, at: &Stopped) -> Tensor<1> {
        self.judged.measure(at)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        self.judged.keep(at, values);
    }
}
