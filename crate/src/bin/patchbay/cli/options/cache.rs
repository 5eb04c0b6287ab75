//! The options of `cache`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValuesParser;
use patchbay::analysis::{CACHED, CacheSpec};
use patchbay::site::Activation;

use super::attribute::RunName;
use super::{CommonOptions, TaskOptions};
use crate::cli::prompts::OwnPrompts;

#[derive(Args)]
pub struct CacheOptions {
    #[command(flatten)]
    pub task: TaskOptions,
    /// The run that is read.
    #[arg(long, value_enum, default_value_t = RunName::Clean)]
    pub run: RunName,
    /// The activations: z,resid_post.
    #[arg(long, required = true, value_delimiter = ',',
        value_parser = PossibleValuesParser::new(CACHED.map(Activation::name)))]
    pub site: Vec<String>,
    /// The layers, from 0; without it all.
    #[arg(long, value_delimiter = ',')]
    pub layers: Vec<usize>,
    /// The roles at which they are read: S2,END; without it every position up to END.
    #[arg(long, value_delimiter = ',', value_name = "ROLES")]
    pub at: Vec<String>,
    /// The file that is written.
    #[arg(long, value_name = "FILE.safetensors", required_unless_present = "cost")]
    pub to: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    pub overwrite: bool,
    /// Only say what it costs, and how large the file would be.
    #[arg(long)]
    pub cost: bool,
    #[command(flatten)]
    pub common: CommonOptions,
}

impl CacheOptions {
    pub fn spec(&self) -> Result<(CacheSpec, OwnPrompts)> {
        let (task, own) = self.task.spec()?;
        let sites = self.site.iter().map(|site| site.parse()).collect::<patchbay::Result<_>>()?;
        let spec =
            CacheSpec { task, run: self.run.form(), sites, layers: self.layers.clone(), at: self.at.clone() };
        spec.check()?;
        Ok((spec, own))
    }
}
