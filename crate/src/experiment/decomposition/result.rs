use serde::Serialize;

use super::spec::{DecomposeBy, DecompositionSpec};
use crate::analysis::written::MOST_RELATIVE_MISS;
use crate::frame::Interval;

/// What every component of what a head reads contributes to its score, mean over prompts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct DecompositionResult {
    /// Layer and head.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "[number, number]"))]
    pub head: [usize; 2],
    pub spec: DecompositionSpec,
    pub prompts: usize,
    /// Heads in each layer.
    pub n_head: usize,
    /// bias, W_E, W_pos, MLP_0…, the heads 0.0, 0.1, …, and the attention biases b_O_0….
    pub components: Vec<String>,
    pub parts: Vec<Part>,
    pub accounting: Accounting,
}

/// One part of the query with one of the key.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Part {
    /// "unchanged", "IO_dir|unchanged", "IO_perp|MLP0_dir", …
    pub label: String,
    /// By component; decomposed by both, by the query's component and then by the key's.
    pub values: Vec<f64>,
}

/// Whether the contributions add up to the score that the model itself computes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Accounting {
    /// The score, or score difference, mean over prompts.
    pub measured: f64,
    /// Its 95 % interval; nothing where there are not two independent prompts.
    pub measured_interval: Option<Interval>,
    /// The sum of all parts' values, and of `normalization`.
    pub sum: f64,
    /// The 95 % interval of the sum of all parts' values alone, which is what percentages are of.
    pub contributions_interval: Option<Interval>,
    /// Where the side that is held fixed is projected: what it gives beyond its two parts, since LN divides it by
    /// slightly more than its standard deviation.
    pub normalization: f64,
    /// How far sum and score are apart: the mean over prompts; decomposed by both, over batches of them.
    pub miss: f64,
    /// `miss` divided by the mean size of the score.
    pub relative_miss: f64,
    /// Whether `relative_miss` is below 1e-4. If not, the result is wrong.
    pub holds: bool,
}

impl Accounting {
    /// Whether `normalization` is more than rounding: a share of its own.
    pub fn has_rest(&self) -> bool {
        self.normalization.abs() >= 1e-6
    }
}

/// Sums that become an [`Accounting`].
#[derive(Default)]
pub struct Ledger {
    measured: f64,
    sum: f64,
    normalization: f64,
    miss: f64,
    size: f64,
}

impl Ledger {
    /// Enters some prompts: their scores, and what their contributions and the rest come to.
    pub fn enter(&mut self, measured: &[f32], contributions: f64, rest: f64) {
        let score: f64 = measured.iter().map(|&score| f64::from(score)).sum();
        self.measured += score;
        self.sum += contributions + rest;
        self.normalization += rest;
        self.miss += (contributions + rest - score).abs();
        self.size += measured.iter().map(|&score| f64::from(score).abs()).sum::<f64>();
    }

    /// `intervals`: of the scores that were entered, and of their contributions.
    pub fn close(&self, prompts: usize, intervals: [Option<Interval>; 2]) -> Accounting {
        let [measured_interval, contributions_interval] = intervals;
        let mean = |sum: f64| sum / prompts as f64;
        let relative_miss = if self.miss == 0.0 { 0.0 } else { self.miss / self.size };
        Accounting {
            measured: mean(self.measured),
            measured_interval,
            sum: mean(self.sum),
            contributions_interval,
            normalization: mean(self.normalization),
            miss: mean(self.miss),
            relative_miss,
            holds: relative_miss < MOST_RELATIVE_MISS,
        }
    }
}

impl DecompositionResult {
    /// A part decomposed by one side as a matrix: row 0 is W_E, W_pos, bias; row 1 + l has the heads of layer l and
    /// its MLP. Rows are filled up with zeros. The attention biases are not in it.
    pub fn matrix(&self, part: &Part) -> Vec<Vec<f64>> {
        debug_assert_ne!(self.spec.decompose_by, DecomposeBy::Both);
        let ([layers, _], heads) = (self.head, self.n_head);
        let (bias, embeddings, rest) = (part.values[0], &part.values[1..3], &part.values[3..]);
        let (mlps, rest) = rest.split_at(layers);
        let mut rows = vec![[embeddings, &[bias]].concat()];
        rows.extend(rest.chunks_exact(heads).zip(mlps).map(|(heads, &mlp)| [heads, &[mlp]].concat()));
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        rows.iter_mut().for_each(|row| row.resize(width, 0.0));
        rows
    }

    /// What the attention biases contribute to a part, by layer.
    pub fn attention_biases<'a>(&self, part: &'a Part) -> &'a [f64] {
        let [layers, _] = self.head;
        &part.values[part.values.len() - layers..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_add_up_is_wrong() {
        let books = |contributions: f64, rest: f64| {
            let mut ledger = Ledger::default();
            ledger.enter(&[2.0, -1.0], 1.0, 0.0);
            ledger.enter(&[3.0], contributions, rest);
            ledger.close(3, [None; 2])
        };
        let well = books(3.0 - 0.25, 0.25);
        assert!(well.holds && well.miss == 0.0, "{well:?}");
        assert_eq!((well.measured, well.sum, well.normalization), (4.0 / 3.0, 4.0 / 3.0, 0.25 / 3.0));
        let wrong = books(3.001, 0.0);
        assert!(!wrong.holds && (wrong.relative_miss - 0.001 / 6.0).abs() < 1e-9, "{wrong:?}");
        assert!(!books(f64::NAN, 0.0).holds);
        let nothing = Ledger::default().close(1, [None; 2]);
        assert!(nothing.holds && nothing.relative_miss == 0.0);
    }
}
