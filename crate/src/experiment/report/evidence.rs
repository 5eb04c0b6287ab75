//! What each edit did, so that the result can be believed.

use super::super::EditEvidence;
use super::Found;
use crate::report::Table;
use crate::report::words::{count, list, rounded};

/// One of the edits of END's query, and one of the edits of keys, where there are such.
pub fn tables(found: &Found) -> Vec<Table> {
    let edits = || found.result.evidence.edits.iter();
    let of_queries = edits().filter(|(_, edit)| edit.keys.is_none()).map(|(condition, edit)| {
        vec![
            (*condition).to_owned(),
            touched(edit, found),
            rounded(edit.mean_delta_q_input, 4),
            rounded(edit.mean_delta_q, 4),
        ]
    });
    let of_keys = edits().filter_map(|(condition, edit)| Some((condition, edit, edit.keys.as_ref()?)));
    let of_keys = of_keys.flat_map(|(condition, edit, keys)| {
        let row = |key: &str, input: f64, itself: f64| {
            vec![
                format!("{condition}, key of {key}"),
                touched(edit, found),
                rounded(input, 4),
                rounded(itself, 4),
            ]
        };
        [
            row("IO", keys.mean_delta_k_input_io, keys.mean_delta_k_io),
            row("S1", keys.mean_delta_k_input_s1, keys.mean_delta_k_s1),
        ]
    });
    let table = |name, title: &str, header: [&str; 4], rows: Vec<Vec<String>>| Table {
        name,
        title: title.into(),
        header: header.map(str::to_owned).into(),
        rows,
        caption: caption(found),
    };
    let tables = [
        table(
            "evidence",
            "What each edit changed",
            ["edit at END", "prompts touched", "mean ‖Δq_input‖", "mean ‖Δq‖"],
            of_queries.collect(),
        ),
        table(
            "evidence_of_keys",
            "What each edit of the keys changed",
            ["edit at the keys", "prompts touched", "mean ‖Δk_input‖", "mean ‖Δk‖"],
            of_keys.collect(),
        ),
    ];
    tables.into_iter().filter(|table| !table.rows.is_empty()).collect()
}

fn touched(edit: &EditEvidence, found: &Found) -> String {
    format!("{} of {}", count(edit.prompts_touched), count(found.prompts.len()))
}

fn caption(found: &Found) -> String {
    let lengths = "How far the edit moved what the head reads, and what it computes of that: the length of the difference from the clean run, mean over prompts.";
    let noops: Vec<String> = found
        .result
        .evidence
        .noops
        .iter()
        .map(|(control, change)| format!("the control “{control}” changed scores by at most {change}"))
        .collect();
    if noops.is_empty() {
        return lengths.to_owned();
    }
    format!("{lengths} Patching from the clean run itself must change nothing: {}.", list(&noops))
}
