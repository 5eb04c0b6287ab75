//! The options of what is no experiment.

use std::path::PathBuf;

use clap::Args;
use patchbay::bench::checkpoint::Shape;
use patchbay::hub;
#[cfg(feature = "train")]
use patchbay::training::TrainSpec;

use super::CommonOptions;
use super::values::{DeviceChoice, sha256, shape};

#[derive(Args)]
pub struct FetchOptions {
    /// OWNER/NAME[@REVISION] on the hub, or an address that the names of a model's files are put behind.
    #[arg(long, default_value_os_t = PathBuf::from(hub::gpt2_small().id))]
    pub model: PathBuf,
    /// The folder to fetch into; it is made where it is missing.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// What the SHA-256 of the weights must be; for GPT-2 small it is known.
    #[arg(long, value_name = "HEX", value_parser = sha256)]
    pub sha256: Option<String>,
}

#[derive(Args)]
pub struct BenchOptions {
    /// Numbers of prompts to time the experiment with.
    #[arg(short, value_delimiter = ',', default_values_t = [10, 50, 150, 500])]
    pub n: Vec<u32>,
    /// Also time grids of edits: minutes on a CPU.
    #[arg(long)]
    pub grids: bool,
    /// How often each thing is timed.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeats: u32,
    /// Rows in the steps of a layer.
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub rows: u32,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceChoice::Cpu)]
    pub device: DeviceChoice,
    /// Which GPT-2's shape the random weights have.
    #[arg(long, default_value = "small", value_parser = shape)]
    pub shape: Shape,
    /// Only write the checkpoint that is timed, of random weights, into this folder.
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
    /// Layers that have an MLP, from the first.
    #[arg(long, default_value_t = TrainSpec::default().mlps)]
    pub mlps: usize,
    /// The width of those.
    #[arg(long, default_value_t = TrainSpec::default().n_inner)]
    pub inner: usize,
    #[arg(long, default_value_t = TrainSpec::default().steps)]
    pub steps: usize,
    /// Texts a step.
    #[arg(long, default_value_t = TrainSpec::default().batch)]
    pub batch: usize,
    #[arg(long, default_value_t = TrainSpec::default().learning_rate)]
    pub learning_rate: f64,
    #[arg(long, default_value_t = TrainSpec::default().weight_decay)]
    pub weight_decay: f32,
    /// The weight of the guidance of five heads: where to look for names and for the token before, and what three of them write.
    #[arg(long, default_value_t = TrainSpec::default().guidance)]
    pub guidance: f64,
    /// The same seed gives the same model on the CPU only.
    #[arg(long, value_enum, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
}

#[cfg(feature = "train")]
impl TrainOptions {
    pub fn spec(&self) -> TrainSpec {
        TrainSpec {
            seed: self.seed,
            n_layer: self.layers,
            n_head: self.heads,
            n_embd: self.width,
            mlps: self.mlps,
            n_inner: self.inner,
            steps: self.steps,
            batch: self.batch,
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
            guidance: self.guidance,
        }
    }
}

#[derive(Args)]
pub struct VerifyOptions {
    /// Hold against these figures instead: a file of the form of crate/src/published/gpt2-small.json, or a part of such a file.
    #[arg(long, value_name = "FILE")]
    pub figures: Option<PathBuf>,
    /// Only say what it costs.
    #[arg(long)]
    pub cost: bool,
    #[command(flatten)]
    pub common: CommonOptions,
}
