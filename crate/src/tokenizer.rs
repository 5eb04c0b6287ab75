//! GPT-2's byte-level BPE, read from a Hugging Face `tokenizer.json`.

use crate::{Error, Result};

/// The token before every sentence, and behind it where rows are padded.
const END_OF_TEXT: &str = "<|endoftext|>";

#[derive(Debug, Clone)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    bos: u32,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::BadModel`] if it is no tokenizer, or has no `<|endoftext|>`.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let mut inner = tokenizers::Tokenizer::from_bytes(json).map_err(|error| {
            Error::model(format!(
                "tokenizer.json is not a Hugging Face tokenizer: {error}. Expected the file of GPT-2's repository"
            ))
        })?;
        // A file may ask for rows of a certain length; positions are counted in whole sentences.
        inner.with_padding(None);
        inner.with_truncation(None).expect("no truncation cannot be out of range");
        let bos = inner.token_to_id(END_OF_TEXT).ok_or_else(|| {
            Error::model(format!("tokenizer.json has no token {END_OF_TEXT}, which GPT-2's has"))
        })?;
        Ok(Self { inner, bos })
    }

    /// The id of `<|endoftext|>`.
    pub fn bos(&self) -> u32 {
        self.bos
    }

    /// The number of tokens, added ones included.
    pub fn vocab_size(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        match self.inner.encode_fast(text, false) {
            Ok(encoding) => Ok(encoding.get_ids().to_vec()),
            Err(error) => Err(Error::model(format!("the tokenizer cannot read \"{text}\": {error}"))),
        }
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
}
