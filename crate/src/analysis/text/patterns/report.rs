//! What is said and drawn of every head's attention: where most heads look from the last token, and a small map of each.

use super::PatternsSpec;
use crate::analysis::text::report::{about, stem};
use crate::frame::Frame;
use crate::nearest::keep_best;
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
    // By key, how many heads attend to it most.
    let mut counts = vec![0.0_f32; last + 1];
    for map in maps {
        let row = &map[last * (last + 1)..];
        let key = (0..=last).max_by(|&a, &b| row[a].unwrap_or(0.0).total_cmp(&row[b].unwrap_or(0.0)));
        counts[key.unwrap_or(last)] += 1.0;
    }
    let keys: Vec<u32> = (0..=last as u32).collect();
    let mut most = Vec::new();
    keep_best(&mut most, &counts, &keys, NAMED);
    most.retain(|&(of_heads, _)| of_heads > 0.0);
    let name = |(place, (of_heads, key)): (usize, (f32, u32))| {
        let (of_heads, to) = (count(of_heads as usize), tokens.named(key as usize, None));
        if place == 0 {
            format!("{of_heads} of {} heads attend most to {to}", count(heads))
        } else {
            format!("{of_heads} to {to}")
        }
    };
    let named: Vec<String> = most.into_iter().enumerate().map(name).collect();
    format!("At {}, {}.", tokens.named(last, None), list(&named))
}
