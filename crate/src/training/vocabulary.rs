use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::normalizers::Lowercase;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{AddedToken, TokenizerImpl};

use super::corpus::{Corpus, apart};
use crate::ioi::Lexicon;
use crate::python_random::PythonRandom;
use crate::tokenizer::{END_OF_TEXT, Tokenizer};
use crate::{Error, Result};

/// Every word of the corpus becomes one token before this is reached.
const MOST_TOKENS: usize = 2048;

/// As GPT-2's tokens have it; the other characters on a keyboard are written as they are.
const SPACE: char = 'Ġ';

/// Enough for every word, with every name in front of a sentence and within.
const TEXTS: usize = 20_000;

/// A byte-level BPE like GPT-2's, trained on texts of the corpus; as a tokenizer.json. `<|endoftext|>` is token 0. Of the bytes
/// it has those of the characters that can be typed and seen: what is drawn of its tokens is to be readable.
///
/// # Errors
/// [`Error::BadModel`] if a name of the lexicon is not one token behind a space.
pub fn train_tokenizer(corpus: &Corpus, random: &mut PythonRandom) -> Result<String> {
    // No normalizer is used, but a type must be named.
    type Bpe = TokenizerImpl<BPE, Lowercase, ByteLevel, ByteLevel, ByteLevel>;
    let failed = |error: tokenizers::Error| Error::model(format!("no tokenizer was made: {error}"));

    let mut inner = Bpe::new(BPE::default());
    inner.with_pre_tokenizer(Some(ByteLevel::default().add_prefix_space(false)));
    inner.with_decoder(Some(ByteLevel::default()));
    inner.with_post_processor(Some(ByteLevel::default().trim_offsets(false)));
    let mut trainer = BpeTrainer::builder()
        .show_progress(false)
        .vocab_size(MOST_TOKENS)
        .min_frequency(2)
        .initial_alphabet(('!'..='~').chain([SPACE]).collect())
        .special_tokens(vec![AddedToken::from(END_OF_TEXT, true)])
        .build();
    let texts: Vec<String> = (0..TEXTS).map(|_| apart(&corpus.draw(random, false).text)).collect();
    inner.train(&mut trainer, texts.iter()).map_err(failed)?;

    let json = inner.to_string(false).map_err(failed)?;
    let tokenizer = Tokenizer::from_json(json.as_bytes())?;
    for name in &Lexicon::get().names {
        tokenizer.name(name)?;
    }
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_tokenizer() {
        let made = || train_tokenizer(&Corpus::new(), &mut PythonRandom::new(3)).unwrap();
        let json = made();
        assert_eq!(json, made());
        let tokenizer = Tokenizer::from_json(json.as_bytes()).unwrap();
        assert_eq!(tokenizer.bos(), Ok(0));
        assert!((tokenizer.largest_id() as usize) < MOST_TOKENS);
        // What the corpus does not have falls back to smaller tokens.
        assert!(tokenizer.encode(" Zebrafish").unwrap().len() > 3);
        assert!(tokenizer.encode("é").unwrap_err().to_string().contains("no token for 'é'"));
        let year = tokenizer.encode(" 1732").unwrap();
        assert_eq!(year.iter().map(|&id| tokenizer.text(id).unwrap()).collect::<Vec<_>>(), [" 17", "32"]);
    }
}
