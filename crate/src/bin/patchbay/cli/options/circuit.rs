//! The options of `circuit`.

use anyhow::Result;
use clap::{Args, ValueEnum};
use patchbay::analysis::{Ablation, CircuitSpec, Keep, Preset};
use patchbay::ioi::ABC;

use super::{CommonOptions, Judging, Printing, TaskOptions};
use crate::cli::prompts::OwnPrompts;

#[derive(Args)]
pub struct CircuitOptions {
    #[command(flatten)]
    pub task: TaskOptions,
    /// The heads that stay, each at roles, positions from 0, or all, as 9.9@END,5.5@S2+END,0.3@all.
    #[arg(
        long,
        value_delimiter = ',',
        required_unless_present = "preset",
        conflicts_with = "preset",
        value_name = "LAYER.HEAD@ROLE"
    )]
    pub keep: Vec<String>,
    /// A published circuit: ioi is the 26 heads of Wang et al. 2022, of GPT-2 small.
    #[arg(long, value_enum)]
    pub preset: Option<PresetName>,
    /// What every other head's z becomes, at every position: the mean of the corrupted run over the prompt's group, zero, or the
    /// prompt's own corrupted run's (patch).
    #[arg(long, value_enum, default_value_t = AblationName::Mean)]
    pub fill: AblationName,
    /// Also take each node, and each class of a preset, out of the circuit and of the model: completeness and minimality.
    #[arg(long)]
    pub examine: bool,
    #[command(flatten)]
    pub judging: Judging,
    #[command(flatten)]
    pub printing: Printing,
    #[command(flatten)]
    pub common: CommonOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PresetName {
    Ioi,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AblationName {
    Mean,
    Zero,
    Patch,
}

impl CircuitOptions {
    pub fn spec(&self) -> Result<(CircuitSpec, OwnPrompts)> {
        let (task, own) = self.task.spec_or(ABC)?;
        let spec = CircuitSpec {
            task,
            keep: match self.preset {
                Some(PresetName::Ioi) => Keep::Preset(Preset::Ioi),
                None => {
                    Keep::Nodes(self.keep.iter().map(|node| node.parse()).collect::<patchbay::Result<_>>()?)
                }
            },
            fill: match self.fill {
                AblationName::Mean => Ablation::Mean,
                AblationName::Zero => Ablation::Zero,
                AblationName::Patch => Ablation::Patch,
            },
            metric: self.judging.metric.parse()?,
            examine: self.examine,
            per_prompt: self.judging.per_prompt,
        };
        spec.check()?;
        Ok((spec, own))
    }
}
