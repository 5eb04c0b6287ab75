use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, Result};
use patchbay::bench::checkpoint::{self, Shape};
use patchbay::bench::{LayerSteps, Step};
use patchbay::device::ComputeDevice;
use patchbay::experiment::ExperimentSpec;
use patchbay::ioi::DatasetSpec;
use patchbay::job::{self, Work};
use patchbay::loader::{LoadedModel, ModelLoader};
use patchbay::model::Gpt2Config;
use patchbay::task::{Corruption, IoiTask, TaskSpec};
use serde::Serialize;
use serde_json::{Value, json};

use super::options::BenchOptions;
use super::shown::{print_json, tables};

const SEED: u32 = 0;

/// Times the steps of a layer and the experiment, on random weights; prints tables, or one JSON object.
pub fn bench(options: &BenchOptions) -> Result<()> {
    if let Some(folder) = &options.checkpoint {
        return write_checkpoint(folder, options.shape);
    }
    let device = options.device.open()?;
    let steps = time_steps(&device, options)?;
    let (model, load) = load(device.clone(), options.shape)?;
    let model = Rc::new(model);
    let experiments =
        options.n.iter().map(|&n| time_experiment(&model, n, options)).collect::<Result<Vec<_>>>()?;
    let grids = if options.grids { time_grids(&model, options)? } else { Vec::new() };
    let peak_memory = peak_memory();

    if options.json {
        let object = json!({
            "device": device.kind, "adapter": device.adapter, "shape": options.shape, "seconds_to_load": load,
            "steps": steps, "experiments": experiments, "grids": grids, "peak_memory_bytes": peak_memory,
        });
        return print_json(object);
    }
    let mut out = tables();
    writeln!(out, "On {}; median of {}, least to most\n", device.adapter, options.repeats)?;
    writeln!(out, "{:<24}{:>16}{:>10}{:>18}{:>10}", "step", "shape", "ms", "", "GFLOP/s")?;
    for Timed { name, shape, time, flops, .. } in &steps {
        let shape = shape.map(|size| size.to_string()).join("x");
        writeln!(out, "{name:<24}{shape:>16}{}{:>10.1}", time.columns(1e3), flops / time.median / 1e9)?;
    }
    writeln!(
        out,
        "\n{:<26}{:>8}{:>8}{:>18}{:>12}{:>12}{:>10}",
        "what", "prompts", "s", "", "TFLOP", "of needed", "GFLOP/s"
    )?;
    for Experiment { name, n, time, work, .. } in experiments.iter().chain(&grids) {
        let Work { needed, done } = work;
        writeln!(
            out,
            "{name:<26}{n:>8}{}{:>12.3}{:>11.1}%{:>10.1}",
            time.columns(1.0),
            done / 1e12,
            100.0 * done / needed,
            done / time.median / 1e9
        )?;
    }
    writeln!(
        out,
        "\nload {load:.1} s{}",
        peak_memory.map_or(String::new(), |bytes| format!(", peak memory {} MB", bytes / 1_000_000))
    )?;
    Ok(())
}

/// Seconds.
#[derive(Serialize)]
struct Times {
    median: f64,
    least: f64,
    most: f64,
}

impl Times {
    fn of(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        Self { median: seconds[seconds.len() / 2], least: seconds[0], most: seconds[seconds.len() - 1] }
    }

    fn columns(&self, scale: f64) -> String {
        let spread = format!("{:.2} to {:.2}", scale * self.least, scale * self.most);
        format!("{:>10.2}{spread:>18}", scale * self.median)
    }
}

#[derive(Serialize)]
struct Timed {
    name: &'static str,
    shape: [usize; 3],
    time: Times,
    flops: f64,
    gflops: f64,
}

#[derive(Serialize)]
struct Experiment {
    name: &'static str,
    n: u32,
    time: Times,
    work: Work,
    gflops: f64,
    /// Seconds by what was done, of the last repeat.
    phases: BTreeMap<String, f64>,
}

fn time_steps(device: &ComputeDevice, options: &BenchOptions) -> Result<Vec<Timed>> {
    let config = Gpt2Config::from_json(options.shape.config_json())?;
    let steps = LayerSteps::new(device, &config, options.rows as usize);
    let time = |step: Step| {
        pollster::block_on(steps.run(step))?; // once before, for what is done at first use
        let mut seconds = Vec::new();
        for _ in 0..10 * options.repeats {
            let started = Instant::now();
            pollster::block_on(steps.run(step))?;
            seconds.push(started.elapsed().as_secs_f64());
        }
        let (time, flops) = (Times::of(seconds), steps.flops(step));
        Ok(Timed {
            name: step.name(),
            shape: steps.shape(step),
            gflops: flops / time.median / 1e9,
            time,
            flops,
        })
    };
    steps.steps.iter().copied().map(time).collect()
}

