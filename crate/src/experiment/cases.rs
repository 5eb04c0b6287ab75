//! The cases of an experiment at one head: each a run of layer L under hooks, started from the clean
//! `resid_pre[L]`.

use super::pass::Stopped;
use super::prompts::Edits;
use super::replace::Rows;
use super::{Case, EditedInput};
use crate::Result;
use crate::hooks::{Activation, ActivationCache, Hooks};

/// A batch at layer L, where the cases of one head run.
pub struct HeadCases<'a> {
    at: &'a Stopped<'a>,
    rows: Rows<'a>,
    edits: &'a Edits,
    head: usize,
    /// What every case reads.
    reads: &'a [Activation],
    /// The activations of the clean run, ln1's scale among them.
    pub clean: ActivationCache,
}

impl<'a> HeadCases<'a> {
    /// # Errors
    /// [`crate::Error::BadHook`] if the model has no such layer or head.
    pub fn new(at: &'a Stopped<'a>, edits: &'a Edits, head: usize, reads: &'a [Activation]) -> Result<Self> {
        let scale = Activation::Ln1Scale.at_head(at.layer, head);
        let hooks = reads.iter().fold(Hooks::new(), |hooks, read| hooks.read(read.at_head(at.layer, head)));
        let clean = at.gpt2.run_from(at.layer, at.clean.clone(), &hooks.read(scale))?;
        Ok(Self { rows: Rows::all(at), at, edits, head, reads, clean })
    }

    /// The activations that a case reads.
    ///
    /// # Errors
    /// As [`HeadCases::new`].
    pub fn run(&self, case: &Case) -> Result<ActivationCache> {
        let Some(edit) = &case.edit else {
            return Ok(self.clean.clone());
        };
        let point = |activation: Activation| activation.at_head(self.at.layer, self.head);
        let input = point(match edit.input {
            EditedInput::Query => Activation::QInput,
            EditedInput::Key => Activation::KInput,
        });
        let replaced = self.rows.edited(edit, &self.edits.vectors);
        let mut hooks = Hooks::new().edit(input, move |_| replaced.clone());
        if edit.ln.is_frozen(self.edits.freeze_ln) {
            let scale = self.clean.get(point(Activation::Ln1Scale))?;
            hooks = hooks.edit(point(Activation::Ln1Scale), move |_| scale.clone());
        }
        let hooks = self.reads.iter().fold(hooks, |hooks, &read| hooks.read(point(read)));
        self.at.gpt2.run_from(self.at.layer, self.at.clean.clone(), &hooks)
    }
}
