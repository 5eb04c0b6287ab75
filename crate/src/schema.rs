//! What is asked for an analysis, field by field: the page's forms and links and the command's options are made from it. All
//! values are texts by the names of their fields, from whom- and wherever; what is wrong with them is said of all at once.

mod attention;
mod cache;
mod circuits;
mod decompose;
mod experiment;
mod explore;
mod field;
mod head;
mod linear;
mod listed;
mod metric;
mod patch;
mod prompts;
mod reading;
mod replacements;
mod task;
mod writes;
mod zero;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

pub use field::{Choice, Field, Kind, Suggestion};
pub use reading::About;
use reading::Reading;

use crate::experiment::Experiment;
use crate::plain::quoted;

/// The fields of an analysis, in the order in which they are asked for.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Schema {
    /// By which [`read`] knows it. "replacements" is a form of its own for some of the experiments, "effects" for some
    /// figures of heads, "examine" for circuits, and a text is asked for by "attention"; the others have the names of the jobs that
    /// are made of them.
    pub analysis: &'static str,
    pub fields: Vec<Field>,
}

/// Texts as a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Read {
    /// What [`crate::job::plan`] takes; nothing where there are problems.
    #[cfg_attr(
        target_arch = "wasm32",
        tsify(type = "{ analysis: string; spec?: any; [field: string]: any } | null")
    )]
    pub spec: Option<Value>,
    /// In the order of the fields, at most one for each.
    pub problems: Vec<Problem>,
    /// The lines of prompts of one's own that are not run.
    pub left_out: Vec<LeftOutLine>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Problem {
    pub field: String,
    /// What was expected, what was found, what to do; the field's name is not in it.
    pub message: String,
}

/// A line that is not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct LeftOutLine {
    /// From 1.
    pub line: usize,
    pub message: String,
}

/// How an analysis is asked for.
struct Form {
    analysis: &'static str,
    fields: fn(&[&Experiment]) -> Vec<Field>,
    /// What is read is a spec if there are no problems in the end.
    spec: fn(&mut Reading) -> Value,
}

const FORMS: &[Form] = &[
    experiment::AT_HEAD,
    experiment::SWEEP,
    attention::FORM,
    attention::PATTERNS,
    decompose::FORM,
    replacements::FORM,
    linear::FORM,
    patch::FORM,
    cache::FORM,
    explore::NEAREST,
    explore::RESEMBLANCE,
    writes::ATTRIBUTE,
    writes::LENS,
    writes::SAYS,
    writes::EFFECTS,
    writes::HEADS,
    circuits::PATHS,
    circuits::CIRCUIT,
    circuits::EXAMINE,
    circuits::EDGES,
];

/// Every form there is. `experiments`: those that can be chosen, usually [`crate::experiment::EXPERIMENTS`].
pub fn schemas(experiments: &[&Experiment]) -> Vec<Schema> {
    FORMS.iter().map(|form| Schema { analysis: form.analysis, fields: (form.fields)(experiments) }).collect()
}

/// The job that texts ask for, by the names of their fields; a field without a text has its default. With a model it is one
/// that the model can be asked, as far as this is known before its prompts are made: at its own default head where none is
/// named, without the prompts that it cannot read. Without one the default head is GPT-2 small's 10.7.
pub fn read(
    experiments: &[&Experiment],
    analysis: &str,
    texts: &BTreeMap<String, String>,
    model: Option<About>,
) -> Read {
    let Some(form) = FORMS.iter().find(|form| form.analysis == analysis) else {
        let known: Vec<&str> = FORMS.iter().map(|form| form.analysis).collect();
        let message = format!("there is no form {}; there is {}", quoted(analysis), known.join(", "));
        let problem = Problem { field: "analysis".into(), message };
        return Read { spec: None, problems: vec![problem], left_out: Vec::new() };
    };
    let fields = (form.fields)(experiments);
    let mut reading = Reading::new(&fields, texts, experiments, model);
    let spec = (form.spec)(&mut reading);
    reading.end(spec)
}
