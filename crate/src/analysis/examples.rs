//! A task's examples as a model reads them, to be looked at: tokens, roles and answers, and why some cannot be run. Nothing
//! of the model is computed.

use std::rc::Rc;

use serde::Serialize;

use crate::Result;
use crate::engine::Progress;
use crate::job::{Analysis, Answer, Job, Of, Step, Work, answer};
use crate::left_out::{LeaveOut, LeftOut};
use crate::loader::LoadedModel;
use crate::report::tokens::quoted;
use crate::report::words::list;
use crate::task::{Example, Examples, TaskSpec};
use crate::tokenizer::Tokenizer;

/// More than anybody looks at, and as many as there may be pairs.
const MOST_SHOWN: usize = 2_000;
/// Answers that are named of one example.
const NAMED: usize = 5;

/// What [`ExamplesRun`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ExamplesResult {
    /// The last is END.
    pub roles: Vec<String>,
    /// At most the first 2000.
    pub examples: Vec<ShownExample>,
    pub left_out: Vec<ShownLeftOut>,
    /// How many examples are run.
    pub count: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ShownExample {
    /// Its number among those that were asked for, from 1.
    pub number: usize,
    /// As far as END, and so is the corrupted one.
    pub clean: Vec<String>,
    pub corrupted: Vec<String>,
    /// Where the roles are, in their order.
    pub positions: Vec<usize>,
    /// In words, the first few: "“ Mary”", "“33”, “34”, “35”, “36”, “37” and 62 more".
    pub answers: String,
    pub wrong_answers: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ShownLeftOut {
    pub number: usize,
    pub why: String,
    /// A pair's own, as far as its texts can be read at all.
    pub clean: Vec<String>,
    pub corrupted: Vec<String>,
}

/// A job that is done when it is planned.
pub struct ExamplesRun(ExamplesResult);

impl ExamplesResult {
    /// # Errors
    /// As of [`TaskSpec::examples`], but for what is wrong with single prompts that somebody wrote.
    pub fn of(spec: &TaskSpec, tokenizer: &Tokenizer, n_ctx: usize) -> Result<Self> {
        spec.check()?;
        let mut task = spec.clone();
        let left_out = task.leave_out(tokenizer, n_ctx)?;
        let numbers = (1..=spec.count()).filter(|number| left_out.iter().all(|left| left.prompt != *number));
        let Examples { roles, examples } = match task.count() {
            0 => Examples { roles: Vec::new(), examples: Vec::new() },
            _ => task.examples(tokenizer, n_ctx)?,
        };
        let count = examples.len();
        let shown = numbers.zip(&examples).take(MOST_SHOWN);
        let shown = shown.map(|(number, example)| ShownExample::of(number, example, tokenizer));
        Ok(Self {
            roles,
            examples: shown.collect::<Result<_>>()?,
            left_out: left_out.into_iter().map(|left| ShownLeftOut::of(left, spec, tokenizer)).collect(),
            count,
        })
    }
}

impl ShownExample {
    fn of(number: usize, example: &Example, tokenizer: &Tokenizer) -> Result<Self> {
        let end = example.end();
        Ok(Self {
            number,
            clean: texts(&example.clean[..=end], tokenizer)?,
            corrupted: texts(&example.corrupted[..=end], tokenizer)?,
            positions: example.positions.clone(),
            answers: named(&example.answers, tokenizer)?,
            wrong_answers: named(&example.wrong_answers, tokenizer)?,
        })
    }
}

impl ShownLeftOut {
    fn of(LeftOut { prompt, why }: LeftOut, spec: &TaskSpec, tokenizer: &Tokenizer) -> Self {
        let read = |text: &str| {
            let tokens = tokenizer.encode(text).and_then(|tokens| texts(&tokens, tokenizer));
            tokens.unwrap_or_default()
        };
        let [clean, corrupted] = match spec {
            TaskSpec::Pairs(task) => {
                let pair = &task.prompts[prompt - 1];
                // Some are too long to be read.
                if pair.check_size().is_ok() {
                    [&pair.clean, &pair.corrupted].map(|text| read(text))
                } else {
                    Default::default()
                }
            }
            _ => Default::default(),
        };
        Self { number: prompt, why, clean, corrupted }
    }
}

fn texts(tokens: &[u32], tokenizer: &Tokenizer) -> Result<Vec<String>> {
    tokens.iter().map(|&token| tokenizer.text(token)).collect()
}

fn named(tokens: &[u32], tokenizer: &Tokenizer) -> Result<String> {
    let shown = texts(&tokens[..tokens.len().min(NAMED)], tokenizer)?;
    let mut shown: Vec<String> = shown.iter().map(|text| quoted(text)).collect();
    if tokens.len() > NAMED {
        shown.push(format!("{} more", tokens.len() - NAMED));
    }
    Ok(list(&shown))
}

impl Analysis for ExamplesRun {
    const NAME: &'static str = "examples";
    type Question = Of<TaskSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        ExamplesResult::of(&spec, &model.tokenizer, model.gpt2.config.n_ctx).map(Self)
    }
}

impl Job for ExamplesRun {
    fn cost(&self) -> Work {
        Work { needed: 0.0, done: 0.0 }
    }

    fn step(&mut self) -> Step<'_> {
        let progress = Progress { done: 1, total: 1, step: "the examples are read".into(), finished: true };
        Box::pin(async { Ok(progress) })
    }

    fn result(&self) -> Result<Option<Answer>> {
        Ok(Some(answer(self.0.clone())))
    }
}
