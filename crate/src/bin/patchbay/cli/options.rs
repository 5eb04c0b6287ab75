mod tools;
mod values;

use std::path::PathBuf;

use anyhow::Result;
use clap::{ArgAction, Args, Parser, Subcommand};
use patchbay::experiment::{ExperimentSpec, SweepSpec};
use patchbay::ioi::{DatasetSpec, Flip, PromptType};

#[cfg(feature = "train")]
pub use self::tools::TrainOptions;
pub use self::tools::{BenchOptions, EvaluateOptions, FetchOptions};
use self::values::layer_and_head;
pub use self::values::{DeviceChoice, Embedding, Project, Side, Substitute};
use super::loaded::Loaded;
use super::prompts::OwnPrompts;

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
    /// Why a head attends: what each component of what it reads contributes to its score.
    Decompose(DecomposeOptions),
    /// A head's scores as linear functions of its queries or keys.
    Linear(LinearOptions),
    /// The effective embeddings of tokens, and the tokens whose are nearest.
    Embed(EmbedOptions),
    /// Print the IOI dataset.
    Dataset(DatasetOptions),
    /// Put a model's files into a folder, verified.
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
    /// A folder with a model's files, or OWNER/NAME[@REVISION] on the hub.
    #[arg(long)]
    pub model: PathBuf,
    /// Without it 10, or a layer as high in a model of fewer layers.
    #[arg(long)]
    pub layer: Option<usize>,
    /// Without it 7, or the last one in a model of fewer heads.
    #[arg(long)]
    pub head: Option<usize>,
    #[command(flatten)]
    pub experiment: ExperimentOptions,
    /// The head whose output at END "query_replacements" puts in, as LAYER.HEAD; if it is not given 9.9, and without
    /// one what it puts in is left out.
    #[arg(long, value_name = "LAYER.HEAD", value_parser = layer_and_head)]
    pub name_mover: Option<[usize; 2]>,
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
    /// A folder with a model's files, or OWNER/NAME[@REVISION] on the hub.
    #[arg(long)]
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
    /// What to ask: patching_positions, controls, query_replacements or key_replacements.
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
pub struct HeadOptions {
    /// A folder with a model's files, or OWNER/NAME[@REVISION] on the hub.
    #[arg(long)]
    pub model: PathBuf,
    /// Without it 10, or a layer as high in a model of fewer layers.
    #[arg(long)]
    pub layer: Option<usize>,
    /// Without it 7, or the last one in a model of fewer heads.
    #[arg(long)]
    pub head: Option<usize>,
    #[command(flatten)]
    pub dataset: DatasetSpecOptions,
    /// Of the score END→IO minus END→S1; else of END→IO.
    #[arg(long)]
    pub minus_s1: bool,
    #[arg(long, value_enum, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct DecomposeOptions {
    #[command(flatten)]
    pub head: HeadOptions,
    /// The side that is taken apart; the other is held fixed.
    #[arg(long, value_enum, required_unless_present = "full", conflicts_with = "full")]
    pub by: Option<Side>,
    /// Take both sides apart: every component of the query with every one of the key, in four planes, along W_U[IO] and
    /// MLP_0's output and perpendicular to them.
    #[arg(long)]
    pub full: bool,
    /// Compute the side that is held fixed from something simple.
    #[arg(long, value_enum, conflicts_with = "full")]
    pub substitute: Option<Substitute>,
    /// Split a side in its part along a direction and the rest; queries along W_U[IO], keys along MLP_0's output.
    /// May be given twice.
    #[arg(long, value_enum, conflicts_with = "full")]
    pub project: Vec<Project>,
    /// Project queries on the unembedding of S too.
    #[arg(long)]
    pub with_s: bool,
    /// And on the names without the space before them, and in lower case.
    #[arg(long)]
    pub with_name_forms: bool,
}

