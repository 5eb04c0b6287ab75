//! What is said and drawn of every head's attention: where most heads look from the last token, and a small map of each.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::PatternsSpec;
use crate::analysis::text::report::{about, stem};
use crate::frame::Frame;
use crate::report::tokens::Tokens;
use crate::report::words::{count, list};
use crate::report::{Chart, Figure, Report};

/// How many tokens are named.
const NAMED: usize = 3;

/// `frame`: the pattern by layer, head, query and key.
pub fn report(PatternsSpec { source, zero }: &PatternsSpec, tokens: &Tokens, frame: Frame) -> Report {
    let figure = Figure {
        name: "patterns",
        title: "The attention of every head".into(),
        caption: "A small map for each head: a row for each query and a column for each key, from 0 to 1. A query sees no key \
                  after itself."
            .into(),
        groups: tokens.groups(),
        chart: Chart::Patterns,
        frame,
    };
    Report {
        about: format!("every head · {}", about(source, zero, tokens.texts.len())),
        stem: format!("heads-{}", stem(source, zero)),
        answer: answer(tokens, &figure.frame),
        notes: Vec::new(),
        tables: Vec::new(),
        figures: vec![figure],
    }
}

/// "At “ to” (END), 83 of 144 heads attend most to “<|endoftext|>”, 9 to “ Mary” (IO) and 7 to “ gave”."
fn answer(tokens: &Tokens, frame: &Frame) -> String {
    let last = tokens.texts.len() - 1;
    if last == 0 {
        return "There is one token, to which every head attends.".into();
    }
    let maps = frame.columns()[0].values.chunks_exact((last + 1).pow(2));
    let heads = maps.len();
    let mut most: BTreeMap<usize, usize> = BTreeMap::new();
    for map in maps {
        let row = &map[last * (last + 1)..];
        let key = (0..=last).max_by(|&a, &b| row[a].unwrap_or(0.0).total_cmp(&row[b].unwrap_or(0.0)));
        *most.entry(key.unwrap_or(last)).or_default() += 1;
    }
    let mut most: Vec<(usize, usize)> = most.into_iter().collect();
    most.sort_by_key(|&(_, of_heads)| Reverse(of_heads));
    let name = |(place, (key, of_heads)): (usize, (usize, usize))| {
        let to = tokens.named(key, None);
        let of_heads = count(of_heads);
        if place == 0 {
            format!("{of_heads} of {} heads attend most to {to}", count(heads))
        } else {
            format!("{of_heads} to {to}")
        }
    };
    let named: Vec<String> = most.into_iter().take(NAMED).enumerate().map(name).collect();
    format!("At {}, {}.", tokens.named(last, None), list(&named))
}
