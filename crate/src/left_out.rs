//! Prompts that somebody wrote: what a model cannot run is left out with its number and the reason, and the others are run.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{Result, tokenizer::Tokenizer};

/// A prompt that is not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Its number among those that were written, from 1.
    pub prompt: usize,
    pub why: String,
}

/// What may have such prompts in it.
pub trait LeaveOut {
    /// Takes out of it those that a model with that tokenizer and context cannot run. Generated ones stay.
    ///
    /// # Errors
    /// [`crate::Error::BadInput`] if it is not a prompt's fault.
    fn leave_out(&mut self, tokenizer: &Tokenizer, n_ctx: usize) -> Result<Vec<LeftOut>>;
}

/// One prompt of a JSON array, which is read by itself so that what is wrong in it does not hide the others.
///
/// # Errors
/// Why it is none, in words.
pub fn from_json<T: DeserializeOwned>(entry: &RawValue) -> std::result::Result<T, String> {
    serde_json::from_str(entry.get()).map_err(|error| {
        let error = error.to_string();
        // serde_json's words for half of a character are about hexadecimal digits.
        if error.contains("surrogate") || error.contains("hex escape") {
            format!("a \\u escape in it is no character, or a lone surrogate, which is half of one ({error})")
        } else {
            error
        }
    })
}

/// Keeps those in which no problem is found.
pub(crate) fn keep<T>(
    prompts: &mut Vec<T>,
    check: impl Fn(&T) -> std::result::Result<(), String>,
) -> Vec<LeftOut> {
    let (mut number, mut left_out) = (0, Vec::new());
    prompts.retain(|prompt| {
        number += 1;
        let checked = check(prompt);
        let fits = checked.is_ok();
        left_out.extend(checked.err().map(|why| LeftOut { prompt: number, why }));
        fits
    });
    left_out
}
