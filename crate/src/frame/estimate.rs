//! Means over prompts, what they differ by, and how sure that is.

use super::over::mean;
use super::{Bootstrap, Interval, Resamples};

/// A number, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    pub value: f64,
    /// Nothing where there were not two prompts, or groups of them, to draw from.
    pub interval: Option<Interval>,
}

/// Means of columns that have a value for each prompt. The same resamples serve all, which keeps the pairs.
#[derive(Debug, Clone)]
pub struct Estimates {
    means: Vec<f64>,
    resamples: Resamples,
}

impl Bootstrap {
    /// # Panics
    /// As [`Bootstrap::draw`]; and if a column has no value for a prompt, or there is no prompt.
    pub fn estimates(&self, columns: &[&[Option<f64>]]) -> Estimates {
        let mean = |column: &&[Option<f64>]| {
            assert!(column.iter().all(Option::is_some), "a value for each prompt");
            mean(column).expect("there is a prompt")
        };
        Estimates { means: columns.iter().map(mean).collect(), resamples: self.draw(columns) }
    }
}

impl Estimates {
    /// A column's mean.
    pub fn mean(&self, column: usize) -> Estimate {
        self.of(|means| means[column])
    }

    /// How far a column's mean is from another's: the mean of their difference, prompt by prompt.
    pub fn difference(&self, column: usize, from: usize) -> Estimate {
        self.of(|means| means[column] - means[from])
    }

    /// What is left of a column's mean in another's, in percent: 100 and the change in percent of its size. Nothing unless
    /// it is certain that this is not 0, since a share of nothing can be anything.
    pub fn share(&self, column: usize, of: usize) -> Option<Estimate> {
        let sign = self.means[of].signum();
        let share = |means: &[f64]| 100.0 + sign * ((means[column] - means[of]) / means[of].abs() * 100.0);
        let is_told = |share: &Estimate| share.value.is_finite();
        self.mean(of).is_not_0().then(|| self.of(share)).filter(is_told)
    }

    fn of(&self, number: impl Fn(&[f64]) -> f64) -> Estimate {
        Estimate { value: number(&self.means), interval: self.resamples.interval(number) }
    }
}

impl Estimate {
    /// The same for the number with the other sign.
    pub fn turned(self) -> Self {
        let interval = self.interval.map(|Interval { low, high }| Interval { low: -high, high: -low });
        Self { value: -self.value, interval }
    }

    /// Whether the interval says so.
    pub fn is_not_0(self) -> bool {
        self.interval.is_some_and(|interval| interval.excludes_0())
    }
}

#[cfg(test)]
mod tests {
    use super::{Bootstrap, Estimate, Estimates, Interval};
    use crate::frame::Together;

    fn column(n: usize, by: usize, divided_by: f64) -> Vec<Option<f64>> {
        (0..n).map(|i| Some(((i * by % 101) as f64 / 16.0 - 2.25) / divided_by)).collect()
    }

    fn between(low: f64, high: f64) -> Option<Interval> {
        Some(Interval { low, high })
    }

