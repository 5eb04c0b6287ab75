//! Contributions as percentages of what all of them come to, and when none are told.

use super::super::result::DecompositionResult;
use crate::frame::Interval;
use crate::report::words::{self, rounded};

/// What all contributions come to. LN's normalization is none of them.
pub struct Shares {
    pub sum: f64,
    /// The sum of those that raise the score, and of those that lower it.
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
        let books = &result.accounting;
        let not_told = if sizes == 0.0 {
            Some("every contribution is 0".to_owned())
        } else if !books.holds {
            Some("they do not add up to the score".to_owned())
        } else if sum.abs() >= LEAST * sizes {
            let certain = [
                ("the mean score", books.measured_interval),
                ("the sum of all contributions", books.contributions_interval),
            ];
            certain.into_iter().find_map(|(what, interval)| may_be_0(what, interval))
        } else {
            Some(format!(
                "contributions of {} and of {} cancel to {}, which is less than {}% of their sizes",
                rounded(raising, 4),
                rounded(lowering, 4),
                rounded(sum, 4),
                LEAST * 100.0,
            ))
        };
        let not_told = not_told.map(|why| format!("No percentages are told, since {why}."));
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

/// Nothing where it is certain that it is not.
fn may_be_0(what: &str, interval: Option<Interval>) -> Option<String> {
    match interval {
        Some(it) if it.excludes_0() => None,
        Some(it) => {
            Some(format!("{what} may be 0: its 95% confidence interval is {}", words::interval(Some(it), 3)))
        }
        None => Some(format!("{what} has no confidence interval, so that it may be 0")),
    }
}
