//! The two files in which GPT-2s had their tokenizer before there was tokenizer.json.

use std::collections::HashMap;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;

use super::vocabulary::tokens_once;
use super::{END_OF_TEXT, check_length};
use crate::wrong_file::{self, Expected};
use crate::{Error, Result, error::excerpt};

#[derive(Deserialize)]
#[serde(transparent)]
struct Vocabulary {
    #[serde(deserialize_with = "tokens_once")]
    numbers: HashMap<String, u32>,
}

/// In the order of their numbers, so that the same two files always give the same bytes.
struct InOrder<'a>(Vec<(&'a String, u32)>);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(token, number)| (token, number)))
    }
}

#[derive(Serialize)]
struct Model<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    vocab: InOrder<'a>,
    merges: Vec<[&'a str; 2]>,
}

#[derive(Serialize)]
struct File<'a> {
    version: &'static str,
    added_tokens: Vec<serde_json::Value>,
    pre_tokenizer: serde_json::Value,
    decoder: serde_json::Value,
    model: Model<'a>,
}

/// The bytes of a tokenizer.json that says what vocab.json and merges.txt say; the same for the same two files.
///
/// # Errors
/// [`Error::BadModel`] naming the file, and of merges the line, that is broken.
pub fn from_vocabulary(vocab_json: &[u8], merges_txt: &[u8]) -> Result<Vec<u8>> {
    check_length("vocab.json", vocab_json)?;
    check_length("merges.txt", merges_txt)?;
    let json = wrong_file::json("vocab.json", vocab_json, Expected::Vocabulary)?;
    let vocabulary: Vocabulary = serde_json::from_slice(json).map_err(|error| {
        let error = excerpt(&error.to_string());
        Error::model(format!("vocab.json is not a vocabulary of GPT-2's kind: {error}"))
    })?;
    let vocab = &vocabulary.numbers;
    let merges = merges(merges_txt, vocab)?;
    let mut in_order: Vec<_> = vocab.iter().map(|(token, &number)| (token, number)).collect();
    in_order.sort_unstable_by_key(|&(token, number)| (number, token));
    let end_of_text = vocab.get(END_OF_TEXT).map(|id| {
        json!({
            "id": id, "content": END_OF_TEXT, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": true, "special": true,
        })
    });
    let byte_level =
        json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true });
    let file = File {
        version: "1.0",
        added_tokens: end_of_text.into_iter().collect(),
        pre_tokenizer: byte_level.clone(),
        decoder: byte_level,
        model: Model { kind: "BPE", vocab: InOrder(in_order), merges },
    };
    Ok(serde_json::to_vec(&file).expect("tokens and their numbers are JSON"))
}

/// The lines of a merges.txt, all but the first, which says its version.
fn merges<'a>(text: &'a [u8], vocab: &HashMap<String, u32>) -> Result<Vec<[&'a str; 2]>> {
    let text = wrong_file::text("merges.txt", text, Expected::Merges)?;
    let text = std::str::from_utf8(text).map_err(|error| {
        Error::model(format!("merges.txt is not text in UTF-8: byte {} is wrong", error.valid_up_to()))
    })?;
    let mut merges = Vec::new();
    for (place, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() || line.starts_with("#version") {
            continue;
        }
        let pair = line.split_once(' ').filter(|(first, second)| {
            let whole = [*first, *second].concat();
            [*first, *second, &whole].iter().all(|&token| vocab.contains_key(token))
        });
        let Some((first, second)) = pair else {
            return Err(Error::model(format!(
                "merges.txt: line {} must be two tokens of vocab.json that make a third; found {:?}",
                place + 1,
                excerpt(line)
            )));
        };
        merges.push([first, second]);
    }
    Ok(merges)
}
