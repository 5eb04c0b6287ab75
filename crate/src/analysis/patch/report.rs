//! What is said and drawn of a grid: how many of its edits matter, which do most, a map of all, and how sure that is.

mod answer;
mod figures;
#[cfg(test)]
mod tests;
mod words;

use super::effects::{Effect, Effects};
use super::result::Measured;
use crate::frame::Estimate;
use crate::report::words::{NONE, count, interval, rounded, signed};
use crate::report::{Report, Table};
use words::How;
pub(in crate::analysis) use words::Named;

/// How many are ranked.
const RANKED: usize = 10;

/// What was measured, and what is estimated of it.
struct Found<'a> {
    measured: &'a Measured<'a>,
    effects: &'a Effects,
    finished: bool,
    how: How,
    named: Named<'a>,
}

/// `finished`: else it is of the prompts that have been through so far, and without intervals.
pub fn report(measured: &Measured, effects: &Effects, finished: bool) -> Report {
    let spec = measured.spec;
    let how = How::of(spec);
    let named = Named::of(&measured.cells.axes);
    let found = Found { measured, effects, finished, how, named };
    Report {
        about: spec.about(),
        stem: spec.stem(),
        answer: found.answer(),
        notes: found.notes(),
        tables: vec![found.table()],
        figures: found.figures(),
    }
}

impl Found<'_> {
    /// The cells that there are numbers of.
    fn cells(&self) -> impl Iterator<Item = (usize, &Effect)> {
        self.effects.cells.iter().enumerate().filter_map(|(cell, effect)| Some((cell, effect.as_ref()?)))
    }

    /// What is told of a cell: a share, or where none may be told the change.
    fn told(&self, effect: &Effect) -> Estimate {
        effect.share.unwrap_or(effect.change)
    }

    /// By the size of what is told of them, the largest first.
    fn ranked(&self) -> Vec<(usize, &Effect)> {
        let mut ranked: Vec<(usize, &Effect)> = self.cells().collect();
        let size = |(_, effect): &(usize, &Effect)| self.told(effect).value.abs();
        ranked.sort_by(|a, b| size(b).total_cmp(&size(a)));
        ranked
    }

    /// The prompts that have been through.
    fn seen(&self) -> usize {
        self.measured.base.iter().flatten().count()
    }

    fn notes(&self) -> Vec<String> {
        let (seen, all) = (self.seen(), self.measured.examples.len());
        let so_far =
            (!self.finished).then(|| format!("Prompts seen so far: {} of {}.", count(seen), count(all)));
        so_far.into_iter().chain(self.measured.spec.task.notes(all)).collect()
    }

    /// The unedited runs, and the cells that do most.
    fn table(&self) -> Table {
        const DECIMALS: usize = 4;
        const SHORTER: usize = 3;
        const INTERVAL: &str = "95% CI";
        let shared = self.effects.are_shared();
        let told = |estimate: Option<Estimate>, text: fn(f64) -> String| {
            let value = estimate.map_or_else(|| NONE.to_owned(), |it| text(it.value));
            [value, interval(estimate.and_then(|it| it.interval), SHORTER)]
        };
        let mean = |value: f64| rounded(value, DECIMALS);
        let change = |value: f64| signed(value, DECIMALS);
        let row = |name: String, cells: [[String; 2]; 3], prompts: usize| -> Vec<String> {
            let [means, changes, shares] = cells;
            let shares = if shared { shares.to_vec() } else { Vec::new() };
            [vec![name], means.to_vec(), changes.to_vec(), shares, vec![count(prompts)]].concat()
        };
        let run = |name: &str, estimate: Option<Estimate>| {
            estimate.map(|it| {
                row(
                    name.to_owned(),
                    [told(Some(it), mean), told(None, change), told(None, mean)],
                    self.seen(),
                )
            })
        };
        let mut rows: Vec<Vec<String>> =
            [run(self.how.base, self.effects.base), run(self.how.source, self.effects.source)]
                .into_iter()
                .flatten()
                .collect();
        rows.extend(self.ranked().into_iter().take(RANKED).map(|(cell, effect)| {
            let Effect { mean: of_edited, change: by, share, prompts } = *effect;
            row(
                self.named.cell(cell),
                [told(Some(of_edited), mean), told(Some(by), change), told(share, mean)],
                prompts,
            )
        }));
        let metric = self.measured.spec.metric;
        let mut header =
            vec!["edited".to_owned(), metric.title(), INTERVAL.into(), "change".into(), INTERVAL.into()];
        if shared {
            header.extend([self.how.share.to_owned(), INTERVAL.to_owned()]);
        }
        header.push("prompts".into());
        Table {
            name: "means",
            title: "The runs, and the edits that change most".into(),
            header,
            rows,
            caption: format!("Means over prompts, in {}. {}", metric.unit(), self.how_sure()),
        }
    }
}
