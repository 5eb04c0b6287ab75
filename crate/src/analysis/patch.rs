//! The patch bay: one edit at every place of a grid, each by itself, and what it does to a metric.

mod cells;
mod edits;
mod grid;
mod result;

use std::rc::Rc;

pub use result::PatchResult;

pub(super) use self::cells::Cells;
use self::grid::Grid;
use super::means::Means;
use crate::engine::{Pass, Progress};
use crate::frame::Frame;
use crate::job::{Analysis, Answer, Job, Of, Step, Work, answer};
use crate::loader::LoadedModel;
use crate::patch::{Fill, PatchSpec};
use crate::{Error, Result};

/// A grid of edits, being run. A mean ablation takes the corrupted runs' means first.
pub struct PatchRun {
    means: Option<Pass>,
    pass: Pass,
    grid: Grid,
}

impl PatchRun {
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the model, the task, or the others; what a task's
    /// examples may have wrong with them.
    pub fn new(model: Rc<LoadedModel>, spec: &PatchSpec) -> Result<Self> {
        spec.check()?;
        let config = &model.gpt2.config;
        spec.check_model(config)?;
        let examples = Rc::new(spec.task.examples(&model.tokenizer, config.n_ctx)?);
        let cells = Rc::new(Cells::new(spec, &examples, config)?);
        let rows_per_batch = model.device.rows_per_grid();
        let means = (spec.fill == Fill::Mean).then(|| {
            let scales = model.gpt2.blocks.iter().map(|block| block.attn.score_scale).collect();
            let (examples, cells) = (examples.clone(), cells.clone());
            Means::new(examples, spec.site, config.n_head, scales, rows_per_batch, cells)
        });
        let grid = Grid::new(model.clone(), spec, examples, cells, means, rows_per_batch)?;
        let pass = Pass::new(model.clone(), &grid);
        if pass.changes() == 0 && grid.has_edits() {
            return Err(Error::input(
                "metric",
                format!(
                    "{} reads nothing that an edit of {} at these places can change; choose a lower layer, other positions, or another metric",
                    spec.metric,
                    spec.site.name()
                ),
            ));
        }
        let means = grid.means.as_ref().map(|means| Pass::new(model, means));
        Ok(Self { means, pass, grid })
    }

    /// The floating point operations of all steps.
    pub fn flops(&self) -> f64 {
        self.means.as_ref().map_or(0.0, Pass::flops) + self.pass.flops() + self.grid.flops()
    }

    /// And of every edited run by itself, from the first token to END through all layers.
    pub fn flops_one_by_one(&self) -> f64 {
        self.grid.flops_one_by_one()
    }

    /// Does the next step.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails or gives numbers that are not finite; the run is over then.
    pub async fn step(&mut self) -> Result<Progress> {
        let before = self.means.as_ref().map_or(0, Pass::total);
        let total = before + self.pass.total();
        if let (Some(pass), Some(means)) = (&mut self.means, &mut self.grid.means)
            && !pass.is_finished()?
        {
            return Ok(Progress { total, finished: false, ..pass.step(means).await? });
        }
        let progress = self.pass.step(&mut self.grid).await?;
        Ok(Progress { done: before + progress.done, total, ..progress })
    }

    /// What is there so far, or nothing before anything is.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed.
    pub fn partial(&self) -> Result<Option<PatchResult>> {
        self.pass.is_finished()?;
        Ok(self.grid.has_any().then(|| self.grid.measured().result(false)))
    }

    /// The grid, or nothing while steps are left.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed since.
    pub fn result(&self) -> Result<Option<PatchResult>> {
        Ok(self.pass.is_finished()?.then(|| self.grid.measured().result(true)))
    }
}

impl Analysis for PatchRun {
    const NAME: &'static str = "patch";
    type Question = Of<PatchSpec>;

    fn plan(model: Rc<LoadedModel>, question: Self::Question) -> Result<Self> {
        Self::new(model, &question.spec)
    }
}

impl Job for PatchRun {
    fn cost(&self) -> Work {
        Work { needed: self.flops_one_by_one(), done: self.flops() }
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

    /// The cells' means with their intervals.
    fn frame(&self) -> Result<Option<Frame>> {
        let measured = self.grid.measured();
        Ok(self.pass.is_finished()?.then(|| measured.means(&measured.spec.metric.to_string())))
    }
}
