//! Why a head attends: its score as a sum over what the layers below wrote.
//!
//! `resid_pre[L]` is W_E + W_pos + what each head, MLP and attention bias below wrote, and with ln1's scale taken as
//! it is, the score is linear in it. So each component's share is its product with a map, and with both sides
//! taken apart the product of two components.

mod full;
mod one_side;
mod result;
mod spec;
mod terms;

use std::rc::Rc;

use burn::tensor::Tensor;

pub use result::{Accounting, DecompositionResult, Part};
pub use spec::{DecomposeBy, DecompositionSpec, KeyIntervention, QueryIntervention};

use super::batch::Batch;
use super::cases::HeadCases;
use super::draws::Draws;
use super::names::NameForms;
use super::pass::{Pass, Probe, Progress, Stopped};
use super::plan::{Reads, Stop};
use super::prompts::{DEFAULT_NAME_MOVER, Edits, dataset};
use super::qk::QkWeights;
use super::vectors::Vectors;
use super::written::{Through, labels};
use super::{Case, Side};
use crate::Result;
use crate::hooks::Activation;
use crate::loader::LoadedModel;
use result::Ledger;
use terms::Terms;

/// A running decomposition at one head.
pub struct Decomposition {
    pass: Pass,
    contributions: Contributions,
}

/// What a [`Decomposition`] measures.
struct Contributions {
    spec: DecompositionSpec,
    /// What the model itself runs for the score.
    case: Case,
    edits: Edits,
    qk: QkWeights,
    /// Where both sides are taken apart: of queries and of keys.
    through: Option<[Through; 2]>,
    prompts: usize,
    n_head: usize,
    components: Vec<String>,
    labels: Vec<String>,
    /// By part, summed over prompts.
    sums: Vec<Vec<f64>>,
    ledger: Ledger,
}

impl Decomposition {
    /// Makes the dataset and plans the work.
    ///
    /// # Errors
    /// As [`super::Run::new`], and those of [`DecompositionSpec::check`].
    pub fn new(model: Rc<LoadedModel>, spec: &DecompositionSpec) -> Result<Self> {
        let (gpt2, config) = (&model.gpt2, &model.gpt2.config);
        config.check_head(spec.layer, spec.head)?;
        spec.check()?;
        let dataset = dataset(&model, &spec.dataset)?;
        let names = spec.include_name_forms_in_unembed_projection;
        let vectors = Vectors {
            draws: Draws::none(spec.dataset.seed),
            names: names.then(|| NameForms::new(&dataset.prompts, &model.tokenizer)).transpose()?,
            name_mover: DEFAULT_NAME_MOVER,
        };
        let components = [vec!["bias".to_owned()], labels(spec.layer, config.n_head)].concat();
        let labels = part_labels(spec);
        let qk = QkWeights::new(gpt2, spec.layer, spec.head);
        let through =
            || [Side::Queries, Side::Keys].map(|side| Through::new(gpt2, spec.layer, qk.weight(side)));
        let size = if spec.side().is_some() { components.len() } else { components.len().pow(2) };
        let batches = Batch::all(&dataset, None, model.device.tokens_per_batch());
        let contributions = Contributions {
            case: Case { condition: "", description: "", edit: spec.edit(), control: false },
            edits: Edits { freeze_ln: true, vectors },
            through: spec.side().is_none().then(through),
            qk,
            prompts: dataset.len(),
            n_head: config.n_head,
            sums: vec![vec![0.0; size]; labels.len()],
            components,
            labels,
            ledger: Ledger::default(),
            spec: spec.clone(),
        };
        Ok(Self { pass: Pass::new(model, batches, &contributions), contributions })
    }

    /// Does the next step.
    ///
    /// # Errors
    /// As [`super::Run::step`].
    pub async fn step(&mut self) -> Result<Progress> {
        self.pass.step(&mut self.contributions).await
    }

