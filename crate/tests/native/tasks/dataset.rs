//! The datasets and flips of the reference, to the last token.

use patchbay::Error;
use patchbay::ioi::{DatasetSpec, Flip, IoiDataset, Positions, Prompt};
use patchbay::tokenizer::Tokenizer;
use serde_json::{Value, json};

const DATASETS: &str = include_str!("../../../../tests/fixtures/reference/datasets.json");
/// GPT-2's tokenizer, cut down to the lexicon.
const TOKENIZER: &[u8] = include_bytes!("../../../../tests/fixtures/gpt2-ioi/tokenizer.json");

fn texts(prompts: &[Prompt], of: fn(&Prompt) -> &str) -> Value {
    json!(prompts.iter().map(of).collect::<Vec<_>>())
}

fn padded(tokens: &[Vec<u32>]) -> Value {
    let longest = tokens.iter().map(Vec::len).max().unwrap();
    let pad = |row: &Vec<u32>| {
        let mut row = row.clone();
        row.resize(longest, 50256);
        row
    };
    json!(tokens.iter().map(pad).collect::<Vec<_>>())
}

/// Equal, told by the first entry that is not: whole datasets are no message.
fn assert_same(found: &Value, expected: &Value) {
    let (found, expected) = (found.as_array().unwrap(), expected.as_array().unwrap());
    assert_eq!(found.len(), expected.len());
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found, expected, "entry {i}");
    }
}

#[test]
fn every_dataset_and_flip_is_the_references() {
    let tokenizer = Tokenizer::from_json(TOKENIZER).unwrap();
    let entries: Vec<Value> = serde_json::from_str(DATASETS).unwrap();
    assert_eq!(entries.len(), 5);
    let mut flips = 0;
    for entry in &entries {
        let spec: DatasetSpec = serde_json::from_value(entry["spec"].clone()).unwrap();
        let prompts = spec.generate().unwrap();
        let dataset = IoiDataset::new(prompts.clone(), &tokenizer, spec.prepend_bos).unwrap();
        assert_same(&texts(&prompts, |p| &p.sentence), &entry["sentences"]);
        assert_same(&texts(&prompts, |p| &p.io), &entry["io"]);
        assert_same(&texts(&prompts, |p| &p.s), &entry["s"]);
        assert_same(&json!(prompts.iter().map(Prompt::order).collect::<Vec<_>>()), &entry["templates"]);
        assert_same(&padded(&dataset.tokens), &entry["tokens"]);
        assert_same(&json!(dataset.io_token_ids), &entry["io_token_ids"]);
        assert_same(&json!(dataset.s_token_ids), &entry["s_token_ids"]);
        let positions =
            |role: fn(&Positions) -> usize| json!(dataset.positions.iter().map(role).collect::<Vec<_>>());
        assert_same(&positions(|p| p.io), &entry["word_idx"]["IO"]);
        assert_same(&positions(|p| p.s1), &entry["word_idx"]["S1"]);
        assert_same(&positions(|p| p.s2), &entry["word_idx"]["S2"]);
        assert_same(&positions(|p| p.end), &entry["word_idx"]["end"]);

        for (text, expected) in entry["flips"].as_object().unwrap() {
            let flipped = Flip::parse(text).unwrap().apply(&prompts, spec.seed).unwrap();
            assert_same(&texts(&flipped, |p| &p.sentence), &expected["sentences"]);
            assert_same(&texts(&flipped, |p| &p.io), &expected["io"]);
            assert_same(&texts(&flipped, |p| &p.s), &expected["s"]);
            let flipped = dataset.flipped(flipped, &tokenizer, spec.prepend_bos).unwrap();
            assert_same(&padded(&flipped.tokens), &expected["tokens"]);
            flips += 1;
        }
    }
    assert_eq!(flips, 8);
}

#[test]
fn a_flip_that_does_not_parse_points_at_the_character() {
    for (text, at, expected, found) in [
        ("", 1, "three letters", "the end"),
        ("ABB -> BAB", 11, "\",\"", "the end"),
        ("ABB => BAB, BAB -> ABB", 5, "\"->\"", "\"=> BAB, BAB \""),
        ("BAB -> ABB, ABB -> BAB", 1, "ABB, the names of ABBA prompts", "\"BAB -> ABB, \""),
        ("ABB -> BAB, ABB -> BAB", 13, "BAB, the names of BABA prompts", "\"ABB -> BAB\""),
        ("ABB -> BaB, BAB -> ABB", 9, "three letters", "\"aB, BAB -> A\""),
        ("ABB -> BABA, BAB -> ABB", 11, "\",\"", "\"A, BAB -> AB\""),
        ("ABB -> BAB, BAB -> ABB!", 23, "nothing more", "\"!\""),
        ("é", 1, "three letters", "\"é\""),
    ] {
        let error = Flip::parse(text).unwrap_err();
        assert_eq!(error.field(), Some("flip"));
        let message = error.to_string();
        for part in [&format!("at character {at},"), expected, &format!("found {found}")] {
            assert!(message.contains(part), "{text:?}: {message} should have {part:?}");
        }
    }
}

