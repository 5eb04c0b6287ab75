//! What is asked for an analysis, and what texts become of it, without a model and on the fixture.

use std::collections::BTreeMap;
use std::rc::Rc;

use patchbay::device::ComputeDevice;
use patchbay::experiment::{
    Case, DecompositionSpec, EXPERIMENTS, Experiment, ExperimentSpec, LinearFunctionsSpec, ResemblanceSpec,
    SweepSpec,
};
use patchbay::ioi::{CustomPrompt, DatasetSpec};
use patchbay::loader::LoadedModel;
use patchbay::schema::{self, About, Field, Kind, Problem, Read, schemas};
use patchbay::{ErrorKind, job};
use pollster::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixture::load;

type Given<'a> = &'a [(&'a str, &'a str)];

fn texts(given: Given) -> BTreeMap<String, String> {
    given.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn read(analysis: &str, given: Given) -> Read {
    schema::read(EXPERIMENTS, analysis, &texts(given), None)
}

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

fn read_with(model: &LoadedModel, analysis: &str, given: Given) -> Read {
    let about = About { config: &model.gpt2.config, tokenizer: &model.tokenizer };
    schema::read(EXPERIMENTS, analysis, &texts(given), Some(about))
}

/// The spec of texts without problems.
fn spec(analysis: &str, given: Given) -> Value {
    let Read { spec, problems, .. } = read(analysis, given);
    assert_eq!(problems, []);
    spec.expect("a spec where there is no problem")
}

fn fields(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.field.as_str()).collect()
}

/// The one problem that there is.
#[track_caller]
fn refused(read: Read, field: &str, message: &str) {
    assert_eq!(read.spec, None);
    assert_eq!(fields(&read.problems), [field], "{:?}", read.problems);
    let found = &read.problems[0].message;
    assert!(found.contains(message), "\"{found}\" is not about \"{message}\"");
}

fn field(analysis: &str, name: &str) -> Field {
    let schema = schemas(EXPERIMENTS).into_iter().find(|schema| schema.analysis == analysis).unwrap();
    schema.fields.into_iter().find(|field| field.name == name).unwrap()
}

#[test]
fn defaults_are_the_notebooks() {
    let dataset = DatasetSpec::default();
    let usual = ExperimentSpec::default();
    let [layer, head] = [usual.layer, usual.head];
    assert_eq!(spec("experiment", &[]), json!({"analysis": "experiment", "spec": usual, "accuracy": false}));
    assert_eq!(spec("sweep", &[]), json!({"analysis": "sweep", "spec": SweepSpec::from(usual.clone())}));
    let decomposition = DecompositionSpec::default();
    assert_eq!(spec("decompose", &[]), json!({"analysis": "decompose", "spec": decomposition}));
    let replacements = ExperimentSpec { experiment: "query_replacements".into(), ..usual };
    assert_eq!(spec("replacements", &[]), json!({"analysis": "experiment", "spec": replacements}));
    let resemblance = ResemblanceSpec { layer, head, dataset: dataset.clone() };
    assert_eq!(spec("resemblance", &[]), json!({"analysis": "resemblance", "spec": resemblance}));
    assert_eq!(spec("nearest", &[]), json!({"analysis": "nearest", "tokens": [" Mary"], "count": 10}));
    let linear: LinearFunctionsSpec = serde_json::from_value(spec("linear", &[])["spec"].clone()).unwrap();
    assert_eq!((linear.layer, linear.head, linear.dataset), (layer, head, dataset));
    assert_eq!((linear.subtract_s1, linear.only_effective_embeddings), (true, None));
}

#[test]
fn every_default_is_a_text_of_its_field_and_reads_as_none_does() {
    for schema in schemas(EXPERIMENTS) {
        let names: Vec<&str> = schema.fields.iter().map(|field| field.name).collect();
        for field in &schema.fields {
            assert_eq!(field.check(&field.default), Ok(()), "{}", field.name);
            assert_eq!(names.iter().filter(|name| **name == field.name).count(), 1, "{}", field.name);
        }
        let all = schema.fields.iter().map(|field| (field.name.to_owned(), field.default.clone())).collect();
        assert_eq!(schema::read(EXPERIMENTS, schema.analysis, &all, None), read(schema.analysis, &[]));
    }
}

