use std::collections::HashMap;

use super::Prompt;
use crate::{Error, Result, tokenizer::Tokenizer};

/// Where a prompt's roles stand in its tokens, BOS counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// [`Error::BadModel`] if the tokenizer does not make one token of a name, or a role is not found.
    pub fn new(prompts: Vec<Prompt>, tokenizer: &Tokenizer, prepend_bos: bool) -> Result<Self> {
        // There are few names, and many prompts.
        let mut names = HashMap::new();
        let mut name = |name: &str| -> Result<u32> {
            if let Some(&id) = names.get(name) {
                return Ok(id);
            }
            let id = tokenizer.name(name)?;
            names.insert(name.to_owned(), id);
            Ok(id)
        };
        let (mut tokens, mut positions) = (Vec::new(), Vec::new());
        let (mut io_token_ids, mut s_token_ids) = (Vec::new(), Vec::new());
        for prompt in &prompts {
            let (io, s) = (name(&prompt.io)?, name(&prompt.s)?);
            let row = row(&prompt.sentence, tokenizer, prepend_bos)?;
            positions.push(find_roles(prompt, &row, io, s, tokenizer, prepend_bos)?);
            tokens.push(row);
            io_token_ids.push(io);
            s_token_ids.push(s);
        }
        Ok(Self { prompts, tokens, positions, io_token_ids, s_token_ids })
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

fn row(sentence: &str, tokenizer: &Tokenizer, prepend_bos: bool) -> Result<Vec<u32>> {
    let mut tokens = if prepend_bos { vec![tokenizer.bos()] } else { Vec::new() };
    tokens.extend(tokenizer.encode(sentence)?);
    Ok(tokens)
}

fn find_roles(
    prompt: &Prompt,
    tokens: &[u32],
    io: u32,
    s: u32,
    tokenizer: &Tokenizer,
    prepend_bos: bool,
) -> Result<Positions> {
    // Roles are looked for in the sentence without its last word, which has to be what END ends.
    let context = prompt.sentence.rsplit_once(' ').map_or("", |(context, _)| context);
    let context = row(context, tokenizer, prepend_bos)?;
    if tokens.split_last().is_none_or(|(_, before)| before != context) {
        return Err(Error::model(format!(
            "in this tokenizer the last word of \"{}\" is not one token behind the others; it must be",
            prompt.sentence
        )));
    }
    let found = (
        context.iter().position(|&token| token == io),
        context.iter().position(|&token| token == s),
        context.iter().rposition(|&token| token == s),
    );
    match found {
        (Some(io), Some(s1), Some(s2)) => Ok(Positions { io, s1, s2, end: context.len() - 1 }),
        _ => Err(Error::model(format!(
            "IO \"{}\" and S \"{}\" must both occur in \"{}\" before its last word, each as one token",
            prompt.io, prompt.s, prompt.sentence
        ))),
    }
}
