//! The form of what a head attends to: which job its texts are, and what is refused at which field.

use std::collections::BTreeMap;
use std::rc::Rc;

use patchbay::analysis::TextSpec;
use patchbay::device::ComputeDevice;
use patchbay::experiment::EXPERIMENTS;
use patchbay::job;
use patchbay::loader::LoadedModel;
use patchbay::schema::{About, Read, read};
use pollster::block_on;
use serde_json::json;

use crate::fixture::text::text;
use crate::fixture::{TOKENIZER, load};

const OWN: &str = "Then, Alex and Anthony met. Anthony waved to Alex | Alex | Anthony";

fn model() -> Rc<LoadedModel> {
    assert!(!TOKENIZER.is_empty());
    block_on(load(ComputeDevice::cpu()))
}

fn read_with(model: &LoadedModel, texts: &[(&str, &str)]) -> Read {
    let texts: BTreeMap<_, _> = texts.iter().map(|&(name, text)| (name.into(), text.into())).collect();
    let about = About { config: &model.gpt2.config, tokenizer: &model.tokenizer };
    read(EXPERIMENTS, "attention", &texts, Some(about))
}

#[test]
fn each_choice_is_a_job_that_can_be_planned() {
    let model = model();
    let head = [("layer", "2"), ("head", "1"), ("prompt", "3"), ("prompts", "")];
    for (of, analysis, pointer, expected) in [
        ("clean", "text", "/spec/source/run", json!("clean")),
        ("corrupted", "text", "/spec/source/run", json!("corrupted")),
        ("corrupted", "text", "/spec/source/example", json!(2)),
        ("flipped", "text", "/spec/source/task/corruption", json!("ABB -> BAB, BAB -> ABB")),
        ("conditions", "attention", "/prompt", json!(2)),
        ("text", "text", "/spec/source/text", json!("W\n\tW")),
    ] {
        let texts = [&head[..], &[("attention_of", of), ("attention_text", "W\n\tW")]].concat();
        let read = read_with(&model, &texts);
        assert_eq!(read.problems, [], "{of}");
        let spec = read.spec.unwrap();
        assert_eq!(spec["analysis"], analysis);
        assert_eq!(spec.pointer(pointer), Some(&expected), "{spec}");
        assert_eq!([&spec["spec"]["layer"], &spec["spec"]["head"]], [&json!(2), &json!(1)]);
        job::plan(model.clone(), spec).map(drop).unwrap();
    }
}

#[test]
fn what_is_wrong_is_said_at_its_field() {
    let model = model();
    let long = "W".repeat(64);
    for (texts, field, words) in [
        (
            vec![("attention_of", "text"), ("attention_text", "")],
            "attention_text",
            "expected some text, found nothing",
        ),
        (
            vec![("attention_of", "text"), ("attention_text", &long)],
            "attention_text",
            "the text has 65 tokens",
        ),
        (vec![("prompt", "0")], "prompt", "from 1 to 10000"),
        (vec![("prompt", "151")], "prompt", "expected one of the prompts, from 1 to 150, found 151"),
        (vec![("prompt", "2"), ("prompts", OWN)], "prompt", "from 1 to 1, found 2"),
        (vec![("attention_of", "conditions"), ("prompt", "151")], "prompt", "from 1 to 150"),
        (vec![("flip", "ABB")], "flip", "must have the form"),
        (vec![("layer", "3"), ("head", "0")], "layer", "layers 0 to 2"),
        (vec![("attention_of", "abc")], "attention_of", "expected one of clean, corrupted, flipped"),
    ] {
        let read = read_with(&model, &texts);
        let [problem] = &read.problems[..] else { panic!("{texts:?}: {:?}", read.problems) };
        assert_eq!(problem.field, field);
        assert!(problem.message.contains(words), "{}", problem.message);
        assert_eq!(read.spec, None);
    }
}

#[test]
fn a_prompt_is_counted_among_those_that_are_run() {
    let model = model();
    // The tiny tokenizer has no token for the whole of the first line's name.
    let prompts = format!("{}\nno prompt\n{OWN}", OWN.replace("Alex", "Xylophonia"));
    let read = read_with(&model, &[("prompts", &prompts), ("prompt", "1")]);
    assert_eq!(read.left_out.iter().map(|left| left.line).collect::<Vec<_>>(), [1, 2]);
    let spec: TextSpec = serde_json::from_value(read.spec.unwrap()["spec"].clone()).unwrap();
    let result = block_on(text(&model, &spec)).unwrap();
    assert_eq!(result.tokens[result.roles["IO"]], " Alex");
}

#[test]
fn each_token_is_said_to_attend_and_to_be_attended_to() {
    let model = model();
    let read = read_with(&model, &[("layer", "2"), ("head", "1")]);
    let spec: TextSpec = serde_json::from_value(read.spec.unwrap()["spec"].clone()).unwrap();
    let result = block_on(text(&model, &spec)).unwrap();
    assert_eq!(result.words.len(), result.tokens.len());
    let last = result.tokens.len() - 1;
    assert!(result.words[0].attends.ends_with("attends to that token alone, which is the first."));
    assert_eq!(result.words[last].attended, "It is the last token, which no other attends to.");
    let io = result.roles["IO"];
    let most =
        (io + 1..=last).max_by(|&a, &b| result.pattern[a][io].total_cmp(&result.pattern[b][io])).unwrap();
    let said = &result.words[io].attended;
    let share = format!("{:.2})", result.pattern[most][io]);
    assert!(said.starts_with("Of the later tokens, “") && said.contains(&share), "{said}, not {share}");
}

#[test]
fn a_corrupted_prompt_has_roles_where_its_own_names_stand() {
    let model = model();
    let names = |texts: &[(&str, &str)]| {
        let spec = read_with(&model, texts).spec.unwrap()["spec"].clone();
        let result = block_on(text(&model, &serde_json::from_value(spec).unwrap())).unwrap();
        let at = |role| Some((result.roles.get(role).copied()?, result.tokens[result.roles[role]].clone()));
        ["IO", "S1", "S2"].map(at)
    };
    let [io, s1, s2] = names(&[("attention_of", "clean")]).map(Option::unwrap);
    assert!(s1.1 == s2.1 && io.1 != s1.1);
    // IO and S1 change places.
    let flipped = names(&[("attention_of", "flipped")]).map(Option::unwrap);
    assert_eq!(flipped, [(s1.0, io.1.clone()), (io.0, s1.1), s2.clone()]);
    // S becomes a third name, which stands once.
    let thrice = [("attention_of", "flipped"), ("flip", "ABB -> ABC, BAB -> BAC")];
    let [_, none, last] = names(&thrice);
    assert_eq!((none, last.unwrap().0), (None, s2.0));
}
