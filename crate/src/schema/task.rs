//! What a question is asked on: one of the tasks, each with its own fields, of which those of the others say nothing.

use super::reading::{About, Reading};
use super::{Choice, Field, Kind, LeftOutLine, prompts};
use crate::left_out::LeaveOut;
use crate::task::{Corruption, GreaterThanTask, InductionTask, IoiTask, PairsFile, PairsTask, TaskSpec};

const GROUP: &str = "task";

const TASKS: [Choice; 4] = [
    Choice::new(
        "ioi",
        "indirect object",
        "“When John and Mary went to the shops, John gave the bag to” (IOI).",
    ),
    Choice::new(
        "induction",
        "induction",
        "Random tokens twice, of which the last but one asks for the last.",
    ),
    Choice::new("greater_than", "greater than", "“The war lasted from the year 1732 to the year 17”."),
    Choice::new(
        "pairs",
        "own pairs",
        "Pairs of prompts that you write, clean and corrupted, with their answers.",
    ),
];

const LENGTH: &str = "induction_length";
const PAIRS: &str = "pairs";

/// The most bytes of pairs.
const MOST_BYTES: usize = 1_000_000;

pub fn fields() -> Vec<Field> {
    let task = Field {
        name: "task",
        label: "Task",
        help: "What the model is asked. Every task has clean prompts, and the same prompts corrupted.",
        kind: Kind::choice(&TASKS),
        default: TASKS[0].value.to_owned(),
        optional: true,
        ..Field::of(GROUP)
    };
    let corruption = Field {
        name: "corruption",
        label: "Corruption",
        help: "What the names of a prompt become in its corrupted run: a rule like that of a flip, or abc for three \
               new names. By the usual one the answer changes: what was S has to follow.",
        kind: Kind::Text { max_length: 500 },
        default: Corruption::DEFAULT.to_owned(),
        check: |text| Corruption(text.to_owned()).check().map_err(|error| error.to_string()),
        optional: true,
        tasks: &["ioi"],
        ..Field::of(GROUP)
    };
    let length = Field {
        name: LENGTH,
        label: "Length",
        help: "The number of random tokens that are repeated.",
        kind: Kind::Integer { min: 2, max: 10_000 },
        default: InductionTask::default().length.to_string(),
        optional: true,
        tasks: &["induction"],
        ..Field::of(GROUP)
    };
    let pairs = Field {
        name: PAIRS,
        label: "Own pairs",
        help: "Each a clean prompt, the same corrupted, its answers and its wrong answers: JSON as circuit libraries \
               keep it, a table with the header clean,corrupted,answer,wrong, or lines sentence | IO | S.",
        kind: Kind::Pairs,
        check: check_size,
        optional: true,
        tasks: &["pairs"],
        ..Field::of(GROUP)
    };
    [vec![task], prompts::fields(), vec![corruption, length, pairs]].concat()
}

fn check_size(pairs: &str) -> Result<(), String> {
    match pairs.len() {
        0..=MOST_BYTES => Ok(()),
        _ => Err(format!("expected at most {MOST_BYTES} bytes of pairs, found more; shorten them")),
    }
}

/// The task that is chosen. Lines of the prompts or rows of the pairs that cannot be run are left out.
pub fn read(reading: &mut Reading) -> TaskSpec {
    let task = reading.text("task");
    let (n, seed, prepend_bos) = (reading.integer("n"), reading.integer("seed"), reading.flag("prepend_bos"));
    let spec = match task {
        "induction" => {
            let length = reading.integer(LENGTH);
            let task = InductionTask { n, seed, length, prepend_bos };
            // Its prompts are all as long as the first.
            let first = TaskSpec::Induction(InductionTask { n: 1, ..task });
            check(reading, &first);
            TaskSpec::Induction(task)
        }
        "greater_than" => {
            let task = TaskSpec::GreaterThan(GreaterThanTask { n, seed, prepend_bos });
            check(reading, &task);
            task
        }
        "pairs" => TaskSpec::Pairs(pairs(reading, prepend_bos)),
        _ => {
            let dataset = prompts::read(reading);
            let corruption = Corruption(reading.text("corruption").to_owned());
            TaskSpec::Ioi(IoiTask { dataset, corruption })
        }
    };
    // Last, since a refused text is none.
    reading.overlook_unless_of(task);
    spec
}

/// Whether the model can be asked it.
fn check(reading: &mut Reading, task: &TaskSpec) {
    if let Some(About { config, tokenizer }) = reading.model {
        checked(reading, task.examples(tokenizer, config.n_ctx));
    }
}

/// What is wrong with a task is a problem of the field that says it.
fn checked<T>(reading: &mut Reading, checked: crate::Result<T>) -> Option<T> {
    let field = checked.as_ref().err().map(|error| match error.field() {
        Some("length") => LENGTH,
        Some("prompts" | "word_idxs") => PAIRS,
        Some(field) => field,
        None => "task",
    });
    reading.check_as(field, checked)
}

fn pairs(reading: &mut Reading, prepend_bos: bool) -> PairsTask {
    let text = reading.text(PAIRS);
    let mut task = PairsTask { prompts: Vec::new(), word_idxs: Default::default(), prepend_bos };
    if text.is_empty() {
        reading.refuse(PAIRS, "expected pairs, found none; write or paste some in Prompts");
        return task;
    }
    let Some(PairsFile { prompts, word_idxs, prepend_bos: of_file }) =
        checked(reading, PairsFile::read(text.as_bytes()))
    else {
        return task;
    };
    let mut rows = Vec::new();
    for (row, pair) in (1..).zip(prompts) {
        match pair {
            Ok(pair) => {
                rows.push(row);
                task.prompts.push(pair);
            }
            Err(message) => reading.left_out.push(LeftOutLine { line: row, message }),
        }
    }
    task.word_idxs = word_idxs;
    task.prepend_bos &= of_file.unwrap_or(true);
    // If there are too many rows, none of them is read.
    if !task.prompts.is_empty() && checked(reading, TaskSpec::Pairs(task.clone()).check()).is_none() {
        return task;
    }
    if let Some(About { config, tokenizer }) = reading.model {
        let left_out = checked(reading, task.leave_out(tokenizer, config.n_ctx)).unwrap_or_default();
        let left_out = left_out.into_iter().map(|left| (rows[left.prompt - 1], left.why));
        reading.left_out.extend(left_out.map(|(line, message)| LeftOutLine { line, message }));
    }
    if task.prompts.is_empty() {
        let first = reading.left_out.iter().min_by_key(|left| left.line);
        let message = first.map_or_else(
            || "expected pairs, found an empty list; write or paste some in Prompts".to_owned(),
            |LeftOutLine { line, message }| format!("no pair can be run; row {line}: {message}"),
        );
        reading.refuse(PAIRS, message);
    }
    task
}
