use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use patchbay::Error;
use patchbay::experiment::{ExperimentSpec, SweepSpec};
use patchbay::hub;
use patchbay::ioi::{CustomPrompt, DatasetSpec, Flip, PromptType};
#[cfg(feature = "train")]
use patchbay::training::TrainSpec;

/// GPT-2 with its activations on a patch bay.
#[derive(Parser)]
#[command(version)]
pub struct Options {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Run an experiment at one head.
    Run(RunOptions),
    /// Run an experiment at every head of every layer, in one pass.
    Sweep(SweepOptions),
    /// Print the IOI dataset.
    Dataset(DatasetOptions),
    /// Download a model into a folder, verified; what is there already is gone on from.
    Fetch(FetchOptions),
    /// How well a model does on IOI prompts that ioi-mini was not trained on, and what each head does.
    Evaluate(EvaluateOptions),
    /// How fast this machine is at what a run is made of, and how close a run comes to that.
    Bench(BenchOptions),
    /// Train ioi-mini, the model that ships with the page.
    #[cfg(feature = "train")]
    Train(TrainOptions),
}

#[derive(Args)]
pub struct RunOptions {
    /// A folder with config.json, model.safetensors and tokenizer.json.
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,
    #[arg(long, default_value_t = 10)]
    pub layer: usize,
    #[arg(long, default_value_t = 7)]
    pub head: usize,
    #[command(flatten)]
    pub experiment: ExperimentOptions,
    /// Also the share of prompts with logit[IO] > logit[S]; runs the layers behind the head too.
    #[arg(long)]
    pub accuracy: bool,
    #[arg(long, value_enum, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Also print the first three sentences and their flips.
    #[arg(long)]
    pub verbose: bool,
}

#[derive(Args)]
pub struct SweepOptions {
    /// A folder with config.json, model.safetensors and tokenizer.json.
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,
    #[command(flatten)]
    pub experiment: ExperimentOptions,
    #[arg(long, value_enum, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct ExperimentOptions {
    /// What to ask: patching_positions or controls.
    #[arg(long, default_value_t = ExperimentSpec::default().experiment)]
    pub experiment: String,
    #[command(flatten)]
    pub dataset: SpecOptions,
    /// Recompute ln1's scale from the edited input instead of keeping the clean run's, where the
    /// experiment does not say which.
    #[arg(long)]
    pub live_ln: bool,
}

#[derive(Args)]
pub struct DatasetOptions {
    #[command(flatten)]
    pub dataset: SpecOptions,
    /// The folder whose tokenizer.json makes the tokens; without it only sentences are printed.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Print one JSON object; needs --model.
    #[arg(long, requires = "model")]
    pub json: bool,
}

#[derive(Args)]
pub struct FetchOptions {
    /// The hub's GPT-2 small, or a base URL that holds config.json, tokenizer.json and model.safetensors.
    #[arg(default_value_t = hub::gpt2_small().id)]
    pub model: String,
    /// The folder to fetch into; it is made where it is missing.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// What the SHA-256 of model.safetensors must be; for the hub's model it is known.
    #[arg(long, value_name = "HEX", value_parser = sha256)]
    pub sha256: Option<String>,
}

