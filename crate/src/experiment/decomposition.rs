//! Why a head attends: its score as a sum over what the layers below wrote.
//!
//! `resid_pre[L]` is W_E + W_pos + what each head, MLP and attention bias below wrote, and with ln1's scale taken as
//! it is, the score is linear in it. So each component's share is its product with a map, and with both sides
//! taken apart the product of two components.

mod full;
mod one_side;
mod report;
mod result;
mod spec;
mod terms;

use std::rc::Rc;

use burn::tensor::Tensor;

pub use result::{Accounting, DecompositionResult, Part};
pub(crate) use spec::Intervention;
pub use spec::{DecomposeBy, DecompositionSpec, KeyIntervention, QueryIntervention};

use super::draws::Draws;
use super::names::NameForms;
use super::prompts::{AtRoles, DEFAULT_NAME_MOVER, Edits};
use super::qk::QkWeights;
use super::runs::{Asking, Looked, Role};
use super::vectors::Vectors;
use super::words::bootstrap;
use super::{Edit, Side};
use crate::Result;
use crate::analysis::written::{self, Through, labels};
use crate::engine::{Asked, Part as Activations, Probe, Read, Stop, Stopped};
use crate::job::{Analysis, Measures, Of, OnePass};
use crate::loader::LoadedModel;
use crate::report::Report;
use result::Ledger;
use terms::Terms;

/// A running decomposition at one head.
pub type Decomposition = OnePass<Contributions>;

/// What a [`Decomposition`] measures.
pub struct Contributions {
    spec: DecompositionSpec,
    roles: AtRoles,
    /// Under which the model itself is run for the score.
    edit: Option<Edit>,
    edits: Edits,
    qk: QkWeights,
    /// Where both sides are taken apart: of queries and of keys.
    through: Option<[Through; 2]>,
    n_head: usize,
    components: Vec<String>,
    labels: Vec<String>,
    /// By part, summed over prompts.
    sums: Vec<Vec<f64>>,
    /// The score by prompt.
    measured: Vec<Option<f64>>,
    /// By prompt what the contributions come to.
    contributed: Vec<Option<f64>>,
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
        let roles = AtRoles::new(&model, &spec.dataset, spec.layer)?;
        let names = spec.include_name_forms_in_unembed_projection;
        let vectors = Vectors {
            draws: Draws::none(spec.dataset.seed),
            names: names.then(|| NameForms::new(&roles.dataset.prompts, &model.tokenizer)).transpose()?,
            name_mover: DEFAULT_NAME_MOVER,
        };
        let components = [vec!["bias".to_owned()], labels(spec.layer, config.n_head)].concat();
        let labels = part_labels(spec);
        let qk = QkWeights::new(gpt2, spec.layer, spec.head);
        let through =
            || [Side::Queries, Side::Keys].map(|side| Through::new(gpt2, spec.layer, qk.weight(side)));
        let size = if spec.side().is_some() { components.len() } else { components.len().pow(2) };
        let contributions = Contributions {
            measured: vec![None; roles.dataset.len()],
            contributed: vec![None; roles.dataset.len()],
            edit: spec.edit(),
            edits: Edits { freeze_ln: true, vectors: Rc::new(vectors) },
            through: spec.side().is_none().then(through),
            qk,
            roles,
            n_head: config.n_head,
            sums: vec![vec![0.0; size]; labels.len()],
            components,
            labels,
            ledger: Ledger::default(),
            spec: spec.clone(),
        };
        Ok(Self::of(model, contributions))
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

impl Analysis for Decomposition {
    const NAME: &'static str = "decompose";
    type Question = Of<DecompositionSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl Measures for Contributions {
    type Result = DecompositionResult;

    fn result(&self) -> DecompositionResult {
        let Self { spec, roles, n_head, components, labels, sums, measured, contributed, ledger, .. } = self;
        let prompts = roles.dataset.len();
        let mean = |sums: &Vec<f64>| sums.iter().map(|sum| sum / prompts as f64).collect();
        let drawn = bootstrap(&spec.dataset).draw(&[measured, contributed]);
        let intervals = [0, 1].map(|column| drawn.interval(|means| means[column]));
        let part = |(label, sums): (&String, _)| Part { label: label.clone(), values: mean(sums) };
        DecompositionResult {
            head: [spec.layer, spec.head],
            spec: spec.clone(),
            prompts,
            n_head: *n_head,
            components: components.clone(),
            parts: labels.iter().zip(sums).map(part).collect(),
            accounting: ledger.close(prompts, intervals),
        }
    }

    fn report(&self, finished: bool) -> Option<Report> {
        finished.then(|| self.result().report())
    }

    fn needed(&self) -> f64 {
        self.roles.forward_flops()
    }
}

impl Probe for Contributions {
    fn batches(&self) -> usize {
        self.roles.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![Stop { layer: self.spec.layer, what: "contributions" }]
    }

