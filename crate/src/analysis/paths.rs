//! Path patching: what a head sends to others, or to the logits, along single paths (Wang et al. 2022, appendix B).

mod report;
mod result;
mod senders;
mod spec;

use std::rc::Rc;

use burn::tensor::Tensor;

pub use result::{PathIntervals, PathResult};
pub(super) use senders::{Pair, sent};
pub(super) use spec::INPUTS;
pub use spec::{Mlps, PathSpec, Receiver};

use self::result::Measured;
use self::senders::Senders;
use super::batch::{Batch, batches};
use super::judged::{Judged, Run};
use crate::engine::{Asked, Forest, Probe, Stop, Stopped};
use crate::frame::{Axis, Frame};
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::model::Gpt2Config;
use crate::report::Report;
use crate::task::{Example, Examples};
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// Whether a model can be asked of paths, as far as this can be said before they are run.
///
/// # Errors
/// As of [`PathRun::new`].
pub(crate) fn check_paths(spec: &PathSpec, config: &Gpt2Config, tokenizer: &Tokenizer) -> Result<()> {
    spec.check_model(config)?;
    let examples = spec.task.examples(tokenizer, config.n_ctx)?;
    spec.metric.check(config)?;
    spec.metric.check_roles(&examples)
}

/// Paths from every sender, being run: both runs of each in one pass.
pub type PathRun = OnePass<Paths>;

/// What a [`PathRun`] measures.
pub struct Paths {
    model: Rc<LoadedModel>,
    spec: PathSpec,
    examples: Rc<Examples>,
    axes: Vec<Axis>,
    senders: Senders,
    batches: Vec<Batch>,
    /// A column per sender; then the clean run.
    judged: Judged,
}

impl PathRun {
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the model, the task, or the others; what a task's
    /// examples may have wrong with them.
    pub fn new(model: Rc<LoadedModel>, spec: &PathSpec) -> Result<Self> {
        let run = Self::of(model.clone(), Paths::new(model, spec)?);
        if run.changes() == 0 && run.probe().has_edits() {
            return Err(Error::input(
                "metric",
                format!(
                    "{} reads nothing that these paths can change; choose lower receivers, or another metric",
                    spec.metric
                ),
            ));
        }
        Ok(run)
    }
}

impl Analysis for PathRun {
    const NAME: &'static str = "paths";
    type Question = Of<PathSpec>;

    fn plan(model: Rc<LoadedModel>, question: Self::Question) -> Result<Self> {
        Self::new(model, &question.spec)
    }
}

impl Paths {
    fn new(model: Rc<LoadedModel>, spec: &PathSpec) -> Result<Self> {
        spec.check()?;
        let config = &model.gpt2.config;
        spec.check_model(config)?;
        let examples = Rc::new(spec.task.examples(&model.tokenizer, config.n_ctx)?);
        let senders = Senders::new(spec, &examples, config)?;
        let axes = match spec.senders.as_slice() {
            [] => vec![Axis::numbered("layer", config.n_layer), Axis::numbered("head", config.n_head)],
            named => vec![Axis::new("sender", named.iter().map(ToString::to_string))],
        };
        let judged = Judged::new(&model, spec.metric, examples.clone(), senders.len() + 1)?;
        let rows = |example: &_, _| senders.rows(example);
        let batches = batches(&examples, senders.len(), rows, model.device.rows_per_grid());
        Ok(Self { model, spec: spec.clone(), axes, senders, batches, judged, examples })
    }

    /// Whether any sender has something to send: where both runs begin alike there is nothing.
    fn has_edits(&self) -> bool {
        self.examples.examples.iter().any(|example| {
            let end = example.end();
            example.clean[..=end] != example.corrupted[..=end]
        })
    }

    fn measured(&self) -> Measured<'_> {
        Measured { spec: &self.spec, axes: &self.axes, judged: &self.judged }
    }
}

impl Measures for Paths {
    type Result = PathResult;

    fn result(&self) -> PathResult {
        self.measured().result(true)
    }

    fn partial(&self) -> Option<PathResult> {
        self.judged.has_any().then(|| self.measured().result(false))
    }

    /// Where every head sends.
    fn report(&self, finished: bool) -> Option<Report> {
        (finished && self.spec.senders.is_empty()).then(|| report::report(&self.measured()))
    }

    /// The means with their intervals.
    fn frame(&self) -> Option<Frame> {
        Some(self.measured().means())
    }

    /// Both runs of each sender, and the two unedited ones.
    fn needed(&self) -> f64 {
        let runs_per_path = if self.spec.receivers.contains(&Receiver::Logits) { 1 } else { 2 };
        let runs = 2 + runs_per_path * self.senders.with_way().count();
        let forward = |example: &Example| self.model.gpt2.config.forward_flops(example.end() + 1);
        self.examples.examples.iter().map(forward).sum::<f64>() * runs as f64
    }

    fn measuring(&self) -> f64 {
        self.judged.flops(&self.model)
    }
}

impl Probe for Paths {
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
        let mut runs = Vec::new();
        for (place, &[clean, corrupted]) in ends.iter().enumerate() {
            runs.push(Run { end: clean, example: place, column: self.senders.len() });
            let pair = Pair {
                example: &self.examples.examples[examples[place]],
                clean: forest.path(clean).to_vec(),
                corrupted: forest.path(corrupted).to_vec(),
            };
            for sender in self.senders.with_way().filter(|sender| edited.contains(sender)) {
                let end = self.senders.run(sender, &pair, &mut forest);
                runs.push(Run { end, example: place, column: sender });
            }
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