#[derive(Args)]
pub struct EvaluateOptions {
    /// A folder with config.json, model.safetensors and tokenizer.json.
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,
    #[arg(long, value_enum, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct BenchOptions {
    /// Numbers of prompts to time the experiment with.
    #[arg(short, value_delimiter = ',', default_values_t = [10, 50, 150, 500])]
    pub n: Vec<u32>,
    /// How often each thing is timed.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeats: u32,
    /// Rows in the steps of a layer.
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub rows: u32,
    #[arg(long, value_enum, default_value_t = DeviceChoice::Cpu)]
    pub device: DeviceChoice,
    /// Only write the checkpoint that is timed, of GPT-2 small's shape with random weights, into this folder.
    #[arg(long, value_name = "DIR")]
    pub checkpoint: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[cfg(feature = "train")]
#[derive(Args)]
pub struct TrainOptions {
    /// The folder for the model's files and card.json. The checkpoint is beside it, with .checkpoint behind its name.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Go on from the checkpoint, if there is one.
    #[arg(long)]
    pub resume: bool,
    #[arg(long, default_value_t = TrainSpec::default().seed)]
    pub seed: u32,
    #[arg(long, default_value_t = TrainSpec::default().n_layer)]
    pub layers: usize,
    #[arg(long, default_value_t = TrainSpec::default().n_head)]
    pub heads: usize,
    /// d_model.
    #[arg(long, default_value_t = TrainSpec::default().n_embd)]
    pub width: usize,
    #[arg(long, default_value_t = TrainSpec::default().steps)]
    pub steps: usize,
    /// Texts a step.
    #[arg(long, default_value_t = TrainSpec::default().batch)]
    pub batch: usize,
    #[arg(long, default_value_t = TrainSpec::default().learning_rate)]
    pub learning_rate: f64,
    #[arg(long, default_value_t = TrainSpec::default().weight_decay)]
    pub weight_decay: f32,
    /// The weight of the guidance of one head: it is to look at where the coming name stood.
    #[arg(long, default_value_t = TrainSpec::default().guidance)]
    pub guidance: f64,
    /// The same seed gives the same model on the CPU only.
    #[arg(long, value_enum, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
}

#[derive(Args)]
pub struct SpecOptions {
    /// The number of prompts.
    #[arg(short, default_value_t = DatasetSpec::default().n)]
    pub n: u32,
    #[arg(long, default_value_t = DatasetSpec::default().seed)]
    pub seed: u32,
    /// Follow each prompt by the same sentence with the names exchanged (the default).
    #[arg(long, overrides_with = "no_symmetric")]
    pub symmetric: bool,
    #[arg(long, action = ArgAction::SetTrue)]
    pub no_symmetric: bool,
    #[arg(long, value_enum, default_value_t = DatasetSpec::default().prompt_type)]
    pub prompt_type: PromptType,
    /// Do not put <|endoftext|> before every sentence.
    #[arg(long)]
    pub no_bos: bool,
    #[arg(long, default_value = Flip::DEFAULT)]
    pub flip: String,
    /// Take these prompts: a JSON array of objects with "sentence", "io" and "s".
    #[arg(long, value_name = "FILE", conflicts_with_all = ["n", "symmetric", "no_symmetric", "prompt_type"])]
    pub prompts: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceChoice {
    /// A real GPU where there is one, else the CPU.
    Auto,
    Cpu,
    Gpu,
}

fn sha256(text: &str) -> std::result::Result<String, String> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("expected 64 hexadecimal digits".to_owned())
    }
}

impl SpecOptions {
    pub fn spec(&self) -> Result<DatasetSpec> {
        let prompts = self.prompts.as_deref().map(read_prompts).transpose()?;
        Ok(DatasetSpec {
            n: prompts.as_ref().map_or(self.n, |prompts| prompts.len() as u32),
            seed: self.seed,
            symmetric: !self.no_symmetric && prompts.is_none(),
            prompt_type: self.prompt_type,
            prepend_bos: !self.no_bos,
            prompts,
        })
    }
}

fn read_prompts(file: &Path) -> Result<Vec<CustomPrompt>> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text).map_err(|error| {
        let message = format!("{} is no JSON array of prompts: {error}", file.display());
        Error::input("prompts", message).into()
    })
}

#[cfg(feature = "train")]
impl TrainOptions {
    pub fn spec(&self) -> TrainSpec {
        TrainSpec {
            seed: self.seed,
            n_layer: self.layers,
            n_head: self.heads,
            n_embd: self.width,
            steps: self.steps,
            batch: self.batch,
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
            guidance: self.guidance,
        }
    }
}

impl RunOptions {
    pub fn spec(&self) -> Result<ExperimentSpec> {
        let SweepSpec { experiment, dataset, flip, freeze_ln } = self.experiment.spec()?;
        Ok(ExperimentSpec { experiment, layer: self.layer, head: self.head, dataset, flip, freeze_ln })
    }
}

impl ExperimentOptions {
    pub fn spec(&self) -> Result<SweepSpec> {
        Ok(SweepSpec {
            experiment: self.experiment.clone(),
            dataset: self.dataset.spec()?,
            flip: self.dataset.flip.clone(),
            freeze_ln: !self.live_ln,
        })
    }
}
