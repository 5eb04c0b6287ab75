use crate::device::{ComputeDevice, DeviceKind};
use crate::ioi::Lexicon;
use crate::model::{Gpt2, Gpt2Config};
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
}

/// Loads a model from its three files, the large one in pieces as it arrives.
pub struct ModelLoader {
    tokenizer: Tokenizer,
    device: ComputeDevice,
    weights: WeightReader,
}

impl ModelLoader {
    /// # Errors
    /// [`Error::BadModel`] if config.json or tokenizer.json is broken, they do not belong together, or a name of the
    /// dataset is not one token.
    pub fn new(device: ComputeDevice, config_json: &str, tokenizer_json: &[u8]) -> Result<Self> {
        let config = Gpt2Config::from_json(config_json)?;
        let tokenizer = Tokenizer::from_json(tokenizer_json)?;
        if tokenizer.largest_id() as usize >= config.vocab_size {
            return Err(Error::model(format!(
                "tokenizer.json has a token of number {}, but config.json gives the model {} tokens from number 0; the files do not belong together",
                tokenizer.largest_id(),
                config.vocab_size
            )));
        }
        // Else they would be missed at the first run, when the file has been taken for good.
        for name in &Lexicon::get().names {
            tokenizer.name(name)?;
        }
        #[cfg(feature = "gpu")]
        if device.kind == DeviceKind::Gpu {
            crate::warm_up::warm_up(&config, &device.burn)?;
        }
        Ok(Self { tokenizer, weights: WeightReader::new(config, device.burn.clone()), device })
    }

    /// The model's shape, known before any of its weights.
    pub fn config(&self) -> &Gpt2Config {
        self.weights.config()
    }

    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// Takes the next bytes of model.safetensors.
    ///
    /// # Errors
    /// [`Error::BadModel`] as soon as something is wrong; the loader is of no use afterwards.
    pub fn push(&mut self, chunk: &[u8]) -> Result<LoadProgress> {
        self.weights.push(chunk)?;
        Ok(self.weights.progress())
    }

    /// Whether all of model.safetensors has been pushed.
    ///
    /// # Errors
    /// [`Error::BadModel`] if it ended early.
    pub fn check_whole(&self) -> Result<()> {
        self.weights.check_whole()
    }

    /// The model, its device checked.
    ///
    /// # Errors
    /// [`Error::BadModel`] if the file ended early; [`Error::Device`] if a GPU fails or disagrees with
    /// the CPU.
    pub async fn finish(self) -> Result<LoadedModel> {
        let (gpt2, check) = self.weights.finish()?;
        let self_check = match self.device.kind {
            DeviceKind::Cpu => None,
            DeviceKind::Gpu => {
                let report = check.run(&gpt2).await;
                // The cause before what follows from it.
                self.device.check()?;
                Some(report?)
            }
        };
        if let Some(report) = self_check.filter(|report| !report.passed) {
            return Err(Error::Device(format!(
                "{} disagrees with the CPU on the first two blocks by {:.1e} of the largest activation; at most {:.0e} is allowed. Use the CPU",
                self.device.adapter, report.max_difference, report.tolerance
            )));
        }
        Ok(LoadedModel { gpt2, tokenizer: self.tokenizer, device: self.device, self_check })
    }
}
