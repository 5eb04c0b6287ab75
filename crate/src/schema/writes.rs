//! Who writes the answer: the logit difference by its parts, layer by layer, and without each head.

use serde_json::{Value, json};

use super::reading::{About, Reading};
use super::zero as zeroed;
use super::{Choice, Field, Form, attention, task};
use crate::analysis::{AttributeSpec, HeadFigure, HeadsSpec, LensSpec, SaysSpec, TextSource};
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

fn without() -> Field {
    zeroed::field(
        "writes_zero",
        "Heads whose output is set to zero in the run, with the positions: 9.9@END, 5.5@S2+END, 0.3@all.",
    )
}

/// The nodes that [`without`] names.
fn zero(reading: &mut Reading) -> Vec<Node> {
    let zero = zeroed::nodes(reading.text("writes_zero")).unwrap_or_default();
    if let Some(model) = reading.model {
        for node in &zero {
            reading.check_as(Some("writes_zero"), node.check(model.config));
        }
    }
    zero
}

pub const ATTRIBUTE: Form = Form {
    analysis: "attribute",
    fields: |_| [vec![run(), without()], task::fields()].concat(),
    spec: |reading| {
        let task = task::read(reading);
        let spec = AttributeSpec { run: form(reading), zero: zero(reading), ..AttributeSpec::of(task) };
        json!({"analysis": "attribute", "spec": spec})
    },
};

pub const LENS: Form = Form {
    analysis: "lens",
    fields: |_| {
        let scale = Field::chosen("lens_scale", "LayerNorm scale", &SCALE, "What each stream is divided by.");
        [vec![run(), without(), scale], task::fields()].concat()
    },
    spec: |reading| {
        let task = task::read(reading);
        let spec = LensSpec {
            run: form(reading),
            zero: zero(reading),
            scale: reading.choice("lens_scale"),
            ..LensSpec::of(task)
        };
        json!({"analysis": "lens", "spec": spec})
    },
};

/// What each layer says of one prompt.
pub const SAYS: Form = Form {
    analysis: "says",
    fields: |_| [vec![run(), without(), attention::prompt()], task::fields()].concat(),
    spec: |reading| {
        let task = task::read(reading);
        let example = attention::place(reading, task.count());
        let source = TextSource::Example { task, example, run: form(reading) };
        json!({"analysis": "says", "spec": SaysSpec { source, zero: zero(reading) }})
    },
};

/// Two of the figures of every head, which need no attention.
pub const EFFECTS: Form = Form {
    analysis: "effects",
    fields: |_| task::fields(),
    spec: |reading| of_heads(reading, vec![HeadFigure::Direct, HeadFigure::Ablated]),
};

/// All of them.
pub const HEADS: Form = Form {
    analysis: "heads",
    fields: |_| task::fields(),
    spec: |reading| of_heads(reading, HeadFigure::ALL.into()),
};

fn of_heads(reading: &mut Reading, mut figures: Vec<HeadFigure>) -> Value {
    let task = task::read(reading);
    let (seed, n_ctx) = (reading.integer("seed"), reading.model.map_or(1024, |model| model.config.n_ctx));
    // A tokenizer may have none of the names that are copied.
    if let Some(About { tokenizer, .. }) = reading.model
        && let Ok(examples) = task.examples(tokenizer, n_ctx)
        && task.copied(&examples, tokenizer).is_empty()
    {
        figures.retain(|figure| *figure != HeadFigure::Copying);
    }
    let spec = HeadsSpec { figures, ..HeadsSpec::of(task, seed, None, n_ctx) };
    json!({"analysis": "heads", "spec": spec})
}

fn form(reading: &Reading) -> PromptForm {
    reading.choice("writes_run")
}
