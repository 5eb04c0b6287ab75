//! One cell of a grid, looked at closely: every metric of its edited runs beside the unedited ones', and what the model says
//! before and after the edit.

mod report;
mod result;
mod runs;
mod said;

use std::rc::Rc;

use serde::{Deserialize, Serialize};

pub use result::{CellResult, ComparedMetric};

use self::runs::Runs;
use self::said::Said;
use crate::engine::{Pass, Progress};
use crate::job::{Analysis, Answer, Job, Of, Step, Work, answer};
use crate::loader::LoadedModel;
use crate::patch::PatchSpec;
use crate::report::Report;
use crate::{Error, Result};

/// A cell, and the prompt whose predictions are looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct CellSpec {
    pub grid: PatchSpec,
    /// Along each of the grid's axes, from 0.
    pub places: Vec<usize>,
    /// Its place among the task's examples, from 0.
    pub example: usize,
}

/// A cell being looked at: up all layers once, and then through the unembedding.
pub struct CellRun {
    model: Rc<LoadedModel>,
    spec: CellSpec,
    first: Option<Pass>,
    pass: Pass,
    runs: Runs,
    said: Said,
}

impl CellRun {
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the model, the task, or the others; what a task's
    /// examples may have wrong with them.
    pub fn new(model: Rc<LoadedModel>, spec: &CellSpec) -> Result<Self> {
        let mut runs = Runs::new(&model, spec)?;
        let found = runs.examples().len();
        if spec.example >= found {
            let message = format!("there are prompts 0 to {}; there is no {}", found - 1, spec.example);
            return Err(Error::input("example", message));
        }
        if !runs.those().contains(&spec.example) {
            return Err(Error::input(
                "places",
                format!("prompt {} is too short to have this place", spec.example + 1),
            ));
        }
        let first = runs.first().map(|first| Pass::new(model.clone(), first));
        let pass = Pass::new(model.clone(), &mut runs);
        let said = Said::new(spec.example);
        Ok(Self { model, spec: spec.clone(), first, pass, runs, said })
    }

    /// Does the next step.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails or gives numbers that are not finite; the run is over then.
    pub async fn step(&mut self) -> Result<Progress> {
        let before = self.first.as_ref().map_or(0, Pass::total);
        let measured = before + self.pass.total();
        let total = measured + self.said.steps(&self.runs);
        if let (Some(pass), Some(first)) = (&mut self.first, self.runs.first())
            && !pass.is_finished()?
        {
            return Ok(Progress { total, finished: false, ..pass.step(first).await? });
        }
        if !self.pass.is_finished()? {
            let progress = self.pass.step(&mut self.runs).await?;
            return Ok(Progress { done: before + progress.done, total, finished: false, ..progress });
        }
        if !self.said.is_finished(&self.runs) {
            let done = self.said.next(&self.model, &self.runs).await;
            // The cause before what follows from it.
            self.model.device.check().and(done)?;
        }
        let finished = self.said.is_finished(&self.runs);
        let done = if finished { total } else { measured + self.said.done() };
        Ok(Progress { done, total, step: "what the model says".into(), finished })
    }

    /// The answer, or nothing while steps are left.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed since; [`Error::BadModel`] if the tokenizer cannot spell a token.
    pub fn result(&self) -> Result<Option<CellResult>> {
        if !self.pass.is_finished()? || !self.said.is_finished(&self.runs) {
            return Ok(None);
        }
        CellResult::new(&self.spec, &self.runs, &self.said, &self.model.tokenizer).map(Some)
    }
}

impl Analysis for CellRun {
    const NAME: &'static str = "cell";
    type Question = Of<CellSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl Job for CellRun {
    fn cost(&self) -> Work {
        let said = self.said.flops(&self.runs, &self.model.gpt2.config);
        let passes = self.first.iter().chain([&self.pass]);
        Work { needed: self.runs.needed() + said, done: passes.map(Pass::flops).sum::<f64>() + said }
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
