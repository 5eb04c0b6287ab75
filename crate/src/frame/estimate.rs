//! What the page estimates of a run, made of the crate's draws, so that the two are held against each other.

use super::over::mean;
use super::{Bootstrap, Interval};

/// What is estimated of a condition beside another, the base, and how sure that is. An interval is nothing where it has
/// no meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean over prompts.
    pub mean: f64,
    pub mean_interval: Option<Interval>,
    /// The mean of the condition minus the base, prompt by prompt.
    pub difference: f64,
    pub difference_interval: Option<Interval>,
    /// The difference in percent of the size of the base's mean; nothing where that is 0.
    pub percent: Option<f64>,
    /// Nothing too where the base's mean may be 0: a share of nothing can be anything.
    pub percent_interval: Option<Interval>,
}

impl Bootstrap {
    /// Estimates a column beside its base, from the prompts that have a value in both; nothing where none has.
    ///
    /// # Panics
    /// As [`Bootstrap::draw`].
    pub fn estimate(&self, column: &[Option<f64>], base: &[Option<f64>]) -> Option<Estimate> {
        let resamples = self.draw(&[column, base]);
        let both = || column.iter().zip(base).filter_map(|(value, base)| Some([(*value)?, (*base)?]));
        let mean_of = |i: usize| mean(&both().map(|values| Some(values[i])).collect::<Vec<_>>());
        let (own, base) = (mean_of(0)?, mean_of(1)?);
        let percent = |own: f64, base: f64| (own - base) / base.abs() * 100.0;
        let base_may_be_zero = resamples.interval(|means| means[1]).is_none_or(|base| base.contains(0.0));
        Some(Estimate {
            mean: own,
            mean_interval: resamples.interval(|means| means[0]),
            difference: own - base,
            difference_interval: resamples.interval(|means| means[0] - means[1]),
            percent: (base != 0.0).then(|| percent(own, base)),
            percent_interval: if base_may_be_zero {
                None
            } else {
                resamples.interval(|means| percent(means[0], means[1]))
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Bootstrap, Estimate, Interval};

    fn column(n: usize, by: usize, divided_by: f64) -> Vec<Option<f64>> {
        (0..n).map(|i| Some(((i * by % 101) as f64 / 16.0 - 2.25) / divided_by)).collect()
    }

    fn between(low: f64, high: f64) -> Option<Interval> {
        Some(Interval { low, high })
    }

    /// Digit for digit, since both do the same operations in the same order, and none of them is rounded in more than
    /// one way. The numbers are what `bootstrap` of www/statistics.ts gives of the columns above.
    #[test]
    fn estimates_are_those_of_the_page() {
        let bootstrap = |group_size, resamples, seed| Bootstrap { group_size, resamples, seed };
        let cases = [
            (
                25,
                bootstrap(1, 10_000, 1),
                [
                    Estimate {
                        mean: 0.575,
                        mean_interval: between(-0.1375, 1.275062499999999),
                        difference: -0.18000000000000005,
                        difference_interval: between(-1.1275624999999998, 0.7600624999999991),
                        percent: Some(-23.84105960264901),
                        percent_interval: between(-120.93023255813955, 532.1428571428571),
                    },
                    Estimate {
                        mean: 0.16333333333333333,
                        mean_interval: between(-0.08166666666666667, 0.4275),
                        difference: -0.5916666666666667,
                        difference_interval: between(-1.31, 0.1441874999999997),
                        percent: Some(-78.36644591611478),
                        percent_interval: between(-114.83112257430608, 135.18518518518516),
                    },
                ],
            ),
            // 12 pairs and a last prompt by itself.
            (
                25,
                bootstrap(2, 10_000, 1),
                [
                    Estimate {
                        mean: 0.575,
                        mean_interval: between(0.08653846153846154, 1.057296875),
                        difference: -0.18000000000000005,
                        difference_interval: between(-0.8046875, 0.42749999999999994),
                        percent: Some(-23.84105960264901),
                        percent_interval: between(-85.7843137254902, 191.93548387096772),
                    },
                    Estimate {
                        mean: 0.16333333333333333,
                        mean_interval: between(-0.15084420289855072, 0.4825000000000001),
                        difference: -0.5916666666666667,
                        difference_interval: between(-1.1325, -0.08666666666666673),
                        percent: Some(-78.36644591611478),
                        percent_interval: between(-145.4875721947195, -27.30496453900709),
                    },
                ],
            ),
            // The base's mean may be 0.
            (
                8,
                bootstrap(2, 999, u32::MAX),
                [
                    Estimate {
                        mean: 0.046875,
                        mean_interval: between(-0.609375, 0.703125),
                        difference: -0.2734375,
                        difference_interval: between(-1.890625, 0.671875),
                        percent: Some(-85.36585365853658),
                        percent_interval: None,
                    },
                    Estimate {
                        mean: -0.3854166666666667,
                        mean_interval: between(-0.59375, -0.17708333333333331),
                        difference: -0.7057291666666667,
                        difference_interval: between(-1.6510416666666667, 0.08333333333333331),
                        percent: Some(-220.32520325203257),
                        percent_interval: None,
                    },
                ],
            ),
        ];
        for (n, bootstrap, expected) in cases {
            let base = column(n, 37, 1.0);
            let found = [column(n, 61, 1.0), column(n, 5, 3.0)]
                .map(|column| bootstrap.estimate(&column, &base).unwrap());
            assert_eq!(found, expected, "{bootstrap:?}");
        }
    }

    fn estimate(column: &[f64], base: &[f64]) -> Estimate {
        let [column, base] =
            [column, base].map(|values| values.iter().copied().map(Some).collect::<Vec<_>>());
        Bootstrap::of(1).estimate(&column, &base).unwrap()
    }

    #[test]
    fn a_change_that_is_the_same_for_every_prompt_is_certain() {
        // Means of eight quarters are exact.
        let base = [1.0, 2.5, 4.25, -0.5, 8.0, 3.75, 6.0, 5.5];
        let less = estimate(&base.map(|value| value - 1.0), &base);
        assert_eq!((less.difference, less.difference_interval), (-1.0, between(-1.0, -1.0)));
        let half = estimate(&base.map(|value| value / 2.0), &base);
        assert_eq!((half.percent, half.percent_interval), (Some(-50.0), between(-50.0, -50.0)));
        // In the direction of the score where the base is negative.
        let half = estimate(&[-1.0, -1.5, -2.0], &[-2.0, -3.0, -4.0]);
        assert_eq!((half.percent, half.percent_interval), (Some(50.0), between(50.0, 50.0)));
    }

    #[test]
    fn there_is_no_share_of_nothing_and_no_interval_of_one() {
        let zero = estimate(&[1.0, 1.0], &[0.0, 0.0]);
        assert_eq!((zero.percent, zero.percent_interval), (None, None));
        let one = estimate(&[1.0], &[2.0]);
        assert_eq!(
            one,
            Estimate {
                mean: 1.0,
                mean_interval: None,
                difference: -1.0,
                difference_interval: None,
                percent: Some(-50.0),
                percent_interval: None,
            }
        );
        assert_eq!(Bootstrap::of(1).estimate(&[], &[]), None);
    }

    #[test]
    fn a_prompt_without_a_value_in_both_is_left_out() {
        let base = [Some(1.0), Some(2.0), None, Some(4.0)];
        let column = [Some(2.0), None, Some(7.0), Some(8.0)];
        let some = Bootstrap::of(1).estimate(&column, &base);
        assert_eq!(some, Some(estimate(&[2.0, 8.0], &[1.0, 4.0])));
        assert_eq!(Bootstrap::of(1).estimate(&column[1..3], &base[1..3]), None);
    }
}
