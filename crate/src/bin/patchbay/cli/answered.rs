//! An analysis as the command answers it: what it costs, or all of it, as a table, comma-separated values or JSON.

use std::io::Write;

use anyhow::{Context, Result};
use patchbay::job::{Analysis, Work};
use patchbay::reproduce::Script;
use patchbay::speed::flops_per_second;
use serde::Serialize;
use serde_json::{Value, json};

use super::loaded::Loaded;
use super::options::{CommonOptions, Printing, ScriptFile, Scripting};
use super::progress::pull;
use super::shown::{print_json, say, tables};

/// Does a job and prints its answer. `spec`: what it was planned from. `print`: the tables.
pub fn answer<J: Analysis>(
    mut job: J,
    spec: &impl Serialize,
    loaded: &Loaded,
    common: &CommonOptions,
    printing: &Printing,
    print: impl FnOnce(&J) -> Result<()>,
) -> Result<()> {
    if printing.cost {
        return print_cost(job.cost(), None, spec, loaded, common.json);
    }
    pull(&mut job)?;
    if printing.scripting.script.is_some() {
        let result = job.result()?.expect("a finished job has a result");
        write_script(J::NAME, result.to_json()?, loaded, &printing.scripting)?;
    }
    if printing.csv {
        let frame = job.frame()?.expect("a finished job has a frame");
        write!(tables(), "{}", frame.to_csv())?;
        return Ok(());
    }
    if common.json {
        let result = job.result()?.expect("a finished job has a result");
        return print_json(loaded.beside(&result.to_json()?));
    }
    print(&job)?;
    writeln!(tables(), "{:.1} s", loaded.elapsed().as_secs_f64())?;
    Ok(())
}

/// Writes the program that was asked for, if one was.
pub fn write_script(analysis: &str, result: Value, loaded: &Loaded, scripting: &Scripting) -> Result<()> {
    let Some(ScriptFile { path, form }) = &scripting.script else { return Ok(()) };
    let of = loaded.model_of();
    let script = Script::of(analysis, result, &of, scripting.library, &loaded.model)?.whole(*form)?;
    std::fs::write(path, script).with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!("{} is written", path.display()));
    Ok(())
}

/// What a job costs here; `bytes`: how large the file is that it makes.
pub fn print_cost(
    work: Work,
    bytes: Option<u64>,
    spec: &impl Serialize,
    loaded: &Loaded,
    as_json: bool,
) -> Result<()> {
    let speed = pollster::block_on(flops_per_second(&loaded.model))?;
    let Work { done, needed } = work;
    let seconds = done / speed;
    if as_json {
        let mut cost = json!({ "flops": done, "flops_one_by_one": needed, "seconds": seconds });
        if let Some(bytes) = bytes {
            cost["bytes"] = json!(bytes);
        }
        return print_json(json!({ "spec": spec, "cost": cost }));
    }
    let (done, needed) = (done / 1e12, needed / 1e12);
    writeln!(
        tables(),
        "{done:.3} TFLOP, about {seconds:.1} s here; run by run it would be {needed:.3} TFLOP"
    )?;
    if let Some(bytes) = bytes {
        writeln!(tables(), "a file of {:.1} MB", bytes as f64 / 1e6)?;
    }
    Ok(())
}
