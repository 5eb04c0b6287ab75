//! What is said and drawn of a grid, or of paths from every head: how many of its edits matter, which do most, a map of all,
//! and how sure that is.

mod answer;
mod figures;
#[cfg(test)]
mod tests;
mod words;

use super::effects::{Effect, Effects};
use super::result::Measured;
use crate::frame::Estimate;
use crate::metric::Metric;
use crate::patch::Over;
use crate::report::words::{NONE, count, interval, rounded, signed};
use crate::report::{Report, Table};
use crate::task::TaskSpec;
use words::title;
pub(in crate::analysis) use words::{How, Named};

/// How many are ranked.
const RANKED: usize = 10;

/// What effects are told of, and the words for it.
pub struct Told<'a> {
    pub task: &'a TaskSpec,
    pub metric: Metric,
    /// What the cells differ in.
    pub axes: &'a [(Over, Vec<String>)],
    pub how: How,
    /// How many prompts there are, and how many have been through.
    pub prompts: usize,
    pub seen: usize,
    pub about: String,
    pub stem: String,
    /// The map's title.
    pub title: String,
    /// What each cell is, in captions: "Each is one edit by itself".
    pub each: &'static str,
    /// What the table has, and what stands above its names.
    pub table: [&'static str; 2],
}

/// With what is estimated.
struct Found<'a> {
    of: &'a Told<'a>,
    effects: &'a Effects,
    finished: bool,
    named: Named<'a>,
}

pub fn of_grid(measured: &Measured, effects: &Effects, finished: bool) -> Report {
    let spec = measured.spec;
    let told = Told {
        task: &spec.task,
        metric: spec.metric,
        axes: &measured.cells.axes,
        how: How::of(spec),
        prompts: measured.examples.len(),
        seen: measured.base.iter().flatten().count(),
        about: spec.about(),
        stem: spec.stem(),
        title: title(spec, effects.are_shared()),
        each: "Each is one edit by itself",
        table: ["The runs, and the edits that change most", "edited"],
    };
    of_effects(&told, effects, finished)
}

/// `finished`: else it is of the prompts that have been through so far, and without intervals.
pub fn of_effects(told: &Told, effects: &Effects, finished: bool) -> Report {
    let found = Found { of: told, effects, finished, named: Named::of(told.axes) };
    Report {
        about: told.about.clone(),
        stem: told.stem.clone(),
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

    fn notes(&self) -> Vec<String> {
        let Told { task, seen, prompts, .. } = *self.of;
        let so_far =
            (!self.finished).then(|| format!("Prompts seen so far: {} of {}.", count(seen), count(prompts)));
        so_far.into_iter().chain(task.notes(prompts)).collect()
    }

    /// The unedited runs, and the cells that do most.
    fn table(&self) -> Table {
        const DECIMALS: usize = 4;
        const SHORTER: usize = 3;
        const INTERVAL: &str = "95% CI";
        let Told { metric, how, table: [title, first], .. } = self.of;
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
                    self.of.seen,
                )
            })
        };
        let mut rows: Vec<Vec<String>> =
            [run(how.base, self.effects.base), run(how.source, self.effects.source)]
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
        let mut header =
            vec![(*first).to_owned(), metric.title(), INTERVAL.into(), "change".into(), INTERVAL.into()];
        if shared {
            header.extend([how.share.to_owned(), INTERVAL.to_owned()]);
        }
        header.push("prompts".into());
        Table {
            name: "means",
            title: (*title).to_owned(),
            header,
            rows,
            caption: format!("Means over prompts, in {}. {}", metric.unit(), self.how_sure()),
        }
    }
}
