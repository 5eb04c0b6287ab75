//! Attention patterns, which the engine never makes by themselves: made on the host of the queries and keys that were read.

use serde::Serialize;

use crate::frame::Column;

/// A head's attention in a run: a row for each query, from the first token on; in it an entry for each key up to the query,
/// since no query sees what comes after it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct AttentionTable {
    /// q·k/√d_head.
    pub scores: Vec<Vec<f32>>,
    /// The softmax of each row.
    pub pattern: Vec<Vec<f32>>,
}

impl AttentionTable {
    /// From a head's queries and keys at all positions. `[pos · d_head]` each
    pub fn new(queries: &[f32], keys: &[f32], d_head: usize, score_scale: f64) -> Self {
        let keys: Vec<&[f32]> = keys.chunks_exact(d_head).collect();
        let mut table = Self::default();
        for (at, query) in queries.chunks_exact(d_head).enumerate() {
            let scores = scores(query, keys[..=at].iter().copied(), score_scale);
            let narrow = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
            table.pattern.push(narrow(&softmax(&scores)));
            table.scores.push(narrow(&scores));
        }
        table
    }

    /// The columns "score" and "pattern" of some tables, one after the other, over queries and keys: nothing where a query
    /// does not see a key.
    pub fn columns<'a>(tables: impl Iterator<Item = &'a Self> + Clone) -> Vec<Column> {
        let square = |rows: &'a [Vec<f32>]| {
            let of_row = |row: &'a Vec<f32>| {
                let seen = row.iter().map(|&value| Some(f64::from(value)));
                seen.chain((row.len()..rows.len()).map(|_| None))
            };
            rows.iter().flat_map(of_row)
        };
        vec![
            Column::new("score", "score", tables.clone().flat_map(|table| square(&table.scores)).collect()),
            Column::new("pattern", "attention", tables.flat_map(|table| square(&table.pattern)).collect()),
        ]
    }
}

/// Every head's attention of one query to the keys that it sees, head by head.
pub fn pattern(query: &[f32], keys: &[&[f32]], n_head: usize, score_scale: f64) -> Vec<f64> {
    let d_head = query.len() / n_head;
    let of_head = |head: usize| {
        let at = head * d_head..(head + 1) * d_head;
        softmax(&scores(&query[at.clone()], keys.iter().map(|key| &key[at.clone()]), score_scale))
    };
    (0..n_head).flat_map(of_head).collect()
}

fn scores<'a>(query: &[f32], keys: impl Iterator<Item = &'a [f32]>, score_scale: f64) -> Vec<f64> {
    let score = |key: &[f32]| {
        let products = query.iter().zip(key).map(|(&q, &k)| f64::from(q) * f64::from(k));
        products.sum::<f64>() * score_scale
    };
    keys.map(score).collect()
}

fn softmax(scores: &[f64]) -> Vec<f64> {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exponentials: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.iter().map(|x| x / sum).collect()
}
