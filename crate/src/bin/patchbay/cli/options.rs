mod attention;
mod attribute;
mod cache;
mod circuit;
mod common;
mod decompose;
mod form;
mod heads;
mod patch;
mod paths;
mod task;
mod tools;
mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use patchbay::schema::Field;

pub use self::attention::AttentionOptions;
pub use self::attribute::{AttributeOptions, LensOptions};
pub use self::cache::CacheOptions;
pub use self::circuit::CircuitOptions;
pub use self::common::{CommonOptions, Judging, Printing, ScriptFile, Scripting};
pub use self::decompose::DecomposeOptions;
pub use self::form::{Asks, Form};
pub use self::heads::HeadsOptions;
pub use self::patch::PatchOptions;
pub use self::paths::PathOptions;
pub use self::task::{ExamplesOptions, TaskOptions};
#[cfg(feature = "train")]
pub use self::tools::TrainOptions;
pub use self::tools::{BenchOptions, FetchOptions, VerifyOptions};
pub use self::values::DeviceChoice;

/// GPT-2 with its activations on a patch bay.
///
/// Without --model it is ioi-mini, the toy model that ships with the page.
#[derive(Parser)]
#[command(version)]
pub struct Options {
    #[command(subcommand)]
    pub command: Command,
}

/// What each computes; then where that comes from, and what it costs.
#[derive(Subcommand)]
pub enum Command {
    /// What a head attends to while its input is patched or projected: its score END→IO minus END→S1.
    ///
    /// The notebook's experiment "patching positions" on the IOI task (Wang et al. 2022), its controls and its replacements. Costs
    /// one forward pass of the prompts and one of their flips, up to the head's layer; with --accuracy to the last.
    Run(RunOptions),
    /// The same at every head of every layer.
    ///
    /// Costs one forward pass of the prompts and one of their flips, for all heads together.
    Sweep(SweepOptions),
    /// What a head attends to in any text, or on a task's prompt, and what the model says next after each token.
    ///
    /// Scores q·k/√d_head and their softmax, as TransformerLens's hooks "attn_scores" and "pattern" have them. Costs one forward pass
    /// of the text, and the whole vocabulary's logits after each token.
    Attention(AttentionOptions),
    /// Edit an activation at every place of a grid, and see what each edit does to a metric.
    ///
    /// Activation patching as TransformerLens's `patching` functions do it, ablation, projection, steering. Costs one forward pass
    /// of the prompts and of what they are corrupted to, and of each edited run what the edit changes; --cost says how much.
    Patch(PatchOptions),
    /// Corrupt single paths, from a head to others or to the logits, and see what each does to a metric.
    ///
    /// Path patching (Wang et al. 2022, appendix B): the sender's z is the corrupted run's, all other heads' the clean run's, and what
    /// the receivers read then is put into a clean run. Costs one forward pass of the prompts and of what they are corrupted to; of
    /// each path that ends in queries or logits only END's MLPs, of keys and values every position's, and the layers above a
    /// receiver. --cost says how much.
    Paths(PathOptions),
    /// What each head, MLP, embedding and bias adds to the logit difference at END by itself.
    ///
    /// Direct logit attribution, as TransformerLens's `logit_attrs` gives it of `get_full_resid_decomposition`: what a component
    /// wrote, over ln_f's scale, times W_U[answers] − W_U[wrong]. All of them add up to the logit difference, which is checked.
    /// Costs one forward pass of the prompts.
    Attribute(AttributeOptions),
    /// The logit difference that the residual stream at END gives, layer by layer.
    ///
    /// The logit lens (nostalgebraist 2020), as TransformerLens's `logit_attrs` gives it of `accumulated_resid`; b_U is in every
    /// value, so that the last one is the model's own logit difference. Costs one forward pass of the prompts.
    Lens(LensOptions),
    /// Keep some heads and ablate all others, and see how much of a metric is left.
    ///
    /// Circuits as in Wang et al. 2022: faithfulness is the circuit's mean over the full model's; --examine adds completeness
    /// (section 4.2) and minimality (section 4.3) of every node. Without --corruption it is abc. Costs one forward pass of the prompts,
    /// of what they are corrupted to, of the circuit and of what is left without any head; with --examine also what each node, taken
    /// out of the circuit and of the model, changes. --cost says how much.
    Circuit(CircuitOptions),
    /// What each head looks at, copies, writes and is worth.
    ///
    /// Attention to the previous token, to duplicates and by induction (Olsson et al. 2022) and between the task's roles, copying
    /// scores (Wang et al. 2022), direct logit attribution, and a mean ablation. Costs a forward pass of the prompts and, most of
    /// all, what each head's ablation changes of them; and the whole vocabulary's logits for each head and name. --cost says how
    /// much, --figures takes some.
    Heads(HeadsOptions),
    /// Write activations of a task's examples into a safetensors file, by TransformerLens's names.
    ///
    /// Beside them are the tokens, how many positions of each row are its own, and where the roles are. Costs one forward pass of
    /// the prompts up to the highest layer; --cost says that, and how large the file would be.
    Cache(CacheOptions),
    /// Why a head attends: what each component of what it reads contributes to its score.
    ///
    /// The notebook's decompose_attn_scores, and with --full its decompose_attn_scores_full. Costs one forward pass of the prompts
    /// up to the head's layer.
    Decompose(DecomposeOptions),
    /// A head's scores as linear functions of what its queries or its keys read.
    ///
    /// What `decompose` puts the components into. Costs one forward pass of the prompts up to the head's layer.
    Linear(LinearOptions),
    /// The effective embeddings of tokens, and the tokens whose are nearest.
    ///
    /// Effective embeddings: McDougall et al. 2023, on copy suppression. Costs layer 0, once for each token of the vocabulary.
    Embed(EmbedOptions),
    /// The examples of a task: what the model is asked, clean and corrupted, with roles, answers and groups.
    ///
    /// The tasks of Wang et al. 2022 (ioi), Olsson et al. 2022 (induction) and Hanna et al. 2023 (greater_than), and pairs of one's
    /// own. Costs no forward pass: no weights are read.
    Task(ExamplesOptions),
    /// The prompts of the IOI task and their flips.
    ///
    /// The notebook's dataset, seed for seed (Wang et al. 2022). Costs no forward pass.
    Dataset(DatasetOptions),
    /// Put a model's files into a folder, verified.
    ///
    /// Downloads what is not in the hub's cache: 548 MB of GPT-2 small.
    Fetch(FetchOptions),
    /// How well a model does on IOI prompts that ioi-mini was not trained on.
    ///
    /// The exams of ioi-mini's card. Costs one forward pass of 4000 prompts.
    Evaluate(CommonOptions),
    /// Whether the model gives what others have published of GPT-2 small: each figure beside ours, with the largest difference.
    ///
    /// Grids, attributions, the lens and head scores of TransformerLens's demos, the notebook's means, and roughly, since their
    /// prompts are others, Wang et al. 2022 and Hanna et al. 2023. Ends with status 1 where a figure is not within its tolerance.
    /// Costs 18 TFLOP of GPT-2 small, some minutes on a CPU; --cost says what it takes here.
    Verify(VerifyOptions),
    /// How fast this machine is at what a run is made of, and how close a run comes to that.
    ///
    /// With random weights of GPT-2 small's shape. Costs --repeats runs for each number of prompts.
    Bench(BenchOptions),
    /// Train ioi-mini, the model that ships with the page.
    ///
    /// One head is guided (Mi et al. 2016). Costs a forward and a backward pass of --batch texts for each step.
    #[cfg(feature = "train")]
    Train(TrainOptions),
}

