//! A result: numbers by named axes, such as a logit difference by layer, head and prompt. Tables, charts, files and the
//! command's JSON are made of it, whatever was asked.

mod bootstrap;
mod csv;
mod estimate;
mod over;
mod read;
mod together;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use bootstrap::{Bootstrap, Interval, Resamples};
pub use csv::csv_line;
pub use estimate::{Estimate, Estimates};
pub use together::Together;

use crate::{Error, Result};

/// What the numbers differ in: layers, heads, roles, prompts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// One of it: "layer", "role".
    pub name: String,
    /// One for each of its places, in order: "0", "1", …; "IO", "S1", ….
    pub labels: Vec<String>,
}

/// A number for each cell of a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What was measured: "logit_diff".
    pub name: String,
    /// What it is measured in: "logits".
    pub unit: String,
    /// Row-major over the axes: the last one's labels follow each other. Nothing where there is no value, as in a cell
    /// of a prompt that is too short to have its position.
    pub values: Vec<Option<f64>>,
}

/// Columns over the same axes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Frame {
    axes: Vec<Axis>,
    columns: Vec<Column>,
}

impl Axis {
    pub fn new<L: Into<String>>(name: impl Into<String>, labels: impl IntoIterator<Item = L>) -> Self {
        Self { name: name.into(), labels: labels.into_iter().map(Into::into).collect() }
    }

    /// Its labels are the numbers from 0.
    pub fn numbered(name: impl Into<String>, count: usize) -> Self {
        Self::new(name, (0..count).map(|i| i.to_string()))
    }
}

impl Column {
    pub fn new(name: impl Into<String>, unit: impl Into<String>, values: Vec<Option<f64>>) -> Self {
        Self { name: name.into(), unit: unit.into(), values }
    }
}

impl Frame {
    /// # Panics
    /// If a column has not one value, or none, for each cell: the program is wrong then, not its input.
    pub fn new(axes: Vec<Axis>, columns: Vec<Column>) -> Self {
        let frame = Self { axes, columns };
        for column in &frame.columns {
            assert_eq!(column.values.len(), frame.len(), "cells of the column {}", column.name);
        }
        frame
    }

    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The number of cells; 1 without an axis.
    pub fn len(&self) -> usize {
        self.axes.iter().map(|axis| axis.labels.len()).product()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// # Errors
    /// [`Error::BadInput`] for `column`, with the columns that there are.
    pub fn column(&self, name: &str) -> Result<&Column> {
        let names = self.columns.iter().map(|column| &column.name);
        Ok(&self.columns[find("column", name, names)?])
    }

    /// The place of an axis among the axes.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `axis`, with the axes that there are.
    pub fn axis(&self, name: &str) -> Result<usize> {
        find("axis", name, self.axes.iter().map(|axis| &axis.name))
    }

    /// A column as arrays in arrays, the first axis outermost; null where there is no value.
    ///
    /// # Errors
    /// As [`Frame::column`].
    pub fn nested(&self, column: &str) -> Result<Value> {
        let sizes: Vec<usize> = self.axes.iter().map(|axis| axis.labels.len()).collect();
        Ok(nested(&self.column(column)?.values, &sizes))
    }
}

fn find<'a>(field: &'static str, name: &str, names: impl Iterator<Item = &'a String>) -> Result<usize> {
    let names: Vec<&str> = names.map(String::as_str).collect();
    names.iter().position(|&other| other == name).ok_or_else(|| {
        Error::input(field, format!("the result has no {field} \"{name}\"; it has {}", names.join(", ")))
    })
}

pub(crate) fn nested(values: &[Option<f64>], sizes: &[usize]) -> Value {
    let Some((&size, inner)) = sizes.split_first() else {
        return json!(values[0]);
    };
    let step: usize = inner.iter().product();
    (0..size).map(|i| nested(&values[i * step..(i + 1) * step], inner)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Axis, Column, Frame};

    /// layer × prompt × role, values 0, 1, 2, …, the one at `missing` left out.
    pub fn frame(missing: Option<usize>) -> Frame {
        let value = |i: usize| (Some(i) != missing).then_some(i as f64);
        Frame::new(
            vec![
                Axis::numbered("layer", 2),
                Axis::new("prompt", ["a", "b", "c"]),
                Axis::new("role", ["IO", "END"]),
            ],
            vec![
                Column::new("logit_diff", "logits", (0..12).map(value).collect()),
                Column::new("half", "", (0..12).map(|i| Some(i as f64 / 2.0)).collect()),
            ],
        )
    }

    #[test]
    fn a_column_nests_by_its_axes() {
        let nested = frame(Some(3)).nested("logit_diff").unwrap();
        assert_eq!(
            nested,
            json!([[[0.0, 1.0], [2.0, null], [4.0, 5.0]], [[6.0, 7.0], [8.0, 9.0], [10.0, 11.0]]])
        );
        let number = Frame::new(vec![], vec![Column::new("x", "", vec![Some(1.5)])]);
        assert_eq!(number.nested("x").unwrap(), json!(1.5));
        let none = Frame::new(
            vec![Axis::numbered("layer", 2), Axis::numbered("prompt", 0)],
            vec![Column::new("x", "", vec![])],
        );
        assert!(none.is_empty());
        assert_eq!(none.nested("x").unwrap(), json!([[], []]));
        assert_eq!(none.mean_over("prompt").unwrap().nested("x").unwrap(), json!([null, null]));
        assert_eq!(none.mean_over("layer").unwrap().nested("x").unwrap(), json!([]));
    }

    #[test]
    fn a_frame_is_written_flat() {
        let frame = Frame::new(
            vec![Axis::new("role", ["IO", "END"])],
            vec![Column::new("logit_diff", "logits", vec![Some(0.5), None])],
        );
        assert_eq!(
            json!(frame),
            json!({
                "axes": [{ "name": "role", "labels": ["IO", "END"] }],
                "columns": [{ "name": "logit_diff", "unit": "logits", "values": [0.5, null] }],
            })
        );
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let error = frame(None).column("prob").unwrap_err();
        assert_eq!(error.field(), Some("column"));
        assert_eq!(error.to_string(), "the result has no column \"prob\"; it has logit_diff, half");
        let error = frame(None).mean_over("head").unwrap_err();
        assert_eq!(error.field(), Some("axis"));
        assert_eq!(error.to_string(), "the result has no axis \"head\"; it has layer, prompt, role");
    }

    #[test]
    #[should_panic(expected = "cells of the column x")]
    fn a_column_has_a_value_for_each_cell() {
        Frame::new(vec![Axis::numbered("layer", 2)], vec![Column::new("x", "", vec![Some(1.0)])]);
    }
}
