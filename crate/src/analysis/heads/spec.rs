use serde::{Deserialize, Serialize};

use crate::task::{InductionTask, TaskSpec};
use crate::{Error, Result};

/// What is to be known of every head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct HeadsSpec {
    pub task: TaskSpec,
    /// Sequences in which each token occurs twice, for the attention that any task's heads may be named by.
    pub sequences: InductionTask,
    #[serde(default = "HeadFigure::all")]
    pub figures: Vec<HeadFigure>,
}

/// Figures that are computed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum HeadFigure {
    /// To the previous token, to duplicates and by induction; and between the task's roles.
    Attention,
    /// Whether what is written at a token raises, or lowers, the logit of the same token.
    Copying,
    /// The direct part in the logit difference.
    Direct,
    /// What the logit difference loses without the head.
    Ablated,
}

impl HeadFigure {
    pub const ALL: [Self; 4] = [Self::Attention, Self::Copying, Self::Direct, Self::Ablated];

    fn all() -> Vec<Self> {
        Self::ALL.into()
    }
}

impl HeadsSpec {
    /// How many sequences, and of how many different tokens, where a task has none of its own.
    const SEQUENCES: u32 = 10;
    const LENGTH: u32 = 50;

    /// Everything of a task, in a model with that context. The sequences are the task's own where these are sequences, and
    /// else 10 of 50 tokens twice, or of as many tokens as the context holds twice after BOS; by a seed, and of a length if
    /// one is given.
    pub fn of(task: TaskSpec, seed: u32, length: Option<u32>, n_ctx: usize) -> Self {
        let sequences = match &task {
            TaskSpec::Induction(sequences) => sequences.clone(),
            _ => InductionTask {
                n: Self::SEQUENCES,
                seed,
                length: length.unwrap_or(Self::LENGTH.min((n_ctx as u32 - 1) / 2)),
                prepend_bos: true,
            },
        };
        Self { task, sequences, figures: HeadFigure::all() }
    }

    pub fn has(&self, figure: HeadFigure) -> bool {
        self.figures.contains(&figure)
    }

    /// What can be said without a model.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit.
    pub fn check(&self) -> Result<()> {
        self.task.check()?;
        if self.figures.is_empty() {
            return Err(Error::input(
                "figures",
                "expected at least one of attention, copying, direct, ablated; found none",
            ));
        }
        TaskSpec::Induction(self.sequences.clone()).check()
    }
}
