//! Prompts that someone wrote. They come from a form, a file or a link, so nothing about them is known.

use serde::{Deserialize, Serialize};

use super::flip::names_in;
use super::{Order, Prompt, dataset};
use crate::{Error, Result, tokenizer::Tokenizer};

/// The most of them; a run of as many takes minutes.
pub(super) const MAX_PROMPTS: usize = 2_000;
/// The most bytes of a sentence: about what GPT-2's context of 1024 tokens holds.
pub(super) const MAX_SENTENCE: usize = 4_096;
/// The most bytes of a name.
pub(super) const MAX_NAME: usize = 64;

/// A sentence with its two names, as a form or a link gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct CustomPrompt {
    /// With IO, S and S again, and IO as its last word.
    pub sentence: String,
    /// The indirect object.
    pub io: String,
    /// The subject.
    pub s: String,
}

/// Why a prompt cannot be run with a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct PromptProblem {
    pub kind: ProblemKind,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// IO and S are the same name.
    SameName,
    /// A name is not exactly one token with its leading space.
    NameNotOneToken,
    /// The sentence does not end in IO.
    LastWordNotAnswer,
    /// The last word is not one token behind the others.
    LastWordNotOneToken,
    /// IO, S1 or S2 does not occur.
    RoleNotFound,
    /// The first three names do not read IO S S or S IO S, so that no flip fits.
    NamesOutOfOrder,
    /// More tokens up to END than the model's context has.
    TooLong,
}

impl PromptProblem {
    pub(super) fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl CustomPrompt {
    pub fn prompt(&self) -> Prompt {
        Prompt { sentence: self.sentence.clone(), io: self.io.clone(), s: self.s.clone(), template: None }
    }

    /// Whether it is short enough to be looked at more closely.
    ///
    /// # Errors
    /// The first text that is not, in words.
    pub fn check_size(&self) -> std::result::Result<(), String> {
        let Self { sentence, io, s } = self;
        let sizes = [("the sentence", sentence, MAX_SENTENCE), ("IO", io, MAX_NAME), ("S", s, MAX_NAME)];
        match sizes.into_iter().find(|(_, text, most)| text.len() > *most) {
            Some((what, text, most)) => {
                Err(format!("{what} has {} bytes; at most {most} are read", text.len()))
            }
            None => Ok(()),
        }
    }

    /// Whether a model with that tokenizer and context can run the prompt, and a flip can be applied to it.
    ///
    /// # Errors
    /// The first problem found.
    pub fn check(
        &self,
        tokenizer: &Tokenizer,
        prepend_bos: bool,
        n_ctx: usize,
    ) -> std::result::Result<(), PromptProblem> {
        let Self { sentence, io, s } = self;
        if io == s {
            return Err(PromptProblem::new(
                ProblemKind::SameName,
                format!("IO and S must be two names, but both are \"{io}\""),
            ));
        }
        for name in [io, s] {
            if name.is_empty() || name.contains(char::is_whitespace) {
                return Err(PromptProblem::new(
                    ProblemKind::NameNotOneToken,
                    format!("a name must be one word, not \"{name}\""),
                ));
            }
        }
        let prompt = self.prompt();
        let last = sentence.rsplit(' ').next().unwrap_or_default();
        // Names first: what is said of the sentence would not make sense without them.
        let names = [dataset::name(io, tokenizer)?, dataset::name(s, tokenizer)?];
        if last != io {
            return Err(PromptProblem::new(
                ProblemKind::LastWordNotAnswer,
                format!("the last word must be IO \"{io}\", with nothing after it, but is \"{last}\""),
            ));
        }
        let (_, roles) = dataset::tokenize(&prompt, names, tokenizer, prepend_bos)?;
        if roles.s1 == roles.s2 {
            return Err(PromptProblem::new(
                ProblemKind::RoleNotFound,
                format!("S2 is not found: S \"{s}\" must occur twice before the last word"),
            ));
        }
        check_names(&prompt, names, tokenizer)?;
        if roles.end >= n_ctx {
            return Err(PromptProblem::new(
                ProblemKind::TooLong,
                format!("it has {} tokens up to END, but the model's context is {n_ctx}", roles.end + 1),
            ));
        }
        Ok(())
    }
}

/// Whether the letters that a flip gives the first three names are those they have.
fn check_names(
    prompt: &Prompt,
    [io_id, s_id]: [u32; 2],
    tokenizer: &Tokenizer,
) -> std::result::Result<(), PromptProblem> {
    let words: Vec<&str> = prompt.sentence.split(' ').collect();
    let places = names_in(prompt, &words);
    let found: Vec<&str> = places.iter().map(|&i| words[i]).collect();
    let (io, s) = (prompt.io.as_str(), prompt.s.as_str());
    let expected = match prompt.order() {
        Order::Abba => [io, s, s],
        Order::Baba => [s, io, s],
    };
    if found == expected {
        // What stands first has no space before it, and is another token; unless the tokenizer adds one.
        let id = if found[0] == io { io_id } else { s_id };
        if places[0] > 0 || tokenizer.encode(found[0]).is_ok_and(|tokens| tokens == [id]) {
            return Ok(());
        }
        return Err(PromptProblem::new(
            ProblemKind::RoleNotFound,
            format!(
                "the sentence begins with the name \"{}\", which without a space before it is another token; put a word before it",
                found[0]
            ),
        ));
    }
    Err(PromptProblem::new(
        ProblemKind::NamesOutOfOrder,
        format!(
            "the first three words that are exactly names must be {}, so that a flip can exchange them; found {}",
            expected.join(", "),
            if found.is_empty() { "none".to_owned() } else { found.join(", ") }
        ),
    ))
}

/// Whether there are few enough, and each is short enough, to look at them more closely.
pub(super) fn check_size(prompts: &[CustomPrompt]) -> Result<()> {
    if !(1..=MAX_PROMPTS).contains(&prompts.len()) {
        return Err(Error::input(
            "prompts",
            format!("there must be from 1 to {MAX_PROMPTS} prompts of one's own, not {}", prompts.len()),
        ));
    }
    for (i, prompt) in prompts.iter().enumerate() {
        prompt
            .check_size()
            .map_err(|problem| Error::input("prompts", format!("prompt {}: {problem}", i + 1)))?;
    }
    Ok(())
}

/// Whether a model can run all of them.
///
/// # Errors
/// [`Error::BadInput`] naming `prompts`, with the first that it cannot and why; or `prepend_bos`, if it can run none with
/// a token before it.
pub(super) fn check_all(
    prompts: &[CustomPrompt],
    tokenizer: &Tokenizer,
    prepend_bos: bool,
    n_ctx: usize,
) -> Result<()> {
    if prepend_bos {
        tokenizer.bos()?;
    }
    for (i, prompt) in prompts.iter().enumerate() {
        prompt
            .check(tokenizer, prepend_bos, n_ctx)
            .map_err(|problem| Error::input("prompts", format!("prompt {}: {}", i + 1, problem.message)))?;
    }
    Ok(())
}
