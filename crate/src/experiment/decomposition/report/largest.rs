//! The contributions that matter most.

use super::super::result::DecompositionResult;
use super::super::spec::DecomposeBy;
use super::words::signs;

/// A component's contribution in one part, or a pair's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Large {
    /// Which of the parts.
    pub part: usize,
    /// Which of the part's values.
    pub place: usize,
    pub value: f64,
}

impl DecompositionResult {
    /// The largest by size, the largest first, and of equal ones the first.
    pub(super) fn largest(&self, count: usize) -> Vec<Large> {
        let values = self.parts.iter().enumerate().flat_map(|(part, of_part)| {
            let large = move |(place, &value)| Large { part, place, value };
            of_part.values.iter().enumerate().map(large)
        });
        let mut all: Vec<Large> = values.collect();
        let order = |a: &Large, b: &Large| {
            b.value.abs().total_cmp(&a.value.abs()).then((a.part, a.place).cmp(&(b.part, b.place)))
        };
        // There may be eighty thousand, of which few are looked at.
        if count < all.len() {
            all.select_nth_unstable_by(count, order);
            all.truncate(count);
        }
        all.sort_unstable_by(order);
        all
    }

    /// The components of a value: of both sides taken apart the query's and the key's.
    pub(super) fn components_of(&self, place: usize) -> Vec<&str> {
        let name = |i: usize| self.components[i].as_str();
        match self.spec.decompose_by {
            DecomposeBy::Both => {
                let width = self.components.len();
                vec![name(place / width), name(place % width)]
            }
            _ => vec![name(place)],
        }
    }

    /// "MLP_0", "9.6 × MLP_0 q∥ k⊥"
    pub(super) fn name_of(&self, &Large { part, place, .. }: &Large) -> String {
        let names = self.components_of(place).join(" × ");
        match signs(&self.parts[part].label) {
            signs if signs.is_empty() => names,
            signs => format!("{names} {signs}"),
        }
    }
}
