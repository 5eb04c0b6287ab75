//! A head's scores on a dataset as linear functions, one a prompt: what has to stand at END, or at IO, for the head
//! to attend.

mod report;

use std::rc::Rc;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::prompts::AtRoles;
use super::qk::{LinearFunction, QkWeights, Side};
use super::runs::Role;
use crate::engine::{Asked, Probe, Stop, Stopped};
use crate::ioi::DatasetSpec;
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::model::{EffectiveEmbedding, normalize, standardize};
use crate::report::Report;
use crate::{Error, Result};

/// Which functions, of which head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearFunctionsSpec {
    pub layer: usize,
    pub head: usize,
    pub dataset: DatasetSpec,
    /// What they are functions of; the other side is held fixed.
    pub func: Side,
    /// Whether the score is END→IO minus END→S1; else it is END→IO alone.
    #[serde(rename = "subtract_S1")]
    pub subtract_s1: bool,
    /// Compute the keys from the names' effective embeddings; of functions of queries.
    pub only_effective_embeddings: Option<EffectiveEmbedding>,
}

/// score = map · x + bias, x being LN of what queries (at END) or keys (at IO; minus S1, at S1 with the sign changed)
/// are computed from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinearFunctionsResult {
    pub head: [usize; 2],
    pub spec: LinearFunctionsSpec,
    pub d_model: usize,
    /// Prompt by prompt. `[prompt · d_model]`
    pub linear_map: Vec<f32>,
    pub linear_map_norm: Vec<f32>,
    pub bias: Vec<f32>,
}

/// The functions of a dataset, being computed.
pub type LinearFunctions = OnePass<Maps>;

pub struct Maps {
    spec: LinearFunctionsSpec,
    roles: AtRoles,
    d_model: usize,
    qk: QkWeights,
    map: Vec<f32>,
    bias: Vec<f32>,
}

impl LinearFunctionsSpec {
    /// What can be said without the model.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field: effective embeddings are no keys of a function of keys.
    pub fn check(&self) -> Result<()> {
        self.dataset.check()?;
        self.check_keys()
    }

    /// # Errors
    /// As [`LinearFunctionsSpec::check`].
    pub(crate) fn check_keys(&self) -> Result<()> {
        if self.func == Side::Keys && self.only_effective_embeddings.is_some() {
            return Err(Error::input(
                "only_effective_embeddings",
                "a function of keys holds queries fixed; effective embeddings are keys to hold fixed for a function of queries",
            ));
        }
        Ok(())
    }
}

impl LinearFunctions {
    /// # Errors
    /// As [`super::Run::new`], and those of [`LinearFunctionsSpec::check`].
    pub fn new(model: Rc<LoadedModel>, spec: &LinearFunctionsSpec) -> Result<Self> {
        let config = &model.gpt2.config;
        config.check_head(spec.layer, spec.head)?;
        spec.check()?;
        let roles = AtRoles::new(&model, &spec.dataset, spec.layer)?;
        let (d_model, prompts) = (config.n_embd, roles.dataset.len());
        let maps = Maps {
            qk: QkWeights::new(&model.gpt2, spec.layer, spec.head),
            map: vec![0.0; prompts * d_model],
            bias: vec![0.0; prompts],
            d_model,
            roles,
            spec: spec.clone(),
        };
        Ok(Self::of(model, maps))
    }
}

impl Analysis for LinearFunctions {
    const NAME: &'static str = "linear";
    type Question = Of<LinearFunctionsSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl Measures for Maps {
    type Result = LinearFunctionsResult;

    fn result(&self) -> LinearFunctionsResult {
        let Self { spec, d_model, map, bias, .. } = self;
        let norm = |row: &[f32]| row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt() as f32;
        LinearFunctionsResult {
            head: [spec.layer, spec.head],
            spec: spec.clone(),
            d_model: *d_model,
            linear_map: map.clone(),
            linear_map_norm: map.chunks_exact(*d_model).map(norm).collect(),
            bias: bias.clone(),
        }
    }

    fn report(&self, finished: bool) -> Option<Report> {
        finished.then(|| self.result().report())
    }

    fn needed(&self) -> f64 {
        self.roles.forward_flops()
    }
}

impl Probe for Maps {
    fn batches(&self) -> usize {
        self.roles.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![Stop { layer: self.spec.layer, what: "linear functions" }]
    }

    fn ask(&self, batch: usize) -> Asked {
        self.roles.ask(batch)
    }

    /// The maps, `[prompt · d_model]`, and then the biases.
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let runs = self.roles.runs(at);
        let eps = at.gpt2.blocks[at.layer].eps;
        let normalized = |role| normalize(runs.resid_pre(at, role), eps);
        let subtract_s1 = self.spec.subtract_s1;
        let LinearFunction { map, bias } = match self.spec.func {
            Side::Queries => {
                let key = |role, tokens| {
                    let x = match self.spec.only_effective_embeddings {
                        None => normalized(role),
                        Some(form) => standardize(at.gpt2.effective_embedding(tokens, form)),
                    };
                    self.qk.read(Side::Keys, x)
                };
                let io = key(Role::Io, &runs.io);
                let held = if subtract_s1 { io - key(Role::S1, &runs.s) } else { io };
                self.qk.function_of(Side::Queries, held)
            }
            Side::Keys => {
                let held = self.qk.read(Side::Queries, normalized(Role::End));
                let function = self.qk.function_of(Side::Keys, held);
                // The same at IO and at S1.
                let bias = if subtract_s1 { function.bias.zeros_like() } else { function.bias };
                LinearFunction { map: function.map, bias }
            }
        };
        Tensor::cat(vec![map.flatten(0, 1), bias], 0)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let runs = self.roles.runs(at);
        let (maps, biases) = values.split_at(runs.len() * self.d_model);
        for (&prompt, map) in runs.prompts.iter().zip(maps.chunks_exact(self.d_model)) {
            self.map[prompt * self.d_model..][..self.d_model].copy_from_slice(map);
        }
        runs.scatter(biases, &mut self.bias);
    }
}
