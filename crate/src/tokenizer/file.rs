use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use tokenizers::models::bpe::{BPE, BpeBuilder, Vocab};

use super::vocabulary::tokens_once;
use super::words::Words;
use crate::{Error, Result, error::excerpt};

/// A `tokenizer.json`, as far as it bears on GPT-2's tokens.
#[derive(Deserialize)]
pub struct TokenizerFile {
    #[serde(default)]
    pub added_tokens: Vec<Added>,
    normalizer: Option<Normalizer>,
    pub pre_tokenizer: PreTokenizer,
    pub model: Model,
}

/// A token beside the vocabulary.
#[derive(Debug, Clone, Deserialize)]
pub struct Added {
    pub id: u32,
    pub content: String,
    /// Where it stands in a longer word it is none.
    single_word: bool,
    /// It takes the blanks before it.
    pub lstrip: bool,
    /// It takes the blanks after it.
    pub rstrip: bool,
    /// It is looked for after those that are not.
    pub normalized: bool,
}

/// What is done to a text's characters first.
#[derive(Deserialize)]
struct Normalizer {
    #[serde(rename = "type")]
    kind: String,
    /// The parts of a sequence.
    normalizers: Option<Vec<IgnoredAny>>,
}

/// How a text is cut before BPE.
#[derive(Deserialize)]
pub struct PreTokenizer {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    add_prefix_space: bool,
    #[serde(default = "yes")]
    use_regex: bool,
    /// The parts of a sequence.
    #[serde(default)]
    pretokenizers: Vec<PreTokenizer>,
}

fn yes() -> bool {
    true
}

impl PreTokenizer {
    /// A space in front belongs to the word, and is not added to the first.
    pub fn is_gpt2s(&self) -> bool {
        self.byte_level().is_some_and(|byte_level| byte_level.use_regex && !byte_level.add_prefix_space)
    }

    /// Where that is all, alone or as a sequence of one.
    fn byte_level(&self) -> Option<&Self> {
        match (self.kind.as_str(), self.pretokenizers.as_slice()) {
            ("ByteLevel", _) => Some(self),
            ("Sequence", [only]) => only.byte_level(),
            _ => None,
        }
    }

    /// For a file that has been checked.
    pub fn words(&self) -> Words {
        let Self { add_prefix_space, use_regex, .. } = self.byte_level().unwrap_or(self);
        Words::new(*add_prefix_space, *use_regex)
    }
}

/// The vocabulary and its merges.
#[derive(Deserialize)]
pub struct Model {
    /// Older files do not say.
    #[serde(rename = "type")]
    kind: Option<String>,
    dropout: Option<f32>,
    unk_token: Option<String>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    #[serde(default)]
    byte_fallback: bool,
    #[serde(default)]
    pub ignore_merges: bool,
    #[serde(deserialize_with = "tokens_once")]
    pub vocab: HashMap<String, u32>,
    merges: Vec<Merge>,
}

/// Two tokens that become one; older files write "a b".
#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Pair(String, String),
    Line(String),
}

impl TokenizerFile {
    /// Refuses what would need other code than GPT-2's, and merges that the library would panic on.
    ///
    /// # Errors
    /// [`Error::BadModel`]
    pub fn check(&self) -> Result<()> {
        let refuse = |what: &str, found: &str| {
            Err(Error::model(format!("tokenizer.json: {what}, as GPT-2's is; found {}", excerpt(found))))
        };
        let Model { kind, dropout, byte_fallback, vocab, merges, .. } = &self.model;
        let changes_nothing =
            |normalizer: &&Normalizer| normalizer.normalizers.as_ref().is_some_and(Vec::is_empty);
        if let Some(normalizer) = self.normalizer.as_ref().filter(|normalizer| !changes_nothing(normalizer)) {
            return refuse("normalizer must be null", &normalizer.kind);
        }
        if self.pre_tokenizer.byte_level().is_none() {
            let kinds: Vec<&str> =
                self.pre_tokenizer.pretokenizers.iter().map(|it| it.kind.as_str()).collect();
            let found = format!("{} {}", self.pre_tokenizer.kind, kinds.join(", "));
            return refuse("the pre_tokenizer must be ByteLevel", found.trim_end());
        }
        if let Some(added) = self.added_tokens.iter().find(|added| added.single_word) {
            return refuse(
                "added tokens must be found within words too, with single_word false",
                &added.content,
            );
        }
        if let Some(kind) = kind.as_ref().filter(|kind| *kind != "BPE") {
            return refuse("the model must be BPE", kind);
        }
        if let Some(dropout) = dropout.filter(|dropout| *dropout != 0.0) {
            return refuse("dropout must be null", &dropout.to_string());
        }
        if *byte_fallback {
            return refuse("byte_fallback must be false", "true");
        }
        for affix in [&self.model.continuing_subword_prefix, &self.model.end_of_word_suffix] {
            if let Some(affix) = affix.as_ref().filter(|affix| !affix.is_empty()) {
                return refuse("prefixes and suffixes of words must be empty", affix);
            }
        }
        self.check_vocabulary()?;
        for (place, merge) in merges.iter().enumerate() {
            let whole = merge.tokens().map(|(first, second)| [first, second].concat());
            if !merge.is_comment() && !whole.as_ref().is_some_and(|whole| vocab.contains_key(whole)) {
                return Err(Error::model(format!(
                    "tokenizer.json: merge {place} makes {}, which is no token of the vocabulary",
                    whole.map_or("nothing".to_owned(), |whole| excerpt(&whole)),
                )));
            }
        }
        Ok(())
    }
}

impl Merge {
    /// The first line of a merges.txt, which older files took over.
    fn is_comment(&self) -> bool {
        matches!(self, Self::Line(line) if line.starts_with("#version"))
    }

    fn tokens(&self) -> Option<(&str, &str)> {
        match self {
            Self::Pair(first, second) => Some((first, second)),
            Self::Line(line) => line.split_once(' ').filter(|(_, second)| !second.contains(' ')),
        }
    }
}

impl Model {
    /// Two tokens each, in their order.
    pub fn merges(&self) -> impl Iterator<Item = (&str, &str)> {
        self.merges.iter().filter(|merge| !merge.is_comment()).filter_map(Merge::tokens)
    }

    /// # Errors
    /// The library's, for a merge of what is no token.
    pub fn build(self) -> tokenizers::Result<BPE> {
        let merges = self.merges().map(|(first, second)| (first.to_owned(), second.to_owned())).collect();
        let vocab: Vocab = self.vocab.into_iter().collect();
        let builder = BpeBuilder::new().vocab_and_merges(vocab, merges).ignore_merges(self.ignore_merges);
        match self.unk_token {
            Some(unknown) => builder.unk_token(unknown),
            None => builder,
        }
        .build()
    }
}
