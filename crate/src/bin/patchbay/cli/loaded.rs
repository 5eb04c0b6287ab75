use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use patchbay::Error;
use patchbay::device::{ComputeDevice, DeviceKind};
use patchbay::hub::gpt2_small;
use patchbay::left_out::{LeaveOut, LeftOut};
use patchbay::loader::{LoadedModel, ModelLoader};
use patchbay::model::Gpt2Config;
use patchbay::reproduce::ModelOf;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::files::hex;
use super::opened::Opened;
use super::options::DeviceChoice;
use super::prompts::OwnPrompts;
use super::shown::say;

/// A model, and what stands beside its results: which files, computed where, in what time.
pub struct Loaded {
    pub model: Rc<LoadedModel>,
    opened: Opened,
    identity: Identity,
    left_out: Vec<LeftOut>,
    started: Instant,
    loading: Duration,
}

/// Which files were read.
#[derive(Serialize)]
pub struct Identity {
    bytes: u64,
    /// The hash of the weights, one file after the other.
    pub sha256: String,
    config_sha256: String,
    /// The hash of the tokenizer.json, which may have been made from other files.
    tokenizer_sha256: String,
}

impl Loaded {
    /// Any model.
    pub fn new(model: Option<&Path>, device: DeviceChoice) -> Result<Self> {
        Ok(Self::if_fits(model, device, |_, _| Ok(()))?.0)
    }

    /// A model with this head; where it is not named, with the one that is usual for the model.
    pub fn with_head(
        model: Option<&Path>,
        device: DeviceChoice,
        layer: Option<usize>,
        head: Option<usize>,
    ) -> Result<(Self, [usize; 2])> {
        Self::if_fits(model, device, |opened, config| {
            let usual = opened.default_head(config);
            let at = [layer.unwrap_or(usual[0]), head.unwrap_or(usual[1])];
            config.check_head(at[0], at[1])?;
            Ok(at)
        })
    }

    /// `fits` is asked before the weights are looked for.
    fn if_fits<T>(
        model: Option<&Path>,
        device: DeviceChoice,
        fits: impl Fn(&Opened, &Gpt2Config) -> patchbay::Result<T>,
    ) -> Result<(Self, T)> {
        let started = Instant::now();
        let opened = Opened::new(model)?;
        let (loaded, identity, fit) = load(&opened, device, |config| fits(&opened, config))?;
        opened.tell(&loaded.notes);
        let loading = started.elapsed();
        Ok((Self { model: Rc::new(loaded), opened, identity, left_out: Vec::new(), started, loading }, fit))
    }

    /// The model as it was named.
    pub fn name(&self) -> &str {
        &self.opened.name
    }

    /// The SHA-256 of the weights.
    pub fn sha256(&self) -> &str {
        &self.identity.sha256
    }

    /// Which model it is, to whoever is to have the same elsewhere.
    pub fn model_of(&self) -> ModelOf {
        let id = self.opened.id();
        ModelOf { id, origin: self.origin() }
    }

    /// Leaves out of a dataset's or a task's spec what of one's own prompts does not fit the model, and says so.
    pub fn fit(&mut self, spec: &mut impl LeaveOut, mut own: OwnPrompts) -> Result<()> {
        own.fit(spec, &self.model.tokenizer, self.model.gpt2.config.n_ctx)?;
        own.tell();
        self.left_out = own.left_out;
        Ok(())
    }

    /// Since it is loaded.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed() - self.loading
    }

    /// The first line of a head's tables.
    pub fn heading(&self, [layer, head]: [usize; 2], prompts: usize) -> String {
        format!("Head {layer}.{head}, {prompts} prompts, on {}", self.model.device.adapter)
    }

    /// The result's own object with `model`, `device`, `origin` and `timings_ms` added, and `left_out` where own prompts are.
    pub fn beside(&self, result: &impl Serialize) -> Value {
        let Self { model, opened, left_out, loading, .. } = self;
        let mut object = json!(result);
        object["model"] = json!(opened.name);
        object["device"] = json!({
            "device": model.device.kind, "adapter": model.device.adapter, "self_check": model.self_check,
        });
        object["origin"] = self.origin();
        if !left_out.is_empty() {
            object["left_out"] = json!(left_out);
        }
        object["timings_ms"] = json!({
            "load": loading.as_millis() as u64, "run": self.elapsed().as_millis() as u64,
        });
        object
    }
}

impl Loaded {
    fn origin(&self) -> Value {
        let (from, revision) = self.opened.origin();
        let mut origin = json!(self.identity);
        origin["from"] = json!(from);
        origin["revision"] = json!(revision);
        origin
    }
}

impl DeviceChoice {
    /// `auto` takes a GPU only where there is a real one, since a software adapter is slower than the CPU device.
    pub fn open(self) -> patchbay::Result<ComputeDevice> {
        let gpu = || pollster::block_on(ComputeDevice::gpu());
        Ok(match self {
            Self::Cpu => ComputeDevice::cpu(),
            Self::Webgpu => gpu()?,
            Self::Auto => gpu().ok().filter(|gpu| !gpu.is_software).unwrap_or_else(ComputeDevice::cpu),
        })
    }
}

/// The model on the device asked for. `auto` keeps to a GPU only if it computes what the CPU does.
pub fn load<T>(
    opened: &Opened,
    device: DeviceChoice,
    fits: impl Fn(&Gpt2Config) -> patchbay::Result<T>,
) -> Result<(LoadedModel, Identity, T)> {
    let device_opened = device.open()?;
    let may_change = device == DeviceChoice::Auto && device_opened.kind == DeviceKind::Gpu;
    load_on(device_opened, opened, &fits).or_else(|error| match error.downcast_ref() {
        Some(Error::Device(_)) if may_change => {
            say(&format!("{error}; using the CPU"));
            load_on(ComputeDevice::cpu(), opened, &fits)
        }
        _ => Err(error),
    })
}

fn load_on<T>(
    device: ComputeDevice,
    opened: &Opened,
    fits: impl Fn(&Gpt2Config) -> patchbay::Result<T>,
) -> Result<(LoadedModel, Identity, T)> {
    let (config, tokenizer) = opened.small()?;
    let mut loader = ModelLoader::new(device, &config, &tokenizer)?;
    let fit = fits(loader.config())?;
    let (bytes, sha256) = opened.read_weights(&mut loader)?;
    loader.check_whole()?;
    let hub = gpt2_small();
    if opened.is_pinned && sha256 != hub.weights.sha256 {
        let expected = hub.weights.sha256;
        return Err(Error::model(format!(
            "model.safetensors is not the file of {}: expected SHA-256 {expected}, found {sha256}",
            hub.id
        ))
        .into());
    }
    if sha256 == hub.weights.sha256 {
        // Whoever put them there: GPT-2's weights with other heads or tokens would give wrong figures silently.
        hub.small.check(&config, &tokenizer)?;
    }
    let hash = |bytes: &[u8]| hex(Sha256::new_with_prefix(bytes));
    let identity =
        Identity { bytes, sha256, config_sha256: hash(&config), tokenizer_sha256: hash(&tokenizer) };
    Ok((pollster::block_on(loader.finish())?, identity, fit))
}
