//! The form of a task: which task its texts are, what is refused at which field, and what is left out.

use std::collections::BTreeMap;
use std::rc::Rc;

use patchbay::analysis::ExamplesResult;
use patchbay::device::ComputeDevice;
use patchbay::experiment::EXPERIMENTS;
use patchbay::loader::LoadedModel;
use patchbay::schema::{About, Read, read};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture::load;

const PAIRS: &str = r#"{"prompts": [
    {"clean": "Then Alex met Anthony", "corrupt": "Then Anthony met Alex", "answers": [" Alex"], "wrong_answers": [" Anthony"]},
    {"clean": "Then Alex met Anthony"},
    {"clean": "Then Alex met Anthony", "corrupt": "Then Anthony met Alex", "answers": [" Xylophonia"], "wrong_answers": [" Alex"]}
], "word_idxs": {"FIRST": 1}, "prepend_bos": false}"#;

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

/// As attention asks it.
fn asked(texts: &[(&str, &str)], model: Option<&LoadedModel>) -> Read {
    let texts: BTreeMap<_, _> = texts.iter().map(|&(name, text)| (name.into(), text.into())).collect();
    let about = model.map(|model| About { config: &model.gpt2.config, tokenizer: &model.tokenizer });
    read(EXPERIMENTS, "attention", &texts, about)
}

#[track_caller]
fn task(texts: &[(&str, &str)], model: Option<&LoadedModel>) -> Value {
    let read = asked(texts, model);
    assert_eq!(read.problems, [], "{texts:?}");
    read.spec.unwrap()["spec"]["source"]["task"].take()
}

#[track_caller]
fn refused(texts: &[(&str, &str)], model: Option<&LoadedModel>, field: &str, words: &str) {
    let read = asked(texts, model);
    let [problem] = &read.problems[..] else { panic!("{texts:?}: {:?}", read.problems) };
    assert_eq!(problem.field, field);
    assert!(problem.message.contains(words), "{}", problem.message);
    assert_eq!(read.spec, None);
}

#[test]
fn each_task_has_its_own_settings() {
    let ioi = task(&[], None);
    assert_eq!((&ioi["task"], &ioi["dataset"]["n"]), (&json!("ioi"), &json!(150)));
    assert_eq!(ioi["corruption"], "ABB -> ABA, BAB -> BAA");
    assert_eq!(task(&[("corruption", "abc")], None)["corruption"], "abc");
    let flip = [("attention_of", "flipped"), ("corruption", "abc")];
    assert_eq!(task(&flip, None)["corruption"], "ABB -> BAB, BAB -> ABB");

    let given = [("task", "induction"), ("n", "7"), ("induction_length", "5"), ("prepend_bos", "false")];
    let expected = json!({"task": "induction", "n": 7, "seed": 42, "length": 5, "prepend_bos": false});
    assert_eq!(task(&given, Some(&model())), expected);

    let expected = json!({"task": "greater_than", "n": 150, "seed": 3, "prepend_bos": true});
    assert_eq!(task(&[("task", "greater_than"), ("seed", "3")], None), expected);
}

#[test]
fn fields_of_other_tasks_say_nothing() {
    let wrong = [("corruption", "?"), ("induction_length", "?"), ("prompt_type", "?"), ("flip", "?")];
    let of = |task: &'static str, more: &[(&'static str, &'static str)]| {
        [&wrong[..], &[("task", task)], more].concat()
    };
    assert_eq!(task(&of("greater_than", &[]), None)["task"], "greater_than");
    assert_eq!(task(&of("pairs", &[("pairs", PAIRS), ("n", "?"), ("seed", "?")]), None)["task"], "pairs");
    refused(&of("induction", &[]), None, "induction_length", "from 2 to");
    let more = [("corruption", "?"), ("pairs", "nothing that is read"), ("induction_length", "?")];
    refused(&more, None, "corruption", "must be \"abc\" or a flip");
}

#[test]
fn what_a_model_cannot_be_asked_is_said_at_its_field() {
    let model = model();
    let long = [("task", "induction"), ("induction_length", "32")];
    assert_eq!(task(&long, None)["length"], 32);
    refused(&long, Some(&model), "induction_length", "at most 31");
    refused(&[("task", "greater_than")], Some(&model), "task", "greater_than needs");
    refused(
        &[("task", "induction"), ("attention_of", "flipped")],
        None,
        "attention_of",
        "the task ioi alone",
    );
    refused(&[("task", "induction"), ("n", "4"), ("prompt", "5")], None, "prompt", "from 1 to 4, found 5");
}

#[test]
fn pairs_that_do_not_fit_are_left_out_by_row() {
    let model = model();
    let given = [("task", "pairs"), ("pairs", PAIRS)];
    let rows = |read: &Read| read.left_out.iter().map(|left| left.line).collect::<Vec<_>>();
    let known = asked(&given, None);
    assert_eq!(rows(&known), [2]);
    assert!(known.left_out[0].message.contains("missing field `corrupt`"), "{}", known.left_out[0].message);
    assert_eq!(known.spec.unwrap()["spec"]["source"]["task"]["prompts"].as_array().unwrap().len(), 2);

    let read = asked(&given, Some(&model));
    assert_eq!(rows(&read), [2, 3]);
    assert!(read.left_out[1].message.contains("must be one token"), "{}", read.left_out[1].message);
    let spec = &read.spec.unwrap()["spec"]["source"]["task"];
    assert_eq!(spec["prompts"].as_array().unwrap().len(), 1);
    assert_eq!((&spec["word_idxs"], &spec["prepend_bos"]), (&json!({"FIRST": 1}), &json!(false)));
}

