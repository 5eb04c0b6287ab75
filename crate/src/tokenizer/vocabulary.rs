//! GPT-2's vocabulary: what every one must hold, and how it follows from the merges.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use sha2::{Digest, Sha256};

use super::END_OF_TEXT;
use super::file::{Added, TokenizerFile};
use crate::{Error, Result, error::excerpt};

/// The first line of a merges.txt.
const MERGES_VERSION: &str = "#version: 0.2";

/// The 256 bytes in the order of GPT-2's vocabulary: printable ones come first.
pub fn bytes() -> impl Iterator<Item = u8> {
    (0..=255).filter(is_printable).chain((0..=255).filter(|byte| !is_printable(byte)))
}

/// The characters that stand for them: printable bytes are themselves, the others are the characters from 256 on.
pub fn byte_symbols() -> impl Iterator<Item = char> {
    let others = (0..=255).filter(|byte| !is_printable(byte)).count() as u32;
    (0..=255).filter(is_printable).map(char::from).chain((256..256 + others).filter_map(char::from_u32))
}

fn is_printable(byte: &u8) -> bool {
    matches!(byte, 33..=126 | 161..=172 | 174..=255)
}

/// Reads a vocabulary. A map of the standard library's would keep the last of two equal tokens.
pub fn tokens_once<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<HashMap<String, u32>, D::Error> {
    struct Tokens;

    impl<'de> Visitor<'de> for Tokens {
        type Value = HashMap<String, u32>;

        fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
            formatter.write_str("tokens with their numbers")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> std::result::Result<Self::Value, A::Error> {
            let mut vocab = HashMap::new();
            while let Some((token, number)) = entries.next_entry::<String, u32>()? {
                if vocab.contains_key(&token) {
                    let token = excerpt(&token);
                    return Err(A::Error::custom(format!("the token {token} is there twice")));
                }
                vocab.insert(token, number);
            }
            Ok(vocab)
        }
    }

    deserializer.deserialize_map(Tokens)
}

impl TokenizerFile {
    /// Refuses two tokens of one number.
    pub fn check_vocabulary(&self) -> Result<()> {
        let vocab = &self.model.vocab;
        let mut numbers = HashSet::new();
        let twice = vocab.values().find(|number| !numbers.insert(**number));
        let added = self.added_tokens.iter().filter(|added| vocab.get(&added.content) != Some(&added.id));
        let twice = twice.or(added.map(|added| &added.id).find(|number| numbers.contains(number)));
        match twice {
            Some(number) => Err(Error::model(format!("tokenizer.json: two tokens have the number {number}"))),
            None => Ok(()),
        }
    }

    /// Refuses added tokens whose numbers are not those that the tokenizers library would give them: it numbers them itself,
    /// and would do so silently.
    ///
    /// # Errors
    /// [`Error::BadModel`]
    pub fn check_added(&self) -> Result<()> {
        let vocab = &self.model.vocab;
        let mut next = vocab.len() as u32;
        let mut known: HashMap<&str, u32> = HashMap::new();
        for Added { id, content, .. } in &self.added_tokens {
            if content.is_empty() {
                return Err(Error::model(format!(
                    "tokenizer.json adds a token without characters, as number {id}; no text would have it"
                )));
            }
            let given = match known.get(content.as_str()).or_else(|| vocab.get(content)) {
                Some(&given) => given,
                None => {
                    next += 1;
                    next - 1
                }
            };
            if given != *id {
                return Err(Error::model(format!(
                    "tokenizer.json adds the token {} as number {id}, where {given} would be next; it contradicts itself",
                    excerpt(content),
                )));
            }
            known.insert(content, given);
        }
        Ok(())
    }

    /// The bytes without a token, which texts would lose: a vocabulary learnt from a text may have those of that text only.
    pub fn missing_bytes(&self) -> Vec<u8> {
        let missing = |symbol: &char| !self.model.vocab.contains_key(&symbol.to_string());
        bytes().zip(byte_symbols()).filter(|(_, symbol)| missing(symbol)).map(|(byte, _)| byte).collect()
    }

    /// Refuses what is not the tokenizer whose merges.txt has this SHA-256, in whatever way it is written.
    ///
    /// # Errors
    /// [`Error::BadModel`]
    pub fn check_merges(&self, sha256: &str) -> Result<()> {
        let mut text = Sha256::new_with_prefix(MERGES_VERSION);
        for (first, second) in self.model.merges() {
            // A line break in a token would be one more merge.
            if [first, second].iter().any(|token| token.contains([' ', '\n'])) {
                return Err(other("merges of single tokens", "a space in one"));
            }
            text.update(format!("\n{first} {second}"));
        }
        text.update("\n");
        let found: String = text.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if found != sha256 {
            return Err(other(&format!("the merges of SHA-256 {sha256}"), &format!("some of {found}")));
        }
        // The bytes, what each merge makes, and the end of a text: so the merges give the numbers too.
        let bytes = byte_symbols().map(String::from);
        let merged = self.model.merges().map(|(first, second)| [first, second].concat());
        let expected: HashMap<_, _> =
            bytes.chain(merged).chain([END_OF_TEXT.to_owned()]).zip(0_u32..).collect();
        let mut tokens = self.model.vocab.clone();
        tokens.extend(self.added_tokens.iter().map(|added| (added.content.clone(), added.id)));
        if let Some((token, number)) =
            expected.iter().find(|&(token, number)| tokens.get(token) != Some(number))
        {
            let found = tokens.get(token).map_or("none".to_owned(), u32::to_string);
            return Err(other(&format!("the number {number} for {}", excerpt(token)), &found));
        }
        // What is added with further numbers, as [PAD] often is, is none of the model's, and refuses the prompts that use it.
        let is_expected = |added: &Added| added.content == END_OF_TEXT || added.id as usize >= expected.len();
        let more = self.model.vocab.keys().find(|token| !expected.contains_key(*token));
        let added = self.added_tokens.iter().find(|added| !is_expected(added));
        if let Some(token) = more.or(added.map(|added| &added.content)) {
            let expected = format!("{} tokens and only {END_OF_TEXT} added to them", expected.len());
            return Err(other(&expected, &excerpt(token)));
        }
        if self.pre_tokenizer.is_gpt2s() && !self.model.ignore_merges {
            Ok(())
        } else {
            Err(other("words to be cut and merged as GPT-2's are", "another way"))
        }
    }
}

fn other(expected: &str, found: &str) -> Error {
    Error::model(format!("tokenizer.json is not the one of this model: expected {expected}, found {found}"))
}
