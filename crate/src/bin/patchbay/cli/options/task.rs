//! The options that say what a model is asked: of every command with a task.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use patchbay::Error;
use patchbay::experiment::ResemblanceSpec;
use patchbay::schema::Field;
use patchbay::task::{Corruption, GreaterThanTask, InductionTask, IoiTask, TaskSpec};

use super::{Asks, Form};
use crate::cli::prompts::OwnPrompts;

#[derive(Args, Clone)]
pub struct TaskOptions {
    /// What the model is asked.
    #[arg(long, value_enum, default_value_t = TaskName::Ioi)]
    pub task: TaskName,
    #[command(flatten)]
    pub form: Form<Self>,
    /// What a prompt's names become in the corrupted run of ioi: a flip rule, or abc for three new names.
    #[arg(long, value_name = "RULE|abc")]
    pub corruption: Option<String>,
    /// How many tokens are repeated in induction [default: 30].
    #[arg(long)]
    pub length: Option<u32>,
    /// The task pairs: a prompt and the same corrupted, each up to the token that is asked for. "-" is standard input.
    ///
    /// JSON, {"prompts": [{"clean": "…", "corrupt": "…", "answers": [" Mary"], "wrong_answers": [" John"]}], "word_idxs":
    /// {"S2": 10}}, where word_idxs names further positions and may be left out; or a table with the header
    /// clean,corrupted,answer,wrong and several answers with | between; or lines sentence | IO | S. The space before a word
    /// is part of an answer, which must be one token.
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum TaskName {
    /// Indirect object identification (Wang et al. 2022): "When John and Mary went to the shops, John gave the bag to".
    Ioi,
    /// Random tokens twice, of which the last but one asks for the last (Olsson et al. 2022).
    Induction,
    /// "The war lasted from the year 1732 to the year 17" (Hanna et al. 2023).
    GreaterThan,
    /// The user's own pairs, of --pairs.
    Pairs,
}

impl Asks for TaskOptions {
    /// For commands that ask for the dataset alone.
    const ANALYSIS: &'static str = "resemblance";

    fn has(field: &Field) -> bool {
        field.group == "task"
    }
}

impl TaskOptions {
    /// The task, and what of the user's own prompts is in it, for [`Loaded::fit`](crate::cli::loaded::Loaded::fit).
    pub fn spec(&self) -> Result<(TaskSpec, OwnPrompts)> {
        self.spec_or(Corruption::DEFAULT)
    }

    /// [`TaskOptions::spec`], with the corruption that is usual for the command.
    pub fn spec_or(&self, corruption: &str) -> Result<(TaskSpec, OwnPrompts)> {
        self.check_meant()?;
        let n = self.form.given_number("n");
        let (seed, prepend_bos) = (self.form.number("seed"), self.form.given("prepend_bos") != Some("false"));
        match self.task {
            TaskName::Ioi => {
                let (ResemblanceSpec { dataset, .. }, own) = self.form.spec()?;
                let corruption = Corruption(self.corruption.as_deref().unwrap_or(corruption).into());
                Ok((TaskSpec::Ioi(IoiTask { dataset, corruption }), own))
            }
            TaskName::Induction => {
                let usual = InductionTask::default();
                let (n, length) = (n.unwrap_or(usual.n), self.length.unwrap_or(usual.length));
                let task = InductionTask { n, seed, length, prepend_bos };
                Ok((TaskSpec::Induction(task), OwnPrompts::default()))
            }
            TaskName::GreaterThan => {
                let n = n.unwrap_or(GreaterThanTask::default().n);
                let task = GreaterThanTask { n, seed, prepend_bos };
                Ok((TaskSpec::GreaterThan(task), OwnPrompts::default()))
            }
            TaskName::Pairs => {
                let Some(file) = &self.pairs else {
                    return Err(Error::input("pairs", "the task pairs needs --pairs FILE").into());
                };
                let (mut task, own) = OwnPrompts::read_pairs(file)?;
                task.prepend_bos &= prepend_bos;
                Ok((TaskSpec::Pairs(task), own))
            }
        }
    }

    /// Whether each option that is given is one of the task's.
    fn check_meant(&self) -> Result<()> {
        use TaskName::*;
        let given = |name| self.form.given(name);
        let given: [(bool, &str, &[TaskName]); 8] = [
            (given("symmetric") == Some("true"), "--symmetric", &[Ioi]),
            (given("symmetric") == Some("false"), "--no-symmetric", &[Ioi]),
            (given("prompt_type").is_some(), "--prompt-type", &[Ioi]),
            (self.form.has_prompts(), "--prompts", &[Ioi]),
            (self.corruption.is_some(), "--corruption", &[Ioi]),
            (self.length.is_some(), "--length", &[Induction]),
            (given("n").is_some(), "-n", &[Ioi, Induction, GreaterThan]),
            (self.pairs.is_some(), "--pairs", &[Pairs]),
        ];
        let strange = given.into_iter().find(|(given, _, tasks)| *given && !tasks.contains(&self.task));
        let Some((_, option, tasks)) = strange else { return Ok(()) };
        let name = |task: &TaskName| task.to_possible_value().expect("none is skipped").get_name().to_owned();
        let tasks: Vec<String> = tasks.iter().map(name).collect();
        let message =
            format!("{option} is an option of --task {}, and not of {}", tasks.join(", "), name(&self.task));
        Err(Error::input("task", message).into())
    }
}

/// The options of `patchbay task`.
#[derive(Args)]
pub struct ExamplesOptions {
    #[command(flatten)]
    pub task: TaskOptions,
    /// The model whose tokenizer makes the tokens, and whose context they must fit, as in other commands.
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Print a table that --pairs reads, comma-separated.
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}
