//! The prompts of a run as the model reads them, and all that is known of them before it starts.

use super::batch::Batch;
use super::draws::Draws;
use super::{Experiment, SweepSpec};
use crate::ioi::{Flip, Flipped, IoiDataset};
use crate::loader::LoadedModel;
use crate::{Error, Result};

pub struct Prompts {
    pub dataset: IoiDataset,
    flipped: Flipped,
    pub edits: Edits,
}

/// What the edits of an experiment depend on, beside the batch they are made in.
pub struct Edits {
    pub experiment: &'static Experiment,
    pub freeze_ln: bool,
    pub draws: Draws,
}

impl Prompts {
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit; [`Error::BadModel`] if the tokenizer or the
    /// context does not.
    pub fn new(model: &LoadedModel, spec: &SweepSpec) -> Result<Self> {
        let experiment = Experiment::named(&spec.experiment)?;
        let (tokenizer, n_ctx) = (&model.tokenizer, model.gpt2.config.n_ctx);
        let flip = Flip::parse(&spec.flip)?;
        spec.dataset.check_fit(tokenizer, n_ctx)?;
        let prompts = spec.dataset.generate()?;
        let flipped = flip.apply(&prompts, spec.dataset.seed)?;
        let draws = Draws::new(experiment, spec.dataset.seed, &prompts, tokenizer)?;
        let bos = spec.dataset.prepend_bos;
        let dataset = IoiDataset::new(prompts, tokenizer, bos)?;
        let flipped = dataset.flipped(flipped, tokenizer, bos)?;
        let longest = 1 + dataset.positions.iter().map(|p| p.end).max().unwrap_or(0);
        if longest > n_ctx {
            return Err(Error::model(format!(
                "the longest prompt has {longest} tokens up to END, but the model's context is {n_ctx}"
            )));
        }
        Ok(Self { dataset, flipped, edits: Edits { experiment, freeze_ln: spec.freeze_ln, draws } })
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
