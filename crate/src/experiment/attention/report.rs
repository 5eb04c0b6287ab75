//! What a head attends to on one prompt, in words: END's attention to IO and S1, condition by condition.

use super::{AttentionResult, AttentionTable};
use crate::experiment::{ExperimentSpec, words};
use crate::frame::{Axis, Frame};
use crate::ioi::Positions;
use crate::report::tokens::Tokens;
use crate::report::words::rounded;
use crate::report::{Chart, Figure, Report, Table};

/// How many conditions the answer has; all are in the table.
const SAID: usize = 3;

pub fn report(result: &AttentionResult, spec: &ExperimentSpec) -> Report {
    let ([layer, head], number) = (result.head, result.prompt + 1);
    let figure = Figure {
        name: "attention",
        title: format!("Attention of head {layer}.{head} on prompt {number}"),
        caption: "In each condition a row for each query and a column for each key; a query sees no key after itself. The \
                  score is q·k/√d_head, the pattern the softmax of a row."
            .into(),
        chart: Chart::Attention,
        frame: attention(result),
        groups: Tokens { texts: &result.tokens, roles: &roles(result.positions) }.groups(),
    };
    Report {
        about: format!("{} · prompt {number}", words::about(result.head, &spec.dataset)),
        stem: format!("{}-prompt{number}", words::stem(result.head, &spec.dataset)),
        answer: answer(result),
        notes: Vec::new(),
        tables: vec![table(result)],
        figures: vec![figure],
    }
}

/// Scores and pattern by condition, query and key.
pub fn attention(result: &AttentionResult) -> Frame {
    let roles = roles(result.positions);
    let labels = Tokens { texts: &result.tokens, roles: &roles }.labels();
    let conditions = result.conditions.iter().map(|(condition, _)| *condition);
    let axes = vec![
        Axis::new("condition", conditions),
        Axis::new("query", labels.clone()),
        Axis::new("key", labels),
    ];
    Frame::new(axes, AttentionTable::columns(result.conditions.iter().map(|(_, table)| table)))
}

fn roles(Positions { io, s1, s2, end }: Positions) -> [(String, usize); 4] {
    [("IO".into(), io), ("S1".into(), s1), ("S2".into(), s2), ("END".into(), end)]
}

/// "On prompt 1, head 10.7 attends from END to “ Mary” (IO) with 0.83 and to “ John” (S1) with 0.05 in the clean run, with
/// 0.41 and 0.32 in patched, and with 0.40 and 0.30 in projected."
fn answer(result: &AttentionResult) -> String {
    let AttentionResult { prompt, head: [layer, head], tokens, positions, conditions } = result;
    let roles = roles(*positions);
    let tokens = Tokens { texts: tokens, roles: &roles };
    let of = |table: &AttentionTable, key: usize| rounded(table.pattern[positions.end][key].into(), 2);
    let both = |table| (of(table, positions.io), of(table, positions.s1));
    let (clean, edited) = conditions.split_first().expect("every experiment has the clean run");
    let (io, s1) = both(&clean.1);
    let [named_io, named_s1] = [positions.io, positions.s1].map(|at| tokens.named(at, None));
    let mut answer = format!(
        "On prompt {}, head {layer}.{head} attends from END to {named_io} with {io} and to {named_s1} with {s1} in the clean run",
        prompt + 1
    );
    for (condition, table) in edited.iter().take(SAID - 1) {
        let (io, s1) = both(table);
        answer += &format!("; in “{condition}” with {io} and {s1}");
    }
    answer += ".";
    if conditions.len() > SAID {
        answer += &format!(" The table has all {} conditions.", conditions.len());
    }
    answer
}

/// What an experiment compares, condition by condition.
fn table(result: &AttentionResult) -> Table {
    let Positions { io, s1, end, .. } = result.positions;
    let row = |(condition, AttentionTable { scores, pattern }): &(&str, AttentionTable)| {
        let numbers = [(scores, 2), (pattern, 3)].map(|(of, decimals)| {
            let [io, s1] = [io, s1].map(|key| f64::from(of[end][key]));
            [io, s1, io - s1].map(|value| rounded(value, decimals))
        });
        [vec![(*condition).to_owned()], numbers.concat()].concat()
    };
    let header = [
        "condition",
        "score END→IO",
        "score END→S1",
        "difference",
        "attention END→IO",
        "attention END→S1",
        "difference",
    ];
    Table {
        name: "end",
        title: "END's attention to IO and S1".into(),
        header: header.map(String::from).into(),
        rows: result.conditions.iter().map(row).collect(),
        caption: "The score is q·k/√d_head; the attention is its softmax over all tokens up to END.".into(),
    }
}
