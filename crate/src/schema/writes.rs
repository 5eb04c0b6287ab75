//! Who writes the answer: the logit difference by its parts, layer by layer, and without each head.

use serde_json::json;

use super::reading::Reading;
use super::{Choice, Field, Form, Kind, task};
use crate::analysis::{AttributeSpec, HeadFigure, HeadsSpec, LensSpec};
use crate::patch::Node;
use crate::task::PromptForm;

const RUN: [Choice; 2] = [
    Choice::new("clean", "the clean run", "The prompts as they are."),
    Choice::new(
        "corrupted",
        "the corrupted run",
        "The corrupted prompts, with the answers of the clean ones.",
    ),
];

const SCALE: [Choice; 2] = [
    Choice::new(
        "frozen",
        "frozen",
        "Each stream is divided by what the final LayerNorm divides the last one by, so that differences are what was \
         written between.",
    ),
    Choice::new(
        "live",
        "live",
        "Each stream is divided by its own scale, as if the layers after it were not there.",
    ),
];

fn run() -> Field {
    Field::chosen("writes_run", "Run", &RUN, "Which of a prompt's two runs is taken apart.")
}

pub const ATTRIBUTE: Form = Form {
    analysis: "attribute",
    fields: |_| {
        let zero = Field {
            name: "writes_zero",
            label: "Without heads",
            help: "Heads whose output is set to zero in the run, with the positions: 9.9@END, 5.5@S2+END, 0.3@all.",
            kind: Kind::Text { max_length: 1000 },
            check: |text| nodes(text).map(drop).map_err(|error| error.to_string()),
            ..Field::of_question()
        };
        [vec![run(), zero], task::fields()].concat()
    },
    spec: |reading| {
        let task = task::read(reading);
        let zero = nodes(reading.text("writes_zero")).unwrap_or_default();
        if let Some(model) = reading.model {
            for node in &zero {
                reading.check_as(Some("writes_zero"), node.check(model.config));
            }
        }
        let spec = AttributeSpec { run: form(reading), zero, ..AttributeSpec::of(task) };
        json!({"analysis": "attribute", "spec": spec})
    },
};

pub const LENS: Form = Form {
    analysis: "lens",
    fields: |_| {
        let scale = Field::chosen("lens_scale", "LayerNorm scale", &SCALE, "What each stream is divided by.");
        [vec![run(), scale], task::fields()].concat()
    },
    spec: |reading| {
        let task = task::read(reading);
        let spec = LensSpec { run: form(reading), scale: reading.choice("lens_scale"), ..LensSpec::of(task) };
        json!({"analysis": "lens", "spec": spec})
    },
};

/// Two of the figures of every head, which need no attention.
pub const EFFECTS: Form = Form {
    analysis: "effects",
    fields: |_| task::fields(),
    spec: |reading| {
        let task = task::read(reading);
        let (seed, n_ctx) = (reading.integer("seed"), reading.model.map_or(1024, |model| model.config.n_ctx));
        let figures = vec![HeadFigure::Direct, HeadFigure::Ablated];
        let spec = HeadsSpec { figures, ..HeadsSpec::of(task, seed, None, n_ctx) };
        json!({"analysis": "heads", "spec": spec})
    },
};

fn form(reading: &Reading) -> PromptForm {
    reading.choice("writes_run")
}

/// With commas between.
pub(super) fn nodes(text: &str) -> crate::Result<Vec<Node>> {
    text.split(',').map(str::trim).filter(|node| !node.is_empty()).map(str::parse).collect()
}
