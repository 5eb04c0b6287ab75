//! Path patching: what a head sends to others, or to the logits, along single paths (Wang et al. 2022, appendix B).

mod report;
mod result;
mod senders;
mod spec;

use std::ops::Range;
use std::rc::Rc;

pub use result::{PathIntervals, PathResult};
pub(super) use senders::sent;
pub(super) use spec::INPUTS;
pub use spec::{Mlps, PathSpec, Receiver};

use self::result::Measured;
use self::senders::Senders;
use super::branches::{Branches, Branching, Pair};
use super::judged::Run;
use crate::engine::Forest;
use crate::frame::{Axis, Frame};
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::model::Gpt2Config;
use crate::report::Report;
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
    spec: PathSpec,
    axes: Vec<Axis>,
    senders: Senders,
    /// A column per sender; then the clean run.
    branches: Branches,
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
        let counts = [senders.len(), senders.len() + 1];
        let branches =
            Branches::new(model, spec.metric, examples, counts, &|example, _| senders.rows(example))?;
        Ok(Self { spec: spec.clone(), axes, senders, branches })
    }

    /// Whether any sender has something to send: where both runs begin alike there is nothing.
    fn has_edits(&self) -> bool {
        self.branches.examples.examples.iter().any(|example| {
            let end = example.end();
            example.clean[..=end] != example.corrupted[..=end]
        })
    }

    fn measured(&self) -> Measured<'_> {
        Measured { spec: &self.spec, axes: &self.axes, judged: &self.branches.judged }
    }
}

impl Measures for Paths {
    type Result = PathResult;

    fn result(&self) -> PathResult {
        self.measured().result(true)
    }

    fn partial(&self) -> Option<PathResult> {
        self.branches.judged.has_any().then(|| self.measured().result(false))
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
        self.branches.flops_one_by_one(runs)
    }

    fn measuring(&self) -> f64 {
        self.branches.measuring()
    }
}

impl Branching for Paths {
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
        let mut runs = Vec::new();
        for (example, pair) in pairs.iter().enumerate() {
            runs.push(Run { end: pair.clean_end(), example, column: self.senders.len() });
            for column in self.senders.with_way().filter(|sender| edited.contains(sender)) {
                runs.push(Run { end: self.senders.run(column, pair, forest), example, column });
            }
        }
        runs
    }
}
