use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::excerpt;
use crate::frame::nested;

/// A number, or numbers in arrays in arrays of equal lengths, the first axis outermost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Numbers {
    sizes: Vec<usize>,
    /// Row-major.
    values: Vec<f64>,
}

/// Where two are furthest apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Furthest {
    /// The number of each.
    pub numbers: [f64; 2],
    pub difference: f64,
    /// The place on each axis.
    pub at: Vec<usize>,
}

impl Numbers {
    /// How many there are, one at least.
    pub fn count(&self) -> usize {
        self.values.len()
    }

    /// # Errors
    /// In words, if the others are not of the same sizes.
    pub fn furthest(&self, others: &Self) -> Result<Furthest, String> {
        if self.sizes != others.sizes {
            return Err(format!("expected {}, found {}", self.shape(), others.shape()));
        }
        let apart = self.values.iter().zip(&others.values).map(|(one, other)| (one - other).abs());
        let furthest = apart.enumerate().max_by(|(_, one), (_, other)| one.total_cmp(other));
        let (mut index, difference) = furthest.expect("no array is empty");
        let numbers = [self.values[index], others.values[index]];
        let mut at = vec![0; self.sizes.len()];
        for (at, size) in at.iter_mut().zip(&self.sizes).rev() {
            (*at, index) = (index % size, index / size);
        }
        Ok(Furthest { numbers, difference, at })
    }

    fn shape(&self) -> String {
        let sizes: Vec<String> = self.sizes.iter().map(usize::to_string).collect();
        if sizes.is_empty() { "one number".into() } else { format!("{} numbers", sizes.join(" × ")) }
    }
}

impl TryFrom<Value> for Numbers {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        read(&value).map_err(|Unexpected { what, at }| {
            let at: String = at.iter().rev().map(|i| format!("[{i}]")).collect();
            let place = if at.is_empty() { at } else { format!(" at {at}") };
            format!("expected numbers in arrays of equal lengths, found {what}{place}")
        })
    }
}

impl From<Numbers> for Value {
    fn from(Numbers { sizes, values }: Numbers) -> Self {
        let values: Vec<Option<f64>> = values.into_iter().map(Some).collect();
        nested(&values, &sizes)
    }
}

/// What is no number, and its place, the innermost index first.
struct Unexpected {
    what: String,
    at: Vec<usize>,
}

fn read(value: &Value) -> Result<Numbers, Unexpected> {
    let unexpected = |what: String| Err(Unexpected { what, at: Vec::new() });
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(number) => Ok(Numbers { sizes: Vec::new(), values: vec![number] }),
            None => unexpected(number.to_string()),
        },
        Value::Array(items) if items.is_empty() => unexpected("an empty array".into()),
        Value::Array(items) => {
            let (mut first, mut values) = (None, Vec::new());
            for (i, item) in items.iter().enumerate() {
                let inside = |Unexpected { what, mut at }| {
                    at.push(i);
                    Unexpected { what, at }
                };
                let item = read(item).map_err(inside)?;
                let sizes = first.get_or_insert_with(|| item.sizes.clone());
                if *sizes != item.sizes {
                    let what = format!("{} after an array of another shape", item.shape());
                    return Err(inside(Unexpected { what, at: Vec::new() }));
                }
                values.extend(item.values);
            }
            let sizes = [vec![items.len()], first.unwrap_or_default()].concat();
            Ok(Numbers { sizes, values })
        }
        other => unexpected(excerpt(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn numbers(value: Value) -> Numbers {
        value.try_into().expect("numbers")
    }

    #[test]
    fn what_is_furthest_apart_is_found_at_its_place() {
        let ours = numbers(json!([[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, 11]]]));
        let published = numbers(json!([[[0, 1], [2, 3], [4, 5]], [[6, 7.5], [8, 9], [10.25, 11]]]));
        assert_eq!(
            published.furthest(&ours),
            Ok(Furthest { numbers: [7.5, 7.0], difference: 0.5, at: vec![1, 0, 1] })
        );
        assert_eq!(ours.furthest(&ours).unwrap().difference, 0.0);
        let one = numbers(json!(1.5));
        assert_eq!(
            one.furthest(&numbers(json!(-1))),
            Ok(Furthest { numbers: [1.5, -1.0], difference: 2.5, at: vec![] })
        );
        assert_eq!(
            Value::from(published),
            json!([[[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], [[6.0, 7.5], [8.0, 9.0], [10.25, 11.0]]])
        );
    }

    #[test]
    fn other_sizes_are_not_compared() {
        let grid = numbers(json!([[1, 2], [3, 4], [5, 6]]));
        for (other, found) in [
            (json!([[1, 2, 3], [4, 5, 6]]), "2 × 3 numbers"),
            (json!([1, 2, 3, 4, 5, 6]), "6 numbers"),
            (json!(1), "one number"),
        ] {
            let problem = grid.furthest(&numbers(other)).unwrap_err();
            assert_eq!(problem, format!("expected 3 × 2 numbers, found {found}"));
        }
    }

    #[test]
    fn what_is_no_number_is_told_with_its_place() {
        for (value, found) in [
            (json!(null), "null"),
            (json!({"a": 1}), "{\"a\":1}"),
            (json!([]), "an empty array"),
            (json!([[1, 2], []]), "an empty array at [1]"),
            (json!([[1, 2], [3, "4"]]), "\"4\" at [1][1]"),
            (json!([[1, 2], [3]]), "1 numbers after an array of another shape at [1]"),
            (json!([1, [2]]), "1 numbers after an array of another shape at [1]"),
            (json!([[[1], [null]]]), "null at [0][1][0]"),
        ] {
            let problem = Numbers::try_from(value).unwrap_err();
            assert_eq!(problem, format!("expected numbers in arrays of equal lengths, found {found}"));
        }
    }
}