#[derive(Args)]
pub struct LinearOptions {
    #[command(flatten)]
    pub head: HeadOptions,
    /// What they are functions of; the other side is held fixed.
    #[arg(long, value_enum)]
    pub of: Side,
    /// Compute the keys from the names' effective embeddings.
    #[arg(long, value_enum)]
    pub effective_embedding: Option<Embedding>,
}

#[derive(Args)]
pub struct EmbedOptions {
    /// Texts of one token each; the space before a word is part of it.
    #[arg(required = true)]
    pub tokens: Vec<String>,
    /// A folder with a model's files, or OWNER/NAME[@REVISION] on the hub.
    #[arg(long)]
    pub model: PathBuf,
    /// How many of the nearest tokens.
    #[arg(long, default_value_t = 10)]
    pub nearest: usize,
    #[arg(long, value_enum, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Print one JSON object, with the vectors.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct DatasetOptions {
    #[command(flatten)]
    pub dataset: SpecOptions,
    /// The model whose tokenizer makes the tokens, as a folder or OWNER/NAME[@REVISION]; without it only sentences are printed.
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// Print one JSON object; needs --model.
    #[arg(long, requires = "model")]
    pub json: bool,
}

#[derive(Args)]
pub struct SpecOptions {
    #[command(flatten)]
    pub dataset: DatasetSpecOptions,
    #[arg(long, default_value = Flip::DEFAULT)]
    pub flip: String,
}

#[derive(Args)]
pub struct DatasetSpecOptions {
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
    /// Take these prompts: a JSON array of objects with "sentence", "io" and "s".
    #[arg(long, value_name = "FILE", conflicts_with_all = ["n", "symmetric", "no_symmetric", "prompt_type"])]
    pub prompts: Option<PathBuf>,
}

impl DatasetSpecOptions {
    /// The prompts of one's own; they are in the spec, as far as it is known without a model which can be run.
    pub fn spec(&self) -> Result<(DatasetSpec, OwnPrompts)> {
        let own = self.prompts.as_deref().map(OwnPrompts::read).transpose()?;
        own.as_ref().map_or(Ok(()), OwnPrompts::check_any)?;
        let prompts = own.as_ref().map(OwnPrompts::prompts);
        let spec = DatasetSpec {
            n: prompts.as_ref().map_or(self.n, |prompts| prompts.len() as u32),
            seed: self.seed,
            symmetric: !self.no_symmetric && prompts.is_none(),
            prompt_type: self.prompt_type,
            prepend_bos: !self.no_bos,
            prompts,
        };
        Ok((spec, own.unwrap_or_default()))
    }
}

impl HeadOptions {
    pub fn load(&self) -> Result<(Loaded, [usize; 2])> {
        Loaded::with_head(&self.model, self.device, self.layer, self.head)
    }

    /// The usual head until the model is known.
    pub fn head(&self) -> [usize; 2] {
        let usual = ExperimentSpec::default();
        [self.layer.unwrap_or(usual.layer), self.head.unwrap_or(usual.head)]
    }
}

impl RunOptions {
    /// With the usual head until the model is known.
    pub fn spec(&self) -> Result<(ExperimentSpec, OwnPrompts)> {
        let (SweepSpec { experiment, dataset, flip, freeze_ln }, own) = self.experiment.spec()?;
        let usual = ExperimentSpec::default();
        let spec = ExperimentSpec {
            experiment,
            layer: self.layer.unwrap_or(usual.layer),
            head: self.head.unwrap_or(usual.head),
            dataset,
            flip,
            freeze_ln,
            name_mover: self.name_mover,
        };
        Ok((spec, own))
    }
}

impl ExperimentOptions {
    pub fn spec(&self) -> Result<(SweepSpec, OwnPrompts)> {
        let (dataset, own) = self.dataset.dataset.spec()?;
        let (experiment, flip) = (self.experiment.clone(), self.dataset.flip.clone());
        Ok((SweepSpec { experiment, dataset, flip, freeze_ln: !self.live_ln }, own))
    }
}
