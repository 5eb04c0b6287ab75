use std::io::Write;

use anyhow::Result;
use patchbay::experiment::{ExperimentResult, ExperimentSpec, Run};
use patchbay::ioi::Flip;
use patchbay::job::{Analysis, Job};
use patchbay::report::Report;
use serde_json::json;

use super::answered::write_script;
use super::loaded::Loaded;
use super::options::RunOptions;
use super::progress::pull;
use super::shown::{print_json, say, tables};

/// Runs the experiment and prints its answer in words and its table, or one JSON object.
pub fn run(options: &RunOptions) -> Result<()> {
    let (mut spec, own): (ExperimentSpec, _) = options.form.spec()?;
    if options.verbose {
        let prompts = spec.dataset.generate()?;
        let flipped = Flip::parse(&spec.flip)?.apply(&prompts, spec.dataset.seed)?;
        for (prompt, flipped) in prompts.iter().zip(flipped).take(3) {
            say(&format!("{} → {}", prompt.sentence, flipped.sentence));
        }
    }

    let (mut loaded, [layer, head]) = options.form.load(&options.common)?;
    (spec.layer, spec.head) = (layer, head);
    loaded.fit(&mut spec.dataset, own)?;
    let accuracy = options.form.given("accuracy").is_some();
    let mut run = Run::new(loaded.model.clone(), &spec, accuracy)?;
    pull(&mut run)?;
    let result = run.result()?.expect("a finished run has a result");
    write_script(Run::NAME, json!(result), &loaded, &options.scripting)?;
    let report = run.report()?.expect("a finished run has a report");

    if options.common.json {
        let mut object = loaded.beside(&result);
        object["answer"] = json!(report.answer);
        object["notes"] = json!(report.notes);
        print_json(object)?;
    } else {
        print_table(&mut tables(), &loaded, &result, &report)?;
    }
    Ok(())
}

fn print_table(
    out: &mut impl Write,
    loaded: &Loaded,
    result: &ExperimentResult,
    report: &Report,
) -> Result<()> {
    let n = result.conditions[0].1.diff.len();
    let width = 2 + result.conditions.iter().map(|(name, _)| name.len()).fold("condition".len(), usize::max);
    writeln!(out, "{}\n{}", loaded.heading(result.head, n), report.answer)?;
    for note in &report.notes {
        writeln!(out, "{note}")?;
    }
    writeln!(out, "{:<width$}{:>24}{:>12}{:>12}", "condition", "mean attn score diff", "END→IO", "END→S1")?;
    for (condition, values) in &result.conditions {
        let mean = |scores: &[f32]| scores.iter().map(|&x| f64::from(x)).sum::<f64>() / scores.len() as f64;
        let (io, s1) = (mean(&values.io_score), mean(&values.s1_score));
        writeln!(out, "{condition:<width$}{:>24.4}{io:>12.4}{s1:>12.4}", values.mean_diff)?;
    }
    for (condition, edit) in &result.evidence.edits {
        write!(out, "{condition}: changed {} of {n} prompts, ", edit.prompts_touched)?;
        match &edit.keys {
            None => {
                let (input, q) = (edit.mean_delta_q_input, edit.mean_delta_q);
                writeln!(out, "mean ‖Δq_input‖ {input:.4}, mean ‖Δq‖ {q:.4}")?;
            }
            Some(keys) => writeln!(
                out,
                "mean ‖Δk_input‖ {:.4} at IO, {:.4} at S1, mean ‖Δk‖ {:.4} at IO, {:.4} at S1",
                keys.mean_delta_k_input_io,
                keys.mean_delta_k_input_s1,
                keys.mean_delta_k_io,
                keys.mean_delta_k_s1
            )?,
        }
    }
    writeln!(out, "no-op control: changed scores by at most {}", result.evidence.noop_max_abs_change)?;
    writeln!(out, "{:.1} s", loaded.elapsed().as_secs_f64())?;
    Ok(())
}
