//! The options that commands have in common.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use patchbay::metric::Metric;

use super::DeviceChoice;
use crate::cli::loaded::Loaded;

/// The options of every command that runs a model.
#[derive(Args)]
pub struct CommonOptions {
    /// A folder with a model's files, OWNER/NAME[@REVISION] on the hub, or ioi-mini (the default).
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The options of the commands that judge edited runs.
#[derive(Args)]
pub struct Judging {
    /// logit_diff, log_prob, prob, prob_diff, kl, or a head's attn_score_diff[LAYER.HEAD].
    #[arg(long, default_value_t = Metric::default().to_string())]
    pub metric: String,
    /// Also each prompt's values.
    #[arg(long)]
    pub per_prompt: bool,
}

/// The options of the commands whose answer is numbers by axes.
#[derive(Args)]
pub struct Printing {
    /// Print the means with their intervals as comma-separated values.
    #[arg(long, conflicts_with_all = ["json", "cost"])]
    pub csv: bool,
    /// Only say what it costs.
    #[arg(long)]
    pub cost: bool,
}

impl CommonOptions {
    /// Any model.
    pub fn load(&self) -> Result<Loaded> {
        Loaded::new(self.model.as_deref(), self.device)
    }
}
