//! What each edit changes, on average over the prompts that have the cell, and how sure that is.

use std::collections::BTreeMap;

use crate::frame::{Bootstrap, Estimate, Together};
use crate::metric::Metric;

/// What the metric was of each prompt's runs, as far as they have been through.
pub struct Ran<'a> {
    pub metric: Metric,
    pub together: Together,
    /// How many cells there are.
    pub cells: usize,
    /// `[prompt · cell]`
    pub values: &'a [Option<f64>],
    /// The values of the runs that are edited, unedited.
    pub base: &'a [Option<f64>],
    /// Those of the runs where values come from, if shares are of the way there.
    pub source: Option<&'a [Option<f64>]>,
}

/// The effects of a grid's edits, on all prompts or on those that have been through so far.
pub struct Effects {
    /// The mean of the runs that are edited, unedited.
    pub base: Option<Estimate>,
    /// The mean of the runs where values come from; of patching.
    pub source: Option<Estimate>,
    /// What shares are of: the way from base to source, or else the base. Nothing where no metric can be shared out.
    pub whole: Option<Estimate>,
    /// Nothing of cells that no prompt has.
    pub cells: Vec<Option<Effect>>,
}

/// What the edit of one cell does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The edited runs' mean.
    pub mean: Estimate,
    /// How far that is from the base of the same prompts.
    pub change: Estimate,
    /// The change as a share of the whole: of the way to the source, or else of what is lost of the base. Nothing unless it is
    /// certain that the whole is not 0, since a share of nothing can be anything.
    pub share: Option<Estimate>,
    /// How many prompts have the cell.
    pub prompts: usize,
}

/// The columns that are drawn beside a chunk of cells.
const BASE: usize = 0;
const SOURCE: usize = 1;

impl Effects {
    /// `finished`: cells have intervals, which take their time. Of the whole one is known at any time, since it says
    /// whether shares may be told.
    pub fn of(ran: Ran, finished: bool) -> Self {
        let Ran { metric, together, cells: count, values, base, source } = ran;
        let bootstrap = Bootstrap::of(together);
        let of_runs: Vec<&[Option<f64>]> = [Some(base), source].into_iter().flatten().collect();
        let drawn = Drawn::of(&bootstrap, &of_runs);
        let estimate = |number: &dyn Fn(&[f64]) -> f64| drawn.as_ref().map(|drawn| drawn.estimate(number));
        let base_mean = estimate(&|means: &[f64]| means[BASE]);
        let source_mean = source.and_then(|_| estimate(&|means: &[f64]| means[SOURCE]));
        let whole = match source {
            Some(_) => estimate(&|means: &[f64]| means[SOURCE] - means[BASE]),
            None => base_mean,
        };
        let whole = whole.filter(|_| metric.normalizes());
        let is_told = whole.is_some_and(Estimate::is_not_0);

        let resamples = if finished { bootstrap.resamples } else { 0 };
        let of_cells = Bootstrap { resamples, ..bootstrap };
        let column =
            |cell: usize| -> Vec<Option<f64>> { values.iter().skip(cell).step_by(count).copied().collect() };
        let columns: Vec<Vec<Option<f64>>> = (0..count).map(column).collect();
        let mut effects = vec![None; count];
        for some in alike(&columns) {
            let beside = of_runs.len();
            let chunk: Vec<&[Option<f64>]> =
                of_runs.iter().copied().chain(some.iter().map(|&cell| &columns[cell][..])).collect();
            let Some(drawn) = Drawn::of(&of_cells, &chunk) else { continue };
            for (place, &cell) in some.iter().enumerate() {
                let own = beside + place;
                let change = move |means: &[f64]| means[own] - means[BASE];
                // What is lost of a base is the size that it loses, whatever its sign.
                let share = |means: &[f64]| match source {
                    Some(_) => change(means) / (means[SOURCE] - means[BASE]),
                    None => -change(means) / means[BASE],
                };
                effects[cell] = Some(Effect {
                    mean: drawn.estimate(|means| means[own]),
                    change: drawn.estimate(change),
                    share: is_told.then(|| drawn.estimate(share)),
                    prompts: drawn.prompts,
                });
            }
        }
        Self { base: base_mean, source: source_mean, whole, cells: effects }
    }

    /// Whether shares are told.
    pub fn are_shared(&self) -> bool {
        self.whole.is_some_and(Estimate::is_not_0)
    }
}

/// Columns' means over the prompts that have a value in each, and resamples of these.
struct Drawn {
    means: Vec<f64>,
    resamples: crate::frame::Resamples,
    prompts: usize,
}

impl Drawn {
    /// Nothing where no prompt has all of them.
    fn of(bootstrap: &Bootstrap, columns: &[&[Option<f64>]]) -> Option<Self> {
        let all: Vec<Vec<f64>> = (0..columns[0].len())
            .filter_map(|prompt| columns.iter().map(|column| column[prompt]).collect())
            .collect();
        let mean = |place: usize| all.iter().map(|values| values[place]).sum::<f64>() / all.len() as f64;
        (!all.is_empty()).then(|| Self {
            means: (0..columns.len()).map(mean).collect(),
            resamples: bootstrap.draw(columns),
            prompts: all.len(),
        })
    }

    fn estimate(&self, number: impl Fn(&[f64]) -> f64) -> Estimate {
        Estimate { value: number(&self.means), interval: self.resamples.interval(number) }
    }
}

/// The cells that the same prompts have, in chunks whose resamples are a few megabytes: they are drawn together, since
/// drawing takes longer than adding up.
fn alike(columns: &[Vec<Option<f64>>]) -> Vec<Vec<usize>> {
    const AT_ONCE: usize = 32;
    let mut alike: BTreeMap<Vec<bool>, Vec<usize>> = BTreeMap::new();
    for (cell, column) in columns.iter().enumerate() {
        alike.entry(column.iter().map(Option::is_some).collect()).or_default().push(cell);
    }
    alike
        .into_values()
        .flat_map(|cells| cells.chunks(AT_ONCE).map(<[usize]>::to_vec).collect::<Vec<_>>())
        .collect()
}
