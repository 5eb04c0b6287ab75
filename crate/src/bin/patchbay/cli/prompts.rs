//! `--prompts FILE`. As on the page, a prompt that cannot be run is left out with its number and the reason.

use std::path::Path;

use anyhow::Result;
use patchbay::Error;
use patchbay::ioi::{CustomPrompt, DatasetSpec};
use patchbay::tokenizer::Tokenizer;
use serde::Serialize;
use serde_json::value::RawValue;

use super::files::read_up_to;
use super::shown::say;

/// Room for as many and as long ones as are read, all in JSON's longest escapes.
const MOST_BYTES: u64 = 64 << 20;

/// What of a file can be run.
#[derive(Debug, Default)]
pub struct OwnPrompts {
    /// With their numbers in the file, from 1.
    prompts: Vec<(usize, CustomPrompt)>,
    pub left_out: Vec<LeftOut>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// Its number in the file, from 1.
    prompt: usize,
    why: String,
}

impl OwnPrompts {
    pub fn read(file: &Path) -> Result<Self> {
        let bytes = read_up_to(file, &file.display().to_string(), MOST_BYTES)?;
        // Windows editors put a mark before it, which JSON does not have.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        // What is wrong in one prompt must not hide the others.
        let entries: Vec<&RawValue> = serde_json::from_slice(bytes).map_err(|error| {
            let message = format!(
                "{} is no JSON array of objects with \"sentence\", \"io\" and \"s\": {error}",
                file.display()
            );
            Error::input("prompts", message)
        })?;
        let mut own = Self::default();
        for (i, entry) in entries.into_iter().enumerate() {
            let parsed = serde_json::from_str::<CustomPrompt>(entry.get()).map_err(|error| why(&error));
            match parsed.and_then(|prompt| prompt.check_size().map(|()| prompt)) {
                Ok(prompt) => own.prompts.push((i + 1, prompt)),
                Err(why) => own.leave_out(i + 1, why),
            }
        }
        Ok(own)
    }

    pub fn prompts(&self) -> Vec<CustomPrompt> {
        self.prompts.iter().map(|(_, prompt)| prompt.clone()).collect()
    }

    /// Leaves out of a spec with these prompts what does not fit a model.
    pub fn fit(&mut self, spec: &mut DatasetSpec, tokenizer: &Tokenizer, n_ctx: usize) -> Result<()> {
        if spec.prompts.is_none() {
            return Ok(());
        }
        if spec.prepend_bos {
            // It is not the prompts' fault.
            tokenizer.bos()?;
        }
        for (number, prompt) in std::mem::take(&mut self.prompts) {
            match prompt.check(tokenizer, spec.prepend_bos, n_ctx) {
                Ok(()) => self.prompts.push((number, prompt)),
                Err(problem) => self.leave_out(number, problem.message),
            }
        }
        self.check_any()?;
        spec.n = self.prompts.len() as u32;
        spec.prompts = Some(self.prompts());
        Ok(())
    }

    /// # Errors
    /// [`Error::BadInput`] if all that there were are left out.
    pub fn check_any(&self) -> Result<()> {
        match self.left_out.first() {
            Some(LeftOut { prompt, why }) if self.prompts.is_empty() => {
                let message = format!("no prompt can be run; prompt {prompt}: {why}");
                Err(Error::input("prompts", message).into())
            }
            _ => Ok(()),
        }
    }

    fn leave_out(&mut self, prompt: usize, why: String) {
        self.left_out.push(LeftOut { prompt, why });
    }

    /// On stderr.
    pub fn tell(&self) {
        const SHOWN: usize = 20;
        for LeftOut { prompt, why } in self.left_out.iter().take(SHOWN) {
            say(&format!("prompt {prompt} is left out: {why}"));
        }
        if self.left_out.len() > SHOWN {
            say(&format!("{} more prompts are left out", self.left_out.len() - SHOWN));
        }
    }
}

/// serde_json's words for half of a character are about hexadecimal digits.
fn why(error: &serde_json::Error) -> String {
    let error = error.to_string();
    if error.contains("surrogate") || error.contains("hex escape") {
        format!("a \\u escape in it is no character, or a lone surrogate, which is half of one ({error})")
    } else {
        error
    }
}