#[derive(Args)]
pub struct RunOptions {
    #[command(flatten)]
    pub form: Form<Self>,
    #[command(flatten)]
    pub common: CommonOptions,
    #[command(flatten)]
    pub scripting: Scripting,
    /// Also print the first three sentences and their flips.
    #[arg(long)]
    pub verbose: bool,
}

#[derive(Args)]
pub struct SweepOptions {
    #[command(flatten)]
    pub form: Form<Self>,
    #[command(flatten)]
    pub common: CommonOptions,
    #[command(flatten)]
    pub scripting: Scripting,
}

#[derive(Args)]
pub struct LinearOptions {
    #[command(flatten)]
    pub form: Form<Self>,
    /// Take END→IO minus END→S1 as the score, and not END→IO alone.
    #[arg(long)]
    pub minus_s1: bool,
    #[command(flatten)]
    pub common: CommonOptions,
    #[command(flatten)]
    pub scripting: Scripting,
}

#[derive(Args)]
pub struct EmbedOptions {
    /// Texts of one token each; the space before a word is part of it.
    #[arg(required = true)]
    pub tokens: Vec<String>,
    #[command(flatten)]
    pub form: Form<Self>,
    #[command(flatten)]
    pub common: CommonOptions,
    #[command(flatten)]
    pub scripting: Scripting,
}

#[derive(Args)]
pub struct DatasetOptions {
    #[command(flatten)]
    pub form: Form<Self>,
    /// The model whose tokenizer makes the tokens, as in other commands.
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// Print one JSON object, with the tokens; without --model they are ioi-mini's.
    #[arg(long)]
    pub json: bool,
}

impl Asks for RunOptions {
    const ANALYSIS: &'static str = "experiment";
}

impl Asks for SweepOptions {
    const ANALYSIS: &'static str = "sweep";
}

impl Asks for LinearOptions {
    const ANALYSIS: &'static str = "linear";

    fn has(field: &Field) -> bool {
        field.name != "linear_score"
    }
}

impl Asks for EmbedOptions {
    const ANALYSIS: &'static str = "nearest";

    fn has(field: &Field) -> bool {
        field.name != "explore_token"
    }
}

impl Asks for DatasetOptions {
    const ANALYSIS: &'static str = "experiment";

    fn has(field: &Field) -> bool {
        field.group == "task"
    }
}
