use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::flip::names_in;
use super::{Lexicon, ProblemKind, Prompt, PromptProblem};
use crate::{Error, Result, tokenizer::Tokenizer};

/// Where a prompt's roles stand in its tokens, BOS counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Positions {
    pub io: usize,
    /// The first occurrence of S.
    pub s1: usize,
    /// The second occurrence of S.
    pub s2: usize,
    /// The last token but one, where the last name is predicted. No role stands behind it.
    pub end: usize,
}

/// Prompts as the model reads them.
#[derive(Debug, Clone)]
pub struct IoiDataset {
    pub prompts: Vec<Prompt>,
    /// Token ids, one row a prompt, not padded.
    pub tokens: Vec<Vec<u32>>,
    pub positions: Vec<Positions>,
    /// The token of " "+IO, one a prompt.
    pub io_token_ids: Vec<u32>,
    /// The token of " "+S, one a prompt.
    pub s_token_ids: Vec<u32>,
}

/// Flipped prompts, token by token beside the originals, whose positions they keep.
#[derive(Debug, Clone)]
pub struct Flipped {
    pub prompts: Vec<Prompt>,
    pub tokens: Vec<Vec<u32>>,
}

impl IoiDataset {
    /// Tokenizes prompts and finds their roles.
    ///
    /// # Errors
    /// [`Error::BadInput`] if the tokenizer has no token to begin a text with, and one is asked for;
    /// [`Error::BadModel`] if it does not make one token of a name, which is named, or a role is not found.
    pub fn new(prompts: Vec<Prompt>, tokenizer: &Tokenizer, prepend_bos: bool) -> Result<Self> {
        if prepend_bos {
            tokenizer.bos()?;
        }
        check_names(prompts.iter().flat_map(|prompt| [prompt.io.as_str(), &prompt.s]), tokenizer)?;
        // There are few names, and many prompts.
        let mut names = HashMap::new();
        let mut id = |text: &str| -> std::result::Result<u32, PromptProblem> {
            if let Some(&id) = names.get(text) {
                return Ok(id);
            }
            let id = name(text, tokenizer)?;
            names.insert(text.to_owned(), id);
            Ok(id)
        };
        let mut dataset = Self {
            prompts: Vec::new(),
            tokens: Vec::new(),
            positions: Vec::new(),
            io_token_ids: Vec::new(),
            s_token_ids: Vec::new(),
        };
        let unfit = |problem: PromptProblem| Error::BadModel(problem.message);
        for prompt in &prompts {
            let [io, s] = [id(&prompt.io).map_err(unfit)?, id(&prompt.s).map_err(unfit)?];
            let (tokens, positions) = tokenize(prompt, [io, s], tokenizer, prepend_bos).map_err(unfit)?;
            dataset.tokens.push(tokens);
            dataset.positions.push(positions);
            dataset.io_token_ids.push(io);
            dataset.s_token_ids.push(s);
        }
        Ok(Self { prompts, ..dataset })
    }

    /// Tokenizes the flipped prompts of this dataset.
    ///
    /// # Errors
    /// [`Error::BadModel`] if one has not as many tokens as its original: positions would not fit it.
    pub fn flipped(&self, prompts: Vec<Prompt>, tokenizer: &Tokenizer, prepend_bos: bool) -> Result<Flipped> {
        let mut tokens = Vec::with_capacity(prompts.len());
        for (prompt, original) in prompts.iter().zip(&self.tokens) {
            let row = row(&prompt.sentence, tokenizer, prepend_bos)?;
            if row.len() != original.len() {
                let words: Vec<&str> = prompt.sentence.split(' ').collect();
                check_names(names_in(prompt, &words).into_iter().map(|place| words[place]), tokenizer)?;
                return Err(Error::model(format!(
                    "the flipped prompt \"{}\" has {} tokens in this tokenizer and its original {}; every name must be one token",
                    prompt.sentence,
                    row.len(),
                    original.len()
                )));
            }
            tokens.push(row);
        }
        Ok(Flipped { prompts, tokens })
    }

    pub fn len(&self) -> usize {
        self.prompts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.prompts.is_empty()
    }
}

/// Whether each of these names is one token. Said of all at once, since a vocabulary of another language has few of them.
fn check_names<'a>(names: impl Iterator<Item = &'a str>, tokenizer: &Tokenizer) -> Result<()> {
    const SHOWN: usize = 8;
    let mut seen = BTreeSet::new();
    let mut split: Vec<&str> =
        names.filter(|&name| seen.insert(name) && tokenizer.name(name).is_err()).collect();
    let more = split.len().saturating_sub(SHOWN);
    split.truncate(SHOWN);
    if split.is_empty() {
        return Ok(());
    }
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(Error::model(format!(
        "this model's tokenizer does not make one token each, with a space before it, of the names {}{more}. Prompts of your own can be run, with names that it does: for example {}",
        split.join(", "),
        one_token_names(tokenizer)
    )))
}

