use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Pair, lines, table};
use crate::left_out::from_json;
use crate::{Error, Result};

/// What somebody's file of pairs says: JSON, a table with a header, or lines of IOI prompts.
///
/// - JSON: `{"prompts": [{"clean", "corrupt", "answers": […], "wrong_answers": […]}], "word_idxs": {name: position}}`,
///   of which `word_idxs` may be left out, or the array of prompts by itself. Other entries beside these are notes, except
///   for `prepend_bos`.
/// - A table, comma- or tab-separated: its header has the columns clean, corrupted, answer and wrong; several answers have
///   a `|` between.
/// - Lines as the page has them, `sentence | IO | S`: the clean prompt is the sentence without its last word, and in the
///   corrupted one IO is where S is for the second time, so that the answer changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairsFile {
    /// In their order, or why they are none: what is wrong in one must not hide the others.
    pub prompts: Vec<std::result::Result<Pair, String>>,
    pub word_idxs: BTreeMap<String, usize>,
    /// Where the file says it.
    pub prepend_bos: Option<bool>,
}

#[derive(Deserialize)]
struct Json<'a> {
    #[serde(borrow)]
    prompts: Vec<&'a RawValue>,
    #[serde(default)]
    word_idxs: BTreeMap<String, usize>,
    prepend_bos: Option<bool>,
}

impl PairsFile {
    /// # Errors
    /// [`Error::BadInput`] for `pairs` if it is none of these.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let text =
            std::str::from_utf8(bytes).map_err(|error| unreadable(format!("it is not UTF-8: {error}")))?;
        // Windows editors put a mark before it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Lines without anything in them are no mistake.
        let blank = text.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
        let text = &text[blank..];
        let only = |prompts| Self { prompts, word_idxs: BTreeMap::new(), prepend_bos: None };
        let table = table::of(text);
        match text.trim_start().chars().next() {
            None => Err(unreadable("it is empty".into())),
            Some('{') => {
                let Json { prompts, word_idxs, prepend_bos } = serde_json::from_str(text).map_err(no_json)?;
                Ok(Self { prompts: pairs(prompts), word_idxs, prepend_bos })
            }
            Some('[') => Ok(only(pairs(serde_json::from_str(text).map_err(no_json)?))),
            Some(_) if let Some(table) = table => Ok(only(table::read(&table)?)),
            Some(_) if lines::are_some(text) => Ok(only(lines::read(text))),
            Some(_) => {
                let first = text.trim_start().lines().next().unwrap_or_default();
                Err(unreadable(format!("its first line is \"{}\"", crate::error::excerpt(first))))
            }
        }
    }
}

fn pairs(entries: Vec<&RawValue>) -> Vec<std::result::Result<Pair, String>> {
    let read = |entry: &RawValue| {
        let pair: Pair = from_json(entry)?;
        pair.check_size().map(|()| pair)
    };
    entries.into_iter().map(read).collect()
}

fn no_json(error: serde_json::Error) -> Error {
    unreadable(format!("as JSON: {error}"))
}

pub(super) fn unreadable(found: String) -> Error {
    Error::input(
        "pairs",
        format!(
            "expected pairs as JSON, {{\"prompts\": [{{\"clean\", \"corrupt\", \"answers\", \"wrong_answers\"}}]}}, as a table with the header clean,corrupted,answer,wrong, or as lines sentence | IO | S; {found}"
        ),
    )
}
