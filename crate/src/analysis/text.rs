//! What a head attends to in any text, and what the model says next after each of its tokens; and what every head attends to.

mod next_tokens;
mod patterns;
mod reading;
mod report;
mod result;
mod spec;
mod words;

use std::rc::Rc;

pub(super) use next_tokens::NextTokens;
pub use patterns::{PatternsResult, PatternsRun, PatternsSpec};
pub use result::{Prediction, TextResult, TokenWords};
pub(super) use spec::Row;
pub use spec::{TextSource, TextSpec};

use self::reading::Reading;
use crate::Result;
use crate::engine::{Pass, Progress};
use crate::frame::Frame;
use crate::job::{Analysis, Answer, Job, Of, Step, Work, answer};
use crate::loader::LoadedModel;
use crate::report::Report;

/// A text being read: up all layers once, and then through the unembedding.
pub struct TextRun {
    model: Rc<LoadedModel>,
    spec: TextSpec,
    row: Row,
    texts: Vec<String>,
    pass: Pass,
    reading: Reading,
    next: NextTokens,
}

impl TextRun {
    /// # Errors
    /// [`crate::Error::BadInput`] naming the field that does not fit the model or the others; what a task's examples may have wrong
    /// with them.
    pub fn new(model: Rc<LoadedModel>, spec: &TextSpec) -> Result<Self> {
        spec.check()?;
        let config = &model.gpt2.config;
        config.check_head(spec.layer, spec.head)?;
        let row = spec.source.row(&model.tokenizer, config)?;
        let texts = row.texts(&model.tokenizer)?;
        let edits = row.zeroed(&spec.zero, config)?;
        let mut reading = Reading::new(row.ids.clone(), edits, config.n_layer, [spec.layer, spec.head]);
        let pass = Pass::new(model.clone(), &mut reading);
        let next = NextTokens::new(spec.predictions);
        Ok(Self { model, spec: spec.clone(), row, texts, pass, reading, next })
    }

    /// Does the next step.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails or gives numbers that are not finite; the run is over then.
    pub async fn step(&mut self) -> Result<Progress> {
        let rows = self.row.ids.len();
        let total = self.pass.total() + NextTokens::steps(rows);
        if !self.pass.is_finished()? {
            let progress = self.pass.step(&mut self.reading).await?;
            return Ok(Progress { total, finished: false, ..progress });
        }
        if !self.is_finished() {
            let done = self.next.next(&self.model, &self.reading.resid_post).await;
            // The cause before what follows from it.
            self.model.device.check().and(done)?;
        }
        let done = self.next.found.len();
        let step = format!("what comes after token {done} of {rows}");
        let done = self.pass.total() + NextTokens::steps(done);
        Ok(Progress { done, total, step, finished: done == total })
    }

    fn is_finished(&self) -> bool {
        self.next.found.len() == self.row.ids.len()
    }

    /// The answer, or nothing while steps are left.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device has failed since; [`crate::Error::BadModel`] if the tokenizer cannot spell a token.
    pub fn result(&self) -> Result<Option<TextResult>> {
        if !self.pass.is_finished()? || !self.is_finished() {
            return Ok(None);
        }
        let prediction = |found: &(f32, u32)| Prediction::of(found, &self.model.tokenizer);
        let predictions = self.next.found.iter().map(|row| row.iter().map(prediction).collect());
        let attention = &self.reading.attention;
        let mut result = TextResult {
            spec: self.spec.clone(),
            tokens: self.texts.clone(),
            ids: self.row.ids.clone(),
            roles: self.row.roles.iter().cloned().collect(),
            scores: attention.scores.clone(),
            pattern: attention.pattern.clone(),
            value_norms: self.reading.value_norms.clone(),
            predictions: predictions.collect::<Result<_>>()?,
            words: Vec::new(),
        };
        result.words = words::words(&result, &self.row.roles);
        Ok(Some(result))
    }
}

impl Analysis for TextRun {
    const NAME: &'static str = "text";
    type Question = Of<TextSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl Job for TextRun {
    fn cost(&self) -> Work {
        let (rows, config) = (self.row.ids.len(), &self.model.gpt2.config);
        let next = NextTokens::flops(rows, config);
        Work { needed: config.forward_flops(rows) + next, done: self.pass.flops() + next }
    }

    fn step(&mut self) -> Step<'_> {
        Box::pin(self.step())
    }

    fn result(&self) -> Result<Option<Answer>> {
        Ok(self.result()?.map(answer))
    }

    fn report(&self) -> Result<Option<Report>> {
        Ok(self.result()?.map(|result| report::report(&result, &self.row.roles)))
    }

    /// Scores and pattern by query and key.
    fn frame(&self) -> Result<Option<Frame>> {
        Ok(self.result()?.map(|result| report::attention(&result, &self.row.roles)))
    }
}
