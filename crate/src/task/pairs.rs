//! Pairs of one's own: a prompt, the same prompt corrupted, and the tokens that are right and wrong after it.

mod file;
mod lines;
mod pair;
mod table;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use file::PairsFile;
pub use pair::Pair;
use pair::PairTokens;

use super::examples::Groups;
use super::{Example, Examples, Task};
use crate::frame::Together;
use crate::left_out::{LeaveOut, LeftOut, keep};
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// Pairs that somebody wrote, in the form in which public circuit libraries keep them.
///
/// Besides END, the last token, and the named roles there are DIFF1, DIFF2 and so on, where the two prompts differ. Each
/// role is one of all examples: there are as many of these as the pair has that differs in the fewest tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct PairsTask {
    pub prompts: Vec<Pair>,
    /// Further roles by name: the position in every prompt, from 0 and without the token that prompts begin with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional, type = "Record<string, number>"))]
    pub word_idxs: BTreeMap<String, usize>,
    /// Put `<|endoftext|>` before every prompt.
    pub prepend_bos: bool,
}

/// The most pairs; as many as prompts of one's own of IOI.
const MAX_PAIRS: usize = 2_000;
/// The most named roles, and bytes of a name.
const MAX_ROLES: usize = 64;
const END: &str = "END";
const DIFF: &str = "DIFF";

impl PairsTask {
    /// The tokens that every prompt begins with.
    fn begins(&self, tokenizer: &Tokenizer) -> Result<Vec<u32>> {
        Ok(if self.prepend_bos { vec![tokenizer.bos()?] } else { Vec::new() })
    }

    /// Names that can be told from each other, from positions and from what a command line has between them.
    fn check_roles(&self) -> Result<()> {
        let wrong = |message: String| Err(Error::input("word_idxs", message));
        if self.word_idxs.len() > MAX_ROLES {
            return wrong(format!(
                "there may be at most {MAX_ROLES} named roles, not {}",
                self.word_idxs.len()
            ));
        }
        for name in self.word_idxs.keys() {
            let shown = crate::error::excerpt(name);
            if name.is_empty() || name.len() > MAX_ROLES {
                return wrong(format!(
                    "a role's name must have from 1 to {MAX_ROLES} bytes; \"{shown}\" has {}",
                    name.len()
                ));
            }
            if name.contains(|c: char| c.is_whitespace() || c.is_control() || c == ',' || c == '@') {
                return wrong(format!("a role's name has no spaces, commas or @ in it; found \"{shown}\""));
            }
            let is_number = |text: &str| text.parse::<usize>().is_ok();
            if name == "all" || is_number(name) || name.strip_prefix(DIFF).is_some_and(is_number) {
                return wrong(format!(
                    "a role cannot be called \"{name}\": all, numbers and DIFF1, DIFF2 and so on mean positions already"
                ));
            }
        }
        Ok(())
    }

    /// Where the named roles are in a pair's tokens, sorted by position, and END.
    fn named(&self) -> Vec<(&str, usize)> {
        let named = self.word_idxs.iter().map(|(name, &position)| (name.as_str(), position));
        let mut named: Vec<(&str, usize)> = named.filter(|(name, _)| *name != END).collect();
        named.sort_by_key(|(_, position)| *position);
        named
    }

    /// A pair's tokens, with the named roles in them.
    fn read(
        &self,
        pair: &Pair,
        begins: &[u32],
        tokenizer: &Tokenizer,
        n_ctx: usize,
    ) -> std::result::Result<PairTokens, String> {
        let tokens = pair.read(begins, tokenizer, n_ctx)?;
        let last = tokens.clean.len() - begins.len() - 1;
        for (name, &position) in &self.word_idxs {
            if position > last {
                return Err(format!(
                    "{name} is at position {position} of every prompt, but this one has positions 0 to {last}"
                ));
            }
            if name == END && position != last {
                return Err(format!(
                    "END is the last token, here at position {last}, and word_idxs has it at {position}"
                ));
            }
        }
        Ok(tokens)
    }
}

impl Task for PairsTask {
    fn check(&self) -> Result<()> {
        if !(1..=MAX_PAIRS).contains(&self.prompts.len()) {
            let message = format!("there must be from 1 to {MAX_PAIRS} pairs, not {}", self.prompts.len());
            return Err(Error::input("prompts", message));
        }
        for (pair, number) in self.prompts.iter().zip(1..) {
            pair.check_size().map_err(|why| Error::input("prompts", format!("prompt {number}: {why}")))?;
        }
        self.check_roles()
    }

    fn examples(&self, tokenizer: &Tokenizer, n_ctx: usize) -> Result<Examples> {
        let begins = self.begins(tokenizer)?;
        let mut read = Vec::with_capacity(self.prompts.len());
        for (pair, number) in self.prompts.iter().zip(1..) {
            let tokens = self
                .read(pair, &begins, tokenizer, n_ctx)
                .map_err(|why| Error::input("prompts", format!("prompt {number}: {why}")))?;
            read.push(tokens);
        }
        let differ = read.iter().map(|tokens| tokens.differ.len()).min().unwrap_or(0);
        let named = self.named();
        let mut roles: Vec<String> = named.iter().map(|(name, _)| (*name).to_owned()).collect();
        roles.extend((1..=differ).map(|number| format!("{DIFF}{number}")));
        roles.push(END.to_owned());

        let mut groups = Groups::new();
        let example = |tokens: PairTokens| {
            let mut positions: Vec<usize> =
                named.iter().map(|(_, position)| begins.len() + position).collect();
            positions.extend(&tokens.differ[..differ]);
            positions.push(tokens.clean.len() - 1);
            Example {
                group: groups.number(tokens.clean.len()),
                clean: tokens.clean,
                corrupted: tokens.corrupted,
                positions,
                answers: tokens.answers,
                wrong_answers: tokens.wrong_answers,
            }
        };
        Ok(Examples { roles, examples: read.into_iter().map(example).collect() })
    }

    /// A pair that is repeated, or turned round, says nothing new.
    fn together(&self) -> Together {
        Together::alike(self.prompts.iter().map(|Pair { clean, corrupted, .. }| {
            let mut texts = [clean, corrupted];
            texts.sort_unstable();
            texts
        }))
    }
}

impl LeaveOut for PairsTask {
    fn leave_out(&mut self, tokenizer: &Tokenizer, n_ctx: usize) -> Result<Vec<LeftOut>> {
        self.check_roles()?;
        let begins = self.begins(tokenizer)?;
        let mut prompts = std::mem::take(&mut self.prompts);
        let left_out = keep(&mut prompts, |pair| self.read(pair, &begins, tokenizer, n_ctx).map(drop));
        self.prompts = prompts;
        Ok(left_out)
    }
}