#[test]
fn a_name_means_the_same_in_every_form_and_is_explained() {
    let mut known: BTreeMap<&str, Field> = BTreeMap::new();
    for field in schemas(EXPERIMENTS).into_iter().flat_map(|schema| schema.fields) {
        assert!(!field.label.is_empty() && field.help.ends_with('.'), "{}", field.name);
        assert!(["question", "head", "task", "run"].contains(&field.group), "{}", field.name);
        let same = known.entry(field.name).or_insert_with(|| field.clone());
        assert_eq!(json!(same), json!(field));
    }
}

#[test]
fn every_choice_and_both_ends_of_a_range_are_read() {
    for schema in schemas(EXPERIMENTS) {
        for field in schema.fields {
            let values: Vec<String> = match field.kind {
                Kind::Choice { choices } => choices.iter().map(|choice| choice.value.to_owned()).collect(),
                Kind::Flag => vec!["true".into(), "false".into()],
                Kind::Integer { min, max } => vec![min.to_string(), max.to_string()],
                Kind::Text { .. } | Kind::Passage { .. } | Kind::Prompts | Kind::Pairs | Kind::Vector => {
                    continue;
                }
            };
            for value in values {
                let given: &[(&str, &str)] = &[(field.name, &value)];
                let Read { spec, problems, .. } = read(schema.analysis, given);
                // What does not go with the other fields is said of that field, with words other than for a wrong text.
                assert!(
                    spec.is_some() || !problems[0].message.contains("found \""),
                    "{given:?}: {problems:?}"
                );
            }
        }
    }
}

/// A preset that only this test knows.
static PRESET: Experiment = Experiment {
    name: "a_preset",
    title: "A preset",
    question: "Is it shown?",
    reading: "",
    probability: false,
    cases: &[Case {
        condition: "clean",
        description: "Nothing is changed.",
        said: "",
        edit: None,
        control: false,
    }],
};

#[test]
fn a_preset_in_the_list_is_a_choice_with_title_and_question() {
    let list = [EXPERIMENTS, &[&PRESET]].concat();
    for analysis in ["experiment", "sweep"] {
        let schema = schemas(&list).into_iter().find(|schema| schema.analysis == analysis).unwrap();
        let Kind::Choice { choices } = &schema.fields[0].kind else { panic!("the experiment is a choice") };
        assert_eq!(choices.len(), EXPERIMENTS.len() + 1);
        let choice = json!(choices.last());
        assert_eq!(choice, json!({"value": "a_preset", "label": "A preset", "help": "Is it shown?"}));
        let read = schema::read(&list, analysis, &texts(&[("experiment", "a_preset")]), None);
        assert_eq!(read.spec.unwrap()["spec"]["experiment"], "a_preset");
    }
    refused(
        read("experiment", &[("experiment", "a_preset")]),
        "experiment",
        "expected one of patching_positions",
    );
}

#[test]
fn a_schema_as_the_page_sees_it() {
    let n = json!(field("experiment", "n"));
    assert_eq!(
        n,
        json!({
            "name": "n", "label": "Prompts (n)", "help": "The number of prompts.", "default": "150", "group": "task",
            "optional": false, "kind": {"is": "integer", "min": 1, "max": 10_000},
            "suggested": [], "tasks": ["ioi", "induction", "greater_than"],
        })
    );
    assert_eq!(json!(field("experiment", "freeze_ln").kind), json!({"is": "flag"}));
    assert_eq!(json!(field("experiment", "prompts").kind), json!({"is": "prompts"}));
    assert_eq!(json!(field("experiment", "flip").kind), json!({"is": "text", "max_length": 500}));
    let choices = json!(field("decompose", "decompose_by").kind)["choices"].clone();
    assert_eq!(choices[2]["value"], "both");
}

#[test]
fn texts_become_a_spec() {
    let given: Given = &[
        ("experiment", "controls"),
        ("layer", "9"),
        ("head", "6"),
        ("n", "7"),
        ("seed", "4294967295"),
        ("symmetric", "false"),
        ("prompt_type", "BABA"),
        ("prepend_bos", "false"),
        ("flip", "ABB -> CBB, BAB -> BCB"),
        ("freeze_ln", "false"),
        ("accuracy", "true"),
        ("name_mover", "8.10"),
    ];
    let spec = spec("experiment", given);
    assert_eq!(spec["accuracy"], true);
    let read: ExperimentSpec = serde_json::from_value(spec["spec"].clone()).unwrap();
    assert_eq!(json!(read), spec["spec"]);
    assert_eq!((read.layer, read.head, read.name_mover), (9, 6, Some([8, 10])));
    assert_eq!((read.experiment.as_str(), read.freeze_ln), ("controls", false));
    assert_eq!((read.dataset.n, read.dataset.seed, read.dataset.symmetric), (7, u32::MAX, false));
    assert_eq!(
        (spec["spec"]["dataset"]["prompt_type"].as_str(), read.dataset.prepend_bos),
        (Some("BABA"), false)
    );
    assert_eq!(read.flip, "ABB -> CBB, BAB -> BCB");
}

