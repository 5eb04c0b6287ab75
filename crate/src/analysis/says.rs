//! What the model would say at each layer: the likeliest tokens after the residual stream at a prompt's roles, were it the last
//! layer's. The logit lens of one prompt, in words.

mod report;

use std::rc::Rc;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::text::{NextTokens, Prediction, Row, TextSource};
use crate::Result;
use crate::engine::{Asked, Forest, Part, Pass, Placed, Probe, Progress, Read, Stop, Stopped};
use crate::job::{Analysis, Answer, Job, Of, Step, Work, answer};
use crate::loader::LoadedModel;
use crate::patch::Node;
use crate::report::Report;

/// Which prompt, and without which heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct SaysSpec {
    pub source: TextSource,
    /// Heads whose z is zero at some positions; everything after is computed from it. A text has the role END, its last token.
    #[serde(default)]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string[]"))]
    pub zero: Vec<Node>,
}

/// What [`SaysRun`] found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SaysResult {
    pub spec: SaysSpec,
    /// Where it was looked, from left to right: the roles, or all positions of a text that has none.
    pub positions: Vec<usize>,
    /// What they are called: "END", or a position.
    pub roles: Vec<String>,
    /// The tokens there.
    pub tokens: Vec<String>,
    /// The names of the streams, upwards: "0_pre", "1_pre", …, "final_post".
    pub streams: Vec<String>,
    /// The three likeliest, the likeliest first. `[stream, position]`
    pub said: Vec<Vec<Vec<Prediction>>>,
}

const BEST: usize = 3;

/// One way up, and then through the unembedding.
pub struct SaysRun {
    model: Rc<LoadedModel>,
    spec: SaysSpec,
    streams: Streams,
    roles: Vec<String>,
    pass: Pass,
    next: NextTokens,
}

/// The stream before each layer and after the last, at some positions of a row.
struct Streams {
    ids: Vec<u32>,
    /// What is edited in the run.
    edits: Vec<Placed>,
    positions: Vec<usize>,
    n_layer: usize,
    /// `[stream · position · d_model]`
    rows: Vec<f32>,
}

impl SaysRun {
    /// # Errors
    /// [`crate::Error::BadInput`] naming the field that does not fit the model; what a task's examples may have wrong with them.
    pub fn new(model: Rc<LoadedModel>, spec: &SaysSpec) -> Result<Self> {
        let config = &model.gpt2.config;
        spec.source.check()?;
        let row = spec.source.row(&model.tokenizer, config)?;
        let edits = row.zeroed(&spec.zero, config)?;
        let Row { ids, mut roles } = row;
        if roles.is_empty() {
            roles = (0..ids.len()).map(|position| (position.to_string(), position)).collect();
        }
        // As the text has them.
        roles.sort_by_key(|(_, position)| *position);
        let (roles, positions) = roles.into_iter().unzip();
        let mut streams = Streams { ids, edits, positions, n_layer: config.n_layer, rows: Vec::new() };
        let pass = Pass::new(model.clone(), &mut streams);
        Ok(Self { model, spec: spec.clone(), streams, roles, pass, next: NextTokens::new(BEST) })
    }

    fn count(&self) -> usize {
        (self.streams.n_layer + 1) * self.streams.positions.len()
    }

    /// Does the next step.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails or gives numbers that are not finite; the run is over then.
    pub async fn step(&mut self) -> Result<Progress> {
        let total = self.pass.total() + NextTokens::steps(self.count());
        if !self.pass.is_finished()? {
            let progress = self.pass.step(&mut self.streams).await?;
            return Ok(Progress { total, finished: false, ..progress });
        }
        if self.next.found.len() < self.count() {
            let done = self.next.next(&self.model, &self.streams.rows).await;
            // The cause before what follows from it.
            self.model.device.check().and(done)?;
        }
        let done = self.pass.total() + NextTokens::steps(self.next.found.len());
        Ok(Progress { done, total, step: "what each layer says".into(), finished: done == total })
    }

    /// The answer, or nothing while steps are left.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device has failed since; [`crate::Error::BadModel`] if the tokenizer cannot spell a token.
    pub fn result(&self) -> Result<Option<SaysResult>> {
        if !self.pass.is_finished()? || self.next.found.len() < self.count() {
            return Ok(None);
        }
        let Streams { ids, positions, n_layer, .. } = &self.streams;
        let text = |&position: &usize| self.model.tokenizer.text(ids[position]);
        let prediction = |found: &(f32, u32)| Prediction::of(found, &self.model.tokenizer);
        let of_place = |found: &Vec<(f32, u32)>| found.iter().map(prediction).collect::<Result<Vec<_>>>();
        let of_stream = |places: &[Vec<(f32, u32)>]| places.iter().map(of_place).collect::<Result<Vec<_>>>();
        let name = |layer| if layer == *n_layer { "final_post".into() } else { format!("{layer}_pre") };
        Ok(Some(SaysResult {
            spec: self.spec.clone(),
            tokens: positions.iter().map(text).collect::<Result<_>>()?,
            positions: positions.clone(),
            roles: self.roles.clone(),
            streams: (0..=*n_layer).map(name).collect(),
            said: self.next.found.chunks_exact(positions.len()).map(of_stream).collect::<Result<_>>()?,
        }))
    }
}

impl Probe for Streams {
    fn batches(&self) -> usize {
        1
    }

    fn stops(&self) -> Vec<Stop> {
        vec![Stop { layer: self.n_layer, what: "the residual stream" }]
    }

    fn ask(&self, _: usize) -> Asked {
        let mut forest = Forest::default();
        let end = forest.run(&self.ids);
        let path = forest.branch(end, self.edits.clone());
        let nodes: Vec<usize> = self.positions.iter().map(|&position| path[position]).collect();
        let read = |layer| Read { layer, part: Part::ResidPre, nodes: nodes.clone() };
        let reads = (0..=self.n_layer).map(read).collect();
        Asked { reads, marked: vec![nodes], makers: Vec::new(), forest }
    }

    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let stream = |layer| at.get(layer, Part::ResidPre, &at.marked[0]).flatten(0, 1);
        Tensor::cat((0..=self.n_layer).map(stream).collect(), 0)
    }

    fn keep(&mut self, _: &Stopped, values: &[f32]) {
        self.rows = values.to_vec();
    }
}

impl Analysis for SaysRun {
    const NAME: &'static str = "says";
    type Question = Of<SaysSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl Job for SaysRun {
    fn cost(&self) -> Work {
        let config = &self.model.gpt2.config;
        let next = NextTokens::flops(self.count(), config);
        Work { needed: config.forward_flops(self.streams.ids.len()) + next, done: self.pass.flops() + next }
    }

    fn step(&mut self) -> Step<'_> {
        Box::pin(self.step())
    }

    fn result(&self) -> Result<Option<Answer>> {
        Ok(self.result()?.map(answer))
    }

    fn report(&self) -> Result<Option<Report>> {
        Ok(self.result()?.map(|result| report::report(&result)))
    }
}
