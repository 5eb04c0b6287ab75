//! The options of `paths`.

use anyhow::Result;
use clap::{Args, ValueEnum};
use patchbay::analysis::{Mlps, PathSpec};

use super::{CommonOptions, Judging, Printing, TaskOptions};
use crate::cli::prompts::OwnPrompts;

#[derive(Args)]
pub struct PathOptions {
    #[command(flatten)]
    pub task: TaskOptions,
    /// What reads what is sent: logits, or q, k, v of heads, together, as 9.9.q,9.6.q.
    #[arg(long, value_delimiter = ',', required = true, value_name = "logits|LAYER.HEAD.q")]
    pub receivers: Vec<String>,
    /// Only these heads send, one after the other, as 5.5@S2,3.0; without it every head at all positions.
    #[arg(long, value_delimiter = ',', value_name = "LAYER.HEAD@ROLE")]
    pub senders: Vec<String>,
    /// Whether MLPs on the way read what is sent (recomputed), or write what they do in the clean run (frozen).
    #[arg(long, value_enum, default_value_t = MlpsName::Recomputed)]
    pub mlps: MlpsName,
    #[command(flatten)]
    pub judging: Judging,
    #[command(flatten)]
    pub printing: Printing,
    #[command(flatten)]
    pub common: CommonOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MlpsName {
    Recomputed,
    Frozen,
}

impl PathOptions {
    pub fn spec(&self) -> Result<(PathSpec, OwnPrompts)> {
        let (task, own) = self.task.spec()?;
        let spec = PathSpec {
            task,
            senders: self.senders.iter().map(|node| node.parse()).collect::<patchbay::Result<_>>()?,
            receivers: self.receivers.iter().map(|text| text.parse()).collect::<patchbay::Result<_>>()?,
            mlps: match self.mlps {
                MlpsName::Recomputed => Mlps::Recomputed,
                MlpsName::Frozen => Mlps::Frozen,
            },
            metric: self.judging.metric.parse()?,
            per_prompt: self.judging.per_prompt,
        };
        spec.check()?;
        Ok((spec, own))
    }
}