#[test]
fn a_number_is_a_plain_whole_number_in_its_range() {
    let long = "9".repeat(400);
    for name in ["layer", "head", "n", "seed"] {
        // One half of a head by itself would be another mistake.
        let head = [("layer", "0"), ("head", "0")];
        for text in [
            "1e3",
            "0x10",
            "+5",
            "5+",
            "-1",
            "1.5",
            "1.0",
            "007",
            "NaN",
            "Infinity",
            "٣",
            "1_000",
            "5n",
            " 5",
            "99999999999",
            &long,
        ] {
            refused(
                read("experiment", &[head[0], head[1], (name, text)]),
                name,
                "expected a whole number from ",
            );
        }
    }
    for (name, text) in [("n", ""), ("n", "0"), ("n", "10001"), ("seed", ""), ("seed", "4294967296")] {
        let message = format!(", found \"{text}\"");
        refused(read("experiment", &[(name, text)]), name, &message);
    }
    refused(read("experiment", &[("n", "x")]), "n", "expected a whole number from 1 to 10000, found \"x\"");
    for name in ["layer", "head"] {
        let given: Given = &[("layer", "1"), ("head", "1"), (name, "1000")];
        refused(read("experiment", given), name, "expected a whole number from 0 to 999, found \"1000\"");
    }
}

#[test]
fn what_is_wrong_with_a_text_is_said_of_its_field() {
    let long = "A".repeat(501);
    for (analysis, name, text, message) in [
        ("experiment", "experiment", "logit_lens", "expected one of patching_positions, controls"),
        ("experiment", "prompt_type", "abba", "expected one of mixed, ABBA, BABA, found \"abba\""),
        ("experiment", "symmetric", "yes", "expected true or false, found \"yes\""),
        ("experiment", "freeze_ln", "TRUE", "expected true or false, found \"TRUE\""),
        ("experiment", "accuracy", "1", "expected true or false, found \"1\""),
        ("experiment", "accuracy", "", "expected true or false, found \"\""),
        ("experiment", "flip", &long, "expected at most 500 characters, found 501"),
        ("experiment", "flip", "", "expected some text, found nothing"),
        ("experiment", "flip", "ABB -> B\0B", "expected plain text, found a control character (U+0000)"),
        ("experiment", "flip", "ABB -> B\u{202e}B", "found a mark that turns the writing direction (U+202E)"),
        ("experiment", "flip", "ABB -> B\u{fffd}B", "found a damaged character (U+FFFD)"),
        (
            "experiment",
            "flip",
            "ABB => BAB",
            "must have the form \"ABB -> BAB, BAB -> ABB\": expected \"->\" at character 5",
        ),
        ("experiment", "name_mover", "9", "expected a layer and a head, as 0.0, found \"9\""),
        ("experiment", "name_mover", "9.x", "expected a layer and a head, as 0.0, found \"9.x\""),
        ("experiment", "name_mover", "9.9.9", "expected a layer and a head, as 0.0, found \"9.9.9\""),
        ("experiment", "name_mover", "+9.9", "expected a layer and a head, as 0.0, found \"+9.9\""),
        ("experiment", "name_mover", "1234567.89", "expected at most 9 characters, found 10"),
        ("replacements", "replace_side", "values", "expected one of queries, keys, found \"values\""),
        ("replacements", "replace_name_mover", "9", "expected a layer and a head, as 0.0"),
        ("decompose", "decompose_by", "values", "expected one of keys, queries, both"),
        ("nearest", "explore_token", "\u{1b}[31m", "found a control character (U+001B)"),
        ("nearest", "explore_token", "", "expected some text, found nothing"),
        ("nearest", "explore_nearest", "1001", "expected a whole number from 0 to 1000"),
        ("sweep", "experiment", "key_replacements", "which heads below them do not have; run it at one head"),
        ("experiment", "n", "21", "needs an even number of prompts, not 21; use 22 or turn symmetric off"),
    ] {
        refused(read(analysis, &[(name, text)]), name, message);
    }
    let eighth: Given = &[("experiment", "key_replacements"), ("layer", "0"), ("head", "1")];
    refused(read("experiment", eighth), "layer", "a head of layer 0 reads nothing of MLP_0");
    assert_eq!(read("experiment", &[("n", "21"), ("symmetric", "false")]).problems, []);
}

