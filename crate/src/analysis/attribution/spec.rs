use serde::{Deserialize, Serialize};

use crate::patch::Node;
use crate::task::{PromptForm, TaskSpec};

/// What every component of the last residual stream adds to the logit difference at END.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct AttributeSpec {
    pub task: TaskSpec,
    /// Which of an example's two runs is taken apart.
    #[serde(default)]
    pub run: PromptForm,
    /// Heads whose z is zero at some positions of that run; everything after is computed from it.
    #[serde(default)]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string[]"))]
    pub zero: Vec<Node>,
    /// Whether the result has each prompt's values too.
    #[serde(default)]
    pub per_prompt: bool,
}

impl AttributeSpec {
    /// The clean run as it is.
    pub fn of(task: TaskSpec) -> Self {
        Self { task, run: PromptForm::Clean, zero: Vec::new(), per_prompt: false }
    }
}
