//! Analyses that are one pass of a probe.

use std::rc::Rc;

use serde::Serialize;

use super::{Answer, Job, Step, Work, answer};
use crate::Result;
use crate::engine::{Pass, Probe, Progress};
use crate::loader::LoadedModel;

/// A probe whose measurements are the answer.
pub trait Measures: Probe + 'static {
    type Result: Serialize + 'static;
    /// Whether there is something to show before the end.
    const SHOWS_PARTS: bool = false;

    /// Of what has been measured so far.
    fn result(&self) -> Self::Result;

    /// [`Work::needed`].
    fn needed(&self) -> f64;
}

/// One way of a probe through all batches.
pub struct OnePass<P> {
    pass: Pass,
    probe: P,
}

impl<P: Measures> OnePass<P> {
    pub(crate) fn of(model: Rc<LoadedModel>, probe: P) -> Self {
        Self { pass: Pass::new(model, &probe), probe }
    }

    /// Does the next step.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails or gives numbers that are not finite; the job is over then, and
    /// every further call gives the same error.
    pub async fn step(&mut self) -> Result<Progress> {
        self.pass.step(&mut self.probe).await
    }

    /// What there is so far, of an analysis that can show it.
    ///
    /// # Errors
    /// As [`OnePass::result`].
    pub fn partial(&self) -> Result<Option<P::Result>> {
        self.pass.is_finished()?;
        Ok(P::SHOWS_PARTS.then(|| self.probe.result()))
    }

    /// The result, or nothing while steps are left: nothing half-done is shown as a whole.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device has failed since.
    pub fn result(&self) -> Result<Option<P::Result>> {
        Ok(self.pass.is_finished()?.then(|| self.probe.result()))
    }

    /// What it costs.
    pub fn work(&self) -> Work {
        Work { needed: self.probe.needed(), done: self.pass.flops() }
    }
}

impl<P: Measures> Job for OnePass<P> {
    fn cost(&self) -> Work {
        self.work()
    }

    fn step(&mut self) -> Step<'_> {
        Box::pin(self.step())
    }

    fn partial(&self) -> Result<Option<Answer>> {
        Ok(self.partial()?.map(answer))
    }

    fn result(&self) -> Result<Option<Answer>> {
        Ok(self.result()?.map(answer))
    }
}
