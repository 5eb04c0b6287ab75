//! What is said of a cell: what the model says before and after the edit, and every metric.

use super::CellResult;
use super::result::ComparedMetric;
use crate::analysis::Prediction;
use crate::report::tokens::quoted;
use crate::report::words::{counted, interval, percent, rounded, signed};
use crate::report::{Report, Table};

pub fn report(result: &CellResult) -> Report {
    let spec = &result.spec;
    Report {
        about: format!("{} · {}", result.name, counted(result.prompts, "prompt")),
        stem: format!("{}-{}", result.name.replace(", ", "-").replace(' ', "-"), spec.grid.stem()),
        answer: says(result),
        notes: Vec::new(),
        tables: vec![metrics(result)],
        figures: Vec::new(),
    }
}

/// "In prompt 3 the model says “ Mary” (67%), and with the edit “ John” (54%)."
fn says(result: &CellResult) -> String {
    let number = result.spec.example + 1;
    let told = |of: &Prediction| format!("{} ({})", quoted(&of.token), percent(of.probability * 100.0));
    match (result.before.first(), result.after.first()) {
        (Some(before), Some(after)) if before.id == after.id => {
            let [before, after] = [before, after].map(|it| percent(it.probability * 100.0));
            format!(
                "In prompt {number} the model says {} with the edit too: {before} becomes {after}.",
                quoted(&result.before[0].token)
            )
        }
        (Some(before), Some(after)) => {
            format!("In prompt {number} the model says {}, and with the edit {}.", told(before), told(after))
        }
        _ => String::new(),
    }
}

fn metrics(result: &CellResult) -> Table {
    let row = |it: &ComparedMetric| {
        vec![
            it.metric.title(),
            rounded(it.unedited, 3),
            rounded(it.edited, 3),
            signed(it.change, 3),
            interval(it.interval, 2),
        ]
    };
    Table {
        name: "metrics",
        title: "By every metric".into(),
        header: ["mean", "unedited", "edited", "change", "95% CI"].map(String::from).into(),
        rows: result.metrics.iter().map(row).collect(),
        caption: "Means over prompts; the KL divergence is that from the unedited run.".into(),
    }
}
