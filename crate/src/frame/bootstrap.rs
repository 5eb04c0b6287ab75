//! Percentile bootstrap: how sure a mean is, by drawing as many prompts again and again.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Together;

/// The middle 95 % of what the resamples give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// How prompts are drawn. The same always draws the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    pub together: Together,
    pub resamples: usize,
    pub seed: u32,
}

/// The columns' means in each resample.
#[derive(Debug, Clone, PartialEq)]
pub struct Resamples {
    /// The means of one resample follow each other. `[resamples, columns]`
    means: Vec<f64>,
    columns: usize,
}

impl Bootstrap {
    /// 10,000 resamples. Any fixed seed would do: with it everybody gets the same intervals.
    pub fn of(together: impl Into<Together>) -> Self {
        Self { together: together.into(), resamples: 10_000, seed: 1 }
    }

    /// Draws from prompts. A column has a value a prompt; a prompt to which one of the columns has none is left out. One
    /// resample serves all columns, which keeps the pairs.
    ///
    /// # Panics
    /// If columns differ in length, or groups are of other prompts: the program is wrong then, not its input.
    pub fn draw(&self, columns: &[&[Option<f64>]]) -> Resamples {
        let width = columns.len();
        let prompts = columns.first().map_or(0, |column| column.len());
        assert!(columns.iter().all(|column| column.len() == prompts), "columns of equal length");

        // Each group's sums, and after them its number of prompts.
        let mut groups = vec![vec![0.0; width + 1]; self.together.groups(prompts)];
        for prompt in 0..prompts {
            let values: Option<Vec<f64>> = columns.iter().map(|column| column[prompt]).collect();
            let Some(values) = values else { continue };
            let row = &mut groups[self.together.group(prompt)];
            for (sum, value) in row.iter_mut().zip(values.into_iter().chain([1.0])) {
                *sum += value;
            }
        }
        // `[groups, columns + 1]`
        let rows: Vec<f64> = groups.into_iter().filter(|row| row[width] > 0.0).flatten().collect();

        let groups = rows.len() / (width + 1);
        // One draw of one is always the same: it says nothing of what other prompts would give.
        let resamples = if groups < 2 { 0 } else { self.resamples };
        let mut random = Sfc32::new(self.seed);
        let mut means = Vec::with_capacity(resamples * width);
        let mut sums = vec![0.0; width + 1];
        for _ in 0..resamples {
            sums.fill(0.0);
            for _ in 0..groups {
                let row = random.below(groups) * (width + 1);
                for (sum, value) in sums.iter_mut().zip(&rows[row..]) {
                    *sum += value;
                }
            }
            means.extend(sums[..width].iter().map(|sum| sum / sums[width]));
        }
        Resamples { means, columns: width }
    }

    /// The intervals of many means, each of the prompts that have a value in its column: what [`Bootstrap::draw`] gives of
    /// each column by itself, in a fraction of the time, since drawing takes longer than adding up.
    ///
    /// # Panics
    /// As [`Bootstrap::draw`].
    pub fn intervals(&self, columns: &[Vec<Option<f64>>]) -> Vec<Option<Interval>> {
        /// So many columns' resamples are a few megabytes.
        const AT_ONCE: usize = 32;
        let mut alike: BTreeMap<Vec<bool>, Vec<usize>> = BTreeMap::new();
        for (i, column) in columns.iter().enumerate() {
            alike.entry(column.iter().map(Option::is_some).collect()).or_default().push(i);
        }
        let mut intervals = vec![None; columns.len()];
        for some in alike.values().flat_map(|alike| alike.chunks(AT_ONCE)) {
            let drawn = self.draw(&some.iter().map(|&i| columns[i].as_slice()).collect::<Vec<_>>());
            for (place, &i) in some.iter().enumerate() {
                intervals[i] = drawn.interval(|means| means[place]);
            }
        }
        intervals
    }
}

