//! Analyses that are one pass of a probe.

use std::rc::Rc;

use serde::Serialize;

use super::{Answer, Job, Step, Work, answer};
use crate::Result;
use crate::engine::{Pass, Probe, Progress};
use crate::frame::Frame;
use crate::loader::LoadedModel;

/// A probe whose measurements are the answer.
pub trait Measures: Probe + 'static {
    type Result: Serialize + 'static;

    /// Of all that has been measured.
    fn result(&self) -> Self::Result;

    /// Of what has been measured so far, where there is something to show before the end.
    fn partial(&self) -> Option<Self::Result> {
        None
    }

    /// The result as numbers by named axes, where it is that.
    fn frame(&self) -> Option<Frame> {
        None
    }

    /// [`Work::needed`].
    fn needed(&self) -> f64;

    /// The floating point operations of measuring, where they are more than a few percent of the runs'.
    fn measuring(&self) -> f64 {
        0.0
    }
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
        Ok(self.probe.partial())
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
        Work { needed: self.probe.needed(), done: self.pass.flops() + self.probe.measuring() }
    }

    pub(crate) fn probe(&self) -> &P {
        &self.probe
    }

    /// How many edits can change what is read.
    pub(crate) fn changes(&self) -> usize {
        self.pass.changes()
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

    fn frame(&self) -> Result<Option<Frame>> {
        Ok(if self.pass.is_finished()? { self.probe.frame() } else { None })
    }
}
