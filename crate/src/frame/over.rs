//! Frames with an axis less: means along it, and how sure they are.

use super::{Axis, Bootstrap, Column, Frame, Interval};
use crate::Result;

impl Frame {
    /// The means along an axis, of the values that there are; nothing where there are none.
    ///
    /// # Errors
    /// As [`Frame::axis`].
    pub fn mean_over(&self, axis: &str) -> Result<Self> {
        self.reduce(axis, |column, lines| {
            vec![Column { values: lines.iter().map(|line| mean(line)).collect(), ..named(column, "") }]
        })
    }

    /// How many values there are along an axis: of how many each mean is. Their unit is the axis.
    ///
    /// # Errors
    /// As [`Frame::axis`].
    pub fn counts_over(&self, axis: &str) -> Result<Self> {
        self.reduce(axis, |column, lines| {
            let count = |line: &Vec<Option<f64>>| Some(line.iter().flatten().count() as f64);
            vec![Column::new(column.name.clone(), axis, lines.iter().map(count).collect())]
        })
    }

    /// [`Frame::mean_over`] with the means' intervals, which follow each column as `NAME_low` and `NAME_high`. A cell of
    /// 150 prompts takes a few milliseconds.
    ///
    /// # Errors
    /// As [`Frame::axis`].
    ///
    /// # Panics
    /// As [`Bootstrap::draw`].
    pub fn bootstrap_over(&self, axis: &str, bootstrap: &Bootstrap) -> Result<Self> {
        self.reduce(axis, |column, lines| {
            let intervals = bootstrap.intervals(lines);
            let ends = |end: fn(Interval) -> f64| intervals.iter().map(|it| it.map(end)).collect();
            vec![
                Column { values: lines.iter().map(|line| mean(line)).collect(), ..named(column, "") },
                Column { values: ends(|it| it.low), ..named(column, "_low") },
                Column { values: ends(|it| it.high), ..named(column, "_high") },
            ]
        })
    }

    /// The frame without an axis. `columns` makes what takes the place of a column of its values along the axis, which
    /// are a list for each cell of the other axes.
    fn reduce(
        &self,
        axis: &str,
        columns: impl Fn(&Column, &[Vec<Option<f64>>]) -> Vec<Column>,
    ) -> Result<Self> {
        let axis = self.axis(axis)?;
        let size = |axes: &[Axis]| -> usize { axes.iter().map(|axis| axis.labels.len()).product() };
        let (outer, inner) = (size(&self.axes[..axis]), size(&self.axes[axis + 1..]));
        let along = self.axes[axis].labels.len();
        let lines = |column: &Column| -> Vec<Vec<Option<f64>>> {
            let line = |cell: usize| {
                let first = cell / inner * along * inner + cell % inner;
                (0..along).map(|i| column.values[first + i * inner]).collect()
            };
            (0..outer * inner).map(line).collect()
        };
        let mut axes = self.axes.clone();
        axes.remove(axis);
        let columns = self.columns.iter().flat_map(|column| columns(column, &lines(column))).collect();
        Ok(Self::new(axes, columns))
    }
}

/// A column like another, without values yet.
fn named(column: &Column, ending: &str) -> Column {
    Column::new(format!("{}{ending}", column.name), column.unit.clone(), Vec::new())
}

pub(super) fn mean(values: &[Option<f64>]) -> Option<f64> {
    let count = values.iter().flatten().count();
    let sum = values.iter().flatten().fold(0.0, |sum, value| sum + value);
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::frame::Bootstrap;
    use crate::frame::tests::frame;

    #[test]
    fn a_mean_is_of_the_values_that_there_are() {
        let frame = frame(Some(3));
        let means = frame.mean_over("prompt").unwrap();
        assert_eq!(means.axes().iter().map(|axis| axis.name.as_str()).collect::<Vec<_>>(), ["layer", "role"]);
        // END of layer 0 has 1 and 5.
        assert_eq!(means.nested("logit_diff").unwrap(), json!([[2.0, 3.0], [8.0, 9.0]]));
        assert_eq!(means.nested("half").unwrap(), json!([[1.0, 1.5], [4.0, 4.5]]));
        assert_eq!(means.column("logit_diff").unwrap().unit, "logits");
        let counts = frame.counts_over("prompt").unwrap();
        assert_eq!(counts.nested("logit_diff").unwrap(), json!([[3.0, 2.0], [3.0, 3.0]]));
        assert_eq!(counts.column("half").unwrap().unit, "prompt");
        let first = frame.mean_over("layer").unwrap().nested("logit_diff").unwrap();
        assert_eq!(first, json!([[3.0, 4.0], [5.0, 9.0], [7.0, 8.0]]));
        let last = frame.mean_over("role").unwrap().nested("logit_diff").unwrap();
        assert_eq!(last, json!([[0.5, 2.0, 4.5], [6.5, 8.5, 10.5]]));
    }

    #[test]
    fn intervals_follow_their_means() {
        let bootstrap = Bootstrap { resamples: 500, ..Bootstrap::of(1) };
        let found = frame(Some(3)).bootstrap_over("prompt", &bootstrap).unwrap();
        let names: Vec<&str> = found.columns().iter().map(|column| column.name.as_str()).collect();
        assert_eq!(
            names,
            ["logit_diff", "logit_diff_low", "logit_diff_high", "half", "half_low", "half_high"]
        );
        assert_eq!(found.nested("logit_diff").unwrap(), json!([[2.0, 3.0], [8.0, 9.0]]));
        // Some resamples of three prompts, or of two, have the same one only.
        assert_eq!(found.nested("logit_diff_low").unwrap(), json!([[0.0, 1.0], [6.0, 7.0]]));
        assert_eq!(found.nested("logit_diff_high").unwrap(), json!([[4.0, 5.0], [10.0, 11.0]]));
        assert_eq!(found.column("half_low").unwrap().unit, "");
        let one = frame(None).bootstrap_over("role", &Bootstrap::of(2)).unwrap();
        assert_eq!(one.nested("half_low").unwrap(), json!([[null, null, null], [null, null, null]]));
    }
}
