use std::io::Write;

use anyhow::Result;
use patchbay::analysis::{PatchResult, PatchRun};
use patchbay::speed::flops_per_second;
use patchbay::task::TaskSpec;
use serde_json::{Value, json};

use super::options::PatchOptions;
use super::progress::pull;
use super::shown::{print_json, tables};

/// Runs a grid of edits and prints it, or one JSON object; or what it would cost.
pub fn patch(options: &PatchOptions) -> Result<()> {
    let (mut spec, own) = options.spec()?;
    let mut loaded = options.common.load()?;
    if options.spec.is_none() {
        let TaskSpec::Ioi(task) = &mut spec.task;
        loaded.fit(&mut task.dataset, own)?;
    }
    let mut run = PatchRun::new(loaded.model.clone(), &spec)?;
    if options.cost {
        let speed = pollster::block_on(flops_per_second(&loaded.model))?;
        let (flops, one_by_one) = (run.flops(), run.flops_one_by_one());
        let seconds = flops / speed;
        if options.common.json {
            let cost = json!({ "flops": flops, "flops_one_by_one": one_by_one, "seconds": seconds });
            return print_json(json!({ "spec": spec, "cost": cost }));
        }
        let mut out = tables();
        writeln!(
            out,
            "{:.3} TFLOP, about {seconds:.1} s here; edited run by run it would be {:.3} TFLOP",
            flops / 1e12,
            one_by_one / 1e12
        )?;
        return Ok(());
    }
    pull(&mut run)?;
    if options.csv {
        let frame = run.frame()?.expect("a finished run has a result");
        write!(tables(), "{}", frame.to_csv())?;
        return Ok(());
    }
    let result = run.result()?.expect("a finished run has a result");
    if options.common.json {
        print_json(loaded.beside(&result))?;
    } else {
        let mut out = tables();
        writeln!(out, "{} prompts, on {}", result.prompts, loaded.model.device.adapter)?;
        print_grid(&mut out, &result)?;
        writeln!(out, "{:.1} s", loaded.elapsed().as_secs_f64())?;
    }
    Ok(())
}

/// A table for each place of all axes but the last two.
fn print_grid(out: &mut impl Write, result: &PatchResult) -> Result<()> {
    let PatchResult { metric, base, source, unit, .. } = result;
    write!(out, "{metric}, mean in {unit}; unedited {base:.4}")?;
    if let Some(source) = source {
        write!(out, ", of the run where values come from {source:.4}")?;
    }
    writeln!(out)?;
    print_axes(out, result, &result.values, 0, "")
}

fn print_axes(
    out: &mut impl Write,
    result: &PatchResult,
    values: &Value,
    axis: usize,
    of: &str,
) -> Result<()> {
    let number = |value: &Value| value.as_f64().map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"));
    let cells = |value: &Value| value.as_array().cloned().unwrap_or_default();
    match &result.axes[axis..] {
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
        [first, ..] => {
            for (label, value) in first.labels.iter().zip(cells(values)) {
                print_axes(out, result, &value, axis + 1, &format!("{of}{} {label}; ", first.name))?;
            }
        }
        [] => {}
    }
    Ok(())
}
