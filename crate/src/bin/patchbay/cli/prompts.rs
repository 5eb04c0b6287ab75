//! `--prompts FILE` and `--pairs FILE`. As on the page, a prompt that cannot be run is left out with its number and the reason.

use std::io::{Read, stdin};
use std::path::Path;

use anyhow::{Context, Result};
use patchbay::Error;
use patchbay::ioi::CustomPrompt;
use patchbay::left_out::{LeaveOut, LeftOut, from_json};
use patchbay::task::{PairsFile, PairsTask};
use patchbay::tokenizer::Tokenizer;
use serde_json::value::RawValue;

use super::files::read_up_to;
use super::shown::say;

/// Room for as many and as long ones as are read, all in JSON's longest escapes.
const MOST_BYTES: u64 = 64 << 20;

/// Which of a file's prompts are in a spec, and which are not. Of a spec without such prompts there is nothing to say.
#[derive(Debug, Default)]
pub struct OwnPrompts {
    /// The numbers in the file, from 1, of those in the spec.
    numbers: Vec<usize>,
    /// By their numbers in the file.
    pub left_out: Vec<LeftOut>,
}

impl OwnPrompts {
    /// What of a file may be run, as far as this can be said without a model.
    pub fn read(file: &Path) -> Result<(Vec<CustomPrompt>, Self)> {
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
        let read = |entry: &RawValue| {
            let prompt: CustomPrompt = from_json(entry)?;
            prompt.check_size().map(|()| prompt)
        };
        Self::of(entries.into_iter().map(read))
    }

    /// As [`OwnPrompts::read`], of pairs; from standard input where the file is called "-".
    pub fn read_pairs(file: &Path) -> Result<(PairsTask, Self)> {
        let bytes = if file.as_os_str() == "-" {
            let mut bytes = Vec::new();
            stdin().take(MOST_BYTES + 1).read_to_end(&mut bytes).context("cannot read standard input")?;
            if bytes.len() as u64 > MOST_BYTES {
                return Err(Error::input("pairs", "standard input is larger than 64 MiB").into());
            }
            bytes
        } else {
            read_up_to(file, &file.display().to_string(), MOST_BYTES)?
        };
        let PairsFile { prompts, word_idxs, prepend_bos } = PairsFile::read(&bytes)?;
        let (prompts, own) = Self::of(prompts.into_iter())?;
        Ok((PairsTask { prompts, word_idxs, prepend_bos: prepend_bos.unwrap_or(true) }, own))
    }

    /// Prompts in their order, or why they are none.
    fn of<T>(prompts: impl Iterator<Item = std::result::Result<T, String>>) -> Result<(Vec<T>, Self)> {
        let (mut read, mut own) = (Vec::new(), Self::default());
        for (prompt, number) in prompts.zip(1..) {
            match prompt {
                Ok(prompt) => {
                    read.push(prompt);
                    own.numbers.push(number);
                }
                Err(why) => own.left_out.push(LeftOut { prompt: number, why }),
            }
        }
        own.check_any()?;
        Ok((read, own))
    }

    /// Leaves out of a spec with these prompts what does not fit a model.
    pub fn fit(&mut self, spec: &mut impl LeaveOut, tokenizer: &Tokenizer, n_ctx: usize) -> Result<()> {
        let left_out = spec.leave_out(tokenizer, n_ctx)?;
        let mut unfit = Vec::new();
        for LeftOut { prompt, why } in left_out {
            let number = self.numbers[prompt - 1];
            unfit.push(number);
            self.left_out.push(LeftOut { prompt: number, why });
        }
        self.numbers.retain(|number| !unfit.contains(number));
        self.left_out.sort_by_key(|left_out| left_out.prompt);
        self.check_any()
    }

    /// # Errors
    /// [`Error::BadInput`] if all that there were are left out.
    fn check_any(&self) -> Result<()> {
        match self.left_out.first() {
            Some(LeftOut { prompt, why }) if self.numbers.is_empty() => {
                // The first is told with the error.
                self.tell_from(1);
                let message = format!("no prompt can be run; prompt {prompt}: {why}");
                Err(Error::input("prompts", message).into())
            }
            _ => Ok(()),
        }
    }

    /// On stderr.
    pub fn tell(&self) {
        self.tell_from(0);
    }

    fn tell_from(&self, first: usize) {
        for LeftOut { prompt, why } in &self.left_out[first..] {
            say(&format!("prompt {prompt} is left out: {why}"));
        }
    }
}
