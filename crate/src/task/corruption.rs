use serde::{Deserialize, Serialize};

use crate::ioi::{ABC, Flip, Prompt, abc};
use crate::{Error, Result};

/// What the names of an IOI prompt become in the corrupted run: a flip rule, or "abc" for three new names. Kept as the
/// text that it was given as, so that a wrong one can be answered with what is possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(transparent)]
pub struct Corruption(pub String);

enum Rule {
    Flip(Flip),
    Abc,
}

impl Corruption {
    /// The answer changes: what was S has to follow.
    pub const DEFAULT: &str = "ABB -> ABA, BAB -> BAA";

    /// Whether it is one.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `corruption`, with what is possible, and the character where it is no flip rule.
    pub fn check(&self) -> Result<()> {
        self.rule().map(drop)
    }

    /// The prompts corrupted.
    ///
    /// # Errors
    /// As [`Corruption::check`], and if a prompt has not the names to do it with.
    pub fn apply(&self, prompts: &[Prompt], seed: u32) -> Result<Vec<Prompt>> {
        match self.rule()? {
            Rule::Flip(flip) => flip.apply(prompts, seed).map_err(|error| Self::blamed(error.to_string())),
            Rule::Abc => abc(prompts, seed),
        }
    }

    fn rule(&self) -> Result<Rule> {
        if self.0 == ABC {
            return Ok(Rule::Abc);
        }
        Flip::parse(&self.0).map(Rule::Flip).map_err(|error| {
            Self::blamed(format!("the corruption must be \"{ABC}\" or a flip, and it is neither: {error}"))
        })
    }

    fn blamed(message: String) -> Error {
        Error::input("corruption", message)
    }
}

impl Default for Corruption {
    fn default() -> Self {
        Self(Self::DEFAULT.into())
    }
}
