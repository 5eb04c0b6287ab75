use std::io::{Read, Write, stdout};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use patchbay::Error;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{Experiment, ExperimentResult, Run};
use patchbay::hub::gpt2_small;
use patchbay::ioi::Flip;
use patchbay::loader::{LoadedModel, ModelLoader};
use patchbay::model::Gpt2Config;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::files::{hex, open, read};
use super::options::{DeviceChoice, HeadOptions, RunOptions};
use super::progress::{bar, pull};
use super::record::Record;

/// Runs the experiment and prints its table, or one JSON object.
pub fn run(options: &RunOptions) -> Result<()> {
    let spec = options.spec()?;
    // What can be checked without the model is, before the wait for it.
    Experiment::named(&spec.experiment)?;
    let flip = Flip::parse(&spec.flip)?;
    let prompts = spec.dataset.generate()?;
    if options.verbose {
        let flipped = flip.apply(&prompts, spec.dataset.seed)?;
        for (prompt, flipped) in prompts.iter().zip(flipped).take(3) {
            eprintln!("{}\n    {}", prompt.sentence, flipped.sentence);
        }
    }

    let started = Instant::now();
    let (model, weights) =
        load_model(&options.model, options.device, |config| config.check_head(options.layer, options.head))?;
    let model = Rc::new(model);
    let loaded = started.elapsed();
    let mut run = Run::new(model.clone(), &spec, options.accuracy)?;
    pull(|| pollster::block_on(run.step()))?;
    let result = run.result()?.expect("a finished run has a result");
    let total = started.elapsed();

    let mut out = stdout().lock();
    if options.json {
        let provenance =
            Provenance { folder: &options.model, model: &model, weights: &weights, loaded, total };
        writeln!(out, "{}", provenance.beside(&result))?;
    } else {
        print_table(&mut out, &model, &result, total - loaded)?;
    }
    Ok(())
}

/// Which model.safetensors was read.
pub struct Weights {
    bytes: u64,
    sha256: String,
}

/// The model on the device asked for. `auto` takes a GPU only where there is a real one, since a software
/// adapter is slower than the CPU device, and only if it computes what the CPU does.
///
/// `fits` is asked before the weights are read.
pub fn load_model(
    folder: &Path,
    device: DeviceChoice,
    fits: impl Fn(&Gpt2Config) -> patchbay::Result<()>,
) -> Result<(LoadedModel, Weights)> {
    let gpu = || pollster::block_on(ComputeDevice::gpu());
    match device {
        DeviceChoice::Cpu => load_on(ComputeDevice::cpu(), folder, &fits),
        DeviceChoice::Gpu => load_on(gpu()?, folder, &fits),
        DeviceChoice::Auto => match gpu() {
            Ok(device) if !device.is_software => load_on(device, folder, &fits).or_else(|error| {
                let Some(Error::Device(_)) = error.downcast_ref() else {
                    return Err(error);
                };
                eprintln!("patchbay: {error}; using the CPU");
                load_on(ComputeDevice::cpu(), folder, &fits)
            }),
            _ => load_on(ComputeDevice::cpu(), folder, &fits),
        },
    }
}

fn load_on(
    device: ComputeDevice,
    folder: &Path,
    fits: impl Fn(&Gpt2Config) -> patchbay::Result<()>,
) -> Result<(LoadedModel, Weights)> {
    let record = Record::read(folder)?;
    let check = |name: &str, sha256: Sha256| match &record {
        Some(record) => record.check(name, &hex(sha256)),
        None => Ok(()),
    };
    let config = read(folder, "config.json")?;
    check("config.json", Sha256::new_with_prefix(&config))?;
    let config = String::from_utf8_lossy(&config);
    let tokenizer = read(folder, "tokenizer.json")?;
    check("tokenizer.json", Sha256::new_with_prefix(&tokenizer))?;
    let mut loader = ModelLoader::new(device, &config, &tokenizer)?;
    fits(loader.config())?;
    let mut file = open(folder, "model.safetensors")?;
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
    let n = result.conditions[0].1.diff.len();
    let width = 2 + result.conditions.iter().map(|(name, _)| name.len()).fold("condition".len(), usize::max);
    writeln!(out, "Head {layer}.{head}, {n} prompts, on {}", model.device.adapter)?;
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
    if let Some(accuracy) = result.accuracy {
        writeln!(out, "logit[IO] > logit[S] in {:.1} % of prompts", 100.0 * accuracy)?;
    }
    writeln!(out, "{:.1} s", time.as_secs_f64())?;
    Ok(())
}

/// A model that is loaded for one head.
pub struct Loaded<'a> {
    pub model: Rc<LoadedModel>,
    options: &'a HeadOptions,
    weights: Weights,
    started: Instant,
    loaded: Duration,
}

impl<'a> Loaded<'a> {
    pub fn new(options: &'a HeadOptions) -> Result<Self> {
        let started = Instant::now();
        let fits = |config: &Gpt2Config| config.check_head(options.layer, options.head);
        let (model, weights) = load_model(&options.model, options.device, fits)?;
        Ok(Self { model: Rc::new(model), options, weights, started, loaded: started.elapsed() })
    }

    /// As [`Provenance::beside`].
    pub fn beside(&self, result: &impl Serialize) -> serde_json::Value {
        let Self { model, options, weights, started, loaded } = self;
        Provenance { folder: &options.model, model, weights, loaded: *loaded, total: started.elapsed() }
            .beside(result)
    }

    pub fn print_heading(&self, out: &mut impl Write, prompts: usize) -> Result<()> {
        let (HeadOptions { layer, head, .. }, adapter) = (self.options, &self.model.device.adapter);
        writeln!(out, "Head {layer}.{head}, {prompts} prompts, on {adapter}")?;
        Ok(())
    }
}

/// What stands beside a result in JSON: which weights, computed where, in what time.
pub struct Provenance<'a> {
    pub folder: &'a Path,
    pub model: &'a LoadedModel,
    pub weights: &'a Weights,
    pub loaded: Duration,
    pub total: Duration,
}

impl Provenance<'_> {
    /// The result's own object with `model`, `device`, `origin` and `timings_ms` added.
    pub fn beside(&self, result: &impl Serialize) -> serde_json::Value {
        let Self { folder, model, weights, loaded, total } = self;
        let mut object = json!(result);
        object["model"] = json!(folder);
        object["device"] = json!({
            "device": model.device.kind, "adapter": model.device.adapter, "self_check": model.self_check,
        });
        object["origin"] = json!({ "from": "folder", "bytes": weights.bytes, "sha256": weights.sha256 });
        object["timings_ms"] = json!({
            "load": loaded.as_millis() as u64, "run": (*total - *loaded).as_millis() as u64,
        });
        object
    }
}