impl Resamples {
    /// The interval of a number that follows from the columns' means: of one of them, a difference, a ratio. Nothing
    /// where nothing was drawn, since there were not two prompts, or groups of them, to draw from.
    pub fn interval(&self, number: impl Fn(&[f64]) -> f64) -> Option<Interval> {
        let mut numbers: Vec<f64> = self.means.chunks_exact(self.columns.max(1)).map(number).collect();
        numbers.sort_unstable_by(f64::total_cmp);
        Some(Interval { low: quantile(&numbers, 0.025)?, high: quantile(&numbers, 0.975)? })
    }
}

impl Interval {
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether it is certain that what it is of is not 0. Of what is no number nothing is.
    pub fn excludes_0(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// Linear between neighbours, as numpy's default; nothing of nothing.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = sorted.len().checked_sub(1)? as f64 * share;
    let [below, above] = [place.floor(), place.ceil()].map(|place| sorted[place as usize]);
    Some(below + (above - below) * (place - place.floor()))
}

/// Chris Doty-Humphrey's sfc32, which a page has too: a bootstrap there draws the same.
struct Sfc32 {
    a: u32,
    b: u32,
    c: u32,
    counter: u32,
}

impl Sfc32 {
    fn new(seed: u32) -> Self {
        let mut random = Self { a: 0, b: seed, c: 0, counter: 1 };
        // The first numbers of near seeds are alike.
        for _ in 0..16 {
            random.next();
        }
        random
    }

    fn next(&mut self) -> u32 {
        let out = self.a.wrapping_add(self.b).wrapping_add(self.counter);
        self.counter = self.counter.wrapping_add(1);
        self.a = self.b ^ (self.b >> 9);
        self.b = self.c.wrapping_add(self.c << 3);
        self.c = self.c.rotate_left(21).wrapping_add(out);
        out
    }