#[test]
fn a_head_is_named_by_both_numbers_or_by_none() {
    assert_eq!(spec("sweep", &[])["spec"].get("layer"), None);
    assert_eq!(spec("experiment", &[("layer", ""), ("head", "")]), spec("experiment", &[]));
    refused(read("experiment", &[("layer", "3")]), "head", "expected a head of layer 3, found nothing");
    refused(
        read("decompose", &[("layer", ""), ("head", "3")]),
        "layer",
        "expected the layer of head 3, found nothing",
    );
    // Nothing more is said of a layer that cannot be read.
    assert_eq!(fields(&read("experiment", &[("layer", "x"), ("head", "3")]).problems), ["layer"]);
    assert_eq!(fields(&read("experiment", &[("layer", "x"), ("head", "y")]).problems), ["layer", "head"]);
}

#[test]
fn all_problems_are_said_at_once_in_the_order_of_the_form() {
    let of = |given: Given| read("experiment", given).problems;
    assert_eq!(fields(&of(&[("seed", "-1"), ("n", "0"), ("flip", "x")])), ["n", "seed", "flip"]);
    assert_eq!(fields(&of(&[("flip", "x"), ("n", "21"), ("seed", "-1")])), ["n", "seed", "flip"]);
    assert_eq!(fields(&of(&[("flip", ""), ("n", "21")])), ["n", "flip"]);
    // What is wrong is taken for the default, by which nothing else is wrong.
    assert_eq!(fields(&of(&[("n", "21"), ("symmetric", "x")])), ["n", "symmetric"]);
    let many = of(&[
        ("accuracy", "x"),
        ("layer", "3"),
        ("colour", "red"),
        ("experiment", "x"),
        ("prompts", "just text"),
    ]);
    assert_eq!(fields(&many), ["experiment", "head", "prompts", "accuracy", "colour"]);
}

#[test]
fn unknown_names_are_problems_and_messages_are_short() {
    for name in ["colour", "__proto__", "decompose_by", ""] {
        refused(read("experiment", &[(name, "red")]), name, "there is no such field; there is experiment, ");
    }
    refused(
        read("logit_lens", &[]),
        "analysis",
        "there is no form \"logit_lens\"; there is experiment, sweep",
    );
    refused(read("experiment", &[("x\u{1b}", "1")]), "x\\u{1b}", "there is no such field");
    let hidden = "a\0\u{202e}b";
    refused(read("experiment", &[("accuracy", hidden)]), "accuracy", "found \"a\\u{0}\\u{202e}b\"");
    let long = "x".repeat(7000);
    let unknown = (0..800).map(|i| (format!("x{i}"), "1".to_owned())).collect();
    for read in [
        read("experiment", &[(&long, "1")]),
        read(&long, &[]),
        read("experiment", &[("accuracy", &long)]),
        read("experiment", &[("layer", &long), ("head", "1")]),
        read("experiment", &[("flip", &long)]),
        read("experiment", &[("prompts", &long)]),
        schema::read(EXPERIMENTS, "experiment", &unknown, None),
    ] {
        let said: usize =
            read.problems.iter().map(|problem| problem.field.len() + problem.message.len()).sum();
        assert!(said < 600, "{read:?}");
    }
}

