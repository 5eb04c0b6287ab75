//! The tokenizer beside the tokenizers library, whose cutting it does itself, natively.

use patchbay::tokenizer::Tokenizer;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixture::TOKENIZER;

const GPT2_IOI: &[u8] = include_bytes!("../../../../tests/fixtures/gpt2-ioi/tokenizer.json");

/// Added tokens that begin alike, that are words, blanks and marks.
const ADDED: [&str; 8] = ["<|endoftext|>", "<", "<|", "<|x|>", " x", "\n", "Mary", "é"];

/// What may begin, join or part words, and parts of added tokens.
const PARTS: [&str; 34] = [
    "a",
    "Mary",
    " Mary",
    "x",
    " ",
    "  ",
    "\n",
    "\t",
    "\r\n",
    "\u{a0}",
    "\u{85}",
    "\u{2028}",
    "\u{3000}",
    "1",
    "42",
    "²",
    "Ⅷ",
    "'",
    "'s",
    "'ll",
    "'re'",
    ".",
    "...",
    "é",
    "e\u{301}",
    "\u{200d}",
    "東京",
    "🗼",
    "<|endoftext|>",
    "<|endof",
    "<|x",
    "|>",
    "<",
    "\u{202e}",
];

fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        8 => prop::sample::select(&PARTS[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

/// Some of [`ADDED`] with their settings, numbered as the library numbers them.
fn added() -> impl Strategy<Value = Vec<(&'static str, [bool; 3])>> {
    prop::collection::vec((prop::sample::select(&ADDED[..]), any::<[bool; 3]>()), 0..5)
}

fn with(json: &[u8], added: &[(&str, [bool; 3])], pre_tokenizer: [bool; 2]) -> Vec<u8> {
    let mut file: Value = serde_json::from_slice(json).unwrap();
    let [add_prefix_space, use_regex] = pre_tokenizer;
    file["pre_tokenizer"] = json!({
        "type": "ByteLevel", "add_prefix_space": add_prefix_space, "trim_offsets": true, "use_regex": use_regex,
    });
    let vocab = file["model"]["vocab"].as_object().unwrap().clone();
    let mut numbers: Vec<&str> = Vec::new();
    let tokens = added.iter().map(|&(content, [lstrip, rstrip, normalized])| {
        let id = vocab.get(content).and_then(Value::as_u64).unwrap_or_else(|| {
            let known = numbers.iter().position(|&other| other == content).unwrap_or_else(|| {
                numbers.push(content);
                numbers.len() - 1
            });
            (vocab.len() + known) as u64
        });
        json!({
            "id": id, "content": content, "single_word": false, "lstrip": lstrip, "rstrip": rstrip,
            "normalized": normalized, "special": true,
        })
    });
    file["added_tokens"] = tokens.collect();
    file.to_string().into_bytes()
}

/// Both must read any text alike, and spell its tokens alike.
fn assert_alike(json: &[u8], text: &str) -> std::result::Result<(), TestCaseError> {
    let ours = Tokenizer::from_json(json).unwrap();
    let theirs = tokenizers::Tokenizer::from_bytes(json).unwrap();
    let ids = ours.encode_any(text).unwrap();
    // It panics where a token takes all the blanks of which another is made.
    let Ok(encoding) = std::panic::catch_unwind(|| theirs.encode_fast(text, false).unwrap()) else {
        return Ok(());
    };
    prop_assert_eq!(&ids[..], encoding.get_ids());
    prop_assert_eq!(ours.decode(&ids).unwrap(), theirs.decode(&ids, false).unwrap());
    for id in ids {
        prop_assert_eq!(ours.text(id).unwrap(), theirs.decode(&[id], false).unwrap());
    }
    Ok(())
}

proptest! {
    // Reading GPT-2's words takes the library some milliseconds.
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_as_the_library_reads_it(text in text()) {
        for json in [TOKENIZER, GPT2_IOI] {
            assert_alike(json, &text)?;
        }
    }

    #[test]
    fn any_settings_are_read_as_the_library_reads_them(
        text in text(), added in added(), pre_tokenizer in any::<[bool; 2]>(),
    ) {
        assert_alike(&with(TOKENIZER, &added, pre_tokenizer), &text)?;
    }
}

#[test]
fn every_token_is_spelled_as_the_library_spells_it() {
    for json in [TOKENIZER, GPT2_IOI] {
        let ours = Tokenizer::from_json(json).unwrap();
        let theirs = tokenizers::Tokenizer::from_bytes(json).unwrap();
        for id in 0..=ours.largest_id() {
            if theirs.id_to_token(id).is_some() {
                assert_eq!(ours.text(id).unwrap(), theirs.decode(&[id], false).unwrap());
            }
        }
    }
}

#[test]
fn tokens_that_are_none_within_a_word_are_refused() {
    let mut file: Value = serde_json::from_slice(TOKENIZER).unwrap();
    file["added_tokens"][0]["single_word"] = json!(true);
    let error = Tokenizer::from_json(file.to_string().as_bytes()).unwrap_err().to_string();
    assert!(error.contains("single_word false, as GPT-2's is; found <|endoftext|>"), "{error}");
    file["added_tokens"][0]["single_word"] = json!(false);
    file["added_tokens"][0]["content"] = json!("");
    file["added_tokens"][0]["id"] = json!(609);
    let error = Tokenizer::from_json(file.to_string().as_bytes()).unwrap_err().to_string();
    assert!(error.contains("a token without characters, as number 609"), "{error}");
}
