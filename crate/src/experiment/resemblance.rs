//! How much a name's effective embedding is what a head's key reads at IO.

use std::rc::Rc;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::batch::Batch;
use super::pass::{Pass, Probe, Progress, Stopped};
use super::places::Role;
use super::plan::{Reads, Stop};
use super::prompts::dataset;
use super::qk::{QkWeights, Side};
use crate::Result;
use crate::ioi::DatasetSpec;
use crate::loader::LoadedModel;
use crate::model::{EffectiveEmbedding, normalize, standardize};

/// Of which head, on which prompts.
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

/// Of one form of effective embedding.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Resemblance {
    pub embedding: EffectiveEmbedding,
    /// Of the embedding of IO with what the head's key reads at IO, the residual stream.
    pub input: Vec<f32>,
    /// Of the keys that the head makes of the two.
    pub key: Vec<f32>,
}

/// Being computed.
pub struct ResemblanceRun {
    pass: Pass,
    cosines: Cosines,
}

struct Cosines {
    spec: ResemblanceSpec,
    qk: QkWeights,
    /// By form, then input and key. `[prompt]` each
    columns: Vec<Vec<f32>>,
}

impl ResemblanceRun {
    /// # Errors
    /// As [`super::Run::new`].
    pub fn new(model: Rc<LoadedModel>, spec: &ResemblanceSpec) -> Result<Self> {
        model.gpt2.config.check_head(spec.layer, spec.head)?;
        let dataset = dataset(&model, &spec.dataset)?;
        let cosines = Cosines {
            qk: QkWeights::new(&model.gpt2, spec.layer, spec.head),
            columns: vec![vec![0.0; dataset.len()]; 2 * EffectiveEmbedding::ALL.len()],
            spec: spec.clone(),
        };
        let batches = Batch::all(&dataset, None, model.device.tokens_per_batch());
        Ok(Self { pass: Pass::new(model, batches, &cosines), cosines })
    }

    /// Does the next step.
    ///
    /// # Errors
    /// As [`super::Run::step`].
    pub async fn step(&mut self) -> Result<Progress> {
        self.pass.step(&mut self.cosines).await
    }

    /// The cosines, or nothing while steps are left.
    ///
    /// # Errors
    /// As [`super::Run::result`].
    pub fn result(&self) -> Result<Option<ResemblanceResult>> {
        let Cosines { spec, columns, .. } = &self.cosines;
        let forms = EffectiveEmbedding::ALL.into_iter().zip(columns.chunks_exact(2));
        let resemblance = |(embedding, columns): (_, &[Vec<f32>])| Resemblance {
            embedding,
            input: columns[0].clone(),
            key: columns[1].clone(),
        };
        let result = || ResemblanceResult {
            head: [spec.layer, spec.head],
            spec: spec.clone(),
            forms: forms.map(resemblance).collect(),
        };
        Ok(self.pass.is_finished()?.then(result))
    }
}

impl Probe for Cosines {
    fn stops(&self) -> Vec<Stop> {
        let layer = self.spec.layer;
        vec![Stop { layer, flipped: false, reads: Reads::Roles, written: false, what: "resemblances" }]
    }

    /// `[form · (input, key) · prompt]`
    fn measure(&self, at: &Stopped) -> Result<Tensor<1>> {
        let resid_pre = at.places.at(at.clean.clone(), Role::Io);
        let normalized = normalize(resid_pre, at.gpt2.blocks[at.layer].eps);
        let key = |x: &Tensor<2>| self.qk.read(Side::Keys, x.clone());
        let of_form = |embedding: Tensor<2>| {
            let embedding = standardize(embedding);
            [cosine(embedding.clone(), normalized.clone()), cosine(key(&embedding), key(&normalized))]
        };
        let forms = at.gpt2.effective_embeddings(&at.batch.io);
        Ok(Tensor::cat(forms.into_iter().flat_map(of_form).collect(), 0))
    }

    fn keep(&mut self, _: usize, batch: &Batch, values: &[f32]) {
        for (column, values) in self.columns.iter_mut().zip(values.chunks_exact(batch.len())) {
            batch.scatter(values, column);
        }
    }
}

/// Row by row. `[rows]`
fn cosine(a: Tensor<2>, b: Tensor<2>) -> Tensor<1> {
    let dot = |a: &Tensor<2>, b: &Tensor<2>| (a.clone() * b.clone()).sum_dim(1);
    let lengths = (dot(&a, &a) * dot(&b, &b)).sqrt().clamp_min(1e-30);
    (dot(&a, &b) / lengths).squeeze_dim(1)
}
