//! One door to all that a model can be asked: a question by name, planned as a job that is pulled step by step.
//!
//! Whoever pulls it sees a [`Job`] and its [`Answer`], whatever the analysis. A new one implements [`Job`] and
//! [`Analysis`] in a file of its own and has a line in the table here.

mod in_turn;
mod one_pass;
mod pulled;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use in_turn::InTurn;
pub use one_pass::{Measures, OnePass};
pub use pulled::Pulled;

use crate::analysis::{
    AttributeRun, CacheRun, CellRun, CircuitRun, EdgesRun, ExamplesRun, HeadScoresRun, HeadsRun, LensRun,
    PatchRun, PathRun, PatternsRun, SaysRun, TextRun, VerifyRun,
};
use crate::engine::Progress;
use crate::error::excerpt;
use crate::experiment::{AttentionRun, Decomposition, LinearFunctions, ResemblanceRun, Run, Sweep};
use crate::frame::Frame;
use crate::loader::LoadedModel;
use crate::nearest::Nearest;
use crate::report::Report;
use crate::reproduce::ScriptRun;
use crate::{Error, Result};

/// What a job costs, in floating point operations of its matrix products; everything else is a few percent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Work {
    /// What every run would take by itself, from its first token to END, through the same layers.
    pub needed: f64,
    /// What is done: what runs have in common is computed once, of the last layer only what is read, and nothing that another
    /// question has measured.
    pub done: f64,
}

/// A question put to a model, answered step by step, so that whoever pulls can show progress and stop.
pub trait Job {
    /// What all steps together cost, known before the first.
    fn cost(&self) -> Work;

    /// Does the next step.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails or gives numbers that are not finite; the job is over then.
    fn step(&mut self) -> Step<'_>;

    /// What is there so far, of analyses that can show something before the end.
    ///
    /// # Errors
    /// As [`Job::result`].
    fn partial(&self) -> Result<Option<Answer>> {
        Ok(None)
    }

    /// The answer, or nothing while steps are left.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed since.
    fn result(&self) -> Result<Option<Answer>>;

    /// What is said and drawn of the answer; while steps are left, of what is there so far, without intervals.
    ///
    /// # Errors
    /// As [`Job::result`].
    fn report(&self) -> Result<Option<Report>> {
        Ok(None)
    }

    /// The answer as numbers by named axes, of analyses whose answer is that; nothing while steps are left.
    ///
    /// # Errors
    /// As [`Job::result`].
    fn frame(&self) -> Result<Option<Frame>> {
        Ok(None)
    }

    /// The size of the file that the answer is, of analyses that make one; known before the first step.
    fn file_bytes(&self) -> Option<u64> {
        None
    }

    /// That file; nothing while steps are left. `about`: what else is to stand in it, by name.
    ///
    /// # Errors
    /// As [`Job::result`].
    fn file(&self, _about: BTreeMap<String, String>) -> Result<Option<TakenFile>> {
        Ok(None)
    }
}

/// A file in two parts, of which the second is large and not copied.
pub struct TakenFile {
    pub header: Vec<u8>,
    pub data: Rc<Vec<u8>>,
}

/// A step under way.
pub type Step<'a> = Pin<Box<dyn Future<Output = Result<Progress>> + 'a>>;

/// A record of whatever type.
pub type Answer = Box<dyn Record>;

/// How records leave the crate, whatever their type, which serde's own trait cannot say: to the command as JSON, to the
/// page as plain objects.
pub trait Record {
    /// # Errors
    /// If the record has a key that is no text, which no answer has.
    fn to_json(&self) -> serde_json::Result<Value>;

    #[cfg(target_arch = "wasm32")]
    fn to_object(&self) -> crate::wasm::Object;
}

impl<T: Serialize> Record for T {
    #[cfg(not(target_arch = "wasm32"))]
    fn to_json(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }

    /// By way of the object, so that the program need not have a second writer for each type.
    #[cfg(target_arch = "wasm32")]
    fn to_json(&self) -> serde_json::Result<Value> {
        crate::wasm::json(&self.to_object())
    }

    #[cfg(target_arch = "wasm32")]
    fn to_object(&self) -> crate::wasm::Object {
        crate::wasm::object(self)
    }
}

/// For those that implement [`Job`].
pub(crate) fn answer(record: impl Serialize + 'static) -> Answer {
    Box::new(record)
}

/// A kind of job: the name by which it is asked for, and how it is planned.
pub trait Analysis: Job + Sized + 'static {
    const NAME: &'static str;

    /// What stands beside the name in a spec. Unknown fields are errors.
    type Question: DeserializeOwned;

    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the model or the others.
    fn plan(model: Rc<LoadedModel>, question: Self::Question) -> Result<Self>;
}

/// The question of an analysis that takes a spec and nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Of<S> {
    pub spec: S,
}

/// Every analysis there is.
const ANALYSES: &[Entry] = &[
    Entry::of::<Run>(),
    Entry::of::<Sweep>(),
    Entry::of::<AttentionRun>(),
    Entry::of::<TextRun>(),
    Entry::of::<PatternsRun>(),
    Entry::of::<Decomposition>(),
    Entry::of::<LinearFunctions>(),
    Entry::of::<ResemblanceRun>(),
    Entry::of::<Nearest>(),
    Entry::of::<PatchRun>(),
    Entry::of::<CellRun>(),
    Entry::of::<PathRun>(),
    Entry::of::<AttributeRun>(),
    Entry::of::<LensRun>(),
    Entry::of::<SaysRun>(),
    Entry::of::<CircuitRun>(),
    Entry::of::<EdgesRun>(),
    Entry::of::<HeadsRun>(),
    Entry::of::<HeadScoresRun>(),
    Entry::of::<VerifyRun>(),
    Entry::of::<ExamplesRun>(),
    Entry::of::<ScriptRun>(),
    Entry::of::<CacheRun>(),
];

struct Entry {
    name: &'static str,
    plan: fn(Rc<LoadedModel>, Value) -> Result<Box<dyn Job>>,
}

impl Entry {
    const fn of<A: Analysis>() -> Self {
        Self {
            name: A::NAME,
            plan: |model, question| {
                let question = serde_json::from_value(question).map_err(unreadable)?;
                Ok(Box::new(A::plan(model, question)?))
            },
        }
    }
}

/// Plans the job that a spec describes: `{"analysis": name, …}` with the fields of that analysis's question.
///
/// # Errors
/// [`Error::BadInput`] naming `analysis` if there is none of that name, `spec` if the other fields cannot be read, and
/// else the field that does not fit.
pub fn plan(model: Rc<LoadedModel>, spec: Value) -> Result<Box<dyn Job>> {
    let Value::Object(mut question) = spec else {
        return Err(unreadable("expected an object"));
    };
    let name = question.remove("analysis");
    let entry =
        name.as_ref().and_then(Value::as_str).and_then(named).ok_or_else(|| none_of(name.as_ref()))?;
    (entry.plan)(model, Value::Object(question))
}

fn named(name: &str) -> Option<&'static Entry> {
    ANALYSES.iter().find(|entry| entry.name == name)
}

fn none_of(name: Option<&Value>) -> Error {
    let known: Vec<&str> = ANALYSES.iter().map(|entry| entry.name).collect();
    let known = known.join(", ");
    let message = match name {
        None => format!("no analysis is named; there is {known}"),
        Some(name) => format!("there is no analysis {}; there is {known}", excerpt(&name.to_string())),
    };
    Error::input("analysis", message)
}

fn unreadable(why: impl std::fmt::Display) -> Error {
    Error::input("spec", format!("the settings cannot be read: {why}"))
}
