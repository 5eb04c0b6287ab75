//! GPT-2's byte-level BPE, read from a Hugging Face `tokenizer.json`, or made of vocab.json and merges.txt.
//!
//! The library reads tokenizers of every kind, panics on some that are broken, and brings all of Unicode's tables along. So
//! [`file`] reads the entries that GPT-2's has, a text is cut into words here, as the library would ([`words`], [`added`]), and
//! the library merges a word's bytes.

mod added;
mod characters;
mod convert;
mod file;
mod vocabulary;
mod words;

use tokenizers::Model;
use tokenizers::models::bpe::BPE;

use self::added::{AddedTokens, Piece};
pub use self::convert::from_vocabulary;
use self::file::TokenizerFile;
use self::words::Words;
use crate::model::Gpt2Config;
use crate::wrong_file::{self, Expected};
use crate::{Error, Result, error::excerpt};

/// The token before every sentence, and after it where rows are padded.
pub(crate) const END_OF_TEXT: &str = "<|endoftext|>";

/// GPT-2's is 1.4 MB; the largest vocabulary that a configuration may ask for, about 50.
const MAX_BYTES: usize = 64 << 20;

#[derive(Debug, Clone)]
pub struct Tokenizer {
    added: AddedTokens,
    words: Words,
    model: BPE,
    bos: Option<u32>,
    largest_id: u32,
    /// Bytes without a token, which the library would leave out.
    missing_bytes: Vec<u8>,
    /// Tokens that the model has; all, where there is none.
    model_has: usize,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::BadModel`] if it is no tokenizer, not of GPT-2's kind, or contradicts itself.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let file = read(json)?;
        let missing_bytes = file.missing_bytes();
        file.check_added()?;
        let TokenizerFile { added_tokens, pre_tokenizer, model, .. } = file;
        let ids = model.vocab.values().copied().chain(added_tokens.iter().map(|added| added.id));
        let largest_id = ids.max().unwrap_or(0);
        // Padding, truncation and what is put around a sentence are left out: positions are counted in
        // whole sentences.
        let mut tokenizer = Self {
            added: AddedTokens::new(added_tokens),
            words: pre_tokenizer.words(),
            model: model.build().map_err(not_a_tokenizer)?,
            bos: None,
            largest_id,
            missing_bytes,
            model_has: usize::MAX,
        };
        tokenizer.bos = tokenizer.added.id(END_OF_TEXT).or_else(|| tokenizer.model.token_to_id(END_OF_TEXT));
        Ok(tokenizer)
    }

    /// The tokenizer as a model's, and what was decided on the way.
    ///
    /// A text may begin with `<|endoftext|>`, as GPT-2's do; in a tokenizer without it, or whose model has no such
    /// token, with the one that config.json names, if that is no part of a word.
    pub fn of_model(mut self, config: &Gpt2Config) -> (Self, Vec<String>) {
        let mut notes = Vec::new();
        if self.largest_id as usize >= config.vocab_size {
            notes.push(format!(
                "The tokenizer's tokens go up to {}, the model's to {}. A prompt with a token that the model does not have is refused.",
                self.largest_id,
                config.vocab_size - 1
            ));
        }
        if !self.missing_bytes.is_empty() {
            notes.push(format!(
                "The tokenizer has no token for {} of the 256 bytes. A prompt with one of them is refused.",
                self.missing_bytes.len()
            ));
        }
        self.model_has = config.vocab_size;
        self.bos = self.bos.filter(|&id| self.is_models(id));
        if self.bos.is_none() {
            self.bos = config.bos_token_id.filter(|&id| self.is_models(id) && self.is_special(id));
            notes.push(match self.bos.and_then(|id| self.spelling(id)) {
                Some(token) => format!(
                    "The tokenizer has no token {END_OF_TEXT}; where prompts begin with one, it is {}, config.json's bos_token_id.",
                    excerpt(&token)
                ),
                None => format!(
                    "The tokenizer has no token {END_OF_TEXT}, and config.json names none to begin a text with: prompts can only be run without it."
                ),
            });
        }
        (self, notes)
    }

    /// The id of the token that a text may begin with.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `prepend_bos` if there is none.
    pub fn bos(&self) -> Result<u32> {
        self.bos.ok_or_else(|| {
            Error::input(
                "prepend_bos",
                format!(
                    "this tokenizer has no token to begin a text with, such as {END_OF_TEXT}; leave it out"
                ),
            )
        })
    }

    /// The largest id that a text may turn into.
    pub fn largest_id(&self) -> u32 {
        let last = u32::try_from(self.model_has - 1).unwrap_or(u32::MAX);
        self.largest_id.min(last)
    }

    /// A text's tokens.
    ///
    /// # Errors
    /// [`Error::BadModel`] naming the token that the model does not have, or the character that the tokenizer does not
    /// have, if there is one.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let is_lost =
            |c: &char| c.encode_utf8(&mut [0; 4]).bytes().any(|byte| self.missing_bytes.contains(&byte));
        if let Some(lost) = text.chars().find(is_lost) {
            return Err(Error::model(format!(
                "this tokenizer has no token for {lost:?} in {:?}, nor for its bytes",
                excerpt(text)
            )));
        }
        let tokens = self.encode_any(text)?;
        match tokens.iter().find(|&&id| !self.is_models(id)) {
            None => Ok(tokens),
            Some(&id) => Err(Error::model(format!(
                "the tokenizer makes token {id}, {:?}, of {:?}, but the model has tokens 0 to {} only",
                excerpt(&self.text(id)?),
                excerpt(text),
                self.model_has - 1
            ))),
        }
    }

    /// [`Tokenizer::encode`], for what is to be shown and not to be run: the model may not have all tokens.
    ///
    /// # Errors
    /// [`Error::BadModel`] if the library fails.
    pub fn encode_any(&self, text: &str) -> Result<Vec<u32>> {
        let mut ids = Vec::new();
        for piece in self.added.pieces(text) {
            let text = match piece {
                Piece::Token(id) => {
                    ids.push(id);
                    continue;
                }
                Piece::Text(text) => text,
            };
            for word in self.words.of(text) {
                let tokens = self.model.tokenize(&word).map_err(|error| {
                    Error::model(format!("the tokenizer cannot read {:?}: {error}", excerpt(text)))
                })?;
                ids.extend(tokens.iter().map(|token| token.id));
            }
        }
        Ok(ids)
    }

    /// What a token stands for; � for bytes that are no whole character, and its number in brackets for one that
    /// the tokenizer does not have: a model's vocabulary may be rounded up.
    pub fn text(&self, id: u32) -> Result<String> {
        self.decode(&[id])
    }

    /// What tokens stand for together, each by [`Tokenizer::text`] where the tokenizer lacks one.
    pub fn decode(&self, ids: &[u32]) -> Result<String> {
        let bytes = |&id: &u32| match self.spelling(id) {
            Some(token) => self.words.bytes(&token),
            None => format!("[{id}]").into_bytes(),
        };
        let bytes: Vec<u8> = ids.iter().flat_map(bytes).collect();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A token as the file has it.
    fn spelling(&self, id: u32) -> Option<String> {
        self.added.content(id).map(str::to_owned).or_else(|| self.model.id_to_token(id))
    }

    /// What tokens stand for, one by one, for a message.
    pub(crate) fn spelled(&self, tokens: &[u32]) -> String {
        const SHOWN: usize = 24;
        if tokens.is_empty() {
            return "nothing".to_owned();
        }
        let text = |&id: &u32| format!("\"{}\"", self.text(id).unwrap_or_else(|_| format!("[{id}]")));
        let mut spelled: Vec<String> = tokens.iter().take(SHOWN).map(text).collect();
        if tokens.len() > SHOWN {
            spelled.push(format!("and {} more", tokens.len() - SHOWN));
        }
        spelled.join(", ")
    }

    /// The token of " "+name.
    ///
    /// # Errors
    /// [`Error::BadModel`] that names the name if it is not exactly one token.
    pub fn name(&self, name: &str) -> Result<u32> {
        match self.encode(&format!(" {name}"))?.as_slice() {
            [token] => Ok(*token),
            tokens => Err(Error::model(format!(
                "the name \"{name}\" is {} tokens with its leading space in this tokenizer; it must be one",
                tokens.len()
            ))),
        }
    }

    fn is_models(&self, id: u32) -> bool {
        (id as usize) < self.model_has
    }

    /// Whether a token is added to the vocabulary, or written as such tokens are: `<s>`, `[BOS]`.
    fn is_special(&self, id: u32) -> bool {
        let in_brackets = |token: String| {
            token.len() > 2
                && (token.starts_with('<') && token.ends_with('>')
                    || token.starts_with('[') && token.ends_with(']'))
        };
        self.added.content(id).is_some() || self.model.id_to_token(id).is_some_and(in_brackets)
    }
}

/// Says whether a `tokenizer.json` is that of a known model: what it says must follow from the merges.txt of
/// this SHA-256. Its own bytes may differ, since tools write it in several ways.
///
/// # Errors
/// [`Error::BadModel`] if it is not.
pub fn check_merges(json: &[u8], sha256: &str) -> Result<()> {
    read(json)?.check_merges(sha256)
}

/// What a `tokenizer.json` says, and may say.
fn read(json: &[u8]) -> Result<TokenizerFile> {
    check_length("tokenizer.json", json)?;
    let json = wrong_file::json("tokenizer.json", json, Expected::Tokenizer)?;
    let file: TokenizerFile = serde_json::from_slice(json).map_err(not_a_tokenizer)?;
    file.check()?;
    Ok(file)
}

fn check_length(name: &str, bytes: &[u8]) -> Result<()> {
    match bytes.len() {
        length if length > MAX_BYTES => {
            Err(Error::model(format!("{name} has {length} bytes; at most {MAX_BYTES} are read")))
        }
        _ => Ok(()),
    }
}

fn not_a_tokenizer(error: impl std::fmt::Display) -> Error {
    Error::model(format!(
        "tokenizer.json is not a tokenizer of GPT-2's kind: {}. Expected the file of GPT-2's repository",
        excerpt(&error.to_string())
    ))
}
