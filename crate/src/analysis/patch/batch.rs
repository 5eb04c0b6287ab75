//! Which edited runs go up together.

use std::ops::Range;

use super::cells::{Cell, Cells};
use crate::task::Examples;

/// Some cells of some examples.
pub struct Batch {
    pub examples: Vec<usize>,
    pub cells: Range<usize>,
}

/// As many examples as make about so many rows, with all their cells; or parts of an example's cells.
pub fn batches(cells: &Cells, examples: &Examples, rows_per_batch: usize) -> Vec<Batch> {
    let all = cells.all();
    let mut batches: Vec<Batch> = Vec::new();
    let mut rows = 0;
    for (i, example) in examples.examples.iter().enumerate() {
        let runs = 2 * (example.end() + 1);
        let of_cell = |cell: &Cell| {
            let first = cell.positions(example).and_then(|positions| positions.first().copied());
            first.map_or(0, |first| example.end() + 1 - first)
        };
        let of_cells: Vec<usize> = all.iter().map(of_cell).collect();
        let of_example = runs + of_cells.iter().sum::<usize>();
        let goes_on = batches.last().is_some_and(|batch| batch.cells == (0..all.len()));
        if goes_on && rows + of_example <= rows_per_batch {
            rows += of_example;
            batches.last_mut().expect("there is one").examples.push(i);
            continue;
        }
        let (mut from, mut sum) = (0, runs);
        for (cell, rows) in of_cells.iter().enumerate() {
            if cell > from && sum + rows > rows_per_batch {
                batches.push(Batch { examples: vec![i], cells: from..cell });
                (from, sum) = (cell, runs);
            }
            sum += rows;
        }
        batches.push(Batch { examples: vec![i], cells: from..all.len() });
        rows = of_example;
    }
    batches
}
