use std::io::Write;

use anyhow::Result;
use patchbay::experiment::{Sweep, SweepResult, SweepSpec};
use patchbay::job::{Analysis, Job};
use serde_json::json;

use super::answered::write_script;
use super::options::SweepOptions;
use super::progress::pull;
use super::shown::{print_json, tables};

/// Runs an experiment at every head and prints the answer in words and a table of layers and heads for each condition,
/// or one JSON object.
pub fn sweep(options: &SweepOptions) -> Result<()> {
    let (mut spec, own): (SweepSpec, _) = options.form.spec()?;
    let mut loaded = options.common.load()?;
    loaded.fit(&mut spec.dataset, own)?;
    let mut sweep = Sweep::new(loaded.model.clone(), &spec)?;
    pull(&mut sweep)?;
    let result = sweep.result()?.expect("a finished sweep has a result");
    write_script(Sweep::NAME, json!(result), &loaded, &options.scripting)?;
    let report = sweep.report()?.expect("a finished sweep has a report");

    if options.common.json {
        let mut object = loaded.beside(&result);
        object["answer"] = json!(report.answer);
        object["notes"] = json!(report.notes);
        print_json(object)?;
    } else {
        let mut out = tables();
        let model = &loaded.model;
        let heads = model.gpt2.config.n_head;
        writeln!(out, "{} prompts, on {}\n{}", result.prompts, model.device.adapter, report.answer)?;
        for note in &report.notes {
            writeln!(out, "{note}")?;
        }
        print_tables(&mut out, &result, heads)?;
        writeln!(out, "{:.1} s", loaded.elapsed().as_secs_f64())?;
    }
    Ok(())
}

fn print_tables(out: &mut impl Write, result: &SweepResult, heads: usize) -> Result<()> {
    let mut condition = "";
    let mut rows: Vec<_> = result.rows.iter().collect();
    // By condition, in the experiment's order, which is that of the first layer.
    let order: Vec<&str> = result.rows.iter().filter(|row| row.layer == 0).map(|row| row.condition).collect();
    rows.sort_by_key(|row| (order.iter().position(|name| *name == row.condition), row.layer, row.head));
    for row in rows {
        if row.condition != condition {
            condition = row.condition;
            let heads: String = (0..heads).map(|head| format!("{head:>9}")).collect();
            writeln!(out, "\n{condition}: mean attn score diff\n{:<6}{heads}", "layer")?;
        }
        if row.head == 0 {
            write!(out, "{:<6}", row.layer)?;
        }
        write!(out, "{:>9.4}", row.mean_diff)?;
        if row.head == heads - 1 {
            writeln!(out)?;
        }
    }
    Ok(())
}
