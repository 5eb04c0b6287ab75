//! What a head, or every head, attends to on one prompt, in its corrupted run, in an experiment's conditions, or in any text.

use serde_json::{Value, json};

use super::reading::{About, Reading};
use super::{Choice, Field, Form, Kind, experiment, head, task, zero};
use crate::analysis::{PatternsSpec, TextSource, TextSpec};
use crate::experiment::Experiment;
use crate::ioi::DatasetSpec;
use crate::patch::Node;
use crate::task::{Corruption, PromptForm, TaskSpec};

const OF: [Choice; 5] = [
    Choice::new("clean", "the prompt", "The clean run of the chosen prompt."),
    Choice::new("corrupted", "the corrupted prompt", "The run of the chosen prompt as the task corrupts it."),
    Choice::new(
        "flipped",
        "the flipped prompt",
        "The run of the chosen IOI prompt with its names flipped, as “Place or name?” does.",
    ),
    Choice::new(
        "conditions",
        "the prompt, in each condition",
        "The chosen IOI prompt in every condition of the experiment.",
    ),
    Choice::new("text", "a text", "Any text, which needs no IO."),
];

/// More characters than a context of 1024 tokens usually has.
const MOST_TEXT: usize = 10_000;

/// A name that comes again, after which a model may say what followed it the first time.
const TEXT: &str = "Yesterday Alex met Anthony at the school. Today Alex met";

pub const FORM: Form = Form {
    analysis: "attention",
    fields,
    spec: |reading| {
        if reading.text("attention_of") != "conditions" {
            let [layer, head] = head::read(reading);
            let Some((source, zero)) = read(reading) else { return Value::Null };
            let spec = TextSpec { source, layer, head, predictions: TextSpec::usual_predictions(), zero };
            return json!({"analysis": "text", "spec": spec});
        }
        if !is_of_ioi(reading) {
            return Value::Null;
        }
        let experiment = reading.text("experiment").to_owned();
        let spec = experiment::at_head(reading, experiment, "name_mover");
        let prompt = place(reading, spec.dataset.count());
        json!({"analysis": "attention", "spec": spec, "prompt": prompt})
    },
};

/// The same for every head; where an experiment's conditions are read, on the prompt as it is.
pub const PATTERNS: Form = Form {
    analysis: "patterns",
    fields,
    spec: |reading| match read(reading) {
        Some((source, zero)) => json!({"analysis": "patterns", "spec": PatternsSpec { source, zero }}),
        None => Value::Null,
    },
};

fn fields(experiments: &[&Experiment]) -> Vec<Field> {
    let question = vec![
        Field {
            name: "attention_of",
            label: "Attention on",
            help: "What the head reads.",
            kind: Kind::choice(&OF),
            default: OF[0].value.to_owned(),
            ..Field::of_question()
        },
        Field {
            name: "attention_text",
            label: "Text",
            help: "The text that the head reads where it reads one.",
            kind: Kind::Passage { max_length: MOST_TEXT },
            default: TEXT.to_owned(),
            ..Field::of_question()
        },
        zero::field(
            "attention_zero",
            "Heads whose output is set to zero in the run, so that what later heads attend to without them is seen, with the \
             positions: 9.9@END, 5.5@S2+END, 0.3@all. A text has END, its last token, positions by number, and all.",
        ),
        prompt(),
    ];
    let conditions = vec![experiment::chosen(experiments), experiment::name_mover("name_mover")];
    [question, head::fields(), task::fields(), experiment::flipping(), conditions].concat()
}

/// The field of every question that is about one prompt.
pub(super) fn prompt() -> Field {
    Field {
        name: "prompt",
        label: "Prompt",
        help: "Which of the prompts, from 1.",
        kind: Kind::Integer { min: 1, max: DatasetSpec::MAX_PROMPTS },
        default: "1".to_owned(),
        ..Field::of_question()
    }
}

/// What is read, and the heads that are set to zero in it; nothing where that is asked of another task.
fn read(reading: &mut Reading) -> Option<(TextSource, Vec<Node>)> {
    let source = match reading.text("attention_of") {
        "text" => {
            let (text, prepend_bos) =
                (reading.text("attention_text").to_owned(), reading.flag("prepend_bos"));
            TextSource::Text { text, prepend_bos }
        }
        "flipped" if !is_of_ioi(reading) => return None,
        of => {
            let mut task = task::read(reading);
            if let (TaskSpec::Ioi(task), "flipped") = (&mut task, of) {
                task.corruption = Corruption(reading.text("flip").to_owned());
            }
            let example = place(reading, task.count());
            let run =
                if matches!(of, "corrupted" | "flipped") { PromptForm::Corrupted } else { PromptForm::Clean };
            TextSource::Example { task, example, run }
        }
    };
    let zero = zero::nodes(reading.text("attention_zero")).unwrap_or_default();
    let is_text = matches!(source, TextSource::Text { .. });
    if let Some(About { config, tokenizer }) = reading.model
        && (is_text || !zero.is_empty())
    {
        match source.row(tokenizer, config) {
            Ok(row) => drop(reading.check_as(Some("attention_zero"), row.zeroed(&zero, config))),
            Err(error) if is_text => reading.refuse("attention_text", error.to_string()),
            // What is wrong with prompts is said when they are made.
            Err(_) => {}
        }
    }
    Some((source, zero))
}

/// Whether the task has names to be flipped; else that is said.
fn is_of_ioi(reading: &mut Reading) -> bool {
    let (of, is_ioi) = (reading.text("attention_of"), reading.text("task") == "ioi");
    if !is_ioi {
        let message = format!("{of} is asked of the task ioi alone; choose clean or corrupted, or that task");
        reading.refuse("attention_of", message);
    }
    is_ioi
}

/// The chosen prompt's place among so many, from 0.
pub(super) fn place(reading: &mut Reading, count: usize) -> usize {
    let prompt = reading.integer("prompt") as usize;
    // Where there are none, it has been said already why.
    if prompt > count && count > 0 {
        reading.refuse("prompt", format!("expected one of the prompts, from 1 to {count}, found {prompt}"));
    }
    prompt - 1
}
