//! What a model is asked on: a task is a list of examples, each clean and corrupted, with named positions and with the
//! answers that are right and wrong. Nothing after this knows which task it was.

mod corruption;
mod examples;
mod greater_than;
mod induction;
mod ioi;
mod pairs;

use serde::{Deserialize, Serialize};

pub use corruption::Corruption;
pub use examples::{Example, Examples, PromptForm};
pub use greater_than::GreaterThanTask;
pub use induction::InductionTask;
pub use ioi::IoiTask;
pub use pairs::{Pair, PairsFile, PairsTask};

use crate::left_out::{LeaveOut, LeftOut};
use crate::{Result, tokenizer::Tokenizer};

/// All it takes to make the examples again: the task's name in `task`, and its settings beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum TaskSpec {
    Ioi(IoiTask),
    Induction(InductionTask),
    GreaterThan(GreaterThanTask),
    Pairs(PairsTask),
}

/// What a kind of task has to say. Its settings deny unknown fields.
trait Task {
    /// As [`TaskSpec::check`].
    fn check(&self) -> Result<()>;

    /// As [`TaskSpec::examples`], which checks what is common to all tasks.
    fn examples(&self, tokenizer: &Tokenizer, n_ctx: usize) -> Result<Examples>;

    /// As [`TaskSpec::drawn_together`].
    fn drawn_together(&self) -> usize {
        1
    }
}

impl TaskSpec {
    fn task(&self) -> &dyn Task {
        match self {
            Self::Ioi(task) => task,
            Self::Induction(task) => task,
            Self::GreaterThan(task) => task,
            Self::Pairs(task) => task,
        }
    }

    /// Whether examples can be made of this at all, as far as this can be said without a model.
    ///
    /// # Errors
    /// [`crate::Error::BadInput`] naming the field that does not fit.
    pub fn check(&self) -> Result<()> {
        self.task().check()
    }

    /// The examples as a model with that tokenizer and context reads them.
    ///
    /// # Errors
    /// As [`TaskSpec::check`]; [`crate::Error::BadInput`] too where examples that somebody wrote do not fit the model;
    /// [`crate::Error::BadModel`] where generated ones do not.
    pub fn examples(&self, tokenizer: &Tokenizer, n_ctx: usize) -> Result<Examples> {
        self.check()?;
        let examples = self.task().examples(tokenizer, n_ctx)?;
        examples.check(n_ctx)?;
        Ok(examples)
    }

    /// So many neighbouring examples are variants of one, and not independent: they are to be drawn together where an
    /// interval is estimated by drawing examples.
    pub fn drawn_together(&self) -> usize {
        self.task().drawn_together()
    }
}

impl LeaveOut for TaskSpec {
    fn leave_out(&mut self, tokenizer: &Tokenizer, n_ctx: usize) -> Result<Vec<LeftOut>> {
        match self {
            Self::Ioi(task) => task.dataset.leave_out(tokenizer, n_ctx),
            Self::Induction(_) | Self::GreaterThan(_) => Ok(Vec::new()),
            Self::Pairs(task) => task.leave_out(tokenizer, n_ctx),
        }
    }
}

impl Default for TaskSpec {
    fn default() -> Self {
        Self::Ioi(IoiTask::default())
    }
}
