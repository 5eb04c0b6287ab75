//! An experiment is data: its cases say what is edited, where, and by what. One runner runs them all.
//!
//! Every case reads the same thing, head H's attention scores from END to IO and to S1 at layer L, in a
//! run that starts from the clean `resid_pre[L]`; nothing below L runs again.

pub(crate) mod batch;
mod cases;
mod patching_positions;
pub(crate) mod plan;
mod result;
mod run;

use serde::{Deserialize, Serialize};

use crate::ioi::{DatasetSpec, Flip};
use crate::{Error, Result};

pub use patching_positions::PATCHING_POSITIONS;
pub use result::{ConditionResult, EditEvidence, Evidence, ExperimentResult, Row};
pub use run::{Progress, Run};

/// What is asked, and the cases that answer it.
#[derive(Debug)]
pub struct Experiment {
    pub name: &'static str,
    pub title: &'static str,
    pub question: &'static str,
    /// The first is the clean run, with which the others are compared.
    pub cases: &'static [Case],
}

/// One condition of an experiment.
#[derive(Debug)]
pub struct Case {
    pub condition: &'static str,
    pub description: &'static str,
    pub edit: Option<Edit>,
    /// A control is not shown among the conditions: it must change nothing.
    pub control: bool,
}

/// Replaces what head H's queries read, `q_input`.
#[derive(Debug, Clone, Copy)]
pub struct Edit {
    pub positions: EditedPositions,
    pub replacement: Replacement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditedPositions {
    All,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// `resid_pre[L]` of the clean run itself.
    Clean,
    /// `resid_pre[L]` of the flipped run.
    Flipped,
    /// The part of `q_input` inside span{W_U[:,IO], W_U[:,S]}.
    ProjectedOnUnembeddings,
}

/// Every experiment there is.
pub const EXPERIMENTS: &[&Experiment] = &[&PATCHING_POSITIONS];

/// All it takes to run an experiment again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct ExperimentSpec {
    pub experiment: String,
    pub layer: usize,
    pub head: usize,
    pub dataset: DatasetSpec,
    pub flip: String,
    /// Keep ln1's scale at layer L as it was in the clean run.
    pub freeze_ln: bool,
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
        }
    }
}

impl ExperimentSpec {
    /// The experiment that the spec names.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `experiment`.
    pub fn experiment(&self) -> Result<&'static Experiment> {
        EXPERIMENTS.iter().copied().find(|experiment| experiment.name == self.experiment).ok_or_else(|| {
            let known: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.name).collect();
            Error::input(
                "experiment",
                format!("there is no experiment \"{}\"; there is {}", self.experiment, known.join(", ")),
            )
        })
    }
}
