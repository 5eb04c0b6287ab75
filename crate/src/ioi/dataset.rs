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
    /// The last token but one, where the last name is predicted.
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

impl IoiDataset {
    /// Tokenizes prompts and finds their roles.
    ///
    /// # Errors
    /// [`Error::BadModel`] if the tokenizer does not make one token of a name, or a role is not found.
    pub fn new(prompts: Vec<Prompt>, tokenizer: &Tokenizer, prepend_bos: bool) -> Result<Self> {
        let mut dataset = Self {
            tokens: Vec::with_capacity(prompts.len()),
            positions: Vec::with_capacity(prompts.len()),
            io_token_ids: Vec::with_capacity(prompts.len()),
            s_token_ids: Vec::with_capacity(prompts.len()),
            prompts: Vec::new(),
        };
        for prompt in &prompts {
            let io = tokenizer.name(&prompt.io)?;
            let s = tokenizer.name(&prompt.s)?;
            let tokens = row(&prompt.sentence, tokenizer, prepend_bos)?;
            dataset.positions.push(find_roles(prompt, &tokens, io, s, tokenizer, prepend_bos)?);
            dataset.tokens.push(tokens);
            dataset.io_token_ids.push(io);
            dataset.s_token_ids.push(s);
        }
        dataset.prompts = prompts;
        Ok(dataset)
    }

    /// A flipped dataset: the new prompts' tokens at the *original's* positions.
    ///
    /// # Errors
    /// As [`IoiDataset::new`], and if a flipped prompt is shorter than the original.
    pub fn flipped(&self, prompts: Vec<Prompt>, tokenizer: &Tokenizer, prepend_bos: bool) -> Result<Self> {
        let tokens = prompts
            .iter()
            .map(|prompt| row(&prompt.sentence, tokenizer, prepend_bos))
            .collect::<Result<Vec<_>>>()?;
        let names = |of: fn(&Prompt) -> &str| {
            prompts.iter().map(|prompt| tokenizer.name(of(prompt))).collect::<Result<Vec<_>>>()
        };
        let (io_token_ids, s_token_ids) = (names(|p| &p.io)?, names(|p| &p.s)?);
        for ((prompt, row), positions) in prompts.iter().zip(&tokens).zip(&self.positions) {
            if row.len() <= positions.end {
                return Err(Error::model(format!(
                    "the tokenizer makes the flipped prompt \"{}\" shorter than the original",
                    prompt.sentence
                )));
            }
        }
        Ok(Self {
            prompts,
            tokens,
            positions: self.positions.clone(),
            io_token_ids,
            s_token_ids,
        })
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
    let context = prompt.sentence.rsplit_once(' ').map_or("", |(context, _)| context);
    let context = row(context, tokenizer, prepend_bos)?;
    let found = (
        context.iter().position(|&token| token == io),
        context.iter().position(|&token| token == s),
        context.iter().rposition(|&token| token == s),
        tokens.len().checked_sub(2),
    );
    match found {
        (Some(io), Some(s1), Some(s2), Some(end)) => Ok(Positions { io, s1, s2, end }),
        _ => Err(Error::model(format!(
            "IO \"{}\" and S \"{}\" must both occur in \"{}\" before its last word, each as one token",
            prompt.io, prompt.s, prompt.sentence
        ))),
    }
}