#[test]
fn a_decomposition_is_what_is_chosen() {
    let chosen: Given = &[
        ("layer", "10"),
        ("head", "7"),
        ("decompose_query", "project_to_W_U_IO"),
        ("decompose_span", "io_s_forms"),
        ("n", "20"),
    ];
    let dataset = DatasetSpec { n: 20, ..DatasetSpec::default() };
    assert_eq!(
        spec("decompose", chosen)["spec"],
        json!({
            "layer": 10, "head": 7, "dataset": dataset, "decompose_by": "keys", "intervene_on_query": "project_to_W_U_IO",
            "intervene_on_key": null, "subtract_S1": true, "include_S1_in_unembed_projection": true,
            "include_name_forms_in_unembed_projection": true,
        })
    );
    // Where no query is projected there is no span to project on.
    let substituted =
        &spec("decompose", &[("decompose_query", "sub_W_U_IO"), ("decompose_span", "io_s_forms")])["spec"];
    assert_eq!(substituted["intervene_on_query"], "sub_W_U_IO");
    assert_eq!(substituted["include_S1_in_unembed_projection"], false);
    assert_eq!(substituted["include_name_forms_in_unembed_projection"], false);
    let both = &spec("decompose", &[("decompose_by", "both"), ("decompose_span", "io_s")])["spec"];
    assert_eq!(both["include_S1_in_unembed_projection"], true);
    assert_eq!(both["include_name_forms_in_unembed_projection"], false);
    assert_eq!(spec("decompose", &[("decompose_score", "io")])["spec"]["subtract_S1"], false);
}

#[test]
fn choices_that_do_not_go_together_are_problems() {
    const SUBSTITUTED: &str =
        "a side that is substituted cannot be decomposed; decompose by the other, or project";
    const BOTH: &str = "decomposing by both projects both sides; leave it out";
    for (by, side, value, problem) in [
        ("keys", "decompose_key", "sub_MLP0", Some(SUBSTITUTED)),
        ("keys", "decompose_key", "sub_W_E (no MLPs)", Some(SUBSTITUTED)),
        ("keys", "decompose_key", "project_to_MLP0", None),
        ("queries", "decompose_key", "sub_MLP0", None),
        ("queries", "decompose_query", "sub_W_U_IO", Some(SUBSTITUTED)),
        ("queries", "decompose_query", "project_to_W_U_IO", None),
        ("keys", "decompose_query", "sub_W_U_IO", None),
        ("both", "decompose_query", "sub_W_U_IO", Some(BOTH)),
        ("both", "decompose_query", "project_to_W_U_IO", Some(BOTH)),
        ("both", "decompose_key", "project_to_MLP0", Some(BOTH)),
        ("both", "decompose_key", "unchanged", None),
    ] {
        let read = read("decompose", &[("decompose_by", by), (side, value)]);
        match problem {
            Some(problem) => refused(read, side, problem),
            None => assert_eq!(read.problems, [], "{by}, {value}"),
        }
    }
    let both: Given =
        &[("decompose_by", "both"), ("decompose_key", "sub_MLP0"), ("decompose_query", "sub_W_U_IO")];
    assert_eq!(fields(&read("decompose", both).problems), ["decompose_query", "decompose_key"]);
    let lowest: Given = &[("layer", "0"), ("head", "1"), ("decompose_key", "project_to_MLP0")];
    refused(read("decompose", lowest), "layer", "a head of layer 0 reads nothing of MLP_0");
    let embedded: Given = &[("linear_of", "keys"), ("linear_keys", "W_E (no MLPs)")];
    refused(read("linear", embedded), "linear_keys", "a function of keys holds queries fixed");
}

#[test]
fn replacements_are_experiments() {
    let keys = spec("replacements", &[("replace_side", "keys"), ("layer", "9"), ("head", "6")]);
    assert_eq!(keys["analysis"], "experiment");
    assert_eq!(keys["spec"]["experiment"], "key_replacements");
    let mover = spec("replacements", &[("replace_name_mover", "8.10")]);
    assert_eq!(mover["spec"]["name_mover"], json!([8, 10]));
    assert_eq!(spec("replacements", &[("replace_name_mover", "")])["spec"].get("name_mover"), None);
}

const SENTENCE: &str = "Then, Alex and Anthony met. Anthony waved to Alex";
const LINE: &str = "Then, Alex and Anthony met. Anthony waved to Alex | Alex | Anthony";

fn prompt(sentence: &str) -> CustomPrompt {
    CustomPrompt { sentence: sentence.into(), io: "Alex".into(), s: "Anthony".into() }
}

/// The prompts that lines become, and the lines that are left out.
fn own(text: &str) -> (Vec<CustomPrompt>, Vec<usize>) {
    let Read { spec, problems, left_out } = read("sweep", &[("prompts", text)]);
    assert_eq!(problems, []);
    let dataset: DatasetSpec = serde_json::from_value(spec.unwrap()["spec"]["dataset"].clone()).unwrap();
    let prompts = dataset.prompts.unwrap();
    assert_eq!((dataset.n as usize, dataset.symmetric), (prompts.len(), false));
    (prompts, left_out.iter().map(|left| left.line).collect())
}

