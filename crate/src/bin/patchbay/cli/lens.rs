use std::io::Write;

use anyhow::Result;
use patchbay::analysis::{LensResult, LensRun};
use patchbay::frame::Axis;
use serde_json::{Value, json};

use super::answered::answer;
use super::options::LensOptions;
use super::shown::tables;
use super::table::print_grid;

/// Looks at the stream layer by layer and prints the logit difference there, or one JSON object; or what it would cost.
pub fn lens(options: &LensOptions) -> Result<()> {
    let (mut spec, own) = options.spec()?;
    let mut loaded = options.common.load()?;
    loaded.fit(&mut spec.task, own)?;
    let run = LensRun::new(loaded.model.clone(), &spec)?;
    answer(run, &spec, &loaded, &options.common, &options.printing, |run| {
        let result = run.result()?.expect("a finished run has a result");
        let mut out = tables();
        writeln!(out, "{} prompts, on {}", result.prompts, loaded.model.device.adapter)?;
        writeln!(out, "logit_diff by the residual stream at END, mean in logits, and 95 % intervals")?;
        print_streams(&mut out, &result)?;
        print_roles(&mut out, &result)
    })
}

fn print_streams(out: &mut impl Write, result: &LensResult) -> Result<()> {
    let LensResult { labels, values, intervals, .. } = result;
    let end = |ends: Option<&Vec<f64>>, i: usize| json!(ends.map(|ends| ends[i]));
    let low = intervals.as_ref().map(|ends| &ends.low);
    let high = intervals.as_ref().map(|ends| &ends.high);
    let rows = values.iter().enumerate().map(|(i, value)| json!([value, end(low, i), end(high, i)]));
    let axes = [Axis::new("stream", labels.clone()), Axis::new("logit_diff", ["mean", "low", "high"])];
    print_grid(out, &axes, &rows.collect::<Value>())
}

/// The means, where there are roles besides END.
fn print_roles(out: &mut impl Write, LensResult { labels, roles, .. }: &LensResult) -> Result<()> {
    if roles.len() < 2 {
        return Ok(());
    }
    writeln!(out, "\nlogit_diff at every role, mean in logits")?;
    let axes =
        [Axis::new("stream", labels.clone()), Axis::new("role", roles.iter().map(|role| role.role.clone()))];
    let row = |stream: usize| json!(roles.iter().map(|role| role.values[stream]).collect::<Vec<_>>());
    print_grid(out, &axes, &(0..labels.len()).map(row).collect::<Value>())
}
