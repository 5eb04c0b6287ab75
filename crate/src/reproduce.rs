//! What lets others repeat a run of an experiment and hold theirs against it: a command, a line to cite it by, what a link
//! says of it, and files. All of it is made of the finished run alone, without the model.

mod command;
mod comparison;
mod files;
mod headline;
mod job;
mod python;
mod script;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use comparison::Comparison;
pub use headline::{Headline, Texts};
pub use job::ScriptRun;
pub use script::{Library, ModelOf, Script, ScriptForm};

use crate::experiment::{Case, ConditionResult, Experiment, ExperimentSpec, RolePositions};
use crate::hub::gpt2_small;
use crate::ioi::{Flip, Prompt};
use crate::report::Table;
use crate::report::words::{counted, rounded};
use crate::{Error, Result};

/// The version of this program, and of the page that it comes with.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A finished run.
pub struct Finished {
    record: Record,
    experiment: &'static Experiment,
    prompts: Vec<Prompt>,
    flipped: Vec<Prompt>,
}

/// What nothing is made of goes into a file as it is.
#[derive(Deserialize)]
struct Record {
    /// As links have it: "ioi-mini", the hub's OWNER/NAME, "url:" with an address, or "folder".
    id: String,
    /// When it ended, ISO 8601.
    date: String,
    /// What names of its files begin with.
    stem: String,
    /// Which model it was, with its hashes.
    origin: Value,
    result: Answer,
    device: Value,
    note: Value,
    model: Value,
    timings_ms: Value,
    left_out: Value,
    report: Value,
}

#[derive(Deserialize)]
struct Answer {
    head: [usize; 2],
    spec: ExperimentSpec,
    positions: RolePositions,
    conditions: BTreeMap<String, ConditionResult>,
    evidence: Value,
    accuracy: Option<f64>,
}

/// What is said of a run to whoever wants to repeat it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Reproduction {
    /// `patchbay run …`, for a POSIX shell.
    pub command: String,
    /// What has to be known with it, in sentences.
    pub about_command: String,
    pub citation: String,
    /// What a link says of it, by the names of its parameters.
    #[serde(serialize_with = "crate::experiment::as_map")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, string>"))]
    pub headline: Vec<(&'static str, String)>,
    /// What others have published of just this run, beside it.
    pub published: Option<Table>,
    pub files: Vec<Offered>,
}

/// A file that [`Finished::file`] makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Offered {
    /// "JSON", "CSV" or "prompts".
    pub what: &'static str,
    pub name: String,
    pub mime: &'static str,
}

impl Finished {
    /// `run`: what an answer of the page's says, with the model's `id`, the `date` and the `stem`. Of the report's figures
    /// those that are to be in the file.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `run` if it cannot be read, or has conditions or numbers that its settings do not give.
    pub fn read(run: Value) -> Result<Self> {
        let broken = |why: String| Error::input("run", format!("the run cannot be read: {why}"));
        let record: Record = serde_json::from_value(run).map_err(|error| broken(error.to_string()))?;
        let Answer { spec, positions, conditions, .. } = &record.result;
        let experiment = Experiment::named(&spec.experiment)?;
        let prompts = spec.dataset.generate()?;
        let flipped = Flip::parse(&spec.flip)?.apply(&prompts, spec.dataset.seed)?;
        if let Some(name) =
            conditions.keys().find(|name| experiment.shown().all(|case| case.condition != **name))
        {
            return Err(broken(format!("{} has no condition {name} in this version", experiment.name)));
        }
        if conditions.values().any(|of| of.io_probability.is_some() != experiment.probability) {
            return Err(broken(
                "some conditions have no probabilities, or some that nobody asked for".into(),
            ));
        }
        let lengths = conditions.values().flat_map(|of| {
            let probability = of.io_probability.iter().map(Vec::len);
            [&of.diff, &of.io_score, &of.s1_score].map(Vec::len).into_iter().chain(probability)
        });
        let RolePositions { io, s1, end } = positions;
        let mut lengths = lengths.chain([io, s1, end].map(Vec::len));
        if let Some(found) = lengths.find(|&length| length != prompts.len()) {
            return Err(broken(format!(
                "expected a number for each of {} prompts, found {found}",
                prompts.len()
            )));
        }
        let run = Self { record, experiment, prompts, flipped };
        if run.hashes().iter().any(|(_, sha256)| sha256.is_empty()) {
            return Err(broken("a hash of its model is missing".into()));
        }
        Ok(run)
    }

