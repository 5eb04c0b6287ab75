use std::rc::Rc;

use burn::tensor::Tensor;
use serde::Serialize;

use super::batch::Batch;
use super::cases::HeadCases;
use super::pass::{Pass, Probe, Progress, Stopped};
use super::plan::{Reads, Stop};
use super::prompts::{Edits, Prompts};
use super::result::as_map;
use super::{Case, ExperimentSpec, Vector};
use crate::hooks::Activation;
use crate::ioi::Positions;
use crate::loader::LoadedModel;
use crate::{Error, Result};

/// The whole attention of one head on one prompt, in each condition of an experiment.
pub struct AttentionRun {
    pass: Pass,
    tables: TablesOfPrompt,
}

/// What an [`AttentionRun`] measures.
struct TablesOfPrompt {
    spec: ExperimentSpec,
    /// Those that are shown.
    cases: Vec<&'static Case>,
    flips: bool,
    edits: Edits,
    prompt: usize,
    tokens: Vec<String>,
    positions: Positions,
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
    /// The tokens' texts, from the first to END: nothing behind END is run.
    pub tokens: Vec<String>,
    pub positions: Positions,
    /// By condition, the clean run first.
    #[serde(serialize_with = "as_map")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, AttentionTable>"))]
    pub conditions: Vec<(&'static str, AttentionTable)>,
}

/// A row for each query, from the first token to END; in it an entry for each key up to the query, since no
/// query sees what comes behind it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct AttentionTable {
    /// q·k/√d_head.
    pub scores: Vec<Vec<f32>>,
    /// The softmax of each row.
    pub pattern: Vec<Vec<f32>>,
}

impl AttentionRun {
    /// # Errors
    /// As [`super::Run::new`]; [`Error::BadInput`] naming `prompt` if the dataset has no such prompt.
    pub fn new(model: Rc<LoadedModel>, spec: &ExperimentSpec, prompt: usize) -> Result<Self> {
        let prompts = Prompts::at_head(&model, spec)?;
        let count = prompts.dataset.len();
        if prompt >= count {
            return Err(Error::input(
                "prompt",
                format!("the dataset has prompts 0 to {}; there is no prompt {prompt}", count - 1),
            ));
        }
        let positions = prompts.dataset.positions[prompt];
        let ids = &prompts.dataset.tokens[prompt][..=positions.end];
        let batches = vec![prompts.batch_of(prompt)];
        let tables = TablesOfPrompt {
            spec: spec.clone(),
            cases: prompts.cases.into_iter().filter(|case| !case.control).collect(),
            flips: prompts.experiment.flips(),
            prompt,
            tokens: ids.iter().map(|&id| model.tokenizer.text(id)).collect::<Result<_>>()?,
            positions,
            measured: Vec::new(),
            edits: prompts.edits,
        };
        Ok(Self { pass: Pass::new(model, batches, &tables), tables })
    }

    /// Does the next step.
    ///
    /// # Errors
    /// As [`super::Run::step`].
    pub async fn step(&mut self) -> Result<Progress> {
        self.pass.step(&mut self.tables).await
    }

    /// The tables, or nothing while steps are left.
    ///
    /// # Errors
    /// As [`super::Run::result`].
    pub fn result(&self) -> Result<Option<AttentionResult>> {
        let TablesOfPrompt { spec, cases, prompt, tokens, positions, measured, .. } = &self.tables;
        let shown = cases.iter().map(|case| case.condition);
        let result = || AttentionResult {
            prompt: *prompt,
            head: [spec.layer, spec.head],
            tokens: tokens.clone(),
            positions: *positions,
            conditions: shown.zip(measured.iter().cloned()).collect(),
        };
        Ok(self.pass.is_finished()?.then(result))
    }
}

impl Probe for TablesOfPrompt {
    fn stops(&self) -> Vec<Stop> {
        vec![Stop {
            layer: self.spec.layer,
            flipped: self.flips,
            reads: Reads::All,
            written: self.cases.iter().any(|case| case.puts_in(Vector::is_written)),
            what: "the head's attention",
        }]
    }

    /// `[condition · (scores, pattern) · query · key]`
    fn measure(&self, at: &Stopped) -> Result<Tensor<1>> {
        let reads = [Activation::AttnScores, Activation::Pattern];
        let cases = HeadCases::new(at, &self.edits, self.spec.head, &reads)?;
        let mut tables = Vec::new();
        for case in &self.cases {
            let cache = cases.run(case)?;
            for read in reads {
                tables.push(cache.get(read.at_head(at.layer, self.spec.head))?.flatten(0, 2));
            }
        }
        Ok(Tensor::cat(tables, 0))
    }

    fn keep(&mut self, _: usize, _: &Batch, values: &[f32]) {
        let pos = self.tokens.len();
        let mut tables = values.chunks_exact(pos * pos).map(|table| {
            let rows = table.chunks_exact(pos).enumerate();
            rows.map(|(query, keys)| keys[..=query].to_vec()).collect()
        });
        while let (Some(scores), Some(pattern)) = (tables.next(), tables.next()) {
            self.measured.push(AttentionTable { scores, pattern });
        }
    }
}
