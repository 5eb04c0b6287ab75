use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use patchbay::Error;
use patchbay::device::{ComputeDevice, DeviceKind};
use patchbay::hub::gpt2_small;
use patchbay::ioi::DatasetSpec;
use patchbay::loader::{LoadedModel, ModelLoader};
use patchbay::model::Gpt2Config;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::files::{self, Found, Source, check_cached, hex, open, read};
use super::hub::{Environment, Snapshot};
use super::model::Model;
use super::options::DeviceChoice;
use super::progress::bar;
use super::prompts::{LeftOut, OwnPrompts};
use super::record::Record;
use super::shown::{say, visible};

/// A model, and what stands beside its results: which files, computed where, in what time.
pub struct Loaded {
    pub model: Rc<LoadedModel>,
    name: String,
    revision: Option<String>,
    identity: Identity,
    left_out: Vec<LeftOut>,
    started: Instant,
    loading: Duration,
}

/// Which files were read.
#[derive(Serialize)]
pub struct Identity {
    bytes: u64,
    /// Of the weights, one file after the other.
    pub sha256: String,
    config_sha256: String,
    /// Of the tokenizer.json, which may have been made from other files.
    tokenizer_sha256: String,
}

/// The files of what `--model` names, and the record of a folder that was fetched into.
pub struct Opened {
    source: Box<dyn Source>,
    revision: Option<String>,
    record: Option<Record>,
    is_pinned: bool,
}

impl Opened {
    pub fn new(model: &Path) -> Result<Self> {
        let environment = Environment::read()?;
        match Model::parse(model, &environment.endpoint)? {
            Model::Folder(folder) => Self::folder(folder, false),
            Model::Hub(name) => {
                let is_pinned = name.is_pinned();
                let snapshot = Snapshot::open(name, &environment)?;
                let revision = Some(snapshot.commit.clone());
                Ok(Self { source: Box::new(snapshot), revision, record: None, is_pinned })
            }
            Model::Url(base) => {
                let message = format!(
                    "--model: expected a folder, or OWNER/NAME on the hub, found {}; fetch it first: patchbay fetch --model ADDRESS --to DIR, then --model DIR",
                    base.address
                );
                Err(Error::input("model", message).into())
            }
        }
    }

    pub fn folder(folder: PathBuf, is_pinned: bool) -> Result<Self> {
        let record = Record::read(&folder)?;
        Ok(Self { source: Box::new(folder), revision: None, record, is_pinned })
    }

    /// config.json and the tokenizer, checked.
    fn small(&self) -> Result<(Vec<u8>, Vec<u8>)> {
        let config = files::config(self.source.as_ref())?;
        self.check_small(files::CONFIG, &config)?;
        Ok((read(&config, files::CONFIG)?, self.tokenizer()?))
    }

    pub fn tokenizer(&self) -> Result<Vec<u8>> {
        let tokenizer = files::tokenizer(self.source.as_ref())?;
        for (name, path) in &tokenizer.files {
            self.check_small(name, path)?;
        }
        tokenizer.read_tokenizer()
    }

    fn check_small(&self, name: &str, path: &Path) -> Result<()> {
        check_cached(name, path, None)?;
        match &self.record {
            Some(record) => Ok(record.check(name, &hex(Sha256::new_with_prefix(read(path, name)?)))?),
            None => Ok(()),
        }
    }
}

impl Loaded {
    /// Any model.
    pub fn new(model: &Path, device: DeviceChoice) -> Result<Self> {
        Ok(Self::if_fits(model, device, |_| Ok(()))?.0)
    }

    /// A model with this head; where it is not named, with the one that is usual for a model of its shape.
    pub fn with_head(
        model: &Path,
        device: DeviceChoice,
        layer: Option<usize>,
        head: Option<usize>,
    ) -> Result<(Self, [usize; 2])> {
        Self::if_fits(model, device, |config| {
            let usual = config.default_head();
            let at = [layer.unwrap_or(usual[0]), head.unwrap_or(usual[1])];
            config.check_head(at[0], at[1])?;
            Ok(at)
        })
    }

    /// `fits` is asked before the weights are looked for.
    fn if_fits<T>(
        model: &Path,
        device: DeviceChoice,
        fits: impl Fn(&Gpt2Config) -> patchbay::Result<T>,
    ) -> Result<(Self, T)> {
        let started = Instant::now();
        let opened = Opened::new(model)?;
        let (loaded, identity, fit) = load(&opened, device, fits)?;
        for note in &loaded.notes {
            say(note);
        }
        let Opened { revision, .. } = opened;
        // JSON has no other text than Unicode.
        let name = model.to_string_lossy().into_owned();
        let loading = started.elapsed();
        Ok((
            Self { model: Rc::new(loaded), name, revision, identity, left_out: Vec::new(), started, loading },
            fit,
        ))
    }

    /// Leaves out what of one's own prompts does not fit the model, and says so.
    pub fn fit(&mut self, spec: &mut DatasetSpec, mut own: OwnPrompts) -> Result<()> {
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
        let Self { model, name, revision, identity, left_out, loading, .. } = self;
        let mut object = json!(result);
        object["model"] = json!(name);
        object["device"] = json!({
            "device": model.device.kind, "adapter": model.device.adapter, "self_check": model.self_check,
        });
        object["origin"] = json!(identity);
        object["origin"]["from"] = json!(if revision.is_some() { "hub" } else { "folder" });
        object["origin"]["revision"] = json!(revision);
        if !left_out.is_empty() {
            object["left_out"] = json!(left_out);
        }
        object["timings_ms"] = json!({
            "load": loading.as_millis() as u64, "run": self.elapsed().as_millis() as u64,
        });
        object
    }
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
    let weights = files::weights(opened.source.as_ref())?;
    let (bytes, sha256) = read_weights(&mut loader, &weights, opened.record.as_ref())?;
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

/// Bytes and SHA-256 of all files, one after the other.
fn read_weights(loader: &mut ModelLoader, weights: &Found, record: Option<&Record>) -> Result<(u64, String)> {
    let sizes = weights.files.iter().map(|(_, path)| Ok(open(path)?.metadata()?.len()));
    let bar = bar(Some(sizes.sum::<Result<_>>()?), "{wide_bar} {bytes}/{total_bytes} {eta} {msg}");
    let (mut all, mut bytes) = (Sha256::new(), 0);
    let mut chunk = vec![0; 1 << 20];
    for (name, path) in &weights.files {
        let mut file = open(path)?;
        // Of a single file it is that of all.
        let mut sha256 = weights.index.is_some().then(Sha256::new);
        if weights.index.is_some() {
            loader.next_file(name)?;
        }
        loop {
            let read = file.read(&mut chunk).with_context(|| format!("cannot read {name}"))?;
            if read == 0 {
                break;
            }
            let progress = loader.push(&chunk[..read])?;
            all.update(&chunk[..read]);
            if let Some(sha256) = &mut sha256 {
                sha256.update(&chunk[..read]);
            }
            bytes += read as u64;
            bar.set_position(bytes);
            bar.set_message(visible(&progress.tensor).into_owned());
        }
        let sha256 = hex(sha256.unwrap_or_else(|| all.clone()));
        check_cached(name, path, Some(&sha256))?;
        if let Some(record) = record {
            record.check(name, &sha256)?;
        }
    }
    bar.finish_and_clear();
    Ok((bytes, hex(all)))
}
