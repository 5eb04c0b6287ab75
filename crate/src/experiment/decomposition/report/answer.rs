//! The answer in words: what contributes most, and how much of the score it makes.

use super::super::result::DecompositionResult;
use super::super::spec::DecomposeBy;
use super::largest::Large;
use super::shares::Shares;
use crate::report::words::{count, number, percent};

impl DecompositionResult {
    /// In two sentences.
    pub(super) fn answer(&self, shares: &Shares) -> String {
        let books = &self.accounting;
        if !books.holds {
            return format!(
                "This decomposition is wrong: its contributions come to {}, and the model's own score is {}.",
                number(books.sum),
                number(books.measured)
            );
        }
        let replaced = self.spec.replaced().map(|how| format!(", {how},")).unwrap_or_default();
        let score = format!("The head's mean {}{replaced} is {}.", self.spec.score(), number(books.measured));
        let together = if self.both() { 40 } else { 10 };
        let largest = self.largest(together);
        let Some(&first) = largest.first().filter(|first| first.value != 0.0) else {
            return format!("Nothing that head {} reads contributes to its score. {score}", self.name());
        };
        let sum: f64 = largest.iter().map(|it| it.value).sum();
        let makes = match (shares.percent(first.value), shares.percent(sum)) {
            (Some(share), Some(all)) => {
                let size = if shares.sum < 0.0 { "the size of " } else { "" };
                let most = format!("makes {} of {size}the sum of all contributions", percent(share));
                match self.count() {
                    all_of_them if all_of_them <= together => most,
                    more => {
                        format!("{most}; the {together} largest of {} make {}", count(more), percent(all))
                    }
                }
            }
            _ => format!("contributes most, {}", number(first.value)),
        };
        format!("{} {makes}. {score}", self.subject(first))
    }

    /// "10.7"
    fn name(&self) -> String {
        let [layer, head] = self.head;
        format!("{layer}.{head}")
    }

    /// What contributes: "What head 10.7 reads of MLP_0 at IO".
    fn subject(&self, large: Large) -> String {
        let head = self.name();
        let part = match self.spec.part(&self.parts[large.part].label) {
            part if part.is_empty() => part,
            part => format!(" ({part})"),
        };
        match (self.spec.decompose_by, self.components_of(large.place).as_slice()) {
            (_, [query, key]) => {
                format!("At head {head} the pair of the query's {query} and the key's {key}{part}")
            }
            (DecomposeBy::Queries, ["bias"]) => format!("The bias of head {head}'s query{part}"),
            (_, ["bias"]) => format!("The bias of head {head}'s keys{part}"),
            (_, names) => {
                format!("What head {head} reads of {} {}{part}", names.join(" × "), self.spec.at())
            }
        }
    }
}
