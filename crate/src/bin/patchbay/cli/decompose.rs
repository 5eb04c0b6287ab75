use std::io::Write;

use anyhow::Result;
use patchbay::experiment::{DecomposeBy, Decomposition, DecompositionResult, Part};
use patchbay::job::Analysis;
use serde_json::{Value, json};

use super::answered::write_script;
use super::options::DecomposeOptions;
use super::progress::pull;
use super::shown::{print_json, tables};

/// Decomposes a head's scores and prints the answer in words and the contributions in the reference's layout, or one
/// JSON object.
pub fn decompose(options: &DecomposeOptions) -> Result<()> {
    let (mut spec, own) = options.spec()?;
    let (mut loaded, [layer, head]) = options.form.load(&options.common)?;
    (spec.layer, spec.head) = (layer, head);
    loaded.fit(&mut spec.dataset, own)?;
    let mut run = Decomposition::new(loaded.model.clone(), &spec)?;
    pull(&mut run)?;
    let result = run.result()?.expect("a finished run has a result");
    write_script(Decomposition::NAME, json!(result), &loaded, &options.scripting)?;
    if options.common.json {
        print_json(loaded.beside(&in_layout(&result)))?;
    } else {
        let mut out = tables();
        writeln!(out, "{}", loaded.heading([layer, head], result.prompts))?;
        let report = result.report();
        writeln!(out, "{}", report.answer)?;
        print_tables(&mut out, &result)?;
        writeln!(out, "\n{}", report.notes.join("\n"))?;
    }
    Ok(())
}

/// The spec's fields at the top, contributions as matrices by label, `b_O` by layer beside them. Of the full form
/// the planes, which have no b_O in them, and beside them `with_b_O`.
fn in_layout(result: &DecompositionResult) -> Value {
    let mut object = json!(result.spec);
    object["spec"] = json!(result.spec);
    object["prompts"] = json!(result.prompts);
    object["components"] = json!(result.components);
    object["accounting"] = json!(result.accounting);
    if result.spec.decompose_by == DecomposeBy::Both {
        // The attention biases come last, and the reference leaves them out.
        let planes = |width: usize| {
            let rows = |part: &Part| -> Value {
                part.values.chunks(result.components.len()).take(width).map(|row| &row[..width]).collect()
            };
            json!({
                "shape": [result.parts.len(), width, width], "values": result.parts.iter().map(rows).collect::<Value>(),
            })
        };
        let without_b_o = planes(result.components.len() - result.spec.layer);
        object["planes"] = result.parts.iter().map(|part| part.label.as_str()).collect();
        object["shape"] = without_b_o["shape"].clone();
        object["values"] = without_b_o["values"].clone();
        object["with_b_O"] = planes(result.components.len());
    } else {
        let by_label = |of: &dyn Fn(&Part) -> Value| -> Value {
            result.parts.iter().map(|part| (part.label.clone(), of(part))).collect()
        };
        object["contributions"] = by_label(&|part| json!(result.matrix(part)));
        object["b_O"] = by_label(&|part| json!(result.attention_biases(part)));
    }
    object
}

fn print_tables(out: &mut impl Write, result: &DecompositionResult) -> Result<()> {
    for part in &result.parts {
        if result.spec.decompose_by == DecomposeBy::Both {
            print_largest(out, result, part)?;
            continue;
        }
        writeln!(out, "\n{}: contribution to the mean score", part.label)?;
        let rows = result.matrix(part);
        writeln!(out, "{:<6}{:>9}{:>9}{:>9}", "", "W_E", "W_pos", "bias")?;
        writeln!(out, "{:<6}{}", "", cells(&rows[0][..3]))?;
        let heads: String = (0..result.n_head).map(|head| format!("{head:>9}")).collect();
        writeln!(out, "{:<6}{heads}{:>9}{:>9}", "layer", "MLP", "b_O")?;
        for (layer, (row, bias)) in rows[1..].iter().zip(result.attention_biases(part)).enumerate() {
            writeln!(out, "{layer:<6}{}{bias:>9.4}", cells(&row[..=result.n_head]))?;
        }
    }
    Ok(())
}

fn cells(values: &[f64]) -> String {
    values.iter().map(|value| format!("{value:>9.4}")).collect()
}

/// The ten pairs of a plane that matter most, since it has thousands.
fn print_largest(out: &mut impl Write, result: &DecompositionResult, part: &Part) -> Result<()> {
    const SHOWN: usize = 10;
    let sum: f64 = part.values.iter().sum();
    writeln!(out, "\n{}: {sum:.4} in all; the largest pairs, query and key", part.label)?;
    let mut pairs: Vec<(usize, f64)> = part.values.iter().copied().enumerate().collect();
    pairs.sort_by(|(_, a), (_, b)| b.abs().total_cmp(&a.abs()));
    let names = &result.components;
    for (place, value) in pairs.into_iter().take(SHOWN) {
        let (query, key) = (&names[place / names.len()], &names[place % names.len()]);
        writeln!(out, "{query:<8}{key:<8}{value:>9.4}")?;
    }
    Ok(())
}
