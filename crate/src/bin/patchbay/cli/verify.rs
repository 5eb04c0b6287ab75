use std::io::Write;
use std::path::Path;

use anyhow::{Result, anyhow};
use patchbay::Error;
use patchbay::analysis::{Compared, VerifyResult, VerifyRun, Worst};
use patchbay::job::Job;
use patchbay::published::Published;
use serde_json::json;

use super::answered::print_cost;
use super::files::read_up_to;
use super::loaded::Loaded;
use super::options::VerifyOptions;
use super::progress::pull;
use super::shown::{print_json, say, tables};

/// Holds a model against published figures and prints each beside ours, or one JSON object; or what it would cost.
///
/// # Errors
/// Also if a figure is not within its tolerance.
pub fn verify(options: &VerifyOptions) -> Result<()> {
    let published = options.figures.as_deref().map_or_else(|| Ok(Published::gpt2_small()), read)?;
    let loaded = options.common.load()?;
    say_whose(&published, &loaded);
    let mut run = VerifyRun::new(loaded.model.clone(), &published)?;
    if options.cost {
        let spec = json!({ "figures": options.figures });
        return print_cost(run.cost(), None, &spec, &loaded, options.common.json);
    }
    pull(&mut run)?;
    let result = run.result()?.expect("a finished run has a result");
    if options.common.json {
        print_json(loaded.beside(&result))?;
    } else {
        print_figures(&mut tables(), &result)?;
        writeln!(tables(), "{:.1} s, on {}", loaded.elapsed().as_secs_f64(), loaded.model.device.adapter)?;
    }
    verdict(&result)
}

fn read(file: &Path) -> Result<Published> {
    const MOST_BYTES: u64 = 64 << 20;
    let shown = file.display().to_string();
    let bytes = read_up_to(file, &shown, MOST_BYTES)?;
    Published::from_json(&bytes).map_err(|error| Error::input("figures", format!("{shown}: {error}")).into())
}

/// Before anything is computed: figures of one model say little about another.
fn say_whose(published: &Published, loaded: &Loaded) {
    if let Some(model) = &published.model
        && model.sha256 != loaded.sha256()
    {
        say(&format!(
            "the figures are of {}, and these are other weights: expected SHA-256 {}, found {}. Going on all the same",
            model.name,
            model.sha256,
            loaded.sha256()
        ));
    }
}

fn print_figures(out: &mut impl Write, result: &VerifyResult) -> Result<()> {
    let longest = result.figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or(0);
    writeln!(out, "{:<longest$} {:>10} {:>10} {:>10}  within", "figure", "published", "ours", "difference")?;
    for Compared { name, numbers, difference, worst, tolerance, approximate, within, problem, .. } in
        &result.figures
    {
        let number =
            |of: fn(&Worst) -> f64| worst.as_ref().map_or_else(|| "–".into(), |it| format!("{:.4}", of(it)));
        let (published, ours) = (number(|worst| worst.published), number(|worst| worst.ours));
        let difference = difference.map_or_else(|| "–".into(), |difference| format!("{difference:.5}"));
        write!(out, "{name:<longest$} {published:>10} {ours:>10} {difference:>10}  ")?;
        write!(out, "{}", if *within { "yes" } else { "no" })?;
        if *approximate {
            write!(out, ", approximately (by {tolerance})")?;
        }
        if let Some(at) = worst.as_ref().and_then(|worst| worst.at.as_ref()) {
            write!(out, "; {at} is furthest of {numbers}")?;
        }
        if let Some(problem) = problem {
            write!(out, "; not comparable: {problem}")?;
        }
        writeln!(out)?;
    }
    let numbers: usize = result.figures.iter().map(|figure| figure.numbers).sum();
    let within = result.figures.iter().filter(|figure| figure.within).count();
    writeln!(
        out,
        "\n{within} of {} figures are within, which are {numbers} numbers in all",
        result.figures.len()
    )?;
    Ok(())
}

fn verdict(result: &VerifyResult) -> Result<()> {
    let all = result.figures.len();
    match result.figures.iter().filter(|figure| !figure.within).count() {
        0 => Ok(()),
        1 => Err(anyhow!("1 of {all} figures is not within its tolerance")),
        outside => Err(anyhow!("{outside} of {all} figures are not within their tolerance")),
    }
}
