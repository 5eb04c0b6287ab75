//! What a pass costs, in floating point operations of its matrix products; everything else is a few percent.

use serde::Serialize;

use super::batch::Batch;
use super::plan::{Input, Task};

/// Multiplications and additions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Work {
    /// Of the clean and the flipped prompts by themselves, up to END, through the same layers.
    pub needed: f64,
    /// Of what is run: beginnings that prompts share are run once, and behind the last layer only what is read.
    pub done: f64,
}

/// The layers of one batch. `nodes_behind` says which nodes' `resid_post` is computed.
pub fn of_batch(
    batch: &Batch,
    tasks: &[Task],
    d_model: usize,
    nodes_behind: impl Fn(Input, usize) -> Vec<usize>,
) -> Work {
    let mut work = Work { needed: 0.0, done: 0.0 };
    for task in tasks {
        if let &Task::Layer(input, layer) = task {
            let runs = if input == Input::Both { 2.0 } else { 1.0 };
            for p in &batch.places.positions {
                let tokens = p.end + 1;
                work.needed += runs * flops(d_model, tokens, tokens, tokens * (tokens + 1) / 2);
            }
            let nodes = nodes_behind(input, layer);
            let seen = nodes.iter().map(|&node| batch.tree.paths[node].len()).sum();
            work.done += flops(d_model, batch.nodes(input), nodes.len(), seen);
        }
    }
    work
}

/// A layer with keys and values of some rows and all else of `queries`, which see so many keys together.
fn flops(d_model: usize, rows: usize, queries: usize, seen: usize) -> f64 {
    let (d, rows, queries, seen) = (d_model as f64, rows as f64, queries as f64, seen as f64);
    // Keys and values; queries, attn.c_proj and the MLP's two; scores and the mean of the values.
    d * d * (4.0 * rows + 20.0 * queries) + 4.0 * d * seen
}
