//! The programs that there are: for each analysis the parts that make it, after those of the library.

use serde_json::Value;

use super::Library;
use super::data::Data;
use super::experiment::{of_decomposition, of_linear, of_run, of_sweep};
use super::given::{of_circuit, of_heads, of_nearest, of_paths, of_task, of_text, of_zeroed};
use crate::analysis::{AttributeRun, CircuitRun, HeadsRun, LensRun, PatchRun, PathRun, TextRun};
use crate::experiment::{Decomposition, LinearFunctions, Run, Sweep};
use crate::job::Analysis;
use crate::loader::LoadedModel;
use crate::nearest::Nearest;
use crate::{Error, Result};

pub struct Kind {
    analysis: &'static str,
    /// What it is, at the beginning of a sentence.
    pub title: &'static str,
    /// The entries of the result that are printed beside what comes out.
    found: &'static [&'static str],
    /// What it needs beside settings and figures.
    pub data: fn(&mut Value, &LoadedModel) -> Result<Data>,
    parts: &'static [&'static [&'static str]],
}

/// What programs begin with in which heads' inputs are edited.
const INPUTS: &[&str] =
    &["examples.py", "project.py", "embeddings.py", "vectors.py", "inputs.py", "scores.py"];
/// What programs begin with that judge edited runs.
const MEASURED: &[&str] = &["examples.py", "scores.py", "metric.py", "measure.py"];

const KINDS: [Kind; 12] = [
    Kind {
        analysis: Run::NAME,
        title: "An experiment at a head",
        found: &["conditions", "attention", "accuracy"],
        data: of_run,
        parts: &[INPUTS, &["conditions.py"]],
    },
    Kind {
        analysis: Sweep::NAME,
        title: "An experiment at every head",
        found: &["rows"],
        data: of_sweep,
        parts: &[INPUTS, &["sweep.py"]],
    },
    Kind {
        analysis: PatchRun::NAME,
        title: "A grid of edits",
        found: &["base", "source", "axes", "values"],
        data: of_task,
        parts: &[MEASURED, &["project.py", "cells.py", "grid.py"]],
    },
    Kind {
        analysis: AttributeRun::NAME,
        title: "Direct logit attribution",
        found: &["logit_diff", "W_E", "W_pos", "heads", "b_O", "mlps", "b_U"],
        data: of_zeroed,
        parts: &[&["examples.py", "metric.py", "zeroed.py", "written.py", "attribute.py"]],
    },
    Kind {
        analysis: LensRun::NAME,
        title: "The logit lens",
        found: &["labels", "roles"],
        data: of_zeroed,
        parts: &[&["examples.py", "zeroed.py", "lens.py"]],
    },
    Kind {
        analysis: PathRun::NAME,
        title: "Path patching",
        found: &["clean", "axes", "values"],
        data: of_paths,
        parts: &[MEASURED, &["paths.py"]],
    },
    Kind {
        analysis: CircuitRun::NAME,
        title: "A circuit",
        found: &["full", "circuit", "empty", "faithfulness", "complement", "nodes"],
        data: of_circuit,
        parts: &[MEASURED, &["circuit.py"]],
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
        parts: &[&["examples.py", "embeddings.py", "metric.py", "heads.py"]],
    },
    Kind {
        analysis: TextRun::NAME,
        title: "What a head attends to in a text",
        found: &["ids", "scores", "pattern", "predictions"],
        data: of_text,
        parts: &[&["examples.py", "zeroed.py", "attention.py"]],
    },
    Kind {
        analysis: Decomposition::NAME,
        title: "Why a head attends, by what wrote what it reads",
        found: &["components", "parts", "accounting"],
        data: of_decomposition,
        parts: &[INPUTS, &["written.py", "decompose.py"]],
    },
    Kind {
        analysis: LinearFunctions::NAME,
        title: "A head's scores as linear functions",
        found: &["linear_map_norm", "bias", "mean_map"],
        data: of_linear,
        parts: &[&["examples.py", "project.py", "embeddings.py", "vectors.py", "linear.py"]],
    },
    Kind {
        analysis: Nearest::NAME,
        title: "The tokens whose embeddings are nearest",
        found: &["nearest"],
        data: of_nearest,
        parts: &[&["embeddings.py", "embed.py"]],
    },
];

/// The files, where they are in this program.
#[cfg(not(target_arch = "wasm32"))]
pub const FILES: [(&str, &str); 32] = {
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
        "decompose.py",
        "embed.py",
        "embeddings.py",
        "examples.py",
        "grid.py",
        "heads.py",
        "inputs.py",
        "lens.py",
        "linear.py",
        "measure.py",
        "metric.py",
        "model_lens.py",
        "model_nnsight.py",
        "paths.py",
        "place.py",
        "printing.py",
        "project.py",
        "scores.py",
        "sites_lens.py",
        "sites_nnsight.py",
        "sweep.py",
        "vectors.py",
        "version_lens.py",
        "version_nnsight.py",
        "written.py",
        "zeroed.py"
    ]
};

impl Kind {
    pub fn named(analysis: &str) -> Result<&'static Self> {
        KINDS
            .iter()
            .find(|kind| kind.analysis == analysis)
            .ok_or_else(|| none(format!("there is no script of the analysis \"{analysis}\"")))
    }

    pub fn parts(&self, library: Library) -> impl Iterator<Item = &'static str> {
        let first = match library {
            Library::TransformerLens => {
                ["version_lens.py", "place.py", "checkpoint.py", "model_lens.py", "sites_lens.py"]
            }
            Library::Nnsight => {
                ["version_nnsight.py", "place.py", "checkpoint.py", "model_nnsight.py", "sites_nnsight.py"]
            }
        };
        first.into_iter().chain(["printing.py"]).chain(self.parts.iter().copied().flatten().copied())
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{FILES, KINDS, Library};

    #[test]
    fn every_part_is_a_file_and_every_file_is_a_part() {
        let parts = KINDS.iter().flat_map(|kind| Library::ALL.into_iter().flat_map(|of| kind.parts(of)));
        let parts: BTreeSet<&str> = parts.collect();
        assert_eq!(parts, FILES.iter().map(|(name, _)| *name).collect());
    }
}
