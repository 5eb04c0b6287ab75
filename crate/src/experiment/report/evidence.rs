//! What each edit did, so that the result can be believed.

use super::super::EditEvidence;
use super::Found;
use crate::report::Table;
use crate::report::words::{NONE, count, list, rounded};

const OF_QUERIES: [&str; 2] = ["mean ‖Δq_input‖", "mean ‖Δq‖"];
const OF_KEYS: [&str; 4] =
    ["mean ‖Δk_input‖ at IO", "mean ‖Δk_input‖ at S1", "mean ‖Δk‖ at IO", "mean ‖Δk‖ at S1"];

/// A row per edit, with columns of queries and of keys where there are edits of such.
pub fn table(found: &Found) -> Table {
    let edits = &found.result.evidence.edits;
    let [some_of_queries, some_of_keys] =
        [false, true].map(|keys| edits.iter().any(|(_, edit)| edit.keys.is_some() == keys));
    let row = |(condition, edit): &(&str, EditEvidence)| {
        let touched = format!("{} of {}", count(edit.prompts_touched), count(found.prompts.len()));
        let mut row = vec![(*condition).to_owned(), touched];
        if some_of_queries {
            let lengths = edit.keys.is_none().then_some([edit.mean_delta_q_input, edit.mean_delta_q]);
            row.extend(cells(lengths));
        }
        if some_of_keys {
            let lengths = edit.keys.as_ref().map(|keys| {
                [
                    keys.mean_delta_k_input_io,
                    keys.mean_delta_k_input_s1,
                    keys.mean_delta_k_io,
                    keys.mean_delta_k_s1,
                ]
            });
            row.extend(cells(lengths));
        }
        row
    };
    let mut header = vec!["edit", "prompts touched"];
    header.extend(OF_QUERIES.iter().filter(|_| some_of_queries));
    header.extend(OF_KEYS.iter().filter(|_| some_of_keys));
    Table {
        name: "evidence",
        title: "What each edit changed".into(),
        header: header.into_iter().map(str::to_owned).collect(),
        rows: edits.iter().map(row).collect(),
        caption: caption(found),
    }
}

fn cells<const N: usize>(lengths: Option<[f64; N]>) -> [String; N] {
    lengths.map_or_else(
        || std::array::from_fn(|_| NONE.to_owned()),
        |lengths| lengths.map(|length| rounded(length, 4)),
    )
}

fn caption(found: &Found) -> String {
    let lengths = "How far the edit moved what the head reads, of queries at END, and what the head computes of that: the length of the difference from the clean run, mean over prompts.";
    let noops = found.result.evidence.noops.iter();
    let noops: Vec<String> =
        noops.map(|(control, change)| format!("“{control}” changed scores by at most {change}")).collect();
    if noops.is_empty() {
        return lengths.to_owned();
    }
    format!("{lengths} Patching from the clean run itself must change nothing: {}.", list(&noops))
}