    /// A whole number below another, of a share of it from 0 up to 1.
    fn below(&mut self, n: usize) -> usize {
        let share = f64::from(self.next()) / (1_u64 << 32) as f64;
        (share * n as f64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::{Bootstrap, Interval, Together, quantile};
    use crate::python_random::PythonRandom;

    fn normals(count: usize, random: &mut PythonRandom) -> Vec<Option<f64>> {
        let pairs = (0..count.div_ceil(2)).flat_map(|_| random.gauss_pair());
        pairs.take(count).map(Some).collect()
    }

    fn interval(values: &[Option<f64>], bootstrap: &Bootstrap) -> Option<Interval> {
        bootstrap.draw(&[values]).interval(|means| means[0])
    }

    fn width(values: &[Option<f64>], group_size: usize) -> f64 {
        let Interval { low, high } = interval(values, &Bootstrap::of(group_size)).unwrap();
        high - low
    }

    /// The first numbers of sfc32 with the seeds 1 and 2³² − 1, by `randomNumbers` of www/statistics.ts times 2³².
    #[test]
    fn random_numbers_are_the_pages() {
        for (seed, expected) in [(1, FIRST), (u32::MAX, LAST)] {
            let mut random = super::Sfc32::new(seed);
            assert_eq!([(); 3].map(|()| random.next()), expected);
        }
    }

    #[test]
    fn an_interval_covers_the_true_mean_about_95_times_in_100() {
        let mut random = PythonRandom::new(7);
        let mut covered = 0;
        for seed in 0..400 {
            let bootstrap = Bootstrap { resamples: 400, seed, ..Bootstrap::of(1) };
            covered += usize::from(interval(&normals(50, &mut random), &bootstrap).unwrap().contains(0.0));
        }
        // With 50 prompts 93 to 95 % of the 400 are expected, with a standard deviation of 1.2 %.
        assert!((364..=392).contains(&covered), "{covered} of 400");
    }

    #[test]
    fn neighbours_are_drawn_together() {
        let values = normals(40, &mut PythonRandom::new(9));
        let twice: Vec<Option<f64>> = values.iter().flat_map(|&value| [value, value]).collect();
        let opposites: Vec<Option<f64>> =
            values.iter().flat_map(|&value| [value, value.map(|value| -value)]).collect();
        // Copies of a prompt add no certainty: only the rounding of sums may differ.
        assert!((width(&twice, 2) - width(&values, 1)).abs() < 1e-12);
        // Wherever they stand.
        let again = [&values[..], &values].concat();
        let alike = Together::alike((0..80).map(|prompt| prompt % 40));
        let found = interval(&again, &Bootstrap::of(alike)).unwrap();
        assert!((found.high - found.low - width(&values, 1)).abs() < 1e-12);
        // Drawn by themselves they seem to: by √2, of which resampling leaves a few percent.
        assert!(width(&twice, 1) < width(&values, 1) * 0.85);
        assert_eq!(width(&opposites, 2), 0.0);
    }

    #[test]
    fn a_group_weighs_as_its_prompts_do() {
        let three = [Some(3.0); 3];
        assert_eq!(interval(&three, &Bootstrap::of(2)), Some(Interval { low: 3.0, high: 3.0 }));
        // A value is missing in the first pair, both in the second, which is not drawn then.
        let missing = [Some(1.0), None, None, None, Some(4.0), Some(4.0)];
        let found = Bootstrap { resamples: 200, ..Bootstrap::of(2) }.draw(&[&missing]);
        let mut means: Vec<f64> = found.means.clone();
        means.sort_unstable_by(f64::total_cmp);
        means.dedup();
        assert_eq!(means, [1.0, 3.0, 4.0]);
    }

    #[test]
    fn any_number_that_follows_from_means_has_an_interval() {
        let columns = [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [2.0, 4.0, 6.0]].map(|column| column.map(Some));
        let drawn = Bootstrap::of(1).draw(&[&columns[0], &columns[1], &columns[2]]);
        let normalized = drawn.interval(|means| (means[0] - means[1]) / (means[2] - means[1]));
        assert_eq!(normalized, Some(Interval { low: 0.5, high: 0.5 }));
    }

    #[test]
    fn many_means_have_the_intervals_that_each_has_by_itself() {
        let mut random = PythonRandom::new(3);
        let mut columns: Vec<Vec<Option<f64>>> = (0..70).map(|_| normals(9, &mut random)).collect();
        for (i, column) in columns.iter_mut().enumerate().filter(|(i, _)| i % 3 == 0) {
            column[i % 9] = None;
        }
        columns.push(vec![None; 9]);
        let bootstrap = Bootstrap { resamples: 200, ..Bootstrap::of(2) };
        let each: Vec<_> = columns.iter().map(|column| interval(column, &bootstrap)).collect();
        assert_eq!(bootstrap.intervals(&columns), each);
        assert!(each[..70].iter().all(Option::is_some) && each[70].is_none());
        assert_eq!(bootstrap.intervals(&[]), []);
    }

    #[test]
    fn one_draw_of_one_says_nothing() {
        assert_eq!(interval(&[], &Bootstrap::of(1)), None);
        assert_eq!(interval(&[Some(2.0)], &Bootstrap::of(1)), None);
        assert_eq!(interval(&[Some(2.0), None, None], &Bootstrap::of(1)), None);
        assert_eq!(interval(&[Some(2.0), Some(3.0)], &Bootstrap::of(2)), None);
        assert_eq!(interval(&[Some(2.0), Some(3.0)], &Bootstrap { resamples: 0, ..Bootstrap::of(1) }), None);
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[0.0, 1.0, 2.0, 3.0], 0.5), Some(1.5));
        assert_eq!(quantile(&[0.0, 8.0], 0.125), Some(1.0));
        assert_eq!(quantile(&[4.0], 0.975), Some(4.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    const FIRST: [u32; 3] = [2026416846, 1661539736, 2729060721];
    const LAST: [u32; 3] = [2215341480, 276468999, 2997771941];
}