#[test]
fn a_line_is_a_prompt() {
    for text in [
        LINE.to_owned(),
        format!("{SENTENCE}|Alex|Anthony"),
        format!("{SENTENCE}\tAlex\tAnthony"),
        format!("  {LINE}  "),
        format!("\u{feff}{LINE}"),
    ] {
        assert_eq!(own(&text), (vec![prompt(SENTENCE)], vec![]), "{text:?}");
    }
    let barred = format!("One | two|three: {SENTENCE}");
    assert_eq!(own(&format!("{barred} | Alex | Anthony")).0, [prompt(&barred)]);
}

#[test]
fn lines_are_counted_as_an_editor_does_and_empty_ones_skipped() {
    for end in ["\n", "\r\n", "\r"] {
        let text = [LINE, "", "no prompt", LINE, ""].join(end);
        let (prompts, left_out) = own(&text);
        assert_eq!((prompts.len(), left_out), (2, vec![3]), "{end:?}");
    }
}

#[test]
fn every_failing_line_is_listed_once_with_its_reason() {
    let without = |what: &str, with: &str| LINE.replacen(what, with, 1);
    for (line, message) in [
        (
            SENTENCE.to_owned(),
            "expected a sentence, IO and S with | or tabs between, found one part; write: sentence | IO | S",
        ),
        (format!("{SENTENCE} | Alex"), "found two parts"),
        (format!("{SENTENCE} | Alex | "), "expected S, found nothing"),
        (" | Alex | Anthony".to_owned(), "expected the sentence, found nothing"),
        (without("| Anthony", "| Anthony M"), "a name of one word, found \"Anthony M\"; choose"),
        (format!("{SENTENCE} | Alex | Alex"), "two names for IO and S, found \"Alex\" twice"),
        (without(" |", ". |"), "to end in IO \"Alex\", found \"Alex.\"; end it in the answer"),
        (
            without("Anthony waved", "He waved"),
            "S \"Anthony\" twice, as S1 and as S2, before the answer, as a word without a comma or the like, found it once; mend",
        ),
        (
            without("Alex and", "Alex, and"),
            "IO \"Alex\" once before the answer, as a word without a comma or the like, found it nowhere",
        ),
        (format!("{SENTENCE} | Alex | {}", "x".repeat(65)), "at most 64 bytes for S, found 65"),
        (format!("{}{LINE}", "x".repeat(4096)), "at most 4096 bytes for the sentence, found 4145"),
        ("|".repeat(900_000), "and 64 for a name, found a line of 900000"),
        (without("met", "m\u{fffd}t"), "plain text for the sentence, found a damaged character (U+FFFD)"),
        (without("met", "\u{1b}[31m"), "for the sentence, found a control character (U+001B)"),
        (LINE.replace("Alex", "Al\0x"), "for the sentence, found a control character (U+0000)"),
        (without("| Alex", "| \u{202e}Alex"), "for IO, found a mark that turns"),
        (without("| Anthony", "| Anthony\u{fffd}"), "for S, found a damaged character"),
    ] {
        // Beside a line that is one, and alone.
        let Read { spec, left_out, .. } = read("sweep", &[("prompts", &format!("{line}\n{LINE}"))]);
        assert_eq!(spec.unwrap()["spec"]["dataset"]["prompts"], json!([prompt(SENTENCE)]));
        assert_eq!(left_out.len(), 1);
        assert_eq!(left_out[0].line, 1);
        assert!(left_out[0].message.contains(message), "\"{}\" is not \"{message}\"", left_out[0].message);
        let alone = read("sweep", &[("prompts", &line)]);
        assert_eq!(alone.left_out, left_out);
        refused(alone, "prompts", message);
    }
}