    /// The contributions, or nothing while steps are left.
    ///
    /// # Errors
    /// As [`super::Run::result`].
    pub fn result(&self) -> Result<Option<DecompositionResult>> {
        let Contributions { spec, prompts, n_head, components, labels, sums, ledger, .. } =
            &self.contributions;
        let mean = |sums: &Vec<f64>| sums.iter().map(|sum| sum / *prompts as f64).collect();
        let part = |(label, sums): (&String, _)| Part { label: label.clone(), values: mean(sums) };
        let result = || DecompositionResult {
            head: [spec.layer, spec.head],
            spec: spec.clone(),
            prompts: *prompts,
            n_head: *n_head,
            components: components.clone(),
            parts: labels.iter().zip(sums).map(part).collect(),
            accounting: ledger.close(*prompts),
        };
        Ok(self.pass.is_finished()?.then(result))
    }
}

/// By the parts of the side that is held fixed, and by those of the decomposed one; of both, by the query's.
fn part_labels(spec: &DecompositionSpec) -> Vec<String> {
    let label = |query: &str, key: &str| match (query, key) {
        ("unchanged", "unchanged") => query.to_owned(),
        ("unchanged", key) => format!("{key}|unchanged"),
        _ => format!("{query}|{key}"),
    };
    let (queries, keys) = (spec.parts(Side::Queries), spec.parts(Side::Keys));
    if spec.side() == Some(Side::Queries) {
        keys.iter().flat_map(|key| queries.iter().map(|query| label(query, key))).collect()
    } else {
        queries.iter().flat_map(|query| keys.iter().map(|key| label(query, key))).collect()
    }
}

impl Probe for Contributions {
    fn stops(&self) -> Vec<Stop> {
        let layer = self.spec.layer;
        vec![Stop { layer, flipped: false, reads: Reads::Roles, written: true, what: "contributions" }]
    }

    /// Each prompt's score, and then, part by part, `[prompt · component]`; or, summed over the batch,
    /// `[component · component]`.
    fn measure(&self, at: &Stopped) -> Result<Tensor<1>> {
        const READS: [Activation; 1] = [Activation::AttnScores];
        let cases = HeadCases::new(at, &self.edits, self.spec.head, &READS)?;
        let scores = cases.run(&self.case)?.get(READS[0].at_head(at.layer, self.spec.head))?;
        let mut measured = at.places.score(scores.clone(), |p| p.io);
        if self.spec.subtract_s1 {
            measured = measured - at.places.score(scores, |p| p.s1);
        }
        let Self { spec, qk, through, edits, .. } = self;
        let terms = Terms { at, spec, qk, vectors: &edits.vectors };
        let parts = match (spec.side(), through) {
            (Some(side), _) => terms.one_side(side),
            (None, through) => terms.full(through.as_ref().expect("made for both sides")),
        };
        let parts = parts.into_iter().map(|part| part.flatten(0, 1));
        Ok(Tensor::cat([measured].into_iter().chain(parts).collect(), 0))
    }

    fn keep(&mut self, _: usize, batch: &Batch, values: &[f32]) {
        let (measured, values) = values.split_at(batch.len());
        let sum = |values: &[f32]| values.iter().map(|&value| f64::from(value)).sum::<f64>();
        let size = self.sums[0].len();
        // A block is all of a part that stands together: a prompt's components, or the batch's pairs of them.
        let blocks = if self.through.is_some() { 1 } else { batch.len() };
        let parts: Vec<&[f32]> = values.chunks_exact(blocks * size).collect();
        let (parts, rest) = parts.split_at(self.labels.len());
        for (sums, part) in self.sums.iter_mut().zip(parts) {
            for (place, &value) in part.iter().enumerate() {
                sums[place % size] += f64::from(value);
            }
        }
        for (block, measured) in measured.chunks(batch.len() / blocks).enumerate() {
            let of_block = |part: &&[f32]| sum(&part[block * size..][..size]);
            self.ledger.enter(measured, parts.iter().map(of_block).sum(), rest.iter().map(of_block).sum());
        }
    }
}
