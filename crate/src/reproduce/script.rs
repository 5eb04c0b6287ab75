//! A run as a Python script for TransformerLens. Prompts and settings are written into it as data; what it does with them
//! is transformer-lens.py, which is the same for every run.

use super::python::{flag, literal};
use super::{Answer, FOLDER, Finished, Record, VERSION, bare, significant};
use crate::experiment::{Edit, EditedPositions, Replacement, Span};
use crate::hub::gpt2_small;
use crate::ioi::Lexicon;
use crate::site::Activation;
use crate::{Error, Result};

const PROGRAM: &str = include_str!("transformer-lens.py");

impl Finished {
    /// Whether the program knows all that its conditions edit.
    pub(super) fn is_scripted(&self) -> bool {
        self.conditions().all(|(case, _)| case.edit.is_none_or(|edit| edited(edit, true).is_some()))
    }

    pub(super) fn script(&self) -> Result<String> {
        let Record { id, result: Answer { head: [layer, head], spec, positions, accuracy, .. }, .. } =
            &self.record;
        let mut cases = String::new();
        let mut means = String::new();
        for (case, found) in self.conditions() {
            let name = literal(case.condition);
            means += &format!("    {name}: {},\n", significant(found.mean_diff, 9));
            let Some(edit) = case.edit else { continue };
            let edited = edited(edit, spec.freeze_ln).ok_or_else(|| {
                Error::input("file", format!("no script is known for the condition {}", case.condition))
            })?;
            cases += &format!("    {name}: ({edited}),\n");
        }
        let mut prompts = String::new();
        for (i, (prompt, flipped)) in self.prompts.iter().zip(&self.flipped).enumerate() {
            let texts =
                [&prompt.sentence, &flipped.sentence, &prompt.io, &prompt.s].map(|text| literal(text));
            let [io, s1, end] = [&positions.io, &positions.s1, &positions.end].map(|of| of[i]);
            prompts += &format!("    ({}, {io}, {s1}, {end}),\n", texts.join(", "));
        }
        let hub = gpt2_small().id;
        let none = || "None".to_owned();
        let files = ["model.safetensors", "config.json", "tokenizer.json"].iter().zip(self.hashes());
        let hashes: Vec<String> =
            files.map(|(file, (_, sha256))| format!("\"{file}\": {}", literal(sha256))).collect();
        let names = if cases.contains("random names") { &Lexicon::get().names[..] } else { &[] };
        let data = format!(
            "\
PAGE_VERSION = {}
EXPERIMENT = {}
LAYER, HEAD = {layer}, {head}
SEED = {}
PREPEND_BOS = {}
FLIP = {}  # already applied to the prompts below

# {}
HUB = {}
REVISION = {}
SHA256 = {{{}}}

# What an edit replaces: (input, only at END, by what, LayerNorm's scale stays the clean run's)
CASES = {{
{cases}}}

# What the page found: the mean attention score difference
PAGE = {{
{means}}}
PAGE_ACCURACY = {}

# Sentence, flipped sentence, IO, S, and the original's positions of IO, S1 and END in tokens
PROMPTS = [
{prompts}]

# What random names are drawn from
NAMES = [{}]
",
            literal(VERSION),
            literal(&spec.experiment),
            spec.dataset.seed,
            flag(spec.dataset.prepend_bos),
            literal(&spec.flip),
            place(id),
            if *id == hub { literal(&hub) } else { none() },
            self.revision().map_or_else(none, literal),
            hashes.join(", "),
            accuracy.map_or_else(none, |share| share.to_string()),
            names.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", "),
        );
        Ok(PROGRAM.replacen("# DATA\n", &data, 1))
    }
}

/// What the program makes of an edit, if it can.
fn edited(edit: Edit, freeze_ln: bool) -> Option<String> {
    let input = match edit.input {
        Activation::QInput => "q",
        Activation::KInput => "k",
        _ => return None,
    };
    let at_end = match edit.positions {
        EditedPositions::All => false,
        EditedPositions::End => true,
        EditedPositions::Names => return None,
    };
    let by = match edit.replacement {
        Replacement::Flipped => "flipped",
        Replacement::ProjectedOn(Span::IoAndS) => "IO and S",
        Replacement::ProjectedOn(Span::Io) => "IO",
        Replacement::ProjectedOn(Span::S) => "S",
        Replacement::ProjectedOn(Span::RandomNames) => "random names",
        Replacement::ProjectedOn(Span::RandomDirections) => "random directions",
        Replacement::Clean | Replacement::Normalized(_) => return None,
    };
    // A projection is made at END alone.
    if by != "flipped" && !at_end {
        return None;
    }
    Some(format!("\"{input}\", {}, \"{by}\", {}", flag(at_end), flag(edit.ln.is_frozen(freeze_ln))))
}

/// Where the model comes from, as a comment of one line.
fn place(id: &str) -> String {
    let folder = "Give the folder with config.json, tokenizer.json and model.safetensors as the argument.";
    match id {
        id if id == gpt2_small().id => "The model comes from the hub, at this revision.".into(),
        FOLDER => format!("A model from a folder. {folder}"),
        "ioi-mini" => format!("The page's ioi-mini, from models/ioi-mini/ beside it. {folder}"),
        id => format!("From {}. {folder}", literal(bare(id))),
    }
}
