//! The prompts of a run as the model reads them, and all that is known of them before it starts.

use std::rc::Rc;

use super::draws::Draws;
use super::names::NameForms;
use super::runs::{Asking, Role, Runs, batches};
use super::vectors::{Vectors, Without};
use super::{Case, Experiment, ExperimentSpec, Replacement, SweepSpec, Vector};
use crate::engine::{Asked, Forest, Part, Read, Stopped};
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
    /// Where a case needs them.
    pub flipped: Option<Flipped>,
    pub experiment: &'static Experiment,
    /// Those of the experiment that can be run.
    pub cases: Vec<&'static Case>,
    pub edits: Edits,
    /// Those that go up together.
    pub batches: Vec<Vec<usize>>,
    d_model: usize,
}

/// What the edits of an experiment depend on, beside the batch they are made in.
pub struct Edits {
    pub freeze_ln: bool,
    pub vectors: Rc<Vectors>,
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
        let d_model = model.gpt2.config.n_embd;
        let vectors = Vectors {
            draws: Draws::new(experiment, spec.dataset.seed, &dataset.prompts, tokenizer, d_model)?,
            names: names.then(|| NameForms::new(&dataset.prompts, tokenizer)).transpose()?,
            name_mover: DEFAULT_NAME_MOVER,
        };
        Ok(Self {
            batches: batches(&dataset, model.device.tokens_per_batch()),
            dataset,
            flipped: experiment.flips().then_some(flipped),
            experiment,
            cases: experiment.cases.iter().collect(),
            edits: Edits { freeze_ln: spec.freeze_ln, vectors: Rc::new(vectors) },
            d_model,
        })
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
        spec.check_layer(prompts.experiment)?;
        spec.check_name_mover(config)?;
        match spec.name_mover {
            Some(mover) => {
                let vectors = Rc::get_mut(&mut prompts.edits.vectors).expect("nobody has them yet");
                vectors.name_mover = mover;
            }
            None if spec.is_below(DEFAULT_NAME_MOVER, config) => {}
            None => prompts.cases.retain(|case| !case.puts_in(Vector::is_of_name_mover)),
        }
        Ok(prompts)
    }

    /// A batch's unedited runs.
    pub fn asking(&self, batch: usize) -> Asking {
        let Self { dataset, flipped, edits, batches, .. } = self;
        Asking::new(dataset, flipped.as_ref(), &edits.vectors, &batches[batch])
    }

    pub fn runs(&self, at: &Stopped) -> Runs {
        Runs::marked(at, &self.batches[at.batch], &self.dataset)
    }

    /// The floating point operations of the clean prompts by themselves, or of one, up to END, through so many layers.
    pub fn forward_flops(&self, layers: usize, only: Option<usize>) -> f64 {
        layers as f64 * layer_flops(&self.dataset, self.d_model, only)
    }

    /// Those of the flipped prompts, if they are run.
    pub fn flipped_flops(&self, layers: usize, only: Option<usize>) -> f64 {
        self.flipped.as_ref().map_or(0.0, |_| self.forward_flops(layers, only))
    }

    /// Those of the queries and keys of all positions of one layer.
    pub fn qk_flops(&self, only: Option<usize>) -> f64 {
        let tokens: usize = ends(&self.dataset, only).map(|end| end + 1).sum();
        4.0 * (self.d_model * self.d_model * tokens) as f64
    }
}

/// The floating point operations of the matrix products of a layer, of prompts by themselves up to END.
fn layer_flops(dataset: &IoiDataset, d_model: usize, only: Option<usize>) -> f64 {
    let d = d_model as f64;
    let of_prompt = |end: usize| {
        let tokens = (end + 1) as f64;
        24.0 * d * d * tokens + 2.0 * d * tokens * (tokens + 1.0)
    };
    ends(dataset, only).map(of_prompt).sum()
}

fn ends(dataset: &IoiDataset, only: Option<usize>) -> impl Iterator<Item = usize> {
    let all = dataset.positions.iter().map(|p| p.end).enumerate();
    all.filter(move |(prompt, _)| only.is_none_or(|only| only == *prompt)).map(|(_, end)| end)
}

/// The clean prompts of a dataset, looked at at their roles before a layer.
pub struct AtRoles {
    pub dataset: IoiDataset,
    pub batches: Vec<Vec<usize>>,
    layer: usize,
    d_model: usize,
}

impl AtRoles {
    /// # Errors
    /// As [`Prompts::new`].
    pub fn new(model: &LoadedModel, spec: &DatasetSpec, layer: usize) -> Result<Self> {
        let dataset = dataset(model, spec)?;
        let batches = batches(&dataset, model.device.tokens_per_batch());
        Ok(Self { dataset, batches, layer, d_model: model.gpt2.config.n_embd })
    }

    /// A batch's runs, and `resid_pre` at their roles.
    pub fn ask(&self, batch: usize) -> Asked {
        let mut forest = Forest::default();
        let runs = Runs::new(&mut forest, &self.batches[batch], &self.dataset, None);
        let nodes = Role::ALL.iter().flat_map(|&role| runs.at(&forest, &runs.clean, role)).collect();
        let reads = vec![Read { layer: self.layer, part: Part::ResidPre, nodes }];
        Asked { forest, reads, marked: vec![runs.clean, runs.flipped], ..Asked::default() }
    }

    pub fn runs(&self, at: &Stopped) -> Runs {
        Runs::marked(at, &self.batches[at.batch], &self.dataset)
    }

    /// The floating point operations of the prompts by themselves, up to END, as far as the layer.
    pub fn forward_flops(&self) -> f64 {
        self.layer as f64 * layer_flops(&self.dataset, self.d_model, None)
    }
}
