//! Scores of heads on rows that are given, as TransformerLens's demos take them: means of whole diagonals of the patterns.
//!
//! [`super::HeadsRun`] says the same of sequences that are drawn, and looks at less: of the diagonal of induction it leaves
//! out the one query that is in the first half.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::analysis::attention::{Attention, Pair, Row};
use crate::job::{Analysis, Answer, Job, OnePass, Step, Work, answer};
use crate::loader::LoadedModel;
use crate::{Error, Result};

/// Rows being read, each with itself appended.
pub struct HeadScoresRun {
    attention: OnePass<Attention>,
    rows: usize,
    n_layer: usize,
    n_head: usize,
}

/// The rows to read, all of one length.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadScoresQuestion {
    /// Nothing is put in front of them. `[row][token]`
    tokens: Vec<Vec<u32>>,
}

/// Mean attention of each head along a diagonal, over all rows. `[layer][head]`
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct HeadScores {
    /// To the token before.
    pub previous_token: Vec<Vec<f64>>,
    /// To the token a length before.
    pub duplicate_token: Vec<Vec<f64>>,
    /// To the token after that.
    pub induction: Vec<Vec<f64>>,
}

impl HeadScoresRun {
    /// # Errors
    /// [`Error::BadInput`] for `tokens` if there is no row, they differ in length, are too long for the model's context, or
    /// have a token that the model has not.
    pub fn new(model: Rc<LoadedModel>, tokens: &[Vec<u32>]) -> Result<Self> {
        let config = &model.gpt2.config;
        let wrong = |message: String| Err(Error::input("tokens", message));
        let length = tokens.first().map_or(0, Vec::len);
        if length < 2 || tokens.iter().any(|row| row.len() != length) {
            return wrong("expected rows of as many tokens each, at least 2".into());
        }
        if 2 * length > config.n_ctx {
            let n_ctx = config.n_ctx;
            return wrong(format!("{length} tokens twice are more than the model's context of {n_ctx}"));
        }
        if let Some(strange) = tokens.iter().flatten().find(|&&token| token as usize >= config.vocab_size) {
            return wrong(format!(
                "the model has tokens 0 to {}; there is no token {strange}",
                config.vocab_size - 1
            ));
        }
        let diagonal = |figure: usize, back: usize| {
            (back..2 * length).map(move |query| Pair { figure, query, key: query - back })
        };
        let row = |row: &Vec<u32>| Row {
            pairs: diagonal(0, 1).chain(diagonal(1, length)).chain(diagonal(2, length - 1)).collect(),
            ..Row::of(row.repeat(2))
        };
        let (rows, n_layer, n_head) = (tokens.len(), config.n_layer, config.n_head);
        let attention = Attention::new(model.clone(), tokens.iter().map(row).collect(), 3);
        Ok(Self { attention: OnePass::of(model, attention), rows, n_layer, n_head })
    }

    /// The scores, or nothing while steps are left.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed since.
    pub fn result(&self) -> Result<Option<HeadScores>> {
        let Some(figures) = self.attention.result()? else { return Ok(None) };
        let mean = |of_rows: &Vec<Option<f64>>| {
            let heads = self.n_layer * self.n_head;
            let of_head = |head: usize| of_rows[head..].iter().step_by(heads).flatten().sum::<f64>();
            let means: Vec<f64> = (0..heads).map(|head| of_head(head) / self.rows as f64).collect();
            means.chunks_exact(self.n_head).map(<[f64]>::to_vec).collect()
        };
        Ok(Some(HeadScores {
            previous_token: mean(&figures[0]),
            duplicate_token: mean(&figures[1]),
            induction: mean(&figures[2]),
        }))
    }
}

impl Analysis for HeadScoresRun {
    const NAME: &'static str = "head_scores";
    type Question = HeadScoresQuestion;

    fn plan(model: Rc<LoadedModel>, HeadScoresQuestion { tokens }: Self::Question) -> Result<Self> {
        Self::new(model, &tokens)
    }
}

impl Job for HeadScoresRun {
    fn cost(&self) -> Work {
        self.attention.work()
    }

    fn step(&mut self) -> Step<'_> {
        Box::pin(self.attention.step())
    }

    fn result(&self) -> Result<Option<Answer>> {
        Ok(self.result()?.map(answer))
    }
}
