//! The logit lens: the logit difference that the residual stream would give at END, and at every other role, were it the last
//! layer's.

mod report;
mod result;
mod spec;

use std::rc::Rc;

pub use result::{LensAtRole, LensIntervals, LensResult};
pub use spec::{LensScale, LensSpec};

use self::result::labels;
use super::at_end::{AtEnd, OfEnd};
use crate::Result;
use crate::frame::{Axis, Frame};
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::report::Report;
use crate::task::Examples;

/// A running lens.
pub type LensRun = OnePass<Lens>;

/// What a [`LensRun`] measures.
pub type Lens = OfEnd<LensSpec>;

impl LensRun {
    /// # Errors
    /// [`crate::Error::BadInput`] naming the field that does not fit the model or the task; what a task's examples may
    /// have wrong with them.
    pub fn new(model: Rc<LoadedModel>, spec: &LensSpec) -> Result<Self> {
        let examples = spec.task.examples(&model.tokenizer, model.gpt2.config.n_ctx)?;
        Self::on(model, spec, examples)
    }

    /// On examples in the place of those that the spec's task would make.
    ///
    /// # Errors
    /// [`crate::Error::BadInput`] for `zero` if the model has no such head, or the examples no such positions.
    pub fn on(model: Rc<LoadedModel>, spec: &LensSpec, examples: Examples) -> Result<Self> {
        let at_end = AtEnd::new(&model, examples, spec.run, &spec.zero, spec.task.together())?;
        Ok(Self::of(model, OfEnd { spec: spec.clone(), at_end }))
    }
}

impl Lens {
    /// At END.
    fn by_stream(&self) -> Frame {
        let end = self.at_end.roles().len() - 1;
        let streams = Axis::new("stream", labels(self.at_end.config().n_layer));
        self.at_end.lens(end, self.spec.scale).frame("logit_diff", vec![streams], 0)
    }
}

impl Analysis for LensRun {
    const NAME: &'static str = "lens";
    type Question = Of<LensSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl Measures for Lens {
    type Result = LensResult;

    fn result(&self) -> LensResult {
        LensResult::new(&self.spec, &self.at_end)
    }

    fn report(&self, finished: bool) -> Option<Report> {
        finished.then(|| report::report(&self.result(), self.by_stream()))
    }

    fn frame(&self) -> Option<Frame> {
        Some(self.by_stream())
    }

    fn needed(&self) -> f64 {
        self.at_end.flops_one_by_one()
    }
}
