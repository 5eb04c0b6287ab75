use serde::{Deserialize, Serialize};

use crate::patch::Node;
use crate::task::{PromptForm, TaskSpec};

/// The logit difference that the residual stream gives at END and at the other roles, layer by layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct LensSpec {
    pub task: TaskSpec,
    /// Which of an example's two runs is looked at.
    #[serde(default)]
    pub run: PromptForm,
    /// Heads whose z is zero at some positions of that run; everything after is computed from it.
    #[serde(default)]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string[]"))]
    pub zero: Vec<Node>,
    #[serde(default)]
    pub scale: LensScale,
    /// Whether the result has each prompt's values too.
    #[serde(default)]
    pub per_prompt: bool,
}

/// What ln_f divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum LensScale {
    /// The scale of what the last layer leaves, so that differences between values are what was added between.
    #[default]
    Frozen,
    /// The scale of the stream itself, as if the layers after it were not there.
    Live,
}

impl LensSpec {
    /// The clean run, with the scale frozen.
    pub fn of(task: TaskSpec) -> Self {
        Self { task, run: PromptForm::Clean, zero: Vec::new(), scale: LensScale::Frozen, per_prompt: false }
    }
}
