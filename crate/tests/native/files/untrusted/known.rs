//! config.json and tokenizer.json of a known model: whatever else they say is refused.

use patchbay::Error;
use patchbay::hub::{SmallFiles, gpt2_small};
use patchbay::tokenizer::from_vocabulary;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::fixture::{CONFIG, TOKENIZER, two_files};

fn tokenizer() -> Value {
    serde_json::from_slice(TOKENIZER).unwrap()
}

/// The fixture as a known model: its merges.txt is written here anew.
fn known() -> SmallFiles {
    let tokenizer = tokenizer();
    let lines = tokenizer["model"]["merges"].as_array().unwrap().iter().map(|merge| {
        let [first, second] = [0, 1].map(|place| merge[place].as_str().unwrap());
        format!("{first} {second}\n")
    });
    let text = format!("#version: 0.2\n{}", lines.collect::<String>());
    let merges_sha256 = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    SmallFiles { config: serde_json::from_str(CONFIG).unwrap(), merges_sha256 }
}

fn refusal(config: &str, tokenizer: &Value) -> String {
    match known().check(config, tokenizer.to_string().as_bytes()) {
        Err(Error::BadModel(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_known_model_is_known_however_it_is_written() {
    known().check(CONFIG, TOKENIZER).unwrap();
    let mut older = tokenizer();
    let merges = older["model"]["merges"].as_array_mut().unwrap();
    for merge in merges.iter_mut() {
        *merge = json!(format!("{} {}", merge[0].as_str().unwrap(), merge[1].as_str().unwrap()));
    }
    merges.insert(0, json!("#version: 0.2"));
    // The end of a text may be in the vocabulary or be added to it.
    older["model"]["vocab"].as_object_mut().unwrap().remove("<|endoftext|>");
    known().check(CONFIG, older.to_string().as_bytes()).unwrap();
    let (vocab, merges) = two_files(TOKENIZER);
    known().check(CONFIG, &from_vocabulary(vocab.as_bytes(), merges.as_bytes()).unwrap()).unwrap();
    let mut padded = tokenizer();
    let mut pad = padded["added_tokens"][0].clone();
    (pad["content"], pad["id"]) = (json!("[PAD]"), json!(609));
    padded["added_tokens"].as_array_mut().unwrap().push(pad);
    known().check(CONFIG, padded.to_string().as_bytes()).unwrap();
}

#[test]
fn each_number_of_the_configuration_counts() {
    for (from, to, words) in [
        ("\"n_head\": 4", "\"n_head\": 8", "expected n_head 4, found 8"),
        ("\"n_layer\": 3", "\"n_layer\": 2", "expected n_layer 3, found 2"),
        ("1e-05", "1e-06", "expected layer_norm_epsilon 0.00001, found 0.000001"),
    ] {
        assert!(CONFIG.contains(from));
        let message = refusal(&CONFIG.replace(from, to), &tokenizer());
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn each_merge_and_each_number_of_the_vocabulary_counts() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut tokenizer = tokenizer();
        change(&mut tokenizer);
        refusal(CONFIG, &tokenizer)
    };
    let merges = with(&|t| t["model"]["merges"].as_array_mut().unwrap().swap(3, 4));
    assert!(merges.contains("expected the merges of SHA-256"), "{merges}");
    let fewer = with(&|t| drop(t["model"]["merges"].as_array_mut().unwrap().pop()));
    assert!(fewer.contains("expected the merges of SHA-256"), "{fewer}");
    let swapped = with(&|t| {
        let vocab = t["model"]["vocab"].as_object_mut().unwrap();
        let (a, b) = (vocab["a"].take(), vocab["b"].take());
        (vocab["a"], vocab["b"]) = (b, a);
    });
    assert!(swapped.contains("expected the number"), "{swapped}");
    let more = with(&|t| t["model"]["vocab"]["zzzz"] = json!(609));
    assert!(more.contains("expected 609 tokens and only <|endoftext|> added to them, found zzzz"), "{more}");
    // It would take Mary out of Maryland.
    let added = with(&|t| {
        let mut token = t["added_tokens"][0].clone();
        let mary = "\u{120}Mary";
        (token["content"], token["id"]) = (json!(mary), t["model"]["vocab"][mary].clone());
        t["added_tokens"].as_array_mut().unwrap().insert(0, token);
    });
    assert!(added.contains("found \u{120}Mary"), "{added}");
    let spaced = with(&|t| t["pre_tokenizer"]["add_prefix_space"] = json!(true));
    assert!(spaced.contains("cut and merged as GPT-2's are"), "{spaced}");
}

#[test]
fn the_hubs_model_is_not_the_fixture() {
    let message = gpt2_small().small.check(CONFIG, TOKENIZER).unwrap_err().to_string();
    assert!(message.contains("expected n_layer 12, found 3"), "{message}");
}
