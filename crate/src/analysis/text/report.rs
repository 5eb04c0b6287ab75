//! A text's answer in words: of the last token, what the head attends to there and what the model says next.

use super::words::{attends, says};
use super::{Prediction, TextResult, TextSource, TextSpec};
use crate::analysis::pattern::AttentionTable;
use crate::analysis::zeroed::without;
use crate::frame::{Axis, Column, Frame};
use crate::patch::Node;
use crate::report::tokens::{Tokens, quoted, shown};
use crate::report::words::counted;
use crate::report::{Chart, Figure, Report};
use crate::task::{PromptForm, TaskSpec};

pub fn report(result: &TextResult, roles: &[(String, usize)]) -> Report {
    let TextSpec { ref source, layer, head, ref zero, .. } = result.spec;
    let tokens = Tokens { texts: &result.tokens, roles };
    let last = result.tokens.len() - 1;
    let attention = Figure {
        name: "attention",
        title: format!("Attention of head {layer}.{head}"),
        caption: "A row for each query and a column for each key; a query sees no key after itself. The score is q·k/√d_head, \
                  the pattern the softmax of a row. Value-weighted is the pattern times the norm of the key's value vector \
                  (without its bias): how much of the value the query gets."
            .into(),
        chart: Chart::Attention,
        frame: self::attention(result, roles),
        groups: tokens.groups(),
    };
    let predictions = Figure {
        name: "predictions",
        title: format!("What comes after {}", quoted(&result.tokens[last])),
        caption: "The probabilities of the likeliest tokens after the last one.".into(),
        chart: Chart::Bars,
        frame: likeliest(&result.predictions[last]),
        groups: Vec::new(),
    };
    let in_parts = result.tokens.iter().any(|text| text.contains('\u{fffd}'));
    let notes = in_parts.then(|| "A character that is several tokens is shown as � in each.".to_owned());
    Report {
        about: format!("head {layer}.{head} · {}", about(source, zero, result.tokens.len())),
        stem: format!("L{layer}H{head}-{}", stem(source, zero)),
        answer: format!("{} {}", attends(result, &tokens, last), says(result, last)),
        notes: notes.into_iter().collect(),
        tables: Vec::new(),
        figures: vec![attention, predictions],
    }
}

/// Scores, pattern, and pattern weighted by the values' norms, by query and key.
pub fn attention(result: &TextResult, roles: &[(String, usize)]) -> Frame {
    let labels = Tokens { texts: &result.tokens, roles }.labels();
    let axes = vec![Axis::new("query", labels.clone()), Axis::new("key", labels)];
    let table = AttentionTable { scores: result.scores.clone(), pattern: result.pattern.clone() };
    let mut columns = AttentionTable::columns([&table].into_iter());
    let norms = result.value_norms.iter().cycle().map(|&norm| f64::from(norm));
    let pattern = columns[1].values.iter();
    let weighted = pattern.zip(norms).map(|(share, norm)| share.map(|share| share * norm)).collect();
    columns.push(Column::new("value_weighted", "attention × ‖v‖", weighted));
    Frame::new(axes, columns)
}

/// Probabilities by token. Several tokens may be parts of characters, and so look alike: their numbers tell them apart.
fn likeliest(predictions: &[Prediction]) -> Frame {
    let label = |Prediction { id, token, .. }: &Prediction| {
        let is_one = predictions.iter().filter(|other| shown(&other.token) == shown(token)).count() == 1;
        if is_one { shown(token) } else { format!("{} [{id}]", shown(token)) }
    };
    let probabilities = predictions.iter().map(|prediction| Some(prediction.probability)).collect();
    Frame::new(
        vec![Axis::new("token", predictions.iter().map(label))],
        vec![Column::new("probability", "probability", probabilities)],
    )
}

/// "a text of 12 tokens"; "prompt 3 of IOI, seed 42, corrupted, without 9.9@END".
pub(super) fn about(source: &TextSource, zero: &[Node], tokens: usize) -> String {
    let of = match source {
        TextSource::Text { prepend_bos, .. } => {
            let bos = if *prepend_bos { "" } else { ", no BOS" };
            format!("a text of {}{bos}", counted(tokens, "token"))
        }
        TextSource::Example { task, example, run } => {
            let (name, seed) = named(task);
            let seed = seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
            format!("prompt {} of {name}{seed}{}", example + 1, run_of(*run, ", "))
        }
    };
    of + &without(zero)
}

/// "text"; "ioi-seed42-prompt3-corrupted-edited".
pub(super) fn stem(source: &TextSource, zero: &[Node]) -> String {
    let of = match source {
        TextSource::Text { .. } => "text".into(),
        TextSource::Example { task, example, run } => {
            let (name, seed) = named(task);
            let name = name.to_lowercase().replace(' ', "-");
            let seed = seed.map_or_else(String::new, |seed| format!("-seed{seed}"));
            format!("{name}{seed}-prompt{}{}", example + 1, run_of(*run, "-"))
        }
    };
    let edited = if zero.is_empty() { "" } else { "-edited" };
    of + edited
}

fn run_of(run: PromptForm, before: &str) -> String {
    match run {
        PromptForm::Clean => String::new(),
        PromptForm::Corrupted => format!("{before}corrupted"),
    }
}

/// A task, and the seed by which its examples are drawn.
fn named(task: &TaskSpec) -> (&'static str, Option<u32>) {
    match task {
        TaskSpec::Ioi(task) if task.dataset.prompts.is_some() => ("own prompts", None),
        TaskSpec::Ioi(task) => ("IOI", Some(task.dataset.seed)),
        TaskSpec::Induction(task) => ("induction", Some(task.seed)),
        TaskSpec::GreaterThan(task) => ("greater than", Some(task.seed)),
        TaskSpec::Pairs(_) => ("own pairs", None),
    }
}
