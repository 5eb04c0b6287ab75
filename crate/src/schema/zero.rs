//! Heads that are set to zero in a run.

pub use super::listed::nodes;
use super::{Field, Kind};

/// The field of this name.
pub fn field(name: &'static str, help: &'static str) -> Field {
    Field {
        name,
        label: "Without heads",
        help,
        kind: Kind::Text { max_length: 1000 },
        check: |text| nodes(text).map(drop).map_err(|error| error.to_string()),
        ..Field::of_question()
    }
}
