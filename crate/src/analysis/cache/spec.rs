use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Gpt2Config;
use crate::site::Activation;
use crate::task::{Examples, PromptForm, TaskSpec};
use crate::{Error, Result};

/// The sites that are read. What heads read is no further one: without an edit it is `resid_pre`, a copy a head.
pub const CACHED: [Activation; 11] = [
    Activation::ResidPre,
    Activation::Q,
    Activation::K,
    Activation::V,
    Activation::Pattern,
    Activation::Z,
    Activation::Result,
    Activation::AttnOut,
    Activation::ResidMid,
    Activation::MlpOut,
    Activation::ResidPost,
];

/// Which activations of which runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct CacheSpec {
    pub task: TaskSpec,
    /// Which of an example's two runs is read.
    #[serde(default)]
    pub run: PromptForm,
    pub sites: Vec<Activation>,
    /// All where none is named.
    #[serde(default)]
    pub layers: Vec<usize>,
    /// The roles at which they are read; every position up to END where none is named.
    #[serde(default)]
    pub at: Vec<String>,
}

impl CacheSpec {
    /// What can be said without a model.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field.
    pub fn check(&self) -> Result<()> {
        self.task.check()?;
        let refuse = |field, message: String| Err(Error::input(field, message));
        let known = CACHED.map(Activation::name).join(", ");
        if self.sites.is_empty() {
            return refuse("sites", format!("expected a site, found none; there is {known}"));
        }
        if let Some(input) = self.sites.iter().find(|site| site.is_input()) {
            let name = input.name();
            return refuse(
                "sites",
                format!("without an edit {name} is resid_pre, a copy a head; take resid_pre"),
            );
        }
        if let Some(odd) = self.sites.iter().find(|site| !CACHED.contains(site)) {
            return refuse("sites", format!("{} is not read here; there is {known}", odd.name()));
        }
        let twice = |names: Vec<String>| {
            (1..names.len()).find(|&i| names[..i].contains(&names[i])).map(|i| names[i].clone())
        };
        let sites = self.sites.iter().map(|site| site.name().to_owned()).collect();
        let layers = self.layers.iter().map(usize::to_string).collect();
        for (field, names) in [("sites", sites), ("layers", layers), ("at", self.at.clone())] {
            if let Some(name) = twice(names) {
                return refuse(field, format!("{name} is named twice; name each once"));
            }
        }
        Ok(())
    }

    /// # Errors
    /// [`Error::BadInput`] for `layers` if the model has none such.
    pub fn check_model(&self, config: &Gpt2Config) -> Result<()> {
        match self.layers.iter().find(|&&layer| layer >= config.n_layer) {
            None => Ok(()),
            Some(layer) => Err(Error::input(
                "layers",
                format!("the model has layers 0 to {}; there is no layer {layer}", config.n_layer - 1),
            )),
        }
    }

    /// Those that are read, upwards.
    pub fn layers(&self, config: &Gpt2Config) -> Vec<usize> {
        let mut layers =
            if self.layers.is_empty() { (0..config.n_layer).collect() } else { self.layers.clone() };
        layers.sort_unstable();
        layers
    }

    /// What stands beside the tensors, so that the file can be read by itself.
    pub(super) fn about(&self, examples: &Examples) -> BTreeMap<String, String> {
        let json = |value: serde_json::Result<String>| value.expect("plain data");
        let positions = if self.at.is_empty() {
            "every position up to END: rows are padded on the right, tokens with the end-of-text token and activations with 0; \
             lengths has how many positions of a row are its own"
                .to_owned()
        } else {
            format!("at the roles {}, in this order", self.at.join(", "))
        };
        BTreeMap::from([
            ("format".into(), "pt".into()),
            ("made_by".into(), concat!("Patchbay ", env!("CARGO_PKG_VERSION")).into()),
            ("spec".into(), json(serde_json::to_string(self))),
            ("positions".into(), positions),
            ("padding".into(), "right".into()),
            ("roles".into(), json(serde_json::to_string(&examples.roles))),
            (
                "names".into(),
                "TransformerLens's hooks, of weights that are processed as from_pretrained does it by default".into(),
            ),
        ])
    }
}