/// Some of the lexicon's, in words.
fn one_token_names(tokenizer: &Tokenizer) -> String {
    let names = Lexicon::get().names.iter().map(String::as_str);
    let some: Vec<&str> = names.filter(|name| tokenizer.name(name).is_ok()).take(4).collect();
    if some.is_empty() { "none of the lexicon's".to_owned() } else { some.join(", ") }
}

/// A sentence as the model reads it, BOS in front where it is asked for.
pub(super) fn row(sentence: &str, tokenizer: &Tokenizer, prepend_bos: bool) -> Result<Vec<u32>> {
    begun(tokenizer.encode(sentence)?, tokenizer, prepend_bos)
}

/// [`row`] of a sentence that is to be shown, and which the model may not be able to read.
pub(super) fn row_to_show(sentence: &str, tokenizer: &Tokenizer, prepend_bos: bool) -> Result<Vec<u32>> {
    begun(tokenizer.encode_any(sentence)?, tokenizer, prepend_bos)
}

fn begun(mut tokens: Vec<u32>, tokenizer: &Tokenizer, prepend_bos: bool) -> Result<Vec<u32>> {
    if prepend_bos {
        tokens.insert(0, tokenizer.bos()?);
    }
    Ok(tokens)
}

/// The token of a name with its leading space.
pub(super) fn name(name: &str, tokenizer: &Tokenizer) -> std::result::Result<u32, PromptProblem> {
    let unfit = |error: Error| PromptProblem::new(ProblemKind::NameNotOneToken, error.to_string());
    tokenizer.name(name).map_err(unfit)
}

/// A prompt's tokens, and where the roles are in them, given the tokens of IO and S.
pub(super) fn tokenize(
    prompt: &Prompt,
    [io, s]: [u32; 2],
    tokenizer: &Tokenizer,
    prepend_bos: bool,
) -> std::result::Result<(Vec<u32>, Positions), PromptProblem> {
    // Roles are looked for in the sentence without its last word, which has to be what END ends.
    let context = prompt.sentence.rsplit_once(' ').map_or("", |(context, _)| context);
    let read = |text: &str| {
        let unfit = |error: Error| PromptProblem::new(ProblemKind::LastWordNotOneToken, error.to_string());
        row(text, tokenizer, prepend_bos).map_err(unfit)
    };
    let (tokens, context) = (read(&prompt.sentence)?, read(context)?);
    if tokens.split_last().is_none_or(|(_, before)| before != context) {
        return Err(PromptProblem::new(
            ProblemKind::LastWordNotOneToken,
            format!(
                "in this tokenizer the last word of \"{}\" is not one token behind the others; it must be",
                prompt.sentence
            ),
        ));
    }
    let [of_io, of_s] = [io, s].map(|name| occurrences(name, &context, tokenizer));
    let (Some(&io), Some(&s1)) = (of_io.first(), of_s.first()) else {
        let missing = if of_io.is_empty() { "IO" } else { "S1" };
        return Err(PromptProblem::new(
            ProblemKind::RoleNotFound,
            format!(
                "{missing} is not found: IO \"{}\" and S \"{}\" must both occur in \"{}\" before its last word, each as one token with a space before it",
                prompt.io, prompt.s, prompt.sentence
            ),
        ));
    };
    let (s2, end) = (of_s[of_s.len() - 1], context.len() - 1);
    Ok((tokens, Positions { io, s1, s2, end }))
}

/// Where a name stands in tokens, by its own.
pub(super) fn occurrences(name: u32, tokens: &[u32], tokenizer: &Tokenizer) -> Vec<usize> {
    let is_name = |at: &usize| tokens[*at] == name && ends_word(&tokens[at + 1..], tokenizer);
    (0..tokens.len()).filter(is_name).collect()
}

/// Whether a word is over before these tokens: " Jan" is also how " Janette" may begin.
fn ends_word(after: &[u32], tokenizer: &Tokenizer) -> bool {
    // A piece of a character is not a character that ends a word.
    let goes_on = |first: char| first.is_alphanumeric() || first == char::REPLACEMENT_CHARACTER;
    let next = after.first().and_then(|&token| tokenizer.text(token).ok());
    !next.is_some_and(|text| text.starts_with(goes_on))
}
