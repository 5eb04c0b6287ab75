//! The logit lens: the logit difference that the residual stream at END would give, were it the last layer's.

mod report;
mod result;
mod spec;

use std::rc::Rc;

use burn::tensor::Tensor;

pub use result::{LensIntervals, LensResult};
pub use spec::{LensScale, LensSpec};

use self::result::labels;
use super::at_end::AtEnd;
use crate::Result;
use crate::engine::{Asked, Part, Probe, Read, Stop, Stopped};
use crate::frame::{Axis, Frame};
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::model::{Gpt2Config, center, scale};
use crate::report::Report;
use crate::task::Examples;

/// A running lens.
pub type LensRun = OnePass<Lens>;

/// What a [`LensRun`] measures.
pub struct Lens {
    spec: LensSpec,
    config: Gpt2Config,
    at_end: AtEnd,
}

impl LensRun {
    /// # Errors
    /// [`crate::Error::BadInput`] naming the field that does not fit the model or the task; what a task's examples may
    /// have wrong with them.
    pub fn new(model: Rc<LoadedModel>, spec: &LensSpec) -> Result<Self> {
        let examples = spec.task.examples(&model.tokenizer, model.gpt2.config.n_ctx)?;
        Ok(Self::on(model, spec, examples))
    }

    /// On examples in the place of those that the spec's task would make.
    pub fn on(model: Rc<LoadedModel>, spec: &LensSpec, examples: Examples) -> Self {
        let config = model.gpt2.config.clone();
        let at_end = AtEnd::new(&model, examples, spec.run, spec.task.together());
        Self::of(model, Lens { spec: spec.clone(), config, at_end })
    }
}

impl Lens {
    fn by_stream(&self) -> Frame {
        self.at_end.frame("logit_diff", Axis::new("stream", labels(self.config.n_layer)), 0)
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
        LensResult::new(&self.spec, self.config.n_layer, &self.at_end)
    }

    fn report(&self, finished: bool) -> Option<Report> {
        finished.then(|| report::report(&self.result(), self.by_stream()))
    }

    fn frame(&self) -> Option<Frame> {
        Some(self.by_stream())
    }

    fn needed(&self) -> f64 {
        self.at_end.flops_one_by_one(&self.config)
    }
}

/// Where the stream is looked at, upwards: before each layer and in its middle, and after the last.
fn streams(n_layer: usize) -> impl Iterator<Item = (usize, Part)> {
    let of_layer = |layer| [(layer, Part::ResidPre), (layer, Part::ResidMid)];
    (0..n_layer).flat_map(of_layer).chain([(n_layer, Part::ResidPre)])
}

impl Probe for Lens {
    fn batches(&self) -> usize {
        self.at_end.batches()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![Stop { layer: self.config.n_layer, what: "the lens" }]
    }

    fn ask(&self, batch: usize) -> Asked {
        self.at_end.ask(batch, |ends| {
            streams(self.config.n_layer)
                .map(|(layer, part)| Read { layer, part, nodes: ends.to_vec() })
                .collect()
        })
    }

    /// Each prompt's values, in the order of [`streams`].
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let ends = self.at_end.ends(at);
        let (map, b_u) = at.gpt2.logit_diff_map(self.at_end.answer_directions(at));
        let b_u = b_u.unsqueeze_dim(1); // [batch, 1]
        let scale_of = |stream| scale(center(stream), at.gpt2.ln_f.eps); // [batch, 1]
        let last = scale_of(at.get(at.layer, Part::ResidPre, ends));
        let values = streams(at.layer).map(|(layer, part)| {
            let stream = at.get(layer, part, ends); // [batch, d_model]
            let scale = match self.spec.scale {
                LensScale::Frozen => last.clone(),
                LensScale::Live => scale_of(stream.clone()),
            };
            (stream * map.clone()).sum_dim(1) / scale + b_u.clone()
        });
        Tensor::cat(values.collect(), 1).flatten(0, 1)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        self.at_end.keep(at, values);
    }
}
