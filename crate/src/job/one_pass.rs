//! Analyses that are one pass of a probe, or two where what it puts in has to be measured first.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Serialize;

use super::{Answer, Job, Step, TakenFile, Work, answer};
use crate::Result;
use crate::engine::{Pass, Probe, Progress};
use crate::frame::Frame;
use crate::loader::LoadedModel;
use crate::report::Report;

/// A probe whose measurements are the answer.
pub trait Measures: Probe + 'static {
    type Result: Serialize + 'static;

    /// What has a pass of its own before: the probe puts in what this measures.
    fn first(&mut self) -> Option<&mut dyn Probe> {
        None
    }

    /// What comes of all that has been measured.
    fn result(&self) -> Self::Result;

    /// What comes of what has been measured so far, where there is something to show before the end.
    fn partial(&self) -> Option<Self::Result> {
        None
    }

    /// What is said and drawn of what has been measured; nothing where there is nothing to show yet.
    fn report(&self, finished: bool) -> Option<Report> {
        let _ = finished;
        None
    }

    /// The result as numbers by named axes, where it is that.
    fn frame(&self) -> Option<Frame> {
        None
    }

    /// As [`Job::file_bytes`].
    fn file_bytes(&self) -> Option<u64> {
        None
    }

    /// The file of all that has been measured.
    fn file(&self, _about: BTreeMap<String, String>) -> Option<TakenFile> {
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
    first: Option<Pass>,
    pass: Pass,
    probe: P,
}

impl<P: Measures> OnePass<P> {
    pub(crate) fn of(model: Rc<LoadedModel>, mut probe: P) -> Self {
        let pass = Pass::new(model.clone(), &mut probe);
        // What is known needs nothing to be measured before.
        let first = probe.first().filter(|_| !pass.is_recalled()).map(|first| Pass::new(model, first));
        Self { first, pass, probe }
    }

    /// Does the next step.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails or gives numbers that are not finite; the job is over then, and
    /// every further call gives the same error.
    pub async fn step(&mut self) -> Result<Progress> {
        let before = self.first.as_ref().map_or(0, Pass::total);
        let total = before + self.pass.total();
        if let (Some(pass), Some(first)) = (&mut self.first, self.probe.first())
            && !pass.is_finished()?
        {
            return Ok(Progress { total, finished: false, ..pass.step(first).await? });
        }
        let progress = self.pass.step(&mut self.probe).await?;
        Ok(Progress { done: before + progress.done, total, ..progress })
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
        Ok(self.finished()?.map(P::result))
    }

    /// The probe when it has measured everything.
    pub(crate) fn finished(&self) -> Result<Option<&P>> {
        Ok(self.pass.is_finished()?.then_some(&self.probe))
    }

    /// What it costs.
    pub fn work(&self) -> Work {
        let passes = self.first.iter().chain([&self.pass]);
        let measuring = if self.pass.is_recalled() { 0.0 } else { self.probe.measuring() };
        let done = passes.map(Pass::flops).sum::<f64>() + measuring;
        Work { needed: self.probe.needed(), done }
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

    fn report(&self) -> Result<Option<Report>> {
        Ok(self.probe.report(self.pass.is_finished()?))
    }

    fn frame(&self) -> Result<Option<Frame>> {
        Ok(self.finished()?.and_then(P::frame))
    }

    fn file_bytes(&self) -> Option<u64> {
        self.probe.file_bytes()
    }

    fn file(&self, about: BTreeMap<String, String>) -> Result<Option<TakenFile>> {
        Ok(self.finished()?.and_then(|probe| probe.file(about)))
    }
}
