//! An experiment is data: its cases say what is edited, where, and by what. One runner runs them all.
//!
//! Every case reads the same thing, a head's attention scores from END to IO and to S1 at layer L. A pass
//! takes the clean and the flipped prompts up the layers, batch by batch, and stops where a probe measures:
//! [`Run`] at one head, under the model's hooks; [`Sweep`] at every layer, all heads together;
//! [`AttentionRun`] at one head of one prompt. Nothing below the edited layer runs again for a case.

mod attention;
mod by_prompt;
mod controls;
mod decomposition;
mod draws;
mod edit;
mod linear;
mod measured;
mod names;
mod patching_positions;
mod prompts;
mod qk;
mod replacements;
mod report;
mod resemblance;
mod result;
mod run;
mod runs;
mod spec;
mod sweep;
mod vectors;
pub(crate) mod words;

pub use attention::{AttentionResult, AttentionRun, AttentionTable};
pub use controls::CONTROLS;
pub(crate) use decomposition::Intervention;
pub use decomposition::{
    Accounting, DecomposeBy, Decomposition, DecompositionResult, DecompositionSpec, KeyIntervention, Part,
    QueryIntervention,
};
pub(crate) use draws::Draws;
pub use edit::{Edit, EditedPositions, LnScale, Replacement, Span};
pub use linear::{LinearFunctions, LinearFunctionsResult, LinearFunctionsSpec};
pub(crate) use names::{NameForms, name_tokens};
pub use patching_positions::PATCHING_POSITIONS;
pub use qk::Side;
pub use replacements::{KEY_REPLACEMENTS, QUERY_REPLACEMENTS};
pub use resemblance::{Resemblance, ResemblanceResult, ResemblanceRun, ResemblanceSpec};
pub(crate) use result::as_map;
pub use result::{ConditionResult, EditEvidence, Evidence, ExperimentResult, KeyEvidence, RolePositions};
pub use run::Run;
pub use spec::{ExperimentSpec, SweepSpec};
pub use sweep::{LayerCount, Sweep, SweepResult, SweepRow};
pub use vectors::{Token, Vector, Without};

pub use crate::engine::Progress;
pub use crate::job::Work;
pub use crate::model::EffectiveEmbedding;
use crate::{Error, Result};

/// What is asked, and the cases that answer it.
#[derive(Debug)]
pub struct Experiment {
    pub name: &'static str,
    pub title: &'static str,
    pub question: &'static str,
    /// How its figures are read.
    pub reading: &'static str,
    /// Whether END's attention to IO is asked for, beside the scores.
    pub probability: bool,
    /// The first is the clean run, with which the others are compared.
    pub cases: &'static [Case],
}

/// One condition of an experiment.
#[derive(Debug)]
pub struct Case {
    pub condition: &'static str,
    pub description: &'static str,
    /// How the answer in words begins to speak of it: with a capital where a sentence begins, and else as one goes on. Empty
    /// where the answer leaves it to the table.
    pub said: &'static str,
    pub edit: Option<Edit>,
    /// A control is not shown among the conditions: it must change nothing.
    pub control: bool,
}

impl Case {
    const CLEAN: Self =
        Self { condition: "clean", description: "Nothing is changed.", said: "", edit: None, control: false };

    const fn shown(condition: &'static str, description: &'static str, edit: Edit) -> Self {
        Self { condition, description, said: "", edit: Some(edit), control: false }
    }

    const fn said(self, said: &'static str) -> Self {
        Self { said, ..self }
    }

    const fn control(condition: &'static str, description: &'static str, edit: Edit) -> Self {
        Self { control: true, ..Self::shown(condition, description, edit) }
    }

    fn puts_in(&self, is: impl Fn(Vector) -> bool) -> bool {
        matches!(self.edit, Some(Edit { replacement: Replacement::Normalized(vector), .. }) if is(vector))
    }
}

/// Every experiment there is.
pub const EXPERIMENTS: &[&Experiment] =
    &[&PATCHING_POSITIONS, &CONTROLS, &QUERY_REPLACEMENTS, &KEY_REPLACEMENTS];

impl Experiment {
    /// The experiment of that name.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `experiment`.
    pub fn named(name: &str) -> Result<&'static Self> {
        EXPERIMENTS.iter().copied().find(|experiment| experiment.name == name).ok_or_else(|| {
            let known: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.name).collect();
            Error::input(
                "experiment",
                format!("there is no experiment \"{name}\"; there is {}", known.join(", ")),
            )
        })
    }

    /// The cases that are shown among the conditions.
    pub fn shown(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| !case.control)
    }

    /// # Errors
    /// [`Error::BadInput`] naming `experiment` if it cannot be asked of all heads.
    pub(crate) fn check_sweeps(&self) -> Result<()> {
        if self.sweeps() {
            return Ok(());
        }
        Err(Error::input(
            "experiment",
            format!(
                "\"{}\" puts in what certain layers write, which heads below them do not have; run it at one head",
                self.name
            ),
        ))
    }

    fn any(&self, is: impl Fn(Replacement) -> bool) -> bool {
        self.cases.iter().filter_map(|case| case.edit).any(|edit| is(edit.replacement))
    }

    /// Whether it can be asked of all heads: not where it puts in what layers below the head have written.
    pub fn sweeps(&self) -> bool {
        !self.cases.iter().any(|case| case.puts_in(Vector::is_written))
    }

    /// Whether a case needs the flipped run.
    fn flips(&self) -> bool {
        self.any(|replacement| replacement == Replacement::Flipped)
    }
}
