//! Numbers by axes, as tables.

use std::io::Write;

use anyhow::Result;
use patchbay::frame::Axis;
use serde_json::Value;

/// A table for each place of all axes but the last two. `values`: arrays in arrays, the first axis outermost.
pub fn print_grid(out: &mut impl Write, axes: &[Axis], values: &Value) -> Result<()> {
    print_axes(out, axes, values, "")
}

fn print_axes(out: &mut impl Write, axes: &[Axis], values: &Value, of: &str) -> Result<()> {
    let number = |value: &Value| value.as_f64().map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"));
    let cells = |value: &Value| value.as_array().cloned().unwrap_or_default();
    match axes {
        [columns] => {
            writeln!(out, "\n{of}{}", columns.name)?;
            for (label, value) in columns.labels.iter().zip(cells(values)) {
                writeln!(out, "{label:<10}{:>10}", number(&value))?;
            }
        }
        [rows, columns] => {
            let labels: String = columns.labels.iter().map(|label| format!("{label:>10}")).collect();
            writeln!(out, "\n{of}{:<10}{labels}", format!("{}, {}", rows.name, columns.name))?;
            for (label, row) in rows.labels.iter().zip(cells(values)) {
                let row: String = cells(&row).iter().map(|value| format!("{:>10}", number(value))).collect();
                writeln!(out, "{label:<10}{row}")?;
            }
        }
        [first, rest @ ..] => {
            for (label, value) in first.labels.iter().zip(cells(values)) {
                print_axes(out, rest, &value, &format!("{of}{} {label}; ", first.name))?;
            }
        }
        [] => {}
    }
    Ok(())
}
