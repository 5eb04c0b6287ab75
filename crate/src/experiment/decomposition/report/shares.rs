//! Contributions as percentages of what all of them come to, and when none are told.

use super::super::result::DecompositionResult;
use crate::report::words::{interval, rounded};

/// What all contributions come to. LN's normalization is none of them.
pub struct Shares {
    pub sum: f64,
    /// Of those that raise the score, and of those that lower it.
    pub raising: f64,
    pub lowering: f64,
    /// Why there are no percentages.
    pub not_told: Option<String>,
}

/// A sum smaller than this share of the sizes of what it is a sum of is what is left of contributions that cancel: single
/// ones are many times as large, and other prompts may turn its sign.
const LEAST: f64 = 0.05;

impl Shares {
    pub(super) fn of(result: &DecompositionResult) -> Self {
        let (mut raising, mut lowering) = (0.0, 0.0);
        for &value in result.parts.iter().flat_map(|part| &part.values) {
            if value < 0.0 { lowering += value } else { raising += value }
        }
        let (sum, sizes): (f64, f64) = (raising + lowering, raising - lowering);
        let may_be_zero = result.accounting.measured_interval.filter(|it| it.contains(0.0));
        let not_told = if sizes == 0.0 {
            Some("No percentages are told, since every contribution is 0.".into())
        } else if sum.abs() < LEAST * sizes {
            Some(format!(
                "No percentages are told: contributions of {} and of {} cancel to {}, which is less than {}% of their sizes.",
                rounded(raising, 4),
                rounded(lowering, 4),
                rounded(sum, 4),
                LEAST * 100.0,
            ))
        } else {
            may_be_zero.map(|it| {
                format!(
                    "No percentages are told, since the mean score may be 0: its 95% confidence interval is {}.",
                    interval(Some(it), 3)
                )
            })
        };
        Self { sum, raising, lowering, not_told }
    }

    /// In percent of the sum's size, so that the sign stays the contribution's.
    pub(super) fn percent(&self, contribution: f64) -> Option<f64> {
        self.not_told.is_none().then(|| contribution / self.sum.abs() * 100.0)
    }

    /// What 100% is, for a caption.
    pub(super) fn whole(&self) -> String {
        format!(
            "100% is the size of all contributions' sum, {}: {} of those that raise the score, {} of those that lower it.",
            rounded(self.sum, 4),
            rounded(self.raising, 4),
            rounded(self.lowering, 4),
        )
    }
}
