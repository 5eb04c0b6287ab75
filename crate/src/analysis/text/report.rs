//! A text's answer in words: of the last token, what the head attends to there and what the model says next.

use super::{Prediction, TextResult, TextSource, TextSpec};
use crate::analysis::pattern::AttentionTable;
use crate::frame::{Axis, Column, Frame};
use crate::report::tokens::{Tokens, quoted, shown};
use crate::report::words::{counted, list, percent, rounded};
use crate::report::{Chart, Figure, Report};
use crate::task::{PromptForm, TaskSpec};

/// How many are named.
const NAMED: usize = 3;

pub fn report(result: &TextResult, roles: &[(String, usize)]) -> Report {
    let TextSpec { layer, head, .. } = result.spec;
    let tokens = Tokens { texts: &result.tokens, roles };
    let last = result.tokens.len() - 1;
    let attention = Figure {
        name: "attention",
        title: format!("Attention of head {layer}.{head}"),
        caption: "A row for each query and a column for each key; a query sees no key after itself. The score is q·k/√d_head, \
                  the pattern the softmax of a row."
            .into(),
        chart: Chart::Attention,
        frame: self::attention(result, roles),
        groups: Vec::new(),
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
        about: format!("head {layer}.{head} · {}", about(result)),
        stem: format!("L{layer}H{head}-{}", stem(&result.spec.source)),
        answer: format!("{} {}", attends(result, &tokens, last), says(result, &tokens, last)),
        notes: notes.into_iter().collect(),
        tables: Vec::new(),
        figures: vec![attention, predictions],
    }
}

/// Scores and pattern by query and key.
pub fn attention(result: &TextResult, roles: &[(String, usize)]) -> Frame {
    let labels = Tokens { texts: &result.tokens, roles }.labels();
    let axes = vec![Axis::new("query", labels.clone()), Axis::new("key", labels)];
    let table = AttentionTable { scores: result.scores.clone(), pattern: result.pattern.clone() };
    Frame::new(axes, AttentionTable::columns([&table].into_iter()))
}

/// "At “ to” (END), head 9.9 attends most to “ Mary” (IO, 0.83), then to “ John” (S1, 0.06) and “<|endoftext|>” (0.03)."
fn attends(result: &TextResult, tokens: &Tokens, query: usize) -> String {
    let TextSpec { layer, head, .. } = result.spec;
    let begin = format!("At {}, head {layer}.{head} attends", tokens.named(query, None));
    let row = &result.pattern[query];
    let mut keys: Vec<usize> = (0..row.len()).collect();
    keys.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
    // What is rounded to nothing is not worth a word.
    let keys = keys.into_iter().take(NAMED).filter(|&key| row[key] >= 0.005);
    let named: Vec<String> = keys.map(|key| tokens.named(key, Some(rounded(row[key].into(), 2)))).collect();
    match &named[..] {
        _ if row.len() == 1 => format!("{begin} to that token alone, which is the first."),
        [most, others @ ..] if !others.is_empty() => {
            format!("{begin} most to {most}, then to {}.", list(others))
        }
        _ => format!("{begin} to {}.", list(&named)),
    }
}

/// "After “ to” the model says “ Mary” (67%), then “ them” (5.1%) and “ the” (3.0%)."
fn says(result: &TextResult, tokens: &Tokens, at: usize) -> String {
    let name = |Prediction { token, probability, .. }: &Prediction| {
        format!("{} ({})", quoted(token), percent(100.0 * probability))
    };
    let likely = result.predictions[at].iter().take(NAMED).filter(|next| next.probability >= 0.000_5);
    let named: Vec<String> = likely.map(name).collect();
    let begin = format!("After {} the model says", quoted(&tokens.texts[at]));
    match &named[..] {
        [most, others @ ..] if !others.is_empty() => format!("{begin} {most}, then {}.", list(others)),
        _ => format!("{begin} {}.", list(&named)),
    }
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

/// "a text of 12 tokens"; "prompt 3 of IOI, seed 42, corrupted".
fn about(result: &TextResult) -> String {
    match &result.spec.source {
        TextSource::Text { prepend_bos, .. } => {
            let bos = if *prepend_bos { "" } else { ", no BOS" };
            format!("a text of {}{bos}", counted(result.tokens.len(), "token"))
        }
        TextSource::Example { task, example, run } => {
            let (name, seed) = named(task);
            let seed = seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
            format!("prompt {} of {name}{seed}{}", example + 1, run_of(*run, ", "))
        }
    }
}

/// "text"; "ioi-seed42-prompt3-corrupted".
fn stem(source: &TextSource) -> String {
    match source {
        TextSource::Text { .. } => "text".into(),
        TextSource::Example { task, example, run } => {
            let (name, seed) = named(task);
            let name = name.to_lowercase().replace(' ', "-");
            let seed = seed.map_or_else(String::new, |seed| format!("-seed{seed}"));
            format!("{name}{seed}-prompt{}{}", example + 1, run_of(*run, "-"))
        }
    }
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
