//! Models and tokenizers that were not made for each other, or not for English, and tokenizers in two files.

use std::rc::Rc;

use patchbay::Error;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{ExperimentSpec, Run};
use patchbay::ioi::{CustomPrompt, DatasetSpec, DatasetView, IoiDataset};
use patchbay::loader::{LoadedModel, ModelLoader};
use patchbay::nearest::Nearest;
use patchbay::tokenizer::{Tokenizer, from_vocabulary};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture::variants::config_with;
use crate::fixture::{TOKENIZER, bytes, run, spec, tensors, two_files};

const GPT2_IOI: &[u8] = include_bytes!("../../../../tests/fixtures/gpt2-ioi/tokenizer.json");

fn tokenizer_json() -> Value {
    serde_json::from_slice(TOKENIZER).unwrap()
}

/// The fixture's weights with so many rows of wte, the added ones copies of the first.
fn load(config: &Value, tokenizer: &Value, rows: usize) -> patchbay::Result<Rc<LoadedModel>> {
    let mut tensors = tensors();
    let (_, shape, data) = tensors.get_mut("wte.weight").unwrap();
    data.resize(rows.min(shape[0]) * 128, 0);
    while data.len() < rows * 128 {
        data.extend_from_within(..128);
    }
    shape[0] = rows;
    let config = config_with(config);
    let mut loader = ModelLoader::new(ComputeDevice::cpu(), config, tokenizer.to_string().as_bytes())?;
    loader.push(&bytes(&tensors))?;
    block_on(loader.finish()).map(Rc::new)
}

