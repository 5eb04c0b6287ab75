//! Which runs go up together.

use std::ops::Range;

use crate::task::{Example, Examples};

/// Some edited runs of some examples.
pub struct Batch {
    pub examples: Vec<usize>,
    /// By their number, the same for all examples.
    pub edited: Range<usize>,
}

/// As many examples as make about so many rows, with all their `edited` runs; or parts of an example's. `rows`: how many
/// rows of its own an edited run of an example has at most.
pub fn batches(
    examples: &Examples,
    edited: usize,
    rows: impl Fn(&Example, usize) -> usize,
    rows_per_batch: usize,
) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut sum = 0;
    for (i, example) in examples.examples.iter().enumerate() {
        let unedited = 2 * (example.end() + 1);
        let of_edited: Vec<usize> = (0..edited).map(|at| rows(example, at)).collect();
        let of_example = unedited + of_edited.iter().sum::<usize>();
        let goes_on = batches.last().is_some_and(|batch| batch.edited == (0..edited));
        if goes_on && sum + of_example <= rows_per_batch {
            sum += of_example;
            batches.last_mut().expect("there is one").examples.push(i);
            continue;
        }
        let (mut from, mut of_part) = (0, unedited);
        for (at, rows) in of_edited.iter().enumerate() {
            if at > from && of_part + rows > rows_per_batch {
                batches.push(Batch { examples: vec![i], edited: from..at });
                (from, of_part) = (at, unedited);
            }
            of_part += rows;
        }
        batches.push(Batch { examples: vec![i], edited: from..edited });
        sum = of_example;
    }
    batches
}

/// Which unedited runs go up together, where none is taken apart: as many as make about so many rows, of each run's own
/// number of rows.
pub fn whole(runs: impl Iterator<Item = usize>, rows_per_batch: usize) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut sum = 0;
    for (i, rows) in runs.enumerate() {
        sum += rows;
        match batches.last_mut() {
            Some(batch) if sum <= rows_per_batch => batch.push(i),
            _ => {
                sum = rows;
                batches.push(vec![i]);
            }
        }
    }
    batches
}