    /// After the unedited runs, those of the score are marked.
    fn ask(&self, batch: usize) -> Asked {
        let Self { spec: DecompositionSpec { layer, head, .. }, roles, edit, edits, .. } = self;
        let mut asking = Asking::new(&roles.dataset, None, &edits.vectors, &roles.batches[batch]);
        let edited = asking.edit(edit.as_ref(), edits, *layer, Some(*head), Looked::AtRoles);
        let forest = &asking.asked.forest;
        let all_roles = |ends: &[usize]| -> Vec<usize> {
            Role::ALL.iter().flat_map(|&role| asking.runs.at(forest, ends, role)).collect()
        };
        let (clean, read) = (all_roles(&asking.runs.clean), all_roles(&edited));
        asking.asked.reads.extend(written::reads(*layer, &clean));
        asking.asked.reads.push(Read { layer: *layer, part: Activations::ResidPre, nodes: clean });
        asking.read(*layer, Activations::Q, read.clone());
        asking.read(*layer, Activations::K, read);
        asking.asked.marked.push(edited);
        asking.finish()
    }

    /// Each prompt's score, and then, part by part, `[prompt · component]`; or, summed over the batch,
    /// `[component · component]`.
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let runs = self.roles.runs(at);
        let [end, io, s1] =
            [Role::End, Role::Io, Role::S1].map(|role| runs.at(at.forest, &at.marked[2], role));
        let score =
            |keys: &[usize]| at.scores(at.layer, &end, keys).narrow(1, self.spec.head, 1).squeeze_dim::<1>(1);
        let mut measured = score(&io);
        if self.spec.subtract_s1 {
            measured = measured - score(&s1);
        }
        let Self { spec, qk, through, edits, .. } = self;
        let terms = Terms { at, runs: &runs, spec, qk, vectors: &edits.vectors };
        let parts = match (spec.side(), through) {
            (Some(side), _) => terms.one_side(side),
            (None, through) => terms.full(through.as_ref().expect("made for both sides")),
        };
        let parts = parts.into_iter().map(|part| part.flatten(0, 1));
        Tensor::cat([measured].into_iter().chain(parts).collect(), 0)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let of_batch = &self.roles.batches[at.batch];
        let prompts = of_batch.len();
        let (measured, values) = values.split_at(prompts);
        let sum = |values: &[f32]| values.iter().map(|&value| f64::from(value)).sum::<f64>();
        let size = self.sums[0].len();
        // A block is all of a part that stands together: a prompt's components, or the batch's pairs of them.
        let blocks = if self.through.is_some() { 1 } else { prompts };
        let parts: Vec<&[f32]> = values.chunks_exact(blocks * size).collect();
        let (parts, rest) = parts.split_at(self.labels.len());
        for (sums, part) in self.sums.iter_mut().zip(parts) {
            for (place, &value) in part.iter().enumerate() {
                sums[place % size] += f64::from(value);
            }
        }
        let in_block = prompts / blocks;
        for (block, (measured, numbers)) in
            measured.chunks(in_block).zip(of_batch.chunks(in_block)).enumerate()
        {
            let of_block = |part: &&[f32]| sum(&part[block * size..][..size]);
            // With both sides taken apart, where a block is of many prompts, nothing rests.
            let rest: f64 = rest.iter().map(of_block).sum();
            self.ledger.enter(measured, parts.iter().map(of_block).sum(), rest);
            for (&prompt, &score) in numbers.iter().zip(measured) {
                self.measured[prompt] = Some(f64::from(score));
                self.contributed[prompt] = Some(f64::from(score) - rest);
            }
        }
    }
}
