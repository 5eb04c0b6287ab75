//! GPT-2's byte-level BPE, read from a Hugging Face `tokenizer.json`.
//!
//! The library reads tokenizers of every kind, and panics on some that are broken. So [`file`] reads the
//! entries that GPT-2's has, and only what has been checked is built.

mod file;
mod vocabulary;

use tokenizers::models::bpe::BPE;
use tokenizers::normalizers::Lowercase;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{AddedToken, TokenizerImpl};

use crate::{Error, Result, error::excerpt};
use file::TokenizerFile;

/// The token before every sentence, and behind it where rows are padded.
pub(crate) const END_OF_TEXT: &str = "<|endoftext|>";

/// GPT-2's is 1.4 MB; the largest vocabulary that a configuration may ask for, about 50.
const MAX_BYTES: usize = 64 << 20;

#[derive(Debug, Clone)]
pub struct Tokenizer {
    /// BPE over bytes. It has no normalizer, but a type must be named.
    inner: TokenizerImpl<BPE, Lowercase, ByteLevel, ByteLevel, ByteLevel>,
    bos: u32,
    largest_id: u32,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::BadModel`] if it is no tokenizer, not of GPT-2's kind, contradicts itself, or has no
    /// `<|endoftext|>`.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let TokenizerFile { added_tokens, pre_tokenizer, model, .. } = read(json)?;
        let mut largest_id = model.vocab.values().copied().max().unwrap_or(0);

        // Padding, truncation and what is put around a sentence are left out: positions are counted in
        // whole sentences.
        let mut inner = TokenizerImpl::new(model.build().map_err(not_a_tokenizer)?);
        inner.with_pre_tokenizer(Some(pre_tokenizer.into_byte_level()));
        inner.with_decoder(Some(ByteLevel::default()));
        let contents: Vec<AddedToken> = added_tokens.iter().map(|added| added.token.clone()).collect();
        inner.add_tokens(contents).map_err(not_a_tokenizer)?;
        for added in added_tokens {
            // The library numbers tokens itself, and would do so silently.
            let given = inner.token_to_id(&added.token.content);
            if given != Some(added.id) {
                return Err(Error::model(format!(
                    "tokenizer.json adds the token {} as number {}, where {} would be next; it contradicts itself",
                    excerpt(&added.token.content),
                    added.id,
                    given.map_or("none".to_owned(), |id| id.to_string()),
                )));
            }
            largest_id = largest_id.max(added.id);
        }
        let bos = inner.token_to_id(END_OF_TEXT).ok_or_else(|| {
            Error::model(format!("tokenizer.json has no token {END_OF_TEXT}, which GPT-2's has"))
        })?;
        Ok(Self { inner, bos, largest_id })
    }

    /// The id of `<|endoftext|>`.
    pub fn bos(&self) -> u32 {
        self.bos
    }

    /// The largest id that a text may turn into.
    pub fn largest_id(&self) -> u32 {
        self.largest_id
    }

    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        match self.inner.encode_fast(text, false) {
            Ok(encoding) => Ok(encoding.get_ids().to_vec()),
            Err(error) => Err(Error::model(format!("the tokenizer cannot read \"{text}\": {error}"))),
        }
    }

    /// What a token stands for; � for bytes that are no whole character.
    pub fn text(&self, id: u32) -> Result<String> {
        self.inner
            .decode(&[id], false)
            .map_err(|error| Error::model(format!("the tokenizer cannot spell token {id}: {error}")))
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
    if json.len() > MAX_BYTES {
        return Err(Error::model(format!(
            "tokenizer.json has {} bytes; at most {MAX_BYTES} are read",
            json.len()
        )));
    }
    let file: TokenizerFile = serde_json::from_slice(json).map_err(not_a_tokenizer)?;
    file.check()?;
    Ok(file)
}

fn not_a_tokenizer(error: impl std::fmt::Display) -> Error {
    Error::model(format!(
        "tokenizer.json is not a tokenizer of GPT-2's kind: {}. Expected the file of GPT-2's repository",
        excerpt(&error.to_string())
    ))
}
