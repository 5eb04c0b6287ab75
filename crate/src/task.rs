//! What a model is asked on: a task is a list of examples, each clean and corrupted, with named positions and with the
//! answers that are right and wrong. Nothing after this knows which task it was.

mod corruption;
mod examples;
pub(crate) mod greater_than;
mod induction;
mod ioi;
mod pairs;
mod words;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use corruption::Corruption;
pub use examples::{Example, Examples, PromptForm};
pub use greater_than::GreaterThanTask;
pub use induction::InductionTask;
pub use ioi::IoiTask;
pub use pairs::{Pair, PairsFile, PairsTask};

use crate::frame::Together;
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

    /// As [`TaskSpec::together`].
    fn together(&self) -> Together {
        Together::Neighbours(1)
    }

    /// As [`TaskSpec::attention`].
    fn attention(&self, roles: &[String]) -> Vec<[usize; 2]> {
        let others = 0..roles.len().saturating_sub(1);
        let from_end = others.clone().map(|role| [roles.len() - 1, role]);
        from_end.chain(others.skip(1).map(|role| [role, role - 1])).collect()
    }

    /// As [`TaskSpec::copied`].
    fn copied(&self, examples: &Examples, _tokenizer: &Tokenizer) -> Vec<u32> {
        let of_example = |example: &Example| [&example.answers[..], &example.wrong_answers].concat();
        let tokens: BTreeSet<u32> = examples.examples.iter().flat_map(of_example).collect();
        tokens.into_iter().collect()
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

    /// How many examples there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Ioi(task) => task.dataset.count(),
            Self::Induction(task) => task.n as usize,
            Self::GreaterThan(task) => task.n as usize,
            Self::Pairs(task) => task.prompts.len(),
        }
    }

    /// Whether every example begins with `<|endoftext|>`.
    pub fn prepend_bos(&self) -> bool {
        match self {
            Self::Ioi(task) => task.dataset.prepend_bos,
            Self::Induction(task) => task.prepend_bos,
            Self::GreaterThan(task) => task.prepend_bos,
            Self::Pairs(task) => task.prepend_bos,
        }
    }

    /// Which examples are variants of one, and not independent: they are to be drawn together where an interval is
    /// estimated by drawing examples.
    pub fn together(&self) -> Together {
        self.task().together()
    }

    /// Between which roles attention tells what a head does: pairs of a query's and a key's role, by their places. From END to
    /// each other role, and from each of those to the one before it, unless the task says otherwise.
    pub fn attention(&self, roles: &[String]) -> Vec<[usize; 2]> {
        self.task().attention(roles)
    }

    /// The tokens of which a head that copies is asked whether it does: the examples' answers and wrong answers, unless the
    /// task says otherwise.
    pub fn copied(&self, examples: &Examples, tokenizer: &Tokenizer) -> Vec<u32> {
        self.task().copied(examples, tokenizer)
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
