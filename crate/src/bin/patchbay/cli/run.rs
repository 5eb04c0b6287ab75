use std::fs::File;
use std::io::Read;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use patchbay::device::ComputeDevice;
use patchbay::experiment::{ExperimentResult, Run};
use patchbay::ioi::Flip;
use patchbay::loader::{LoadedModel, ModelLoader};
use serde_json::json;

use super::dataset::read;
use super::options::{DeviceChoice, RunOptions};

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
    let model = Rc::new(load(options)?);
    let loaded = started.elapsed();
    let mut run = Run::new(model.clone(), &spec, options.accuracy)?;
    let bar = ProgressBar::new(0).with_style(bar("{wide_bar} {percent}% {eta} {msg}"));
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
    let result = run.result()?;
    let total = started.elapsed();

    if options.json {
        println!("{}", to_json(options, &model, &result, loaded, total));
    } else {
        print_table(&model, &result, total - loaded);
    }
    Ok(())
}

fn load(options: &RunOptions) -> Result<LoadedModel> {
    let config = String::from_utf8_lossy(&read(&options.model, "config.json")?).into_owned();
    let tokenizer = read(&options.model, "tokenizer.json")?;
    let path = options.model.join("model.safetensors");
    let mut file = File::open(&path).with_context(|| {
        format!("cannot read {}; a model folder holds config.json, model.safetensors and tokenizer.json", path.display())
    })?;
    let mut loader = ModelLoader::new(open_device(options.device)?, &config, &tokenizer)?;
    let bar = ProgressBar::new(file.metadata()?.len()).with_style(bar("{wide_bar} {bytes}/{total_bytes} {eta} {msg}"));
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk).with_context(|| format!("cannot read {}", path.display()))? {
            0 => break,
            read => {
                let progress = loader.push(&chunk[..read])?;
                bar.set_position(progress.bytes);
                bar.set_message(progress.tensor);
            }
        }
    }
    bar.finish_and_clear();
    Ok(pollster::block_on(loader.finish())?)
}

/// `auto` takes a GPU only where there is a real one: a software adapter is slower than the CPU device.
fn open_device(choice: DeviceChoice) -> Result<ComputeDevice> {
    match choice {
        DeviceChoice::Cpu => Ok(ComputeDevice::cpu()),
        DeviceChoice::Gpu => Ok(pollster::block_on(ComputeDevice::gpu())?),
        DeviceChoice::Auto => Ok(match pollster::block_on(ComputeDevice::gpu()) {
            Ok(gpu) if !gpu.is_software => gpu,
            _ => ComputeDevice::cpu(),
        }),
    }
}

fn bar(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is valid")
}

fn print_table(model: &LoadedModel, result: &ExperimentResult, time: Duration) {
    let [layer, head] = result.head;
    println!("Head {layer}.{head}, {} prompts, on {}", result.spec.dataset.n, model.device.adapter);
    println!("{:<12}{:>24}{:>12}{:>12}", "condition", "mean attn score diff", "END→IO", "END→S1");
    for (condition, values) in &result.conditions {
        let mean = |scores: &[f32]| scores.iter().map(|&x| f64::from(x)).sum::<f64>() / scores.len() as f64;
        let (io, s1) = (mean(&values.io_score), mean(&values.s1_score));
        println!("{condition:<12}{:>24.4}{io:>12.4}{s1:>12.4}", values.mean_diff);
    }
    for (condition, edit) in &result.evidence.edits {
        println!(
            "{condition}: changed {} of {} prompts, mean ‖Δq_input‖ {:.4}, mean ‖Δq‖ {:.4}",
            edit.prompts_touched, result.spec.dataset.n, edit.mean_delta_q_input, edit.mean_delta_q
        );
    }
    println!("no-op control: changed scores by at most {}", result.evidence.noop_max_abs_change);
    if let Some(accuracy) = result.accuracy {
        println!("logit[IO] > logit[S] in {:.1} % of prompts", 100.0 * accuracy);
    }
    println!("{:.1} s", time.as_secs_f64());
}

fn to_json(
    options: &RunOptions,
    model: &LoadedModel,
    result: &ExperimentResult,
    loaded: Duration,
    total: Duration,
) -> serde_json::Value {
    let mut object = json!(result);
    object["model"] = json!(options.model);
    object["device"] = json!({
        "device": model.device.kind, "adapter": model.device.adapter, "self_check": model.self_check,
    });
    object["timings_ms"] = json!({
        "load": loaded.as_millis() as u64, "run": (total - loaded).as_millis() as u64,
    });
    object
}
