use crate::device::{ComputeDevice, DeviceKind};
use crate::engine::Memo;
use crate::model::{Gpt2, Gpt2Config, fused};
use crate::self_check::SelfCheckReport;
use crate::tokenizer::Tokenizer;
use crate::weights::{LoadProgress, WeightReader};
use crate::{Error, Result};

/// A model with its tokenizer, on a device that computes what the CPU does.
pub struct LoadedModel {
    pub gpt2: Gpt2,
    pub tokenizer: Tokenizer,
    pub device: ComputeDevice,
    /// Nothing on the CPU, which is what a GPU is checked against.
    pub self_check: Option<SelfCheckReport>,
    /// What was passed over or decided, in plain sentences.
    pub notes: Vec<String>,
    /// What has been measured with it.
    pub memo: Memo,
}

const UNTIED: &str =
    "lm_head.weight is not wte.weight: the model is not tied, and W_U is computed from lm_head.weight.";

/// Loads a model from its files: config.json and tokenizer.json, and the weights, in one file or several, in pieces as
/// they arrive.
pub struct ModelLoader {
    tokenizer: Tokenizer,
    device: ComputeDevice,
    weights: WeightReader,
    notes: Vec<String>,
}

impl ModelLoader {
    /// # Errors
    /// [`Error::BadModel`] if config.json or tokenizer.json is broken, or not GPT-2's; [`Error::Device`] if there is no room for
    /// such a model.
    pub fn new(device: ComputeDevice, config_json: impl AsRef<[u8]>, tokenizer_json: &[u8]) -> Result<Self> {
        let (config, mut notes) = Gpt2Config::with_notes(config_json.as_ref())?;
        device.room().check(&config, false)?;
        let (tokenizer, of_tokenizer) = Tokenizer::from_json(tokenizer_json)?.of_model(&config);
        notes.extend(of_tokenizer);
        #[cfg(feature = "gpu")]
        if device.kind == DeviceKind::Gpu {
            crate::warm_up::warm_up(&config, &device.burn, device.rows_per_batch())?;
        }
        Ok(Self { tokenizer, weights: WeightReader::new(config, device.burn.clone()), device, notes })
    }

    /// The model's shape, known before any of its weights.
    pub fn config(&self) -> &Gpt2Config {
        self.weights.config()
    }

    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// Has the program's memory grow to what the weights will take: called before any of them, when no other model is held any more.
    ///
    /// # Errors
    /// [`Error::Device`] if it is not given so much.
    pub fn make_room(&self) -> Result<()> {
        self.device.room().take(self.config())
    }

    /// Begins one of the files of a model whose weights are in several: called before each, the first too, and not for
    /// a single model.safetensors.
    ///
    /// # Errors
    /// [`Error::BadModel`] if the file before is not whole.
    pub fn next_file(&mut self, name: &str) -> Result<()> {
        self.weights.next_file(name)
    }

    /// Takes the next bytes of model.safetensors, or of the file begun.
    ///
    /// # Errors
    /// [`Error::BadModel`] as soon as something is wrong, and [`Error::Device`] as soon as an lm_head for which there is no room
    /// is listed; the loader is of no use afterwards.
    pub fn push(&mut self, chunk: &[u8]) -> Result<LoadProgress> {
        self.weights.push(chunk)?;
        if self.weights.has_own_unembedding() {
            self.device.room().check(self.config(), true)?;
        }
        Ok(self.weights.progress())
    }

    /// Whether all of the model's weights have been pushed.
    ///
    /// # Errors
    /// [`Error::BadModel`] if a file ended early, or a tensor is in none.
    pub fn check_whole(&self) -> Result<()> {
        self.weights.check_whole()
    }

    /// The model, its device checked.
    ///
    /// # Errors
    /// [`Error::BadModel`] if the file ended early; [`Error::Device`] if a GPU fails or disagrees with
    /// the CPU.
    pub async fn finish(self) -> Result<LoadedModel> {
        let mut notes = self.notes;
        notes.extend(self.weights.notes());
        let (mut gpt2, check) = self.weights.finish()?;
        let self_check = match self.device.kind {
            DeviceKind::Cpu => None,
            DeviceKind::Gpu => {
                // What is checked is what will run.
                let c_fc = fused::weights(&gpt2.blocks[0].mlp.c_fc);
                fused::choose_product(&c_fc, self.device.rows_to_measure()).await?;
                let report = check.run(&gpt2, self.device.rows_per_batch()).await;
                // The cause before what follows from it.
                self.device.check()?;
                Some(report?)
            }
        };
        if let Some(report) = self_check.filter(|report| !report.passed) {
            return Err(Error::Device(format!(
                "{} disagrees with the CPU on the first blocks by {:.1e} of the largest activation; at most {:.0e} is allowed. Use the CPU",
                self.device.adapter, report.max_difference, report.tolerance
            )));
        }
        let was_there_twice = gpt2.lm_head.is_some();
        gpt2.tie_if_equal().await?;
        self.device.check()?;
        if gpt2.lm_head.is_some() {
            notes.push(UNTIED.into());
        } else if was_there_twice {
            notes.push("lm_head.weight is wte.weight once more, and was dropped.".into());
        }
        let Self { tokenizer, device, .. } = self;
        Ok(LoadedModel { gpt2, tokenizer, device, self_check, notes, memo: Memo::default() })
    }
}
