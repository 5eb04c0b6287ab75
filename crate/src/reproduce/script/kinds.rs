//! The programs that there are: for each analysis the parts that make it.

use serde_json::Value;

use super::Library;
use super::data::Data;
use super::experiment::of_run;
use super::given::{of_circuit, of_heads, of_paths, of_task, of_text, of_zeroed};
use crate::analysis::{AttributeRun, CircuitRun, HeadsRun, LensRun, PatchRun, PathRun, TextRun};
use crate::experiment::Run;
use crate::job::Analysis;
use crate::loader::LoadedModel;
use crate::{Error, Result};

pub struct Kind {
    analysis: &'static str,
    /// What it is, at the beginning of a sentence.
    pub title: &'static str,
    /// The entries of the result that are printed beside what comes out.
    found: &'static [&'static str],
    /// What it needs beside settings and figures.
    pub data: fn(&mut Value, &LoadedModel) -> Result<Data>,
    lens: &'static [&'static str],
    /// Nothing where there is no program for nnsight.
    nnsight: &'static [&'static str],
}

/// What comes before all others.
const LENS: [&str; 4] = ["place.py", "checkpoint.py", "load_lens.py", "printing.py"];
const NNSIGHT: [&str; 4] = ["place.py", "checkpoint.py", "load_nnsight.py", "printing.py"];

const KINDS: [Kind; 8] = [
    Kind {
        analysis: Run::NAME,
        title: "An experiment at a head",
        found: &["conditions", "accuracy"],
        data: of_run,
        lens: &[
            "examples.py",
            "metric.py",
            "measure_lens.py",
            "project.py",
            "spans.py",
            "run.py",
            "conditions.py",
        ],
        nnsight: &[
            "examples.py",
            "metric.py",
            "sites_nnsight.py",
            "project.py",
            "spans.py",
            "run_nnsight.py",
            "conditions.py",
        ],
    },
    Kind {
        analysis: PatchRun::NAME,
        title: "A grid of edits",
        found: &["base", "source", "axes", "values"],
        data: of_task,
        lens: &[
            "examples.py",
            "metric.py",
            "measure_lens.py",
            "project.py",
            "cells.py",
            "patch.py",
            "grid.py",
        ],
        nnsight: &[
            "examples.py",
            "metric.py",
            "sites_nnsight.py",
            "project.py",
            "cells.py",
            "patch_nnsight.py",
            "grid.py",
        ],
    },
    Kind {
        analysis: AttributeRun::NAME,
        title: "Direct logit attribution",
        found: &["logit_diff", "W_E", "W_pos", "heads", "b_O", "mlps", "b_U"],
        data: of_zeroed,
        lens: &["examples.py", "metric.py", "measure_lens.py", "attribute.py"],
        nnsight: &[],
    },
    Kind {
        analysis: LensRun::NAME,
        title: "The logit lens",
        found: &["labels", "roles"],
        data: of_zeroed,
        lens: &["examples.py", "metric.py", "measure_lens.py", "lens.py"],
        nnsight: &[],
    },
    Kind {
        analysis: PathRun::NAME,
        title: "Path patching",
        found: &["clean", "axes", "values"],
        data: of_paths,
        lens: &["examples.py", "metric.py", "measure_lens.py", "paths.py"],
        nnsight: &[],
    },
    Kind {
        analysis: CircuitRun::NAME,
        title: "A circuit",
        found: &["full", "circuit", "empty", "faithfulness", "complement", "nodes"],
        data: of_circuit,
        lens: &["examples.py", "metric.py", "measure_lens.py", "circuit.py"],
        nnsight: &[],
    },
    Kind {
        analysis: HeadsRun::NAME,
        title: "What heads look at, copy and write",
        found: &[
            "previous_token",
            "duplicate_token",
            "induction",
            "attention",
            "copying",
            "copying_negative",
            "direct",
            "ablated",
        ],
        data: of_heads,
        lens: &["examples.py", "metric.py", "measure_lens.py", "heads.py"],
        nnsight: &[],
    },
    Kind {
        analysis: TextRun::NAME,
        title: "What a head attends to in a text",
        found: &["ids", "scores", "pattern", "predictions"],
        data: of_text,
        lens: &["attention.py"],
        nnsight: &[],
    },
];

/// The files, where they are in this program.
#[cfg(not(target_arch = "wasm32"))]
pub const FILES: [(&str, &str); 24] = {
    macro_rules! files {
        ($($name:literal),+) => { [$(($name, include_str!(concat!("../python/", $name)))),+] };
    }
    files![
        "attention.py",
        "attribute.py",
        "cells.py",
        "checkpoint.py",
        "circuit.py",
        "conditions.py",
        "examples.py",
        "grid.py",
        "heads.py",
        "lens.py",
        "load_lens.py",
        "load_nnsight.py",
        "measure_lens.py",
        "metric.py",
        "patch.py",
        "patch_nnsight.py",
        "paths.py",
        "place.py",
        "printing.py",
        "project.py",
        "run.py",
        "run_nnsight.py",
        "sites_nnsight.py",
        "spans.py"
    ]
};

impl Kind {
    pub fn named(analysis: &str) -> Result<&'static Self> {
        KINDS
            .iter()
            .find(|kind| kind.analysis == analysis)
            .ok_or_else(|| none(format!("there is no script of the analysis \"{analysis}\"")))
    }

    pub fn parts(&self, library: Library) -> Result<impl Iterator<Item = &'static str>> {
        let (first, rest) = match library {
            Library::TransformerLens => (LENS, self.lens),
            Library::Nnsight => (NNSIGHT, self.nnsight),
        };
        if rest.is_empty() {
            let analysis = self.analysis;
            return Err(none(format!("there is no script of {analysis} for nnsight; take transformer-lens")));
        }
        Ok(first.into_iter().chain(rest.iter().copied()))
    }

    pub fn found(&self, result: &Value) -> Value {
        let entries =
            self.found.iter().filter_map(|&name| Some((name.to_owned(), result.get(name)?.clone())));
        Value::Object(entries.collect())
    }
}

pub fn none(message: String) -> Error {
    Error::input("script", message)
}