    pub fn reproduction(&self) -> Reproduction {
        Reproduction {
            command: self.command(),
            about_command: self.about_command(),
            citation: self.citation(),
            headline: self.headline().texts(),
            published: self.published(),
            files: self.files(),
        }
    }

    /// In their order, the clean run first.
    fn conditions(&self) -> impl Iterator<Item = (&'static Case, &ConditionResult)> {
        let of = |case: &'static Case| Some((case, self.record.result.conditions.get(case.condition)?));
        self.experiment.cases.iter().filter_map(of)
    }

    /// In the order of their weight: the same weights with another of the others are another model.
    fn hashes(&self) -> [(&'static str, &str); 3] {
        [("weights", "sha256"), ("configuration", "config_sha256"), ("tokenizer", "tokenizer_sha256")]
            .map(|(part, name)| (part, self.record.origin[name].as_str().unwrap_or_default()))
    }

    /// The commit, of a model of the hub.
    fn revision(&self) -> Option<&str> {
        self.record.origin["revision"].as_str()
    }

    /// A line by which others can find and repeat it.
    fn citation(&self) -> String {
        let Record { id, date, device, result: Answer { head: [layer, head], spec, .. }, .. } = &self.record;
        let dataset = &spec.dataset;
        let model = if id == FOLDER { "a model from a folder" } else { bare(id) };
        let revision = self.revision().map(|it| format!(", revision {it}")).unwrap_or_default();
        let hashes = self.hashes().map(|(part, sha256)| format!("{} ({part})", beginning(sha256, 12)));
        let made = match &dataset.prompts {
            Some(own) => format!("{}, seed {}", counted(own.len(), "own prompt"), dataset.seed),
            None => {
                let symmetric = if dataset.symmetric { "symmetric" } else { "not symmetric" };
                format!("n={}, seed {}, {}, {symmetric}", dataset.n, dataset.seed, dataset.prompt_type.name())
            }
        };
        format!(
            "Patchbay {VERSION}; {model}{revision}, SHA-256 {}; {}, head {layer}.{head}; {made}, {}, flip \"{}\", LayerNorm scale {}, {}; {}.",
            hashes.join(", "),
            spec.experiment.replace('_', " "),
            if dataset.prepend_bos { "BOS" } else { "no BOS" },
            spec.flip,
            if spec.freeze_ln { "frozen" } else { "live" },
            device["device"].as_str().unwrap_or_default().to_ascii_uppercase(),
            beginning(date, 10),
        )
    }

    /// The notebook's figures, where they are for exactly this model and these settings.
    fn published(&self) -> Option<Table> {
        const NOTEBOOK: [(&str, f64); 3] = [("clean", 3.2874), ("patched", 2.9462), ("projected", 1.2586)];
        let Record { id, result, .. } = &self.record;
        let theirs = *id == gpt2_small().id && result.spec == ExperimentSpec::default();
        let row = |(name, value): (&str, f64)| {
            let here = result.conditions.get(name)?.mean_diff;
            Some(vec![name.to_owned(), rounded(value, 4), rounded(here, 4)])
        };
        theirs.then(|| Table {
            name: "notebook",
            title: "Mean attention score difference".into(),
            header: ["condition", "notebook", "here"].map(String::from).into(),
            rows: NOTEBOOK.into_iter().filter_map(row).collect(),
            caption:
                "The TransformerLens notebook “patching positions” prints these for GPT-2 small with these settings."
                    .into(),
        })
    }
}

const FOLDER: &str = "folder";

/// A model without the word that says that it is an address.
fn bare(id: &str) -> &str {
    id.strip_prefix("url:").unwrap_or(id)
}

fn beginning(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// With so many digits that count, and no more of them than it has: "3.28741", "0.3", "-1e-7".
fn significant(value: f64, digits: i32) -> String {
    let value = rounded_to(value, digits);
    if value != 0.0 && value.abs() < 1e-6 { format!("{value:e}") } else { value.to_string() }
}

fn rounded_to(value: f64, digits: i32) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    // Powers of ten are exact, up to 22.
    let scale = digits - 1 - value.abs().log10().floor() as i32;
    let power = 10_f64.powi(scale.abs());
    if scale < 0 { (value / power).round() * power } else { (value * power).round() / power }
}
