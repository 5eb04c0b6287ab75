//! Direct logit attribution: what each component of the last residual stream adds to the logit difference at END.
//!
//! With ln_f's scale taken as the run has it, the logit difference is linear in the stream, which is the sum of what the
//! components wrote. So a component's share is its product with W_U[answers] − W_U[wrong], divided by the scale.

mod report;
mod result;
mod spec;

use std::rc::Rc;

use burn::tensor::Tensor;

pub use result::{AttributeIntervals, AttributeResult, IntervalEnds, LogitParts};
pub use spec::AttributeSpec;

use super::at_end::AtEnd;
use super::written::{self, Written, labels};
use crate::Result;
use crate::engine::{Asked, Part, Probe, Read, Stop, Stopped};
use crate::frame::{Axis, Frame};
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::model::{Gpt2Config, center, scale};
use crate::report::Report;
use crate::task::Examples;

/// A running attribution.
pub type AttributeRun = OnePass<Attribution>;

/// What an [`AttributeRun`] measures.
pub struct Attribution {
    spec: AttributeSpec,
    config: Gpt2Config,
    at_end: AtEnd,
}

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
        let config = model.gpt2.config.clone();
        let at_end = AtEnd::new(&model, examples, spec.run, spec.task.together());
        let at_end = at_end.with_zero(&config, &spec.zero)?;
        Ok(Self::of(model, Attribution { spec: spec.clone(), config, at_end }))
    }

    /// What heads add, prompt by prompt; or nothing while steps are left. `[prompt][layer · head]`
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device has failed since.
    pub(super) fn of_heads(&self) -> Result<Option<Vec<Vec<f64>>>> {
        let of_prompts = |of: &Attribution| {
            of.at_end.rows.iter().map(|row| LogitParts::of(row, &of.config).heads.concat()).collect()
        };
        Ok(self.finished()?.map(of_prompts))
    }
}

impl Attribution {
    /// The names of what is measured after the logit difference.
    fn parts(&self) -> Vec<String> {
        [labels(self.config.n_layer, self.config.n_head), vec!["b_U".into()]].concat()
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
        AttributeResult::new(&self.spec, &self.config, &self.at_end)
    }

    fn report(&self, finished: bool) -> Option<Report> {
        finished.then(|| report::report(&self.result(), &self.parts(), &self.config, &self.at_end))
    }

    /// Without the logit difference, which is the sum.
    fn frame(&self) -> Option<Frame> {
        Some(self.at_end.frame("contribution", Axis::new("component", self.parts()), 1))
    }

    fn needed(&self) -> f64 {
        self.at_end.flops_one_by_one(&self.config)
    }
}

impl Probe for Attribution {
    fn batches(&self) -> usize {
        self.at_end.batches()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![Stop { layer: self.config.n_layer, what: "contributions" }]
    }

    fn ask(&self, batch: usize) -> Asked {
        let n_layer = self.config.n_layer;
        self.at_end.ask(batch, |ends| {
            let last = Read { layer: n_layer, part: Part::ResidPre, nodes: ends.to_vec() };
            [written::reads(n_layer, ends), vec![last]].concat()
        })
    }

    /// Of each prompt the logit difference, the contributions of the components in [`labels`]' order, and b_U's.
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let ends = self.at_end.ends(at);
        let last = at.get(at.layer, Part::ResidPre, ends); // [batch, d_model]
        let directions = self.at_end.answer_directions(at);
        let logit_diff = at.gpt2.logit_diff(last.clone(), directions.clone());
        let (map, b_u) = at.gpt2.logit_diff_map(directions);
        let map = map / scale(center(last), at.gpt2.ln_f.eps);
        let parts = Written::new(at, ends.to_vec()).dot(&map); // [batch, component]
        Tensor::cat(vec![logit_diff.unsqueeze_dim(1), parts, b_u.unsqueeze_dim(1)], 1).flatten(0, 1)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        self.at_end.keep(at, values);
    }
}