fn added(id: u32, content: &str) -> Value {
    json!({ "id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true })
}

fn prompt(sentence: &str, io: &str, s: &str) -> DatasetSpec {
    let prompt = CustomPrompt { sentence: sentence.into(), io: io.into(), s: s.into() };
    DatasetSpec { prompts: Some(vec![prompt]), ..DatasetSpec::default() }
}

const ALEX: &str = "Then, Alex and Mary went to the school. Mary gave a ring to Alex";

#[test]
fn a_tokenizer_in_two_files_is_the_one_in_one() {
    for json in [TOKENIZER, GPT2_IOI] {
        let (vocab, merges) = two_files(json);
        let made = from_vocabulary(vocab.as_bytes(), merges.as_bytes()).unwrap();
        let (marked, breaks) = (format!("\u{feff}{vocab}"), merges.replace('\n', "\r\n"));
        assert_eq!(from_vocabulary(marked.as_bytes(), breaks.as_bytes()).unwrap(), made);

        let [one, two] = [json, &made].map(|json| Tokenizer::from_json(json).unwrap());
        assert_eq!((one.bos(), one.largest_id()), (two.bos(), two.largest_id()));
        let sentences = DatasetSpec { n: 60, ..DatasetSpec::default() }.generate().unwrap();
        let texts = sentences.into_iter().map(|prompt| prompt.sentence);
        let odd = [" Zoë's  naïve café\n\t\u{1F600}<|endoftext|> x", "", "  "].map(str::to_owned);
        for text in texts.chain(odd) {
            assert_eq!(one.encode(&text), two.encode(&text), "{text}");
        }
    }
}

#[test]
fn broken_vocabularies_are_refused_by_file_and_line() {
    let said = |vocab: &str, merges: &str| {
        from_vocabulary(vocab.as_bytes(), merges.as_bytes()).unwrap_err().to_string()
    };
    const AB: &str = r#"{"a":0,"b":1,"ab":2}"#;
    assert!(said("<html>", "a b").starts_with("vocab.json is not a vocabulary"));
    assert!(said(r#"{"a":0,"a":1}"#, "a b").contains("the token a is there twice"));
    assert!(said(r#"{"a":-1}"#, "a b").contains("vocab.json"));
    assert!(said(AB, "version https://git-lfs.github.com/spec/v1\n").contains("git lfs pull"));
    for (merges, line) in
        [("#version: 0.2\na b\na c", 3), ("ab", 1), ("a b\na  b", 2), ("a b c", 1), (" ", 1)]
    {
        let message = said(AB, merges);
        if merges.trim().is_empty() {
            assert!(message.contains("an empty file"), "{message}");
        } else {
            assert!(message.contains(&format!("merges.txt: line {line} must be two tokens")), "{message}");
        }
    }
    assert!(from_vocabulary(AB.as_bytes(), b"a b\xff").unwrap_err().to_string().contains("byte 3 is wrong"));
    let long = said(AB, &"x".repeat(1_000_000));
    assert!(long.len() < 1000, "{} bytes", long.len());
}

#[test]
fn a_token_that_the_model_does_not_have_refuses_the_prompts_that_use_it() {
    let mut tokenizer = tokenizer_json();
    tokenizer["added_tokens"].as_array_mut().unwrap().push(added(609, "[PAD]"));
    let model = load(&json!({}), &tokenizer, 609).unwrap();
    assert!(model.notes[0].contains("go up to 609, the model's to 608"), "{:?}", model.notes);
    assert_eq!(model.tokenizer.largest_id(), 608);
    block_on(run(&model, &spec(true), false)).unwrap();

    let error = model.tokenizer.encode("a [PAD]").unwrap_err().to_string();
    assert!(error.contains("token 609, \"[PAD]\"") && error.contains("0 to 608 only"), "{error}");
    let padded = prompt(&format!("[PAD] {ALEX}"), "Alex", "Mary");
    let view = DatasetView::new(&padded, "ABB -> BAB, BAB -> ABB", &model.tokenizer, 64).unwrap();
    let problem = view.prompts[0].problem.as_ref().expect("refused");
    assert!(problem.message.contains("[PAD]"), "{problem:?}");
    assert_eq!(view.prompts[0].tokens[1], "[PAD]");
    assert!(Run::new(model, &ExperimentSpec { dataset: padded, ..spec(true) }, false).is_err());
}

#[test]
fn rows_without_a_token_are_shown_by_their_number() {
    let model = load(&json!({ "vocab_size": 612 }), &tokenizer_json(), 612).unwrap();
    assert_eq!(model.tokenizer.text(608).unwrap(), "<|endoftext|>");
    assert_eq!(model.tokenizer.text(609).unwrap(), "[609]");
    // Rows 609 to 611 are that of token 0.
    let text = model.tokenizer.text(0).unwrap();
    let mut search = Nearest::new(model, &[text.as_str()], 4).unwrap();
    while !block_on(search.step()).unwrap().finished {}
    let found = search.result().unwrap().expect("finished").remove(0);
    for space in found.spaces {
        let mut texts: Vec<&str> = space.tokens.iter().map(|near| near.text.as_str()).collect();
        texts.sort_unstable();
        assert_eq!(texts, [text.as_str(), "[609]", "[610]", "[611]"], "{}", space.space);
    }
}

#[test]
fn the_token_before_a_text_is_known_or_left_out() {
    // As German GPT-2s have it: no end of text, and tokens that others begin with.
    let mut tokenizer = tokenizer_json();
    tokenizer["model"]["vocab"].as_object_mut().unwrap().remove("<|endoftext|>");
    tokenizer["model"]["vocab"]["<s>"] = json!(608);
    tokenizer["added_tokens"] = json!([]);

    let named = load(&json!({ "bos_token_id": 608 }), &tokenizer, 609).unwrap();
    assert_eq!(named.tokenizer.bos(), Ok(608));
    assert!(named.notes[0].contains("it is <s>, config.json's bos_token_id"), "{:?}", named.notes);
    block_on(run(&named, &spec(true), false)).unwrap();

    // An ordinary word, a token that is not there, and none.
    for bos in [json!(300), json!(50256), json!(null)] {
        let model = load(&json!({ "bos_token_id": bos }), &tokenizer, 609).unwrap();
        assert!(model.notes[0].contains("prompts can only be run without it"), "{:?}", model.notes);
        let error = block_on(run(&model, &spec(true), false)).unwrap_err();
        assert_eq!(error.field(), Some("prepend_bos"), "{error}");
        let mut without = spec(true);
        without.dataset.prepend_bos = false;
        block_on(run(&model, &without, false)).unwrap();
        let own = prompt(ALEX, "Alex", "Mary");
        let view = DatasetView::new(&own, "ABB -> BAB, BAB -> ABB", &model.tokenizer, 64).unwrap_err();
        assert_eq!(view.field(), Some("prepend_bos"));
        let checked = own.check_fit(&model.tokenizer, 64).unwrap_err();
        assert_eq!(checked.field(), Some("prepend_bos"));
    }

    // One that the tokenizer has and the model has not.
    let mut beyond = tokenizer.clone();
    beyond["added_tokens"] = json!([added(609, "<|endoftext|>")]);
    let model = load(&json!({ "bos_token_id": 608 }), &beyond, 609).unwrap();
    assert_eq!(model.tokenizer.bos(), Ok(608));
}

/// The fixture's tokenizer in which " Mary" and " Alex" are one token each, and most names are not.
fn of_another_language() -> Value {
    let mut tokenizer = tokenizer_json();
    let names = ["Mary", "Alex", "Lisa", "Paul"].map(|name| format!("\u{120}{name}"));
    let merges = tokenizer["model"]["merges"].as_array().unwrap();
    let text = |merge: &Value| [0, 1].map(|i| merge[i].as_str().unwrap().to_owned()).concat();
    let kept = |merge: &&Value| {
        let whole = text(merge);
        !whole.starts_with('\u{120}') || names.iter().any(|name| name.starts_with(&whole))
    };
    tokenizer["model"]["merges"] = json!(merges.iter().filter(kept).collect::<Vec<_>>());
    tokenizer
}

#[test]
fn names_are_looked_at_where_they_are_used() {
    let model = load(&json!({}), &of_another_language(), 609).unwrap();
    assert!(model.tokenizer.name("Mary").is_ok() && model.tokenizer.name("Anthony").is_err());
    let error = block_on(run(&model, &spec(true), false)).unwrap_err();
    let Error::BadModel(message) = &error else { panic!("{error}") };
    assert!(message.contains("of the names ") && message.contains(" more. Prompts of your own"), "{message}");
    assert!(message.contains("Alex, ") && message.len() < 500, "{message}");

    // Their own prompts run, and the controls draw from names that are one token.
    let own = ExperimentSpec { dataset: prompt(ALEX, "Alex", "Mary"), ..spec(true) };
    block_on(run(&model, &own, false)).unwrap();
    let controls = ExperimentSpec { experiment: "controls".into(), ..own.clone() };
    let result = block_on(run(&model, &controls, false)).unwrap();
    assert_eq!(result.conditions.len(), 11);
    // A flip that draws a name says which it cannot.
    let drawn = ExperimentSpec { flip: "ABB -> CDD, BAB -> DCD".into(), ..own };
    let error = block_on(run(&model, &drawn, false)).unwrap_err().to_string();
    assert!(error.contains("of the names "), "{error}");
}

#[test]
fn a_character_that_the_tokenizer_does_not_have_refuses_the_prompts_that_use_it() {
    // Three bytes: a letter, one that is not printable, and one of two bytes that é is made of.
    for (symbol, texts) in [("Z", ["Zoo", "a Z"]), ("\u{10a}", ["a\nb", "\n"]), ("\u{a9}", ["é", "nä é"])]
    {
        let mut tokenizer = tokenizer_json();
        tokenizer["model"]["vocab"].as_object_mut().unwrap().remove(symbol).expect("it is there");
        let merges = tokenizer["model"]["merges"].as_array().unwrap();
        let kept = |merge: &&Value| {
            !merge.as_array().unwrap().iter().any(|part| part.as_str().unwrap().contains(symbol))
        };
        tokenizer["model"]["merges"] = json!(merges.iter().filter(kept).collect::<Vec<_>>());
        let model = load(&json!({}), &tokenizer, 609).unwrap();
        assert!(model.notes[0].contains("no token for 1 of the 256 bytes"), "{:?}", model.notes);
        for text in texts {
            let error = model.tokenizer.encode(text).unwrap_err().to_string();
            assert!(error.contains("this tokenizer has no token for "), "{error}");
        }
        block_on(run(&model, &spec(true), false)).unwrap();
    }
}

#[test]
fn tokenizers_that_say_the_same_in_other_ways_are_read() {
    let plain = Tokenizer::from_json(TOKENIZER).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut json = tokenizer_json();
        change(&mut json);
        Tokenizer::from_json(json.to_string().as_bytes()).unwrap()
    };
    let same = [
        with(&|t| {
            let byte_level = t["pre_tokenizer"].clone();
            t["pre_tokenizer"] = json!({ "type": "Sequence", "pretokenizers": [byte_level] });
        }),
        with(&|t| t["normalizer"] = json!({ "type": "Sequence", "normalizers": [] })),
        with(&|t| {
            t["post_processor"] =
                json!({ "type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {} });
        }),
    ];
    for tokenizer in &same {
        assert_eq!(tokenizer.encode(ALEX), plain.encode(ALEX));
    }
    let marked = Tokenizer::from_json(&[b"\xef\xbb\xbf", TOKENIZER].concat()).unwrap();
    assert_eq!(marked.encode(ALEX), plain.encode(ALEX));
    // A space in front of the first word too.
    let spaced = with(&|t| t["pre_tokenizer"]["add_prefix_space"] = json!(true));
    assert_eq!(spaced.encode(ALEX), plain.encode(&format!(" {ALEX}")));
    assert_eq!(spaced.name("Mary"), plain.name("Mary"));
    let prompts = prompt(ALEX, "Alex", "Mary").generate().unwrap();
    let dataset = IoiDataset::new(prompts, &spaced, true).unwrap();
    assert_eq!(dataset.tokens[0][dataset.positions[0].io], spaced.name("Alex").unwrap());
    // Which makes it a name as any other.
    let first = prompt("Alex saw Mary and Mary gave a ring to Alex", "Alex", "Mary");
    first.check_fit(&spaced, 64).unwrap();
    assert!(first.check_fit(&plain, 64).is_err());
}
