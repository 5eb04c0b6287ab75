use std::io::Read;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use patchbay::Error;
use patchbay::device::{ComputeDevice, DeviceKind};
use patchbay::hub::gpt2_small;
use patchbay::loader::{LoadedModel, ModelLoader};
use patchbay::model::Gpt2Config;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::files::{hex, open, read};
use super::options::DeviceChoice;
use super::progress::bar;
use super::record::Record;

/// A model from a folder, and what stands beside its results: which weights, computed where, in what time.
pub struct Loaded<'a> {
    pub model: Rc<LoadedModel>,
    folder: &'a Path,
    weights: Weights,
    started: Instant,
    loading: Duration,
}

impl<'a> Loaded<'a> {
    /// Any model.
    pub fn new(folder: &'a Path, device: DeviceChoice) -> Result<Self> {
        Self::if_fits(folder, device, |_| Ok(()))
    }

    /// A model with this head.
    pub fn with_head(folder: &'a Path, device: DeviceChoice, layer: usize, head: usize) -> Result<Self> {
        Self::if_fits(folder, device, |config| config.check_head(layer, head))
    }

    /// `fits` is asked before the weights are read.
    fn if_fits(
        folder: &'a Path,
        device: DeviceChoice,
        fits: impl Fn(&Gpt2Config) -> patchbay::Result<()>,
    ) -> Result<Self> {
        let started = Instant::now();
        let (model, weights) = load_model(folder, device, fits)?;
        Ok(Self { model: Rc::new(model), folder, weights, started, loading: started.elapsed() })
    }

    /// Since it is loaded.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed() - self.loading
    }

    /// The result's own object with `model`, `device`, `origin` and `timings_ms` added.
    pub fn beside(&self, result: &impl Serialize) -> serde_json::Value {
        let Self { model, folder, weights, loading, .. } = self;
        let mut object = json!(result);
        object["model"] = json!(folder);
        object["device"] = json!({
            "device": model.device.kind, "adapter": model.device.adapter, "self_check": model.self_check,
        });
        object["origin"] = json!({ "from": "folder", "bytes": weights.bytes, "sha256": weights.sha256 });
        object["timings_ms"] = json!({
            "load": loading.as_millis() as u64, "run": self.elapsed().as_millis() as u64,
        });
        object
    }
}

/// Which model.safetensors was read.
struct Weights {
    bytes: u64,
    sha256: String,
}

impl DeviceChoice {
    /// `auto` takes a GPU only where there is a real one, since a software adapter is slower than the CPU device.
    pub fn open(self) -> patchbay::Result<ComputeDevice> {
        let gpu = || pollster::block_on(ComputeDevice::gpu());
        Ok(match self {
            Self::Cpu => ComputeDevice::cpu(),
            Self::Gpu => gpu()?,
            Self::Auto => gpu().ok().filter(|gpu| !gpu.is_software).unwrap_or_else(ComputeDevice::cpu),
        })
    }
}

/// The model on the device asked for. `auto` keeps to a GPU only if it computes what the CPU does.
fn load_model(
    folder: &Path,
    device: DeviceChoice,
    fits: impl Fn(&Gpt2Config) -> patchbay::Result<()>,
) -> Result<(LoadedModel, Weights)> {
    let opened = device.open()?;
    let may_change = device == DeviceChoice::Auto && opened.kind == DeviceKind::Gpu;
    load_on(opened, folder, &fits).or_else(|error| match error.downcast_ref() {
        Some(Error::Device(_)) if may_change => {
            eprintln!("patchbay: {error}; using the CPU");
            load_on(ComputeDevice::cpu(), folder, &fits)
        }
        _ => Err(error),
    })
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
