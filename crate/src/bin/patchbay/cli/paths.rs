use std::io::Write;

use anyhow::Result;
use patchbay::analysis::PathRun;

use super::answered::answer;
use super::options::PathOptions;
use super::shown::tables;
use super::table::print_grid;

/// Runs paths and prints what each does to the metric, or one JSON object; or what it would cost.
pub fn paths(options: &PathOptions) -> Result<()> {
    let (mut spec, own) = options.spec()?;
    let mut loaded = options.common.load()?;
    loaded.fit(&mut spec.task, own)?;
    let run = PathRun::new(loaded.model.clone(), &spec)?;
    answer(run, &spec, &loaded, &options.common, &options.printing, |run| {
        let result = run.result()?.expect("a finished run has a result");
        let mut out = tables();
        writeln!(out, "{} prompts, on {}", result.prompts, loaded.model.device.adapter)?;
        writeln!(out, "{}, mean change in {}; clean {:.4}", result.metric, result.unit, result.clean)?;
        print_grid(&mut out, &result.axes, &result.change)
    })
}
