//! What a head attends to on one prompt, in its corrupted run, in an experiment's conditions, or in any text.

use serde_json::{Value, json};

use super::reading::Reading;
use super::{Choice, Field, Form, Kind, experiment, head, task};
use crate::analysis::{TextSource, TextSpec};
use crate::ioi::DatasetSpec;
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
    fields: |experiments| {
        let question = vec![
            Field {
                name: "attention_of",
                label: "Attention on",
                help: "What the head reads.",
                kind: Kind::choice(&OF),
                default: OF[0].value.to_owned(),
                optional: true,
                ..Field::of("question")
            },
            Field {
                name: "attention_text",
                label: "Text",
                help: "The text that the head reads where it reads one.",
                kind: Kind::Passage { max_length: MOST_TEXT },
                default: TEXT.to_owned(),
                optional: true,
                ..Field::of("question")
            },
            Field {
                name: "prompt",
                label: "Prompt",
                help: "Which of the prompts, from 1.",
                kind: Kind::Integer { min: 1, max: DatasetSpec::MAX_PROMPTS },
                default: "1".to_owned(),
                optional: true,
                ..Field::of("question")
            },
        ];
        let conditions = vec![experiment::chosen(experiments), experiment::name_mover("name_mover")];
        [question, head::fields(), task::fields(), experiment::flipping(), conditions].concat()
    },
    spec: |reading| match reading.text("attention_of") {
        "text" => {
            let [layer, head] = head::read(reading);
            let (text, prepend_bos) =
                (reading.text("attention_text").to_owned(), reading.flag("prepend_bos"));
            let source = TextSource::Text { text, prepend_bos };
            if let Some(model) = reading.model {
                reading.check_as(Some("attention_text"), source.check_fit(model.tokenizer, model.config));
            }
            of_text(source, [layer, head])
        }
        of @ ("conditions" | "flipped") if reading.text("task") != "ioi" => {
            let message =
                format!("{of} is asked of the task ioi alone; choose clean or corrupted, or that task");
            reading.refuse("attention_of", message);
            Value::Null
        }
        "conditions" => {
            let experiment = reading.text("experiment").to_owned();
            let spec = experiment::at_head(reading, experiment, "name_mover");
            let prompt = place(reading, spec.dataset.count());
            json!({"analysis": "attention", "spec": spec, "prompt": prompt})
        }
        of => {
            let mut task = task::read(reading);
            let head = head::read(reading);
            if let (TaskSpec::Ioi(task), "flipped") = (&mut task, of) {
                task.corruption = Corruption(reading.text("flip").to_owned());
            }
            let example = place(reading, task.count());
            let run = if of == "clean" { PromptForm::Clean } else { PromptForm::Corrupted };
            of_text(TextSource::Example { task, example, run }, head)
        }
    },
};

fn of_text(source: TextSource, [layer, head]: [usize; 2]) -> Value {
    let spec = TextSpec { source, layer, head, predictions: TextSpec::usual_predictions() };
    json!({"analysis": "text", "spec": spec})
}

/// The chosen prompt's place among so many, from 0.
fn place(reading: &mut Reading, count: usize) -> usize {
    let prompt = reading.integer("prompt") as usize;
    // Of none it is said already why there are none.
    if prompt > count && count > 0 {
        reading.refuse("prompt", format!("expected one of the prompts, from 1 to {count}, found {prompt}"));
    }
    prompt - 1
}
