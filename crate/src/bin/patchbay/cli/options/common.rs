//! The options that commands have in common.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use patchbay::metric::Metric;
use patchbay::reproduce::{Library, ScriptForm};

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
    #[arg(long, conflicts_with = "script")]
    pub cost: bool,
    #[command(flatten)]
    pub scripting: Scripting,
}

/// The options of the commands whose answer another library can be asked for again.
#[derive(Args)]
pub struct Scripting {
    /// Also write a Python program that computes it again and prints its figures beside these: FILE.py, or FILE.ipynb.
    #[arg(long, value_name = "FILE", value_parser = ScriptFile::read)]
    pub script: Option<ScriptFile>,
    /// The library that it takes.
    #[arg(long = "for", value_name = "LIBRARY", requires = "script", default_value = Library::default().name(),
        value_parser = PossibleValuesParser::new(Library::ALL.map(Library::name)).map(|name| library(&name)))]
    pub library: Library,
}

#[derive(Clone)]
pub struct ScriptFile {
    pub path: PathBuf,
    pub form: ScriptForm,
}

impl ScriptFile {
    fn read(text: &str) -> std::result::Result<Self, String> {
        let path = PathBuf::from(text);
        let form = match path.extension().and_then(|extension| extension.to_str()) {
            Some("py") => ScriptForm::Python,
            Some("ipynb") => ScriptForm::Notebook,
            _ => return Err("expected a name that ends in .py or .ipynb".into()),
        };
        Ok(Self { path, form })
    }
}

fn library(name: &str) -> Library {
    Library::ALL.into_iter().find(|library| library.name() == name).unwrap_or_default()
}

impl CommonOptions {
    /// Any model.
    pub fn load(&self) -> Result<Loaded> {
        Loaded::new(self.model.as_deref(), self.device)
    }
}
