use std::io::Write;

use anyhow::Result;
use patchbay::analysis::PatchRun;
use patchbay::job::Job;

use super::answered::answer;
use super::options::PatchOptions;
use super::shown::tables;
use super::table::print_grid;

/// Runs a grid of edits and prints it, or one JSON object; or what it would cost.
pub fn patch(options: &PatchOptions) -> Result<()> {
    let (mut spec, own) = options.spec()?;
    let mut loaded = options.common.load()?;
    if options.spec.is_none() {
        loaded.fit(&mut spec.task, own)?;
    }
    let run = PatchRun::new(loaded.model.clone(), &spec)?;
    answer(run, &spec, &loaded, &options.common, &options.printing, |run| {
        let result = run.result()?.expect("a finished run has a result");
        let mut out = tables();
        let report = run.report()?.expect("a finished run has a report");
        writeln!(out, "{} prompts, on {}\n{}", result.prompts, loaded.model.device.adapter, report.answer)?;
        write!(out, "{}, mean in {}; unedited {:.4}", result.metric, result.unit, result.base)?;
        if let Some(source) = result.source {
            write!(out, ", of the run where values come from {source:.4}")?;
        }
        writeln!(out)?;
        print_grid(&mut out, &result.axes, &result.values)
    })
}
