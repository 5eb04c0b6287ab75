//! The prompts of a run as the model reads them, and all that is known of them before it starts.

use super::batch::Batch;
use super::draws::Draws;
use super::names::NameForms;
use super::vectors::{Vectors, Without};
use super::{Case, Experiment, ExperimentSpec, Replacement, SweepSpec, Vector};
use crate::ioi::{DatasetSpec, Flip, Flipped, IoiDataset};
use crate::loader::LoadedModel;
use crate::{Error, Result};

/// # Errors
/// [`Error::BadInput`] if a head of the layer reads nothing that MLP_0 has written.
pub fn check_mlp_0(layer: usize) -> Result<()> {
    if layer > 0 {
        return Ok(());
    }
    Err(Error::input(
        "layer",
        "a head of layer 0 reads nothing of MLP_0, which comes behind it; choose a higher layer",
    ))
}

/// The first of GPT-2 small's name movers, in the order of their effect (Wang et al. 2022).
pub const DEFAULT_NAME_MOVER: [usize; 2] = [9, 9];

pub struct Prompts {
    pub dataset: IoiDataset,
    flipped: Flipped,
    pub experiment: &'static Experiment,
    /// Those of the experiment that can be run.
    pub cases: Vec<&'static Case>,
    pub edits: Edits,
}

/// What the edits of an experiment depend on, beside the batch they are made in.
pub struct Edits {
    pub freeze_ln: bool,
    pub vectors: Vectors,
}

/// A dataset as the model reads it.
///
/// # Errors
/// As [`Prompts::new`].
pub fn dataset(model: &LoadedModel, spec: &DatasetSpec) -> Result<IoiDataset> {
    let (tokenizer, n_ctx) = (&model.tokenizer, model.gpt2.config.n_ctx);
    spec.check_fit(tokenizer, n_ctx)?;
    let dataset = IoiDataset::new(spec.generate()?, tokenizer, spec.prepend_bos)?;
    let longest = 1 + dataset.positions.iter().map(|p| p.end).max().unwrap_or(0);
    if longest > n_ctx {
        return Err(Error::model(format!(
            "the longest prompt has {longest} tokens up to END, but the model's context is {n_ctx}"
        )));
    }
    Ok(dataset)
}

impl Prompts {
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit; [`Error::BadModel`] if the tokenizer or the
    /// context does not.
    pub fn new(model: &LoadedModel, spec: &SweepSpec) -> Result<Self> {
        let experiment = Experiment::named(&spec.experiment)?;
        let tokenizer = &model.tokenizer;
        let flip = Flip::parse(&spec.flip)?;
        let dataset = dataset(model, &spec.dataset)?;
        let flipped = flip.apply(&dataset.prompts, spec.dataset.seed)?;
        let flipped = dataset.flipped(flipped, tokenizer, spec.dataset.prepend_bos)?;
        let all_names = Replacement::Normalized(Vector::NameMover(Without::Names));
        let names = experiment.any(|replacement| replacement == all_names);
        let vectors = Vectors {
            draws: Draws::new(experiment, spec.dataset.seed, &dataset.prompts, tokenizer)?,
            names: names.then(|| NameForms::new(&dataset.prompts, tokenizer)).transpose()?,
            name_mover: DEFAULT_NAME_MOVER,
        };
        let edits = Edits { freeze_ln: spec.freeze_ln, vectors };
        Ok(Self { dataset, flipped, experiment, cases: experiment.cases.iter().collect(), edits })
    }

    /// Those of an experiment at one head. Without a name mover below it, what would put in one's output is left out.
    ///
    /// # Errors
    /// As [`Prompts::new`]; [`Error::BadInput`] if the model has no such head, or if what the experiment puts in,
    /// or the spec names, is not there below its layer.
    pub fn at_head(model: &LoadedModel, spec: &ExperimentSpec) -> Result<Self> {
        let config = &model.gpt2.config;
        config.check_head(spec.layer, spec.head)?;
        let mut prompts = Self::new(model, &SweepSpec::from(spec.clone()))?;
        let reads_mlp_0 = |vector| vector == Vector::Mlp0;
        if prompts.cases.iter().any(|case| case.puts_in(reads_mlp_0)) {
            check_mlp_0(spec.layer)?;
        }
        let is_below = |[layer, head]: [usize; 2]| layer < spec.layer && head < config.n_head;
        match spec.name_mover {
            Some(mover) if is_below(mover) => prompts.edits.vectors.name_mover = mover,
            Some([layer, head]) => {
                return Err(Error::input(
                    "name_mover",
                    format!(
                        "the name mover must be a head below layer {}, of heads 0 to {}; {layer}.{head} is not",
                        spec.layer,
                        config.n_head - 1
                    ),
                ));
            }
            None if is_below(DEFAULT_NAME_MOVER) => {}
            None => prompts.cases.retain(|case| !case.puts_in(Vector::is_of_name_mover)),
        }
        Ok(prompts)
    }

    /// All of them, in batches that suit the model's device.
    pub fn batches(&self, model: &LoadedModel) -> Vec<Batch> {
        let tokens_per_batch = model.device.tokens_per_batch();
        Batch::all(&self.dataset, Some(&self.flipped), tokens_per_batch)
    }

    /// One of them by itself.
    pub fn batch_of(&self, prompt: usize) -> Batch {
        Batch::new(vec![prompt], &self.dataset, Some(&self.flipped))
    }
}
