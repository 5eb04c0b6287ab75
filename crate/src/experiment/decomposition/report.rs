//! What is said and drawn of a decomposition: the largest contributions first, then by layer, then all of them.

mod answer;
mod figures;
mod largest;
mod layers;
mod shares;
#[cfg(test)]
mod tests;
mod words;

use super::result::DecompositionResult;
use super::spec::DecomposeBy;
use crate::experiment::words::{about, notes, stem};
use crate::report::words::{rounded, signed_percent};
use crate::report::{Report, Table};
use shares::Shares;
use words::accounting;

impl DecompositionResult {
    pub fn report(&self) -> Report {
        let (spec, shares) = (&self.spec, Shares::of(self));
        let books = accounting(&self.accounting, self.prompts);
        let few = notes(&spec.dataset, self.prompts);
        let mut notes: Vec<String> = shares.not_told.iter().cloned().chain(few).collect();
        notes.insert(if self.accounting.holds { notes.len() } else { 0 }, books);
        Report {
            about: about(self.head, &spec.dataset),
            stem: stem(self.head, &spec.dataset),
            answer: self.answer(&shares),
            notes,
            tables: self.table_of_parts(&shares).into_iter().collect(),
            figures: self.figures(&shares),
        }
    }

    fn both(&self) -> bool {
        self.spec.decompose_by == DecomposeBy::Both
    }

    /// How many numbers all parts have.
    fn count(&self) -> usize {
        self.parts.iter().map(|part| part.values.len()).sum()
    }

    /// What the parts come to, where there are several.
    fn table_of_parts(&self, shares: &Shares) -> Option<Table> {
        let row = |name: String, value: f64| {
            let mut row = vec![name, rounded(value, 4)];
            row.extend(shares.not_told.is_none().then(|| signed_percent(shares.percent(value))));
            row
        };
        let sum = |values: &[f64]| values.iter().sum();
        let mut rows: Vec<Vec<String>> =
            self.parts.iter().map(|part| row(self.spec.part(&part.label), sum(&part.values))).collect();
        rows.push(row("all contributions".into(), shares.sum));
        let (mut header, mut caption) =
            (vec!["part", "contribution"], vec!["Each part's sum over all components.".to_owned()]);
        if shares.not_told.is_none() {
            header.push("percent");
            caption.push(shares.whole());
        }
        (self.parts.len() > 1).then(|| Table {
            name: "parts",
            title: "What the parts come to".into(),
            header: header.into_iter().map(String::from).collect(),
            rows,
            caption: caption.join(" "),
        })
    }
}
