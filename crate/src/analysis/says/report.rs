//! What is said of each layer's stream: the likeliest tokens as a table, and from where on it says what the model does.

use super::SaysResult;
use crate::analysis::text::{Prediction, TextSource};
use crate::analysis::zeroed::without;
use crate::report::tokens::quoted;
use crate::report::words::{list, percent};
use crate::report::{Report, Table};

pub fn report(result: &SaysResult) -> Report {
    let (about, stem) = match &result.spec.source {
        TextSource::Text { .. } => ("a text".to_owned(), "text".to_owned()),
        TextSource::Example { task, example, run } => (
            format!("prompt {} of {}", example + 1, task.about_run(*run)),
            format!("{}-prompt{}", task.stem(), example + 1),
        ),
    };
    Report {
        about: about + &without(&result.spec.zero),
        stem,
        answer: answer(result),
        notes: Vec::new(),
        tables: vec![table(result)],
        figures: Vec::new(),
    }
}

/// What is said of the last position.
fn answer(result: &SaysResult) -> String {
    let last = |stream: &Vec<Vec<Prediction>>| stream.last().and_then(|at| at.first()).cloned();
    let firsts: Vec<Option<Prediction>> = result.said.iter().map(last).collect();
    let (Some(Some(end)), Some(role)) = (firsts.last(), result.roles.last()) else {
        return "There is no token to look at.".into();
    };
    let says = |it: &Option<Prediction>| it.as_ref().is_some_and(|it| it.id == end.id);
    let from = firsts.iter().rposition(|it| !says(it)).map_or(0, |place| place + 1);
    let told = format!("{} ({})", quoted(&end.token), percent(end.probability * 100.0));
    match result.streams.get(from) {
        Some(stream) if from + 1 < result.streams.len() => {
            format!("At {role} the stream says {told} first from {stream} on, as the model does in the end.")
        }
        _ => format!("At {role} only what the last layer leaves says {told} first."),
    }
}

fn table(result: &SaysResult) -> Table {
    let cell = |at: &Vec<Prediction>| {
        let told = |it: &Prediction| {
            let share = it.probability * 100.0;
            let share = if share < 0.05 { "<0.1%".to_owned() } else { percent(share) };
            format!("{} {share}", quoted(&it.token))
        };
        at.iter().map(told).collect::<Vec<_>>().join(", ")
    };
    let named = |(role, token): (&String, &String)| format!("{role}, {}", quoted(token));
    let columns = result.roles.iter().zip(&result.tokens).map(named);
    // The last layer's first, as the residual stream is drawn.
    let rows = result.streams.iter().zip(&result.said).rev();
    Table {
        name: "says",
        title: "The likeliest next tokens, layer by layer".into(),
        header: [vec!["stream".to_owned()], columns.collect()].concat(),
        rows: rows.map(|(name, at)| [vec![name.clone()], at.iter().map(cell).collect()].concat()).collect(),
        caption: format!(
            "The residual stream before each layer and after the last, as if it were the last one's, at {}: the three likeliest next tokens.",
            list(&result.roles)
        ),
    }
}