#[test]
fn prompts_may_be_a_table_or_json() {
    let (prompts, _) = own(LINE);
    let quoted = serde_json::to_string(SENTENCE).unwrap();
    let entry = format!(r#"{{"sentence": {quoted}, "io": "Alex", "s": "Anthony"}}"#);
    for (text, bad) in [
        (format!("sentence,io,s\n\"{SENTENCE}\",Alex,Anthony\n"), vec![]),
        (format!("\u{feff}S,note,IO,Sentence\r\nAnthony,mine,Alex,\"{SENTENCE}\"\r\n"), vec![]),
        (format!("sentence\tio\ts\n{SENTENCE}\tAlex\n{SENTENCE}\tAlex\tAnthony\n"), vec![2]),
        (format!(" [ {entry} ]"), vec![]),
        (
            format!(
                "[\n{entry},\n{{\"sentence\": 3}},\n{{\"sentence\": \"\", \"io\": \"A\", \"s\": \"B\"}}\n]"
            ),
            vec![2, 3],
        ),
    ] {
        assert_eq!(own(&text), (prompts.clone(), bad), "{text}");
    }
    for (text, message) in [
        (format!("sentence,io\n\"{SENTENCE}\",Alex"), "the header \"sentence, io\" has no column s"),
        ("sentence,io,s,s\n".to_owned(), "has more than one column s"),
        ("[{".to_owned(), "expected a JSON array of objects with \"sentence\", \"io\" and \"s\"; EOF"),
        ("sentence,io,s\n".to_owned(), "expected a prompt"),
    ] {
        refused(read("sweep", &[("prompts", &text)]), "prompts", message);
    }
}

#[test]
fn a_text_of_prompts_may_be_too_much() {
    let many = |count: usize| vec![LINE; count].join("\n");
    for text in [many(2000), format!("bad\n{}", many(2000)), String::new()] {
        assert_eq!(read("sweep", &[("prompts", &text)]).problems, []);
    }
    for (text, message) in [
        (many(2001), "expected at most 2000 prompts, found 2001; leave some out"),
        ("x".repeat(1_000_001), "expected at most 1000000 bytes of prompts, found more; shorten them"),
        ("ß".repeat(500_001), "at most 1000000 bytes"),
        ("\n".repeat(5000), "expected at most 5000 lines of prompts, found more; leave some out"),
        ("a | b\n".repeat(166_000), "at most 5000 lines"),
        ("\n \n".to_owned(), "expected a prompt in a line, found only empty lines"),
        (format!("\n{SENTENCE}"), "no line is a prompt; line 2: expected a sentence, IO and S"),
    ] {
        refused(read("sweep", &[("prompts", &text)]), "prompts", message);
    }
    assert_eq!(read("sweep", &[("prompts", &"x\n".repeat(4999))]).left_out.len(), 4999);
}

#[test]
fn how_others_are_generated_is_nothing_to_prompts_of_ones_own() {
    let given: Given = &[("n", "x"), ("symmetric", "x"), ("prompt_type", "x"), ("prompts", LINE)];
    assert_eq!(read("experiment", given).problems, []);
    assert_eq!(fields(&read("experiment", &[given, &[("seed", "x")]].concat()).problems), ["seed"]);
    assert_eq!(fields(&read("experiment", &[("n", "x"), ("prompts", "x")]).problems), ["n", "prompts"]);
}

#[test]
fn a_model_knows_its_heads() {
    let model = model();
    let usual = model.gpt2.config.default_head();
    let at = |given: Given| read_with(&model, "experiment", given);
    for read in [at(&[]), at(&[("layer", ""), ("head", "")])] {
        let spec = &read.spec.unwrap()["spec"];
        assert_eq!(json!(usual), json!([spec["layer"], spec["head"]]));
    }
    refused(
        at(&[("layer", "3"), ("head", "1")]),
        "layer",
        "this model has layers 0 to 2; there is no layer 3",
    );
    refused(at(&[("layer", "1"), ("head", "4")]), "head", "this model has heads 0 to 3; there is no head 4");
    assert_eq!(fields(&at(&[("layer", "3"), ("head", "4")]).problems), ["layer", "head"]);
    refused(at(&[("layer", "1")]), "head", "expected a head of layer 1, found nothing");
    let mover = |mover: &str| at(&[("layer", "2"), ("head", "1"), ("name_mover", mover)]);
    assert!(mover("1.3").spec.is_some());
    refused(mover("2.0"), "name_mover", "must be a head below layer 2, of heads 0 to 3; 2.0 is not");
    let given: Given = &[("layer", "2"), ("head", "1"), ("replace_name_mover", "0.4")];
    refused(read_with(&model, "replacements", given), "replace_name_mover", "0.4 is not");
}

#[test]
fn a_model_knows_its_tokens() {
    let model = model();
    assert!(read_with(&model, "nearest", &[]).spec.is_some());
    refused(
        read_with(&model, "nearest", &[("explore_token", " Mary Mary")]),
        "explore_token",
        "expected one token, found 2",
    );
}

#[test]
fn prompts_that_do_not_fit_a_model_are_left_out_with_their_lines() {
    let model = model();
    let sentence = "Then, Alex and Anthony went to the store. Anthony gave a drink to Alex";
    let good = format!("{sentence} | Alex | Anthony");
    let bad = [
        ("just text".to_owned(), "found one part"),
        (good.replace("Alex", "Xylophonia"), "\"Xylophonia\" is"),
        (format!("{}{good}", "so ".repeat(400)), "tokens up to END, but the model's context is"),
        (
            "Then, Alex and Connor saw Anthony and Anthony gave it to Alex | Alex | Anthony".to_owned(),
            "first three words",
        ),
        (String::new(), ""),
    ];
    let text = bad
        .iter()
        .map(|(line, _)| line.as_str())
        .chain([good.as_str(), "two"])
        .collect::<Vec<_>>()
        .join("\n");
    let Read { spec, problems, left_out } = read_with(&model, "experiment", &[("prompts", &text)]);
    assert_eq!(problems, []);
    let dataset = &spec.as_ref().unwrap()["spec"]["dataset"];
    assert_eq!((&dataset["n"], &dataset["prompts"]), (&json!(1), &json!([prompt(sentence)])));
    assert_eq!(left_out.iter().map(|left| left.line).collect::<Vec<_>>(), [1, 2, 3, 4, 7]);
    for (left, (_, message)) in left_out.iter().zip(&bad) {
        assert!(left.message.contains(message), "{left:?}");
    }
    assert!(job::plan(model.clone(), spec.unwrap()).is_ok());

    let none = read_with(&model, "experiment", &[("prompts", &format!("\n{}", bad[1].0))]);
    assert_eq!(none.left_out.len(), 1);
    refused(none, "prompts", "no prompt fits this model; line 2: the name \"Xylophonia\" is");
}

/// Texts of the kinds that fields have, and of others.
fn any_text() -> impl Strategy<Value = String> {
    let known = [
        "",
        "0",
        "1",
        "2",
        "10",
        "true",
        "false",
        "mixed",
        "BABA",
        "keys",
        "queries",
        "both",
        "controls",
        "key_replacements",
        "query_replacements",
        "sub_MLP0",
        "project_to_MLP0",
        "project_to_W_U_IO",
        "sub_W_U_IO",
        "io_s",
        "1.0",
        "9.9",
        "ABB -> BAB, BAB -> CDE",
        " Mary",
        LINE,
        "a\tb\tc",
        "\u{feff}\r|\r\n||\n\t\t",
    ];
    prop_oneof![
        4 => prop::sample::select(known.map(str::to_owned).to_vec()),
        1 => any::<String>(),
        1 => "[0-9.]{0,4}",
        1 => "([A-Za-z.,]{1,6}[ |\t]{1,3}){0,6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Nothing panics, problems are of the form's fields, and what reads well with a model is planned or refused with the field
    /// to blame.
    #[test]
    fn any_texts_are_read(picked in prop::collection::vec((any::<prop::sample::Index>(), any_text()), 0..8), which in any::<prop::sample::Index>()) {
        thread_local! {
            static MODEL: Rc<LoadedModel> = model();
        }
        let model = MODEL.with(Rc::clone);
        let schemas = schemas(EXPERIMENTS);
        let schema = which.get(&schemas);
        let mut given: BTreeMap<String, String> =
            picked.iter().map(|(index, text)| (index.get(&schema.fields).name.to_owned(), text.clone())).collect();
        // Few prompts, so that a plan is made fast.
        if schema.fields.iter().any(|field| field.name == "n") {
            given.entry("n".into()).or_insert_with(|| "4".into());
        }
        let about = About { config: &model.gpt2.config, tokenizer: &model.tokenizer };
        for about in [None, Some(about)] {
            let Read { spec, problems, .. } = schema::read(EXPERIMENTS, schema.analysis, &given, about);
            prop_assert_eq!(spec.is_some(), problems.is_empty());
            for Problem { field, message } in problems {
                prop_assert!(schema.fields.iter().any(|known| known.name == field), "{field}: {message}");
            }
            if let (Some(spec), Some(_)) = (spec, about)
                && let Err(error) = job::plan(model.clone(), spec.clone())
            {
                prop_assert_eq!(error.kind(), ErrorKind::BadInput, "{}: {}", spec, error);
            }
        }
    }
}