#[test]
fn spaces_in_a_flip_do_not_matter_but_are_kept() {
    let prompts = DatasetSpec::default().generate().unwrap();
    let usual = Flip::parse(Flip::DEFAULT).unwrap();
    let tight = Flip::parse("ABB->BAB,BAB->ABB ").unwrap();
    assert_eq!(tight.text(), "ABB->BAB,BAB->ABB ");
    assert_eq!(tight.apply(&prompts, 0).unwrap(), usual.apply(&prompts, 0).unwrap());
}

#[test]
fn a_name_of_several_tokens_is_named() {
    let tokenizer = Tokenizer::from_json(TOKENIZER).unwrap();
    let prompt = Prompt {
        sentence: "Then, Xyzzy and Mary went to the store. Mary gave a ring to Xyzzy".into(),
        io: "Xyzzy".into(),
        s: "Mary".into(),
        template: None,
    };
    let error = IoiDataset::new(vec![prompt], &tokenizer, true).unwrap_err();
    assert!(
        matches!(&error, Error::BadModel(message) if message.contains("of the names Xyzzy. Prompts of your own")),
        "{error}"
    );
}

#[test]
fn a_role_that_is_not_found_is_an_error() {
    let tokenizer = Tokenizer::from_json(TOKENIZER).unwrap();
    let prompt = Prompt {
        sentence: "Then, Mary went to the store. Mary gave a ring to Alex".into(),
        io: "Alex".into(),
        s: "Mary".into(),
        template: None,
    };
    let error = IoiDataset::new(vec![prompt], &tokenizer, true).unwrap_err().to_string();
    assert!(error.contains("must both occur"), "{error}");
}

#[test]
fn files_that_are_no_tokenizer_are_refused() {
    for json in ["", "{}", "[1, 2", "{\"model\": {\"type\": \"Nonsense\"}}"] {
        let error = Tokenizer::from_json(json.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("tokenizer.json is not a tokenizer of GPT-2's kind"), "{error}");
    }
}

/// A tokenizer.json with one entry replaced.
fn tokenizer_with(entry: &str, value: Value) -> Tokenizer {
    let mut json: Value = serde_json::from_slice(TOKENIZER).unwrap();
    json[entry] = value;
    Tokenizer::from_json(json.to_string().as_bytes()).unwrap()
}

#[test]
fn what_a_tokenizer_file_says_of_row_lengths_is_not_followed() {
    let plain = Tokenizer::from_json(TOKENIZER).unwrap();
    let prompts = DatasetSpec::default().generate().unwrap();
    let expected = IoiDataset::new(prompts.clone(), &plain, true).unwrap();
    let truncation = |stride| json!({"direction": "Right", "max_length": 10, "strategy": "LongestFirst", "stride": stride});
    let padding = json!({
        "strategy": {"Fixed": 64}, "direction": "Right", "pad_to_multiple_of": null,
        "pad_id": 50256, "pad_type_id": 0, "pad_token": "<|endoftext|>"
    });
    for (entry, value) in
        [("truncation", truncation(0)), ("truncation", truncation(10)), ("padding", padding)]
    {
        let found = IoiDataset::new(prompts.clone(), &tokenizer_with(entry, value), true).unwrap();
        assert_eq!((found.tokens, found.positions), (expected.tokens.clone(), expected.positions.clone()));
    }
}

#[test]
fn a_last_word_that_is_not_its_own_token_is_an_error() {
    // With " to Alex" as one token, IO would come to stand behind END.
    let tokens: Value = serde_json::from_slice(TOKENIZER).unwrap();
    let next = tokens["model"]["vocab"].as_object().unwrap().len();
    let added = json!([
        {"id": 50256, "content": "<|endoftext|>", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": true, "special": true},
        {"id": next, "content": " to Alex", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": true, "special": false},
    ]);
    let prompts = DatasetSpec::default().generate().unwrap();
    let error = IoiDataset::new(prompts, &tokenizer_with("added_tokens", added), true).unwrap_err();
    assert!(error.to_string().contains("is not one token behind the others"), "{error}");
}

#[test]
fn flips_with_two_new_letters_are_the_fixtures() {
    let expected: Value =
        serde_json::from_str(include_str!("../../../../tests/fixtures/tiny/expected.json")).unwrap();
    let variants = expected["variants"].as_array().unwrap();
    let mut flips = 0;
    for variant in variants.iter().filter(|variant| variant["flips"].is_object()) {
        let spec: DatasetSpec = serde_json::from_value(variant["spec"].clone()).unwrap();
        let prompts = spec.generate().unwrap();
        for (text, expected) in variant["flips"].as_object().unwrap() {
            let flipped = Flip::parse(text).unwrap().apply(&prompts, spec.seed).unwrap();
            assert_same(&texts(&flipped, |p| &p.sentence), &expected["sentences"]);
            assert_same(&texts(&flipped, |p| &p.io), &expected["io"]);
            assert_same(&texts(&flipped, |p| &p.s), &expected["s"]);
            flips += 1;
        }
    }
    assert_eq!(flips, 2);
}
