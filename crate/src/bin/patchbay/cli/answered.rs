//! An analysis as the command answers it: what it costs, or all of it, as a table, comma-separated values or JSON.

use std::io::Write;

use anyhow::Result;
use patchbay::job::{Job, Work};
use patchbay::speed::flops_per_second;
use serde::Serialize;
use serde_json::json;

use super::loaded::Loaded;
use super::options::{CommonOptions, Printing};
use super::progress::pull;
use super::shown::{print_json, tables};

/// Does a job and prints its answer. `spec`: what it was planned from. `print`: the tables.
pub fn answer<J: Job>(
    mut job: J,
    spec: &impl Serialize,
    loaded: &Loaded,
    common: &CommonOptions,
    printing: &Printing,
    print: impl FnOnce(&J) -> Result<()>,
) -> Result<()> {
    if printing.cost {
        return print_cost(job.cost(), spec, loaded, common.json);
    }
    pull(&mut job)?;
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

/// What a job costs here.
pub fn print_cost(work: Work, spec: &impl Serialize, loaded: &Loaded, as_json: bool) -> Result<()> {
    let speed = pollster::block_on(flops_per_second(&loaded.model))?;
    let Work { done, needed } = work;
    let seconds = done / speed;
    if as_json {
        let cost = json!({ "flops": done, "flops_one_by_one": needed, "seconds": seconds });
        return print_json(json!({ "spec": spec, "cost": cost }));
    }
    let (done, needed) = (done / 1e12, needed / 1e12);
    writeln!(
        tables(),
        "{done:.3} TFLOP, about {seconds:.1} s here; run by run it would be {needed:.3} TFLOP"
    )?;
    Ok(())
}
