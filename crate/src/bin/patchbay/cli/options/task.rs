//! The options that say what a model is asked: of every command with a task.

use anyhow::Result;
use clap::{Args, ValueEnum};
use patchbay::task::{Corruption, IoiTask, TaskSpec};

use super::DatasetSpecOptions;
use crate::cli::prompts::OwnPrompts;

#[derive(Args)]
pub struct TaskOptions {
    /// What the model is asked.
    #[arg(long, value_enum, default_value_t = TaskName::Ioi)]
    pub task: TaskName,
    #[command(flatten)]
    pub dataset: DatasetSpecOptions,
    /// Of ioi: what a prompt's names become in the corrupted run, a flip rule, or abc for three new names.
    #[arg(long, value_name = "RULE|abc")]
    pub corruption: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TaskName {
    /// Indirect object identification.
    Ioi,
}

impl TaskOptions {
    /// The task, and what of the user's own prompts is in it, for [`Loaded::fit`](crate::cli::loaded::Loaded::fit).
    pub fn spec(&self) -> Result<(TaskSpec, OwnPrompts)> {
        self.spec_or(Corruption::DEFAULT)
    }

    /// [`TaskOptions::spec`], with the corruption that is usual for the command.
    pub fn spec_or(&self, corruption: &str) -> Result<(TaskSpec, OwnPrompts)> {
        let (dataset, own) = self.dataset.spec()?;
        let TaskName::Ioi = self.task;
        let corruption = Corruption(self.corruption.as_deref().unwrap_or(corruption).into());
        Ok((TaskSpec::Ioi(IoiTask { dataset, corruption }), own))
    }
}
