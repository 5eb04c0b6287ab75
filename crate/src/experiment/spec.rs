use serde::{Deserialize, Serialize};

use super::prompts::check_mlp_0;
use super::{Experiment, PATCHING_POSITIONS, Vector};
use crate::ioi::{DatasetSpec, Flip};
use crate::model::Gpt2Config;
use crate::{Error, Result};

/// All it takes to run an experiment at one head again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct ExperimentSpec {
    pub experiment: String,
    pub layer: usize,
    pub head: usize,
    pub dataset: DatasetSpec,
    pub flip: String,
    /// Keep ln1's scale at layer L as it was in the clean run, where a case does not say otherwise.
    pub freeze_ln: bool,
    /// Layer and head of the name mover whose output an experiment may put in. Where none is named it is 9.9, and
    /// where that is not below the head, what takes a name mover is left out. A result's spec has the one that was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional, type = "[number, number]"))]
    pub name_mover: Option<[usize; 2]>,
}

impl Default for ExperimentSpec {
    /// The notebook's: the negative name mover 10.7.
    fn default() -> Self {
        Self {
            experiment: PATCHING_POSITIONS.name.into(),
            layer: 10,
            head: 7,
            dataset: DatasetSpec::default(),
            flip: Flip::DEFAULT.into(),
            freeze_ln: true,
            name_mover: None,
        }
    }
}

impl ExperimentSpec {
    /// # Errors
    /// [`Error::BadInput`] naming `layer` if what its experiment puts in is not there below it.
    pub(crate) fn check_layer(&self, experiment: &Experiment) -> Result<()> {
        let reads_mlp_0 = |vector| vector == Vector::Mlp0;
        if experiment.cases.iter().any(|case| case.puts_in(reads_mlp_0)) {
            check_mlp_0(self.layer)?;
        }
        Ok(())
    }

    /// # Errors
    /// [`Error::BadInput`] naming `name_mover` if that is no head of the model below this one.
    pub(crate) fn check_name_mover(&self, config: &Gpt2Config) -> Result<()> {
        match self.name_mover {
            Some([layer, head]) if !self.is_below([layer, head], config) => Err(Error::input(
                "name_mover",
                format!(
                    "the name mover must be a head below layer {}, of heads 0 to {}; {layer}.{head} is not",
                    self.layer,
                    config.n_head - 1
                ),
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn is_below(&self, [layer, head]: [usize; 2], config: &Gpt2Config) -> bool {
        layer < self.layer && head < config.n_head
    }
}

/// All it takes to run an experiment at every head again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct SweepSpec {
    pub experiment: String,
    pub dataset: DatasetSpec,
    pub flip: String,
    /// As in [`ExperimentSpec`].
    pub freeze_ln: bool,
}

impl From<ExperimentSpec> for SweepSpec {
    /// The same question, asked of every head.
    fn from(spec: ExperimentSpec) -> Self {
        let ExperimentSpec { experiment, dataset, flip, freeze_ln, .. } = spec;
        Self { experiment, dataset, flip, freeze_ln }
    }
}
