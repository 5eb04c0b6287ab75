use std::io::Write;

use anyhow::Result;
use patchbay::experiment::{LinearFunctions, LinearFunctionsSpec};
use patchbay::job::Analysis;
use serde_json::json;

use super::answered::write_script;
use super::options::LinearOptions;
use super::progress::pull;
use super::shown::{print_json, tables};

/// Prints a head's scores as linear functions: the answer in words, and of each prompt the map's length and the bias; or
/// one JSON object with the maps.
pub fn linear(options: &LinearOptions) -> Result<()> {
    let score = if options.minus_s1 { "io_minus_s1" } else { "io" };
    let (mut spec, own): (LinearFunctionsSpec, _) =
        options.form.clone().with("linear_score", score).spec()?;
    let (mut loaded, [layer, head]) = options.form.load(&options.common)?;
    (spec.layer, spec.head) = (layer, head);
    loaded.fit(&mut spec.dataset, own)?;
    let mut run = LinearFunctions::new(loaded.model.clone(), &spec)?;
    pull(&mut run)?;
    let result = run.result()?.expect("a finished run has a result");
    write_script(LinearFunctions::NAME, json!(result), &loaded, &options.scripting)?;
    if options.common.json {
        let mut object = json!(spec);
        object["spec"] = json!(spec);
        object["linear_map"] = json!(result.linear_map.chunks(result.d_model).collect::<Vec<_>>());
        object["linear_map_norm"] = json!(result.linear_map_norm);
        object["bias"] = json!(result.bias);
        print_json(loaded.beside(&object))?;
    } else {
        let mut out = tables();
        writeln!(out, "{}", loaded.heading([layer, head], result.bias.len()))?;
        let report = result.report();
        writeln!(out, "{}", [vec![report.answer], report.notes].concat().join("\n"))?;
        writeln!(out, "\n{:<8}{:>12}{:>12}", "prompt", "‖map‖", "bias")?;
        for (prompt, (norm, bias)) in (1..).zip(result.linear_map_norm.iter().zip(&result.bias)) {
            writeln!(out, "{prompt:<8}{norm:>12.4}{bias:>12.4}")?;
        }
    }
    Ok(())
}