    fn estimates(bootstrap: &Bootstrap, columns: &[Vec<Option<f64>>]) -> Estimates {
        bootstrap.estimates(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// Digit for digit, since both do the same operations in the same order, and none of them is rounded in more than
    /// one way. The numbers are what `bootstrap` of www/statistics.ts gives of the columns above.
    #[test]
    fn means_and_differences_are_those_of_the_page() {
        let bootstrap = |neighbours, resamples, seed| Bootstrap {
            together: Together::Neighbours(neighbours),
            resamples,
            seed,
        };
        // A mean and a difference each; and the share of the base, which the page has as a change in percent.
        let cases = [
            (
                25,
                bootstrap(1, 10_000, 1),
                [
                    [
                        (0.575, between(-0.1375, 1.275062499999999)),
                        (-0.18000000000000005, between(-1.1275624999999998, 0.7600624999999991)),
                    ],
                    [
                        (0.16333333333333333, between(-0.08166666666666667, 0.4275)),
                        (-0.5916666666666667, between(-1.31, 0.1441874999999997)),
                    ],
                ],
                Some([
                    (-23.84105960264901, [-120.93023255813955, 532.1428571428571]),
                    (-78.36644591611478, [-114.83112257430608, 135.18518518518516]),
                ]),
            ),
            // 12 pairs and a last prompt by itself.
            (
                25,
                bootstrap(2, 10_000, 1),
                [
                    [
                        (0.575, between(0.08653846153846154, 1.057296875)),
                        (-0.18000000000000005, between(-0.8046875, 0.42749999999999994)),
                    ],
                    [
                        (0.16333333333333333, between(-0.15084420289855072, 0.4825000000000001)),
                        (-0.5916666666666667, between(-1.1325, -0.08666666666666673)),
                    ],
                ],
                Some([
                    (-23.84105960264901, [-85.7843137254902, 191.93548387096772]),
                    (-78.36644591611478, [-145.4875721947195, -27.30496453900709]),
                ]),
            ),
            // The base's mean may be 0.
            (
                8,
                bootstrap(2, 999, u32::MAX),
                [
                    [(0.046875, between(-0.609375, 0.703125)), (-0.2734375, between(-1.890625, 0.671875))],
                    [
                        (-0.3854166666666667, between(-0.59375, -0.17708333333333331)),
                        (-0.7057291666666667, between(-1.6510416666666667, 0.08333333333333331)),
                    ],
                ],
                None,
            ),
        ];
        for (n, bootstrap, expected, changes) in cases {
            let found = estimates(&bootstrap, &[column(n, 37, 1.0), column(n, 61, 1.0), column(n, 5, 3.0)]);
            let pair = |it: Estimate| (it.value, it.interval);
            for (i, expected) in expected.into_iter().enumerate() {
                assert_eq!(
                    [pair(found.mean(i + 1)), pair(found.difference(i + 1, 0))],
                    expected,
                    "{bootstrap:?}"
                );
                let share = found.share(i + 1, 0);
                assert_eq!(share.is_some(), changes.is_some());
                let (Some(share), Some(changes)) = (share, changes) else { continue };
                let Interval { low, high } = share.interval.unwrap();
                let (change, [least, most]) = changes[i];
                for (found, change) in [(share.value, change), (low, least), (high, most)] {
                    // Adding 100 rounds.
                    assert!(
                        (found - 100.0 - change).abs() < 1e-12 * found.abs().max(100.0),
                        "{found}, {change}"
                    );
                }
            }
        }
    }

    fn of(column: &[f64], base: &[f64]) -> Estimates {
        let columns = [base, column].map(|values| values.iter().copied().map(Some).collect::<Vec<_>>());
        estimates(&Bootstrap::of(1), &columns)
    }

    #[test]
    fn a_change_that_is_the_same_for_every_prompt_is_certain() {
        // Means of eight quarters are exact.
        let base = [1.0, 2.5, 4.25, -0.5, 8.0, 3.75, 6.0, 5.5];
        let less = of(&base.map(|value| value - 1.0), &base).difference(1, 0);
        assert_eq!(less, Estimate { value: -1.0, interval: between(-1.0, -1.0) });
        let half = Some(Estimate { value: 50.0, interval: between(50.0, 50.0) });
        assert_eq!(of(&base.map(|value| value / 2.0), &base).share(1, 0), half);
        // A half is left of what is negative too.
        assert_eq!(of(&[-1.0, -1.5, -2.0], &[-2.0, -3.0, -4.0]).share(1, 0), half);
        // And where the sign turns, less than nothing.
        let turned = of(&[1.0, 1.5, 2.0], &[-2.0, -3.0, -4.0]).share(1, 0).unwrap();
        assert_eq!(turned.interval, between(-50.0, -50.0));
    }

    #[test]
    fn there_is_no_share_of_what_may_be_nothing_and_no_interval_of_one() {
        assert_eq!(of(&[1.0, 1.0], &[0.0, 0.0]).share(1, 0), None);
        assert_eq!(of(&[1.0; 4], &[1.0, -1.0, 2.0, -2.5]).share(1, 0), None);
        assert_eq!(of(&[1.0; 3], &[1.0, f64::NAN, 2.0]).share(1, 0), None);
        assert_eq!(of(&[1.0; 3], &[f64::INFINITY, 1.0, 2.0]).share(1, 0), None);
        let one = of(&[1.0], &[2.0]);
        assert_eq!(one.mean(1), Estimate { value: 1.0, interval: None });
        assert_eq!(one.difference(1, 0), Estimate { value: -1.0, interval: None });
        assert_eq!(one.share(1, 0), None);
    }

    #[test]
    #[should_panic(expected = "a value for each prompt")]
    fn every_prompt_has_a_value() {
        Bootstrap::of(1).estimates(&[&[Some(1.0), None]]);
    }
}
