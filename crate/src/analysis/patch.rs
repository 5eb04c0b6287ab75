//! The patch bay: one edit at every place of a grid, each by itself, and what it does to a metric.

mod cells;
mod edits;
mod effects;
mod grid;
mod report;
mod result;

use std::rc::Rc;

pub(super) use cells::{Cell, Cells};
pub(super) use edits::{Edits, check_directions};
pub(super) use effects::{Effects, Ran};
pub(super) use report::{How, Named, Told, of_effects};
pub use result::PatchResult;
pub(super) use result::with_ends;

use self::grid::Grid;
use super::means::Means;
use crate::frame::Frame;
use crate::job::{Analysis, Of, OnePass};
use crate::loader::LoadedModel;
use crate::model::Gpt2Config;
use crate::patch::{Fill, PatchSpec};
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// Whether a model can be asked a grid, as far as this can be said before it is run.
///
/// # Errors
/// As of [`PatchRun::new`].
pub(crate) fn check_grid(spec: &PatchSpec, config: &Gpt2Config, tokenizer: &Tokenizer) -> Result<()> {
    spec.check_model(config)?;
    let examples = spec.task.examples(tokenizer, config.n_ctx)?;
    spec.metric.check_roles(&examples)?;
    check_directions(spec, config)?;
    Cells::new(spec, &examples, config).map(drop)
}

/// A grid of edits, being run. A mean ablation takes the corrupted runs' means first.
pub type PatchRun = OnePass<Grid>;

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
        let means = match spec.fill {
            Fill::Mean => Some(Means::new(&model, examples.clone(), spec.sites(), &*cells)?),
            _ => None,
        };
        let run = Self::of(model.clone(), Grid::new(model, spec, examples, cells, means)?);
        if run.changes() == 0 && run.probe().has_edits() {
            return Err(Error::input(
                "metric",
                format!(
                    "{} reads nothing that an edit of {} at these places can change; choose a lower layer, other positions, or another metric",
                    spec.metric,
                    spec.site_names()
                ),
            ));
        }
        Ok(run)
    }

    /// By how much each cell's edit changes the metric, in columns as [`Job::frame`]'s; or nothing while steps are left.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed since.
    pub(super) fn change(&self, name: &str) -> Result<Option<Frame>> {
        Ok(self.finished()?.map(|grid| grid.measured().frame(grid.effects(), name, |effect| effect.change)))
    }

    /// The same in each prompt, nothing where it has not the cell; or nothing while steps are left. `[prompt][cell]`
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed since.
    pub(super) fn change_by_prompt(&self) -> Result<Option<Vec<Vec<Option<f64>>>>> {
        Ok(self.finished()?.map(|grid| grid.measured().changes()))
    }
}

impl Analysis for PatchRun {
    const NAME: &'static str = "patch";
    type Question = Of<PatchSpec>;

    fn plan(model: Rc<LoadedModel>, question: Self::Question) -> Result<Self> {
        Self::new(model, &question.spec)
    }
}
