//! An answer's program as a job that is done when it is planned: its examples are made with the model's tokenizer. Nothing of
//! the model is computed.

use std::rc::Rc;

use serde::Deserialize;
use serde_json::Value;

use super::{Library, ModelOf, Script};
use crate::Result;
use crate::engine::Progress;
use crate::job::{Analysis, Answer, Job, Step, Work, answer};
use crate::loader::LoadedModel;

pub struct ScriptRun(Script);

/// An answer, and what it is of.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The analysis that gave the result.
    of: String,
    result: Value,
    model: ModelOf,
    library: Library,
}

impl Analysis for ScriptRun {
    const NAME: &'static str = "script";
    type Question = Question;

    fn plan(
        model: Rc<LoadedModel>,
        Question { of, result, model: named, library }: Question,
    ) -> Result<Self> {
        Script::of(&of, result, &named, library, &model).map(Self)
    }
}

impl Job for ScriptRun {
    fn cost(&self) -> Work {
        Work { needed: 0.0, done: 0.0 }
    }

    fn step(&mut self) -> Step<'_> {
        let progress = Progress { done: 1, total: 1, step: "the script is written".into(), finished: true };
        Box::pin(async { Ok(progress) })
    }

    fn result(&self) -> Result<Option<Answer>> {
        Ok(Some(answer(self.0.clone())))
    }
}
