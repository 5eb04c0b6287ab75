//! How much a name's effective embedding is what a head's key reads at IO.

mod report;

use std::rc::Rc;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::prompts::AtRoles;
use super::qk::{QkWeights, Side};
use super::runs::Role;
use crate::Result;
use crate::engine::{Asked, Probe, Stop, Stopped};
use crate::ioi::DatasetSpec;
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::model::{EffectiveEmbedding, normalize, standardize};
use crate::report::Report;

/// Which head is looked at, on which prompts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct ResemblanceSpec {
    pub layer: usize,
    pub head: usize,
    pub dataset: DatasetSpec,
}

/// Cosines, prompt by prompt.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ResemblanceResult {
    #[cfg_attr(target_arch = "wasm32", tsify(type = "[number, number]"))]
    pub head: [usize; 2],
    pub spec: ResemblanceSpec,
    pub forms: Vec<Resemblance>,
}

/// The cosines for one form of effective embedding.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Resemblance {
    pub embedding: EffectiveEmbedding,
    /// Those of the embedding of IO with what the head's key reads at IO, the residual stream.
    pub input: Vec<f32>,
    /// Those of the keys that the head makes of the two.
    pub key: Vec<f32>,
}

/// Being computed.
pub type ResemblanceRun = OnePass<Cosines>;

pub struct Cosines {
    spec: ResemblanceSpec,
    roles: AtRoles,
    qk: QkWeights,
    /// By form, then input and key. `[prompt]` each
    columns: Vec<Vec<f32>>,
}

impl ResemblanceRun {
    /// # Errors
    /// As [`super::Run::new`].
    pub fn new(model: Rc<LoadedModel>, spec: &ResemblanceSpec) -> Result<Self> {
        model.gpt2.config.check_head(spec.layer, spec.head)?;
        let roles = AtRoles::new(&model, &spec.dataset, spec.layer)?;
        let cosines = Cosines {
            qk: QkWeights::new(&model.gpt2, spec.layer, spec.head),
            columns: vec![vec![0.0; roles.dataset.len()]; 2 * EffectiveEmbedding::ALL.len()],
            roles,
            spec: spec.clone(),
        };
        Ok(Self::of(model, cosines))
    }
}

impl Analysis for ResemblanceRun {
    const NAME: &'static str = "resemblance";
    type Question = Of<ResemblanceSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl Measures for Cosines {
    type Result = ResemblanceResult;

    fn result(&self) -> ResemblanceResult {
        let Self { spec, columns, .. } = self;
        let forms = EffectiveEmbedding::ALL.into_iter().zip(columns.chunks_exact(2));
        let resemblance = |(embedding, columns): (_, &[Vec<f32>])| Resemblance {
            embedding,
            input: columns[0].clone(),
            key: columns[1].clone(),
        };
        ResemblanceResult {
            head: [spec.layer, spec.head],
            spec: spec.clone(),
            forms: forms.map(resemblance).collect(),
        }
    }

    fn report(&self, finished: bool) -> Option<Report> {
        finished.then(|| self.result().report())
    }

    fn needed(&self) -> f64 {
        self.roles.forward_flops()
    }
}

impl Probe for Cosines {
    fn batches(&self) -> usize {
        self.roles.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![Stop { layer: self.spec.layer, what: "resemblances" }]
    }

    fn ask(&self, batch: usize) -> Asked {
        self.roles.ask(batch)
    }

    /// `[form · (input, key) · prompt]`
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let runs = self.roles.runs(at);
        let normalized = normalize(runs.resid_pre(at, Role::Io), at.gpt2.blocks[at.layer].eps);
        let key = |x: &Tensor<2>| self.qk.read(Side::Keys, x.clone());
        let of_form = |embedding: Tensor<2>| {
            let embedding = standardize(embedding);
            [cosine(embedding.clone(), normalized.clone()), cosine(key(&embedding), key(&normalized))]
        };
        let forms = at.gpt2.effective_embeddings(&runs.io);
        Tensor::cat(forms.into_iter().flat_map(of_form).collect(), 0)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let runs = self.roles.runs(at);
        for (column, values) in self.columns.iter_mut().zip(values.chunks_exact(runs.len())) {
            runs.scatter(values, column);
        }
    }
}

/// Row by row. `[rows]`
fn cosine(a: Tensor<2>, b: Tensor<2>) -> Tensor<1> {
    let dot = |a: &Tensor<2>, b: &Tensor<2>| (a.clone() * b.clone()).sum_dim(1);
    let lengths = (dot(&a, &a) * dot(&b, &b)).sqrt().clamp_min(1e-30);
    (dot(&a, &b) / lengths).squeeze_dim(1)
}
