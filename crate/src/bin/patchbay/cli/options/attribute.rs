//! The options of `attribute` and of `lens`.

use anyhow::Result;
use clap::{Args, ValueEnum};
use patchbay::analysis::{AttributeSpec, LensScale, LensSpec};
use patchbay::patch::Node;
use patchbay::task::PromptForm;

use super::{CommonOptions, Printing, TaskOptions};
use crate::cli::prompts::OwnPrompts;

#[derive(Args)]
pub struct AttributeOptions {
    #[command(flatten)]
    pub task: TaskOptions,
    /// The run that is taken apart.
    #[arg(long, value_enum, default_value_t = RunName::Clean)]
    pub run: RunName,
    /// Set the z of heads to zero in that run, as 9.9@END,5.5@S2+END,0.3@all.
    #[arg(long, value_delimiter = ',', value_name = "LAYER.HEAD@ROLE")]
    pub zero: Vec<String>,
    /// Also each prompt's values.
    #[arg(long)]
    pub per_prompt: bool,
    #[command(flatten)]
    pub printing: Printing,
    #[command(flatten)]
    pub common: CommonOptions,
}

#[derive(Args)]
pub struct LensOptions {
    #[command(flatten)]
    pub task: TaskOptions,
    /// The run that is looked at.
    #[arg(long, value_enum, default_value_t = RunName::Clean)]
    pub run: RunName,
    /// Set the z of heads to zero in that run, as 9.9@END,5.5@S2+END,0.3@all.
    #[arg(long, value_delimiter = ',', value_name = "LAYER.HEAD@ROLE")]
    pub zero: Vec<String>,
    /// What ln_f divides each stream by.
    #[arg(long, value_enum, default_value_t = ScaleName::Frozen)]
    pub scale: ScaleName,
    /// Also each prompt's values.
    #[arg(long)]
    pub per_prompt: bool,
    #[command(flatten)]
    pub printing: Printing,
    #[command(flatten)]
    pub common: CommonOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RunName {
    Clean,
    Corrupted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScaleName {
    /// The scale that the run has after its last layer.
    Frozen,
    /// The stream's own.
    Live,
}

impl RunName {
    pub fn form(self) -> PromptForm {
        match self {
            Self::Clean => PromptForm::Clean,
            Self::Corrupted => PromptForm::Corrupted,
        }
    }
}

fn nodes(texts: &[String]) -> Result<Vec<Node>> {
    Ok(texts.iter().map(|node| node.parse()).collect::<patchbay::Result<_>>()?)
}

impl AttributeOptions {
    pub fn spec(&self) -> Result<(AttributeSpec, OwnPrompts)> {
        let (task, own) = self.task.spec()?;
        task.check()?;
        let (run, zero) = (self.run.form(), nodes(&self.zero)?);
        Ok((AttributeSpec { task, run, zero, per_prompt: self.per_prompt }, own))
    }
}

impl LensOptions {
    pub fn spec(&self) -> Result<(LensSpec, OwnPrompts)> {
        let (task, own) = self.task.spec()?;
        task.check()?;
        let scale = match self.scale {
            ScaleName::Frozen => LensScale::Frozen,
            ScaleName::Live => LensScale::Live,
        };
        let (run, zero) = (self.run.form(), nodes(&self.zero)?);
        Ok((LensSpec { task, run, zero, scale, per_prompt: self.per_prompt }, own))
    }
}
