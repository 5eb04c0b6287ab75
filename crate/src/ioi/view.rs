//! A dataset to look at: every prompt token by token, its roles, its flip, and why it does not fit.

use std::collections::HashMap;

use serde::Serialize;

use super::{
    DatasetSpec, Flip, IoiDataset, Order, Positions, Prompt, PromptProblem, TemplateId,
    dataset::{occurrences, row_to_show},
};
use crate::{Result, tokenizer::Tokenizer};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DatasetView {
    /// In the spec's order, those included that do not fit.
    pub prompts: Vec<PromptView>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
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
pub struct FlippedView {
    pub sentence: String,
    pub io: String,
    pub s: String,
    pub ids: Vec<u32>,
    pub tokens: Vec<String>,
    pub positions: FlippedPositions,
}

/// Where the flipped prompt's own names stand in its tokens. What is read of its run is read at the original's
/// [`Positions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FlippedPositions {
    pub io: Option<usize>,
    /// Nothing by a flip that leaves S once.
    pub s1: Option<usize>,
    pub s2: Option<usize>,
    /// That of the original.
    pub end: usize,
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
                let original = dataset.positions[fitting];
                let positions = FlippedPositions::new([&io, &s], &ids[..=original.end], tokenizer)?;
                view.flipped = Some(FlippedView { sentence, io, s, tokens: texts.of(&ids)?, ids, positions });
                view.positions = Some(original);
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

impl FlippedPositions {
    /// `up_to_end`: the tokens as far as END.
    pub(crate) fn new(names: [&str; 2], up_to_end: &[u32], tokenizer: &Tokenizer) -> Result<Self> {
        let [io, s] = names.map(|name| tokenizer.name(name));
        let io = occurrences(io?, up_to_end, tokenizer).first().copied();
        // Two new letters may have drawn one name, which is then both.
        let of_s = occurrences(s?, up_to_end, tokenizer).into_iter().filter(|&at| Some(at) != io);
        let of_s: Vec<usize> = of_s.collect();
        let s1 = if of_s.len() > 1 { of_s.first().copied() } else { None };
        Ok(Self { io, s1, s2: of_s.last().copied(), end: up_to_end.len() - 1 })
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
