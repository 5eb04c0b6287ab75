//! The options of `heads`.

use anyhow::Result;
use clap::{Args, ValueEnum};
use patchbay::analysis::{HeadFigure, HeadsSpec};
use patchbay::task::TaskSpec;

use super::task::TaskName;
use super::{CommonOptions, Printing, TaskOptions};
use crate::cli::prompts::OwnPrompts;

#[derive(Args)]
pub struct HeadsOptions {
    #[command(flatten)]
    pub task: TaskOptions,
    /// What is computed; all of it costs most for ablated, then for copying.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FIGURE,…",
        default_values_t = [FigureName::Attention, FigureName::Copying, FigureName::Direct, FigureName::Ablated])]
    pub figures: Vec<FigureName>,
    #[command(flatten)]
    pub printing: Printing,
    #[command(flatten)]
    pub common: CommonOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FigureName {
    /// Mean attention: in sequences in which each token occurs twice, to the previous token, to the same token's first
    /// occurrence and to the token after that; and between the task's roles. The sequences are those of --task induction, and
    /// of other tasks 10 of --length tokens twice after BOS, by --seed: of 50, or of as many as the context holds.
    Attention,
    /// The share of names that are among the 5 largest of the vocabulary's logits of ln_f(LN(W_EE[x]) W_V W_O) W_U, without
    /// biases, and where the head's sign is turned: of the lexicon's names for ioi, else of the answers and wrong answers.
    Copying,
    /// The head's part in the logit difference at END, ln_f's scale held; see attribute.
    Direct,
    /// How the logit difference changes where the head's z, at every position, is the mean of the group's corrupted runs; see
    /// patch.
    Ablated,
}

impl From<FigureName> for HeadFigure {
    fn from(name: FigureName) -> Self {
        match name {
            FigureName::Attention => Self::Attention,
            FigureName::Copying => Self::Copying,
            FigureName::Direct => Self::Direct,
            FigureName::Ablated => Self::Ablated,
        }
    }
}

impl HeadsOptions {
    /// The task. A length is that of the sequences, where the task has none of its own.
    pub fn task(&self) -> Result<(TaskSpec, OwnPrompts)> {
        let length = self.task.length.filter(|_| self.task.task == TaskName::Induction);
        TaskOptions { length, ..self.task.clone() }.spec()
    }

    /// The spec for a task, in a model with that context.
    pub fn spec(&self, task: TaskSpec, n_ctx: usize) -> HeadsSpec {
        let figures = self.figures.iter().map(|&name| name.into()).collect();
        HeadsSpec { figures, ..HeadsSpec::of(task, self.task.form.number("seed"), self.task.length, n_ctx) }
    }
}
