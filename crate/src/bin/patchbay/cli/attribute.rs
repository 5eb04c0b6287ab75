use std::io::Write;

use anyhow::Result;
use patchbay::analysis::{AttributeResult, AttributeRun};
use patchbay::frame::Axis;
use serde_json::{Value, json};

use super::answered::answer;
use super::options::AttributeOptions;
use super::shown::tables;
use super::table::print_grid;

/// Takes the logit difference apart and prints its parts, or one JSON object; or what it would cost.
pub fn attribute(options: &AttributeOptions) -> Result<()> {
    let (mut spec, own) = options.spec()?;
    let mut loaded = options.common.load()?;
    loaded.fit(&mut spec.task, own)?;
    let run = AttributeRun::new(loaded.model.clone(), &spec)?;
    answer(run, &spec, &loaded, &options.common, &options.printing, |run| {
        let result = run.result()?.expect("a finished run has a result");
        let mut out = tables();
        writeln!(out, "{} prompts, on {}", result.prompts, loaded.model.device.adapter)?;
        writeln!(out, "logit_diff, mean in logits {:.4}; what each component adds", result.mean.logit_diff)?;
        print_parts(&mut out, &result)
    })
}

fn print_parts(out: &mut impl Write, result: &AttributeResult) -> Result<()> {
    let parts = &result.mean;
    let n_head = parts.heads.first().map_or(0, Vec::len);
    let columns = (0..n_head).map(|head| head.to_string()).chain(["MLP".into(), "b_O".into()]);
    let axes = [Axis::numbered("layer", parts.heads.len()), Axis::new("head", columns)];
    let rows = parts.heads.iter().zip(&parts.mlps).zip(&parts.b_o);
    let rows: Value = rows.map(|((heads, mlp), b_o)| [&heads[..], &[*mlp, *b_o]].concat()).collect();
    print_grid(out, &axes, &rows)?;
    let others = [Axis::new("others", ["W_E", "W_pos", "b_U"])];
    print_grid(out, &others, &json!([parts.w_e, parts.w_pos, parts.b_u]))?;
    let verdict = if result.adds_up() { "they add up" } else { "WRONG: they do not add up" };
    writeln!(
        out,
        "\nparts {:.6}, measured logit_diff {:.6}: {verdict}, to {:.1e} of its size",
        parts.sum(),
        parts.logit_diff,
        result.relative_miss
    )?;
    Ok(())
}
