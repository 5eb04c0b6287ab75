//! What every head attends to in a text, at each of its tokens.

mod report;

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::TextSource;
use super::spec::Row;
use crate::analysis::attention::{self, Attention, Pair};
use crate::frame::{Axis, Column, Frame};
use crate::job::{Analysis, Answer, Job, Of, OnePass, Step, Work, answer};
use crate::loader::LoadedModel;
use crate::patch::Node;
use crate::report::Report;
use crate::report::tokens::Tokens;
use crate::{Error, Result};

/// A text whose heads are all looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct PatternsSpec {
    pub source: TextSource,
    /// As of a [`super::TextSpec`].
    #[serde(default)]
    #[cfg_attr(target_arch = "wasm32", tsify(optional, type = "string[]"))]
    pub zero: Vec<Node>,
}

/// What was read. The patterns themselves are the report's figure: each number crosses to the page once.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct PatternsResult {
    pub spec: PatternsSpec,
    /// As of a [`super::TextResult`].
    pub tokens: Vec<String>,
    /// As of a [`super::TextResult`].
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, number>"))]
    pub roles: BTreeMap<String, usize>,
}

/// A text being read, as far up as the last layer's queries and keys.
pub struct PatternsRun {
    spec: PatternsSpec,
    row: Row,
    texts: Vec<String>,
    /// Layers and heads.
    axes: [Axis; 2],
    attention: OnePass<Attention>,
}

/// The most numbers of all heads: of GPT-2 small's, 64 tokens have so many.
const MOST: usize = 600_000;

impl PatternsRun {
    /// # Errors
    /// As of a [`super::TextRun`]; [`Error::BadInput`] for `source` if it has too many tokens for all heads at once.
    pub fn new(model: Rc<LoadedModel>, spec: &PatternsSpec) -> Result<Self> {
        spec.source.check()?;
        let config = &model.gpt2.config;
        let row = spec.source.row(&model.tokenizer, config)?;
        let (found, heads) = (row.ids.len(), config.heads());
        let most = (MOST / heads).isqrt();
        if found > most {
            return Err(Error::input(
                "source",
                format!(
                    "all {heads} heads at once are shown of at most {most} tokens, and here are {found}; one head at a time is shown of all of them"
                ),
            ));
        }
        let looked = attention::Row {
            tokens: row.ids.clone(),
            edits: row.zeroed(&spec.zero, config)?,
            pairs: pairs(found).collect(),
        };
        let axes = [Axis::numbered("layer", config.n_layer), Axis::numbered("head", config.n_head)];
        let texts = row.texts(&model.tokenizer)?;
        let attention = Attention::new(model.clone(), vec![looked], pairs(found).count());
        Ok(Self { spec: spec.clone(), row, texts, axes, attention: OnePass::of(model, attention) })
    }

    /// The pattern by layer, head, query and key, nothing where a query does not see a key; or nothing while steps are left.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed since.
    fn patterns(&self) -> Result<Option<Frame>> {
        let Some(of_pairs) = self.attention.result()? else { return Ok(None) };
        let (tokens, heads) = (self.texts.len(), self.axes.iter().map(|axis| axis.labels.len()).product());
        let of_pair = |head: usize, query: usize, key: usize| {
            if key > query { None } else { of_pairs[query * (query + 1) / 2 + key][head] }
        };
        let mut values = Vec::with_capacity(heads * tokens * tokens);
        for head in 0..heads {
            for query in 0..tokens {
                values.extend((0..tokens).map(|key| of_pair(head, query, key)));
            }
        }
        let labels = self.tokens().labels();
        let of_tokens = [Axis::new("query", labels.clone()), Axis::new("key", labels)];
        let axes = [&self.axes[..], &of_tokens].concat();
        Ok(Some(Frame::new(axes, vec![Column::new("pattern", "attention", values)])))
    }

    fn tokens(&self) -> Tokens<'_> {
        Tokens { texts: &self.texts, roles: &self.row.roles }
    }
}

/// Every query with each key that it sees, a figure each.
fn pairs(tokens: usize) -> impl Iterator<Item = Pair> {
    let seen = (0..tokens).flat_map(|query| (0..=query).map(move |key| (query, key)));
    seen.enumerate().map(|(figure, (query, key))| Pair { figure, query, key })
}

impl Analysis for PatternsRun {
    const NAME: &'static str = "patterns";
    type Question = Of<PatternsSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl Job for PatternsRun {
    fn cost(&self) -> Work {
        self.attention.work()
    }

    fn step(&mut self) -> Step<'_> {
        Box::pin(self.attention.step())
    }

    fn result(&self) -> Result<Option<Answer>> {
        let result = || PatternsResult {
            spec: self.spec.clone(),
            tokens: self.texts.clone(),
            roles: self.row.roles.iter().cloned().collect(),
        };
        Ok(self.attention.finished()?.map(|_| answer(result())))
    }

    fn report(&self) -> Result<Option<Report>> {
        Ok(self.patterns()?.map(|frame| report::report(&self.spec, &self.tokens(), frame)))
    }

    fn frame(&self) -> Result<Option<Frame>> {
        self.patterns()
    }
}