fn load(device: ComputeDevice, shape: Shape) -> Result<(LoadedModel, f64)> {
    let mut loader = ModelLoader::new(device, shape.config_json(), checkpoint::TOKENIZER)?;
    let mut seconds = 0.0;
    for piece in checkpoint::model_safetensors(loader.config(), SEED) {
        let started = Instant::now();
        loader.push(&piece)?;
        seconds += started.elapsed().as_secs_f64();
    }
    let started = Instant::now();
    let model = pollster::block_on(loader.finish())?;
    Ok((model, seconds + started.elapsed().as_secs_f64()))
}

fn time_experiment(model: &Rc<LoadedModel>, n: u32, options: &BenchOptions) -> Result<Experiment> {
    let [layer, head] = model.gpt2.config.default_head();
    let dataset = DatasetSpec { n, ..DatasetSpec::default() };
    let spec = ExperimentSpec { layer, head, dataset, ..ExperimentSpec::default() };
    time_job(model, "patching_positions", n, &json!({ "analysis": "experiment", "spec": spec }), options)
}

/// Many edited runs: grids of z at END of every head and of the residual stream at every role, paths from every head, and a
/// circuit of 26 heads with and without each.
fn time_grids(model: &Rc<LoadedModel>, options: &BenchOptions) -> Result<Vec<Experiment>> {
    let time = |name, n, analysis: &str, corruption: &str, mut spec: Value| {
        let dataset = DatasetSpec { n, ..DatasetSpec::default() };
        spec["task"] = json!(TaskSpec::Ioi(IoiTask { dataset, corruption: Corruption(corruption.into()) }));
        time_job(model, name, n, &json!({ "analysis": analysis, "spec": spec }), options)
    };
    let grid = |name, n, spec| time(name, n, "patch", Corruption::DEFAULT, spec);
    let paths = |name, to: &str| time(name, 20, "paths", "abc", json!({ "receivers": [to] }));
    Ok(vec![
        grid(
            "z at END, layer × head",
            50,
            json!({ "site": "z", "over": ["layer", "head"], "at": "END", "direction": "noise" }),
        )?,
        grid(
            "resid_pre, layer × role",
            20,
            json!({ "site": "resid_pre", "over": ["layer", "role"], "direction": "noise" }),
        )?,
        paths("paths to the logits", "logits")?,
        paths("paths to 9.9.q", "9.9.q")?,
        paths("paths to 5.5.k", "5.5.k")?,
        time(
            "circuit, 26 heads examined",
            20,
            "circuit",
            "abc",
            json!({ "keep": { "preset": "ioi" }, "examine": true }),
        )?,
    ])
}

fn time_job(
    model: &Rc<LoadedModel>,
    name: &'static str,
    n: u32,
    question: &Value,
    options: &BenchOptions,
) -> Result<Experiment> {
    let (mut seconds, mut phases) = (Vec::new(), BTreeMap::new());
    let mut work = Work { needed: 0.0, done: 0.0 };
    for _ in 0..options.repeats {
        phases.clear();
        model.memo.clear();
        let started = Instant::now();
        let mut job = job::plan(model.clone(), question.clone())?;
        work = job.cost();
        loop {
            let step_started = Instant::now();
            let progress = pollster::block_on(job.step())?;
            *phases.entry(phase(&progress.step)).or_insert(0.0) += step_started.elapsed().as_secs_f64();
            if progress.finished {
                break;
            }
        }
        seconds.push(started.elapsed().as_secs_f64());
    }
    let time = Times::of(seconds);
    Ok(Experiment { name, n, gflops: work.done / time.median / 1e9, time, work, phases })
}

/// A step in words, without which batch and which layer it is.
fn phase(step: &str) -> String {
    let what = step.split_once(": ").map_or(step, |(_, what)| what);
    what.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end().to_owned()
}

fn write_checkpoint(folder: &Path, shape: Shape) -> Result<()> {
    let failed = || format!("cannot write the checkpoint into {}", folder.display());
    fs::create_dir_all(folder).with_context(failed)?;
    let config = shape.config_json();
    fs::write(folder.join("config.json"), &config).with_context(failed)?;
    fs::write(folder.join("tokenizer.json"), checkpoint::TOKENIZER).with_context(failed)?;
    let mut file = BufWriter::new(File::create(folder.join("model.safetensors")).with_context(failed)?);
    for piece in checkpoint::model_safetensors(&Gpt2Config::from_json(&config)?, SEED) {
        file.write_all(&piece).with_context(failed)?;
    }
    file.flush().with_context(failed)
}

/// The most that this process has had in memory, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}
