//! Direct logit attribution: what each component of the last residual stream adds to the logit difference at END.
//!
//! With ln_f's scale taken as the run has it, the logit difference is linear in the stream, which is the sum of what the
//! components wrote. So a component's share is its product with W_U[answers] − W_U[wrong], divided by the scale.

mod report;
mod result;
mod spec;

use std::rc::Rc;

pub use result::{AttributeIntervals, AttributeResult, IntervalEnds, LogitParts};
pub use spec::AttributeSpec;

use super::at_end::{AtEnd, OfEnd};
use super::written::labels;
use crate::Result;
use crate::frame::{Axis, Frame};
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::report::Report;
use crate::task::Examples;

/// A running attribution.
pub type AttributeRun = OnePass<Attribution>;

/// What an [`AttributeRun`] measures.
pub type Attribution = OfEnd<AttributeSpec>;

impl AttributeRun {
    /// # Errors
    /// [`crate::Error::BadInput`] naming the field that does not fit the model or the task; what a task's examples may
    /// have wrong with them.
    pub fn new(model: Rc<LoadedModel>, spec: &AttributeSpec) -> Result<Self> {
        let examples = spec.task.examples(&model.tokenizer, model.gpt2.config.n_ctx)?;
        Self::on(model, spec, examples)
    }

    /// On examples in the place of those that the spec's task would make.
    ///
    /// # Errors
    /// [`crate::Error::BadInput`] for `zero` if the model has no such head, or the examples no such positions.
    pub fn on(model: Rc<LoadedModel>, spec: &AttributeSpec, examples: Examples) -> Result<Self> {
        let at_end = AtEnd::new(&model, examples, spec.run, &spec.zero, spec.task.together())?;
        Ok(Self::of(model, OfEnd { spec: spec.clone(), at_end }))
    }

    /// What heads add, prompt by prompt; or nothing while steps are left. `[prompt][layer · head]`
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device has failed since.
    pub(super) fn of_heads(&self) -> Result<Option<Vec<Vec<f64>>>> {
        let of_prompts = |OfEnd { at_end, .. }: &Attribution| {
            let heads = |row: &Vec<f64>| LogitParts::of(row, at_end.config()).heads.concat();
            at_end.contributions().rows.iter().map(heads).collect()
        };
        Ok(self.finished()?.map(of_prompts))
    }
}

impl Attribution {
    /// The names of what is measured after the logit difference.
    fn parts(&self) -> Vec<String> {
        let config = self.at_end.config();
        [labels(config.n_layer, config.n_head), vec!["b_U".into()]].concat()
    }
}

impl Analysis for AttributeRun {
    const NAME: &'static str = "attribute";
    type Question = Of<AttributeSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl Measures for Attribution {
    type Result = AttributeResult;

    fn result(&self) -> AttributeResult {
        AttributeResult::new(&self.spec, self.at_end.config(), &self.at_end.contributions())
    }

    fn report(&self, finished: bool) -> Option<Report> {
        let (config, rows) = (self.at_end.config(), self.at_end.contributions());
        finished.then(|| report::report(&self.result(), &self.parts(), config, &rows))
    }

    /// Without the logit difference, which is the sum.
    fn frame(&self) -> Option<Frame> {
        let axes = vec![Axis::new("component", self.parts())];
        Some(self.at_end.contributions().frame("contribution", axes, 1))
    }

    fn needed(&self) -> f64 {
        self.at_end.flops_one_by_one()
    }
}
