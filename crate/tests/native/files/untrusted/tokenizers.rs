use patchbay::Error;
use patchbay::tokenizer::Tokenizer;
use serde_json::{Value, json};

use crate::fixture::TOKENIZER;

/// What is said of a tokenizer.json.
fn tokenizer_refusal(json: &[u8]) -> String {
    match Tokenizer::from_json(json) {
        Err(Error::BadModel(message)) => message,
        other => panic!("{other:?}"),
    }
}

fn with_tokenizer(change: impl Fn(&mut Value)) -> String {
    let mut tokenizer: Value = serde_json::from_slice(TOKENIZER).unwrap();
    change(&mut tokenizer);
    tokenizer_refusal(tokenizer.to_string().as_bytes())
}

#[test]
fn tokenizers_that_are_not_gpt_2s_are_refused() {
    for garbage in [&b""[..], b"<html>", b"\xff\xff", b"{}", b"[]", b"null"] {
        assert!(tokenizer_refusal(garbage).contains("not a tokenizer of GPT-2's kind"));
    }
    for nested in ["[".repeat(1_000_000), format!(r#"{{"model":{}"#, r#"{"vocab":"#.repeat(200_000))] {
        assert!(tokenizer_refusal(nested.as_bytes()).contains("not a tokenizer of GPT-2's kind"));
    }
    assert!(with_tokenizer(|t| t["model"]["type"] = json!("Unigram")).contains("the model must be BPE"));
    assert!(
        with_tokenizer(|t| t["normalizer"] = json!({ "type": "NFC" })).contains("normalizer must be null")
    );
    assert!(
        with_tokenizer(|t| t["pre_tokenizer"] = json!({ "type": "Split" })).contains("must be ByteLevel")
    );
    assert!(with_tokenizer(|t| t["model"]["dropout"] = json!(0.5)).contains("dropout must be null"));
    let prefix = with_tokenizer(|t| t["model"]["continuing_subword_prefix"] = json!("##"));
    assert!(prefix.contains("must be empty"), "{prefix}");
    let numbered = with_tokenizer(|t| t["added_tokens"][0]["id"] = json!(4_000_000_000_u32));
    assert!(numbered.contains("adds the token <|endoftext|> as number 4000000000"), "{numbered}");
    assert!(with_tokenizer(|t| t["model"]["vocab"]["!"] = json!(-1)).contains("not a tokenizer"));
}

#[test]
fn vocabularies_are_of_one_number_a_token() {
    let vocab = "\"vocab\":{";
    let text = serde_json::from_slice::<Value>(TOKENIZER).unwrap().to_string();
    let twice = tokenizer_refusal(text.replacen(vocab, &format!("{vocab}\"a\":7,"), 1).as_bytes());
    assert!(twice.contains("the token a is there twice"), "{twice}");
    let number = with_tokenizer(|t| t["model"]["vocab"]["a"] = t["model"]["vocab"]["b"].clone());
    assert!(number.contains("two tokens have the number 65"), "{number}");
    let added = with_tokenizer(|t| {
        t["model"]["vocab"].as_object_mut().unwrap().remove("<|endoftext|>");
        t["model"]["vocab"]["zzzz"] = json!(608);
    });
    assert!(added.contains("two tokens have the number 608"), "{added}");
}

#[test]
fn merges_of_what_is_no_token_are_refused() {
    // The library's builder panics on a whole that is longer than every token.
    for merge in [json!(["!", "\""]), json!("! \""), json!("!"), json!(["!", "x".repeat(1000)])] {
        let message = with_tokenizer(|t| t["model"]["merges"] = json!([merge]));
        assert!(message.contains("merge 0 makes"), "{message}");
    }
}