#[test]
fn pairs_may_be_a_table_or_lines() {
    let table = "clean,corrupted,answer,wrong\nThen Alex,Then Anthony, Alex| Anthony, Mary";
    let read = task(&[("task", "pairs"), ("pairs", table)], None);
    assert_eq!(read["prompts"][0]["answers"], json!([" Alex", " Anthony"]));
    assert_eq!(read["prepend_bos"], true);
    let lines = "Then, Alex and Anthony met. Anthony waved to Alex | Alex | Anthony";
    let read = task(&[("task", "pairs"), ("pairs", lines), ("prepend_bos", "false")], None);
    assert_eq!(read["prompts"][0]["corrupt"], "Then, Alex and Anthony met. Alex waved to");
    assert_eq!(read["prepend_bos"], false);
}

#[test]
fn without_a_pair_to_run_the_first_reason_is_said() {
    let of = |pairs| [("task", "pairs"), ("pairs", pairs)];
    refused(&[("task", "pairs")], None, "pairs", "expected pairs, found none");
    refused(&of(r#"{"prompts": []}"#), None, "pairs", "found an empty list");
    refused(&of("once upon a time"), None, "pairs", "its first line is");
    refused(&of(r#"[{"clean": "a"}]"#), None, "pairs", "no pair can be run; row 1: missing field");
    let unknown = "clean,corrupted,answer,wrong\nThen,Now, Alex, Xylophonia";
    refused(&of(unknown), Some(&model()), "pairs", "no pair can be run; row 1: ");
    refused(&of(&"x".repeat(1_000_001)), None, "pairs", "at most 1000000 bytes");
}

#[test]
fn of_too_many_pairs_their_number_is_said_once() {
    let row = "Then, Alex and Anthony met. Anthony waved to | Then, Alex and Anthony met. Alex waved to |  Alex |  Anthony";
    let misfit = "Then, Alex | Then, Alex and Anthony |  Alex |  Anthony";
    let text = [vec![misfit], vec![row; 2000]].concat().join("\n").replace(" | ", "\t");
    let text = format!("clean\tcorrupted\tanswer\twrong\n{text}");
    refused(&[("task", "pairs"), ("pairs", &text)], Some(&model()), "pairs", "not 2001");
}

/// What the page shows of a task.
fn shown(texts: &[(&str, &str)], model: &LoadedModel) -> ExamplesResult {
    let spec = serde_json::from_value(task(texts, None)).unwrap();
    ExamplesResult::of(&spec, &model.tokenizer, model.gpt2.config.n_ctx).unwrap()
}

#[test]
fn examples_are_shown_as_tokens_with_roles_and_answers() {
    let model = model();
    let texts = [("task", "induction"), ("induction_length", "4"), ("n", "2001")];
    let ExamplesResult { roles, examples, left_out, count } = shown(&texts, &model);
    assert_eq!((examples.len(), count, left_out.len()), (2000, 2001, 0));
    assert_eq!(roles, ["FIRST", "NEXT", "END"]);
    let first = &examples[0];
    assert_eq!((first.number, first.clean.len(), &first.positions[..]), (1, 8, &[3, 4, 7][..]));
    assert_eq!((&first.clean[0], &first.clean[3]), (&"<|endoftext|>".to_owned(), &first.clean[7]));
    assert_ne!(first.clean[1..5], first.corrupted[1..5]);
    assert_eq!(first.answers, format!("“{}”", first.clean[4]));
}

#[test]
fn pairs_that_are_left_out_are_shown_with_their_tokens() {
    let pairs = r#"[
        {"clean": "Then Alex", "corrupt": "Then Alex met", "answers": [" Alex"], "wrong_answers": [" Anthony"]},
        {"clean": "Then Alex", "corrupt": "Then Anthony", "answers": [" Alex"], "wrong_answers": [" Anthony", " Mary"]}
    ]"#;
    let ExamplesResult { roles, examples, left_out, count } =
        shown(&[("task", "pairs"), ("pairs", pairs)], &model());
    assert_eq!(count, 1);
    let [example] = &examples[..] else { panic!("{examples:?}") };
    assert_eq!((example.number, &example.wrong_answers[..]), (2, "“ Anthony” and “ Mary”"));
    assert_eq!(roles, ["DIFF1", "END"]);
    let [left] = &left_out[..] else { panic!("{left_out:?}") };
    assert_eq!(left.number, 1);
    assert!(left.why.contains("they must have as many"), "{}", left.why);
    assert_eq!((left.clean.concat(), left.corrupted.concat()), ("Then Alex".into(), "Then Alex met".into()));
    assert!(left.clean.len() < left.corrupted.len());
}
