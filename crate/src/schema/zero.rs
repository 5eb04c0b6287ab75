//! Heads that are set to zero in a run.

use super::{Field, Kind};
use crate::Result;
use crate::patch::Node;

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

/// With commas between.
///
/// # Errors
/// As of a node.
pub fn nodes(text: &str) -> Result<Vec<Node>> {
    text.split(',').map(str::trim).filter(|node| !node.is_empty()).map(str::parse).collect()
}
