mod report;

use std::rc::Rc;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::ExperimentSpec;
use super::prompts::Prompts;
use super::result::as_map;
use super::runs::Looked;
pub use crate::analysis::AttentionTable;
use crate::engine::{Asked, Part, Probe, Stop, Stopped};
use crate::frame::Frame;
use crate::ioi::Positions;
use crate::job::{Analysis, Measures, OnePass};
use crate::loader::LoadedModel;
use crate::report::Report;
use crate::{Error, Result};

/// The whole attention of one head on one prompt, in each condition of an experiment.
pub type AttentionRun = OnePass<TablesOfPrompt>;

/// What an [`AttentionRun`] measures.
pub struct TablesOfPrompt {
    spec: ExperimentSpec,
    /// Only one of them is run.
    prompts: Prompts,
    prompt: usize,
    tokens: Vec<String>,
    score_scale: f64,
    /// By condition.
    measured: Vec<AttentionTable>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct AttentionResult {
    /// Its place in the dataset.
    pub prompt: usize,
    /// Layer and head.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "[number, number]"))]
    pub head: [usize; 2],
    /// The tokens' texts, from the first to END: nothing after END is run.
    pub tokens: Vec<String>,
    pub positions: Positions,
    /// By condition, the clean run first.
    #[serde(serialize_with = "as_map")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, AttentionTable>"))]
    pub conditions: Vec<(&'static str, AttentionTable)>,
}

/// Which of the spec's prompts, by its place in the dataset.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttentionQuestion {
    spec: ExperimentSpec,
    prompt: usize,
}

impl AttentionRun {
    /// # Errors
    /// As [`super::Run::new`]; [`Error::BadInput`] naming `prompt` if the dataset has no such prompt.
    pub fn new(model: Rc<LoadedModel>, spec: &ExperimentSpec, prompt: usize) -> Result<Self> {
        let mut prompts = Prompts::at_head(&model, spec)?;
        let count = prompts.dataset.len();
        if prompt >= count {
            return Err(Error::input(
                "prompt",
                format!("the dataset has prompts 1 to {count}; there is no prompt {}", prompt as u128 + 1),
            ));
        }
        prompts.cases.retain(|case| !case.control);
        prompts.batches = vec![vec![prompt]];
        let ids = &prompts.dataset.tokens[prompt][..=prompts.dataset.positions[prompt].end];
        let tables = TablesOfPrompt {
            spec: spec.clone(),
            prompt,
            tokens: ids.iter().map(|&id| model.tokenizer.text(id)).collect::<Result<_>>()?,
            score_scale: model.gpt2.blocks[spec.layer].attn.score_scale,
            measured: Vec::new(),
            prompts,
        };
        Ok(Self::of(model, tables))
    }
}

impl Analysis for AttentionRun {
    const NAME: &'static str = "attention";
    type Question = AttentionQuestion;

    fn plan(model: Rc<LoadedModel>, question: AttentionQuestion) -> Result<Self> {
        Self::new(model, &question.spec, question.prompt)
    }
}

impl Measures for TablesOfPrompt {
    type Result = AttentionResult;

    fn result(&self) -> AttentionResult {
        let Self { spec, prompts, prompt, tokens, measured, .. } = self;
        let shown = prompts.cases.iter().map(|case| case.condition);
        AttentionResult {
            prompt: *prompt,
            head: [spec.layer, spec.head],
            tokens: tokens.clone(),
            positions: prompts.dataset.positions[*prompt],
            conditions: shown.zip(measured.iter().cloned()).collect(),
        }
    }

    fn report(&self, finished: bool) -> Option<Report> {
        finished.then(|| report::report(&self.result(), &self.spec))
    }

    /// Scores and pattern by condition, query and key.
    fn frame(&self) -> Option<Frame> {
        Some(report::attention(&self.result()))
    }

    fn needed(&self) -> f64 {
        let Self { prompts, spec, prompt, .. } = self;
        let (layers, only) = (spec.layer, Some(*prompt));
        let heads = prompts.cases.len() as f64 * prompts.qk_flops(only);
        prompts.forward_flops(layers, only) + prompts.flipped_flops(layers, only) + heads
    }
}

impl Probe for TablesOfPrompt {
    fn batches(&self) -> usize {
        1
    }

    fn stops(&self) -> Vec<Stop> {
        vec![Stop { layer: self.spec.layer, what: "the head's attention" }]
    }

    /// After the unedited runs, each condition's is marked, node by node.
    fn ask(&self, _: usize) -> Asked {
        let Self { spec: ExperimentSpec { layer, head, .. }, prompts, .. } = self;
        let mut asking = prompts.asking(0);
        for case in &prompts.cases {
            let edit = case.edit.as_ref();
            let ends = asking.edit(edit, &prompts.edits, *layer, Some(*head), Looked::Everywhere);
            let path = asking.asked.forest.path(ends[0]).to_vec();
            asking.read(*layer, Part::Q, path.clone());
            asking.read(*layer, Part::K, path.clone());
            asking.asked.marked.push(path);
        }
        asking.finish()
    }

    /// `[condition · (queries, keys) · pos · d_head]`
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let d_head = at.gpt2.config.d_head();
        let of_head = |part, path: &[usize]| {
            at.get(at.layer, part, path).narrow(1, self.spec.head * d_head, d_head).flatten(0, 1)
        };
        let tables = at.marked[2..].iter().flat_map(|path| [of_head(Part::Q, path), of_head(Part::K, path)]);
        Tensor::cat(tables.collect(), 0)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let pos = self.tokens.len();
        let d_head = at.gpt2.config.d_head();
        for of_condition in values.chunks_exact(2 * pos * d_head) {
            let (queries, keys) = of_condition.split_at(pos * d_head);
            self.measured.push(AttentionTable::new(queries, keys, d_head, self.score_scale));
        }
    }
}
