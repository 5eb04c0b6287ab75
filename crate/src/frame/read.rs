//! Frames that come back from the page. They are checked, since a frame with a value too few would have no meaning.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::{Axis, Column, Frame};

impl<'de> Deserialize<'de> for Frame {
    /// What is wrong with columns is said by name.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Parts {
            axes: Vec<Axis>,
            columns: Vec<Column>,
        }
        let Parts { axes, columns } = Parts::deserialize(from)?;
        check(&axes, &columns).map_err(D::Error::custom)?;
        Ok(Self::new(axes, columns))
    }
}

/// Whether there is a value, or none, for each cell. Without a column nothing bounds the number of cells.
fn check(axes: &[Axis], columns: &[Column]) -> Result<(), String> {
    if columns.is_empty() {
        return Err("expected a column at least, found none".into());
    }
    let sizes = axes.iter().map(|axis| axis.labels.len());
    let cells = sizes.clone().try_fold(1, usize::checked_mul);
    let wrong = columns.iter().find(|column| Some(column.values.len()) != cells);
    wrong.map_or(Ok(()), |column| {
        let sizes: Vec<String> = sizes.map(|size| size.to_string()).collect();
        Err(format!(
            "the column \"{}\" has {} values; expected one for each cell of {}",
            column.name,
            column.values.len(),
            if sizes.is_empty() { "no axes, which is 1".to_owned() } else { sizes.join(" × ") }
        ))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::frame::Frame;
    use crate::frame::tests::frame;

    fn refusal(value: Value) -> String {
        serde_json::from_value::<Frame>(value).expect_err("refused").to_string()
    }

    #[test]
    fn a_frame_comes_back_as_it_left() {
        for missing in [None, Some(3)] {
            let frame = frame(missing);
            assert_eq!(serde_json::from_value::<Frame>(json!(frame)).unwrap(), frame);
        }
        let number = json!({ "axes": [], "columns": [{ "name": "x", "unit": "", "values": [null] }] });
        assert_eq!(serde_json::from_value::<Frame>(number).unwrap().len(), 1);
    }

    #[test]
    fn a_wrong_one_is_refused() {
        let with = |axes: Value, values: Value| json!({ "axes": axes, "columns": [{ "name": "x", "unit": "", "values": values }] });
        let two = json!([{ "name": "layer", "labels": ["0", "1"] }]);
        let few = "the column \"x\" has 1 values; expected one for each cell of 2";
        assert_eq!(refusal(with(two.clone(), json!([1.0]))), few);
        assert!(refusal(with(two.clone(), json!([1.0, 2.0, 3.0]))).contains("has 3 values"));
        assert!(refusal(with(json!([]), json!([]))).ends_with("no axes, which is 1"));
        assert!(refusal(with(two.clone(), json!([1.0, "=1"]))).contains("expected f64"));
        assert!(refusal(json!({ "axes": two, "columns": [] })).contains("expected a column"));
        assert!(refusal(json!({ "axes": [] })).contains("missing field `columns`"));
        assert!(refusal(json!({ "axes": [], "columns": [], "rows": 1 })).contains("unknown field `rows`"));
    }

    /// The product of 64 axes of two is more than a number of cells can be.
    #[test]
    fn so_many_cells_that_they_cannot_be_counted_are_refused() {
        let axes = vec![json!({ "name": "a", "labels": ["0", "1"] }); 64];
        let column = json!({ "name": "x", "unit": "", "values": [] });
        assert!(refusal(json!({ "axes": axes, "columns": [column] })).contains("has 0 values"));
    }
}
