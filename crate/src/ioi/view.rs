//! A dataset to look at: every prompt token by token, its roles, its flip, and why it does not fit.

use std::collections::HashMap;

use serde::Serialize;

use super::{
    DatasetSpec, Flip, IoiDataset, Order, Positions, Prompt, PromptProblem, TemplateId, dataset::row_to_show,
};
use crate::{Result, tokenizer::Tokenizer};

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct DatasetView {
    /// In the spec's order, those included that do not fit.
    pub prompts: Vec<PromptView>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct PromptView {
    pub sentence: String,
    pub io: String,
    pub s: String,
    pub order: Order,
    /// Nothing for a prompt that was not generated.
    pub template: Option<TemplateId>,
    /// BOS included where it is put in front; no padding.
    pub ids: Vec<u32>,
    /// The text of each token; a character that is several tokens is � in each.
    pub tokens: Vec<String>,
    /// Nothing where there is a problem.
    pub positions: Option<Positions>,
    /// Nothing where there is a problem.
    pub flipped: Option<FlippedView>,
    pub problem: Option<PromptProblem>,
}

/// The flipped prompt, token by token beside its original.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FlippedView {
    pub sentence: String,
    pub io: String,
    pub s: String,
    pub ids: Vec<u32>,
    pub tokens: Vec<String>,
}

impl DatasetView {
    /// The prompts of a spec as a model with that tokenizer and context reads them. Prompts with a problem
    /// count for nothing: the others are flipped as if they were not there, so a run of those alone is
    /// what is shown.
    ///
    /// # Errors
    /// [`crate::Error::BadInput`] naming the field of the spec, or `flip`, that cannot be read;
    /// [`crate::Error::BadModel`] if generated prompts do not fit the tokenizer.
    pub fn new(spec: &DatasetSpec, flip: &str, tokenizer: &Tokenizer, n_ctx: usize) -> Result<Self> {
        let flip = Flip::parse(flip)?;
        let prompts = spec.generate()?;
        let bos = spec.prepend_bos;
        let problems: Vec<Option<PromptProblem>> = match &spec.prompts {
            Some(custom) => custom.iter().map(|prompt| prompt.check(tokenizer, bos, n_ctx).err()).collect(),
            None => vec![None; prompts.len()],
        };
        let fits = prompts.iter().zip(&problems).filter(|(_, problem)| problem.is_none());
        let fits: Vec<Prompt> = fits.map(|(prompt, _)| prompt.clone()).collect();
        let flipped = flip.apply(&fits, spec.seed)?;
        let dataset = IoiDataset::new(fits, tokenizer, bos)?;
        let flipped = dataset.flipped(flipped, tokenizer, bos)?;

        let mut texts = Texts { tokenizer, known: HashMap::new() };
        let mut fitting = 0;
        let mut views = Vec::with_capacity(prompts.len());
        for (prompt, problem) in prompts.into_iter().zip(problems) {
            let mut view = PromptView {
                order: prompt.order(),
                sentence: prompt.sentence,
                io: prompt.io,
                s: prompt.s,
                template: prompt.template,
                ids: Vec::new(),
                tokens: Vec::new(),
                positions: None,
                flipped: None,
                problem,
            };
            if view.problem.is_none() {
                let Prompt { sentence, io, s, .. } = flipped.prompts[fitting].clone();
                let ids = flipped.tokens[fitting].clone();
                view.flipped = Some(FlippedView { sentence, io, s, tokens: texts.of(&ids)?, ids });
                view.positions = Some(dataset.positions[fitting]);
                view.ids = dataset.tokens[fitting].clone();
                fitting += 1;
            } else {
                view.ids = row_to_show(&view.sentence, tokenizer, bos)?;
            }
            view.tokens = texts.of(&view.ids)?;
            views.push(view);
        }
        Ok(Self { prompts: views })
    }
}

/// Tokens' texts, each looked up once.
struct Texts<'a> {
    tokenizer: &'a Tokenizer,
    known: HashMap<u32, String>,
}

impl Texts<'_> {
    fn of(&mut self, ids: &[u32]) -> Result<Vec<String>> {
        let mut texts = Vec::with_capacity(ids.len());
        for &id in ids {
            let text = match self.known.get(&id) {
                Some(text) => text.clone(),
                None => self.tokenizer.text(id)?,
            };
            self.known.entry(id).or_insert_with(|| text.clone());
            texts.push(text);
        }
        Ok(texts)
    }
}
