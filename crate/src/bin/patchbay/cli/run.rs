use std::io::{Read, Write, stdout};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use patchbay::Error;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{ExperimentResult, Run};
use patchbay::hub::gpt2_small;
use patchbay::ioi::Flip;
use patchbay::loader::{LoadedModel, ModelLoader};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::files::{hex, open, read};
use super::options::{DeviceChoice, RunOptions};
use super::progress::bar;
use super::record::Record;

/// Runs the experiment and prints its table, or one JSON object.
pub fn run(options: &RunOptions) -> Result<()> {
    let spec = options.spec();
    // What can be checked without the model is, before the wait for it.
    let flip = Flip::parse(&spec.flip)?;
    let prompts = spec.dataset.generate()?;
    if options.verbose {
        let flipped = flip.apply(&prompts, spec.dataset.seed)?;
        for (prompt, flipped) in prompts.iter().zip(flipped).take(3) {
            eprintln!("{}\n    {}", prompt.sentence, flipped.sentence);
        }
    }

    let started = Instant::now();
    let (model, weights) = load(options)?;
    let model = Rc::new(model);
    let loaded = started.elapsed();
    let mut run = Run::new(model.clone(), &spec, options.accuracy)?;
    let bar = bar(Some(0), "{wide_bar} {percent}% {eta} {msg}");
    loop {
        let progress = pollster::block_on(run.step())?;
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
        bar.set_message(progress.step);
        if progress.finished {
            break;
        }
    }
    bar.finish_and_clear();
    let result = run.result()?.expect("a finished run has a result");
    let total = started.elapsed();

    let mut out = stdout().lock();
    if options.json {
        writeln!(out, "{}", to_json(options, &model, &weights, &result, loaded, total))?;
    } else {
        print_table(&mut out, &model, &result, total - loaded)?;
    }
    Ok(())
}

/// Which model.safetensors was read.
struct Weights {
    bytes: u64,
    sha256: String,
}

/// The model on the device asked for. `auto` takes a GPU only where there is a real one, since a software
/// adapter is slower than the CPU device, and only if it computes what the CPU does.
fn load(options: &RunOptions) -> Result<(LoadedModel, Weights)> {
    let gpu = || pollster::block_on(ComputeDevice::gpu());
    match options.device {
        DeviceChoice::Cpu => load_on(ComputeDevice::cpu(), options),
        DeviceChoice::Gpu => load_on(gpu()?, options),
        DeviceChoice::Auto => match gpu() {
            Ok(device) if !device.is_software => load_on(device, options).or_else(|error| {
                let Some(Error::Device(_)) = error.downcast_ref() else {
                    return Err(error);
                };
                eprintln!("patchbay: {error}; using the CPU");
                load_on(ComputeDevice::cpu(), options)
            }),
            _ => load_on(ComputeDevice::cpu(), options),
        },
    }
}

fn load_on(device: ComputeDevice, options: &RunOptions) -> Result<(LoadedModel, Weights)> {
    let record = Record::read(&options.model)?;
    let check = |name: &str, sha256: Sha256| match &record {
        Some(record) => record.check(name, &hex(sha256)),
        None => Ok(()),
    };
    let config = read(&options.model, "config.json")?;
    check("config.json", Sha256::new_with_prefix(&config))?;
    let config = String::from_utf8_lossy(&config);
    let tokenizer = read(&options.model, "tokenizer.json")?;
    check("tokenizer.json", Sha256::new_with_prefix(&tokenizer))?;
    let mut loader = ModelLoader::new(device, &config, &tokenizer)?;
    loader.config().check_head(options.layer, options.head)?;
    let mut file = open(&options.model, "model.safetensors")?;
    let bar = bar(Some(file.metadata()?.len()), "{wide_bar} {bytes}/{total_bytes} {eta} {msg}");
    let mut chunk = vec![0; 1 << 20];
    let (mut bytes, mut sha256) = (0, Sha256::new());
    loop {
        match file.read(&mut chunk).context("cannot read model.safetensors")? {
            0 => break,
            read => {
                let progress = loader.push(&chunk[..read])?;
                sha256.update(&chunk[..read]);
                bytes = progress.bytes;
                bar.set_position(bytes);
                bar.set_message(progress.tensor);
            }
        }
    }
    bar.finish_and_clear();
    loader.check_whole()?;
    check("model.safetensors", sha256.clone())?;
    let sha256 = hex(sha256);
    let hub = gpt2_small();
    if sha256 == hub.weights.sha256 {
        // Whoever put them there: GPT-2's weights with other heads or tokens would give wrong figures silently.
        hub.small.check(&config, &tokenizer)?;
    }
    Ok((pollster::block_on(loader.finish())?, Weights { bytes, sha256 }))
}

fn print_table(
    out: &mut impl Write,
    model: &LoadedModel,
    result: &ExperimentResult,
    time: Duration,
) -> Result<()> {
    let [layer, head] = result.head;
    writeln!(out, "Head {layer}.{head}, {} prompts, on {}", result.spec.dataset.n, model.device.adapter)?;
    writeln!(out, "{:<12}{:>24}{:>12}{:>12}", "condition", "mean attn score diff", "END→IO", "END→S1")?;
    for (condition, values) in &result.conditions {
        let mean = |scores: &[f32]| scores.iter().map(|&x| f64::from(x)).sum::<f64>() / scores.len() as f64;
        let (io, s1) = (mean(&values.io_score), mean(&values.s1_score));
        writeln!(out, "{condition:<12}{:>24.4}{io:>12.4}{s1:>12.4}", values.mean_diff)?;
    }
    for (condition, edit) in &result.evidence.edits {
        writeln!(
            out,
            "{condition}: changed {} of {} prompts, mean ‖Δq_input‖ {:.4}, mean ‖Δq‖ {:.4}",
            edit.prompts_touched, result.spec.dataset.n, edit.mean_delta_q_input, edit.mean_delta_q
        )?;
    }
    writeln!(out, "no-op control: changed scores by at most {}", result.evidence.noop_max_abs_change)?;
    if let Some(accuracy) = result.accuracy {
        writeln!(out, "logit[IO] > logit[S] in {:.1} % of prompts", 100.0 * accuracy)?;
    }
    writeln!(out, "{:.1} s", time.as_secs_f64())?;
    Ok(())
}

fn to_json(
    options: &RunOptions,
    model: &LoadedModel,
    weights: &Weights,
    result: &ExperimentResult,
    loaded: Duration,
    total: Duration,
) -> serde_json::Value {
    let mut object = json!(result);
    object["model"] = json!(options.model);
    object["device"] = json!({
        "device": model.device.kind, "adapter": model.device.adapter, "self_check": model.self_check,
    });
    object["origin"] = json!({ "from": "folder", "bytes": weights.bytes, "sha256": weights.sha256 });
    object["timings_ms"] = json!({
        "load": loaded.as_millis() as u64, "run": (total - loaded).as_millis() as u64,
    });
    object
}
