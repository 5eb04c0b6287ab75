//! What is asked of paths and circuits by a form's texts, and what is said and drawn of them, on the fixture.

use std::collections::BTreeMap;
use std::rc::Rc;

use patchbay::device::ComputeDevice;
use patchbay::experiment::EXPERIMENTS;
use patchbay::frame::Frame;
use patchbay::job::plan;
use patchbay::loader::LoadedModel;
use patchbay::report::{Chart, Figure, Report, words};
use patchbay::schema::{self, About, Read, schemas};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture::circuit::deep;
use crate::fixture::load;

type Given<'a> = &'a [(&'a str, &'a str)];

/// As many prompts as the fixture's vocabulary has words for.
const N: (&str, &str) = ("n", "20");
const KEEP: (&str, &str) = ("circuit_keep", "2.1@END, 1.0@S2+END, 0.3@all");

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

fn read(model: Option<&LoadedModel>, form: &str, given: Given) -> Read {
    let texts: BTreeMap<String, String> =
        given.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let about = model.map(|model| About { config: &model.gpt2.config, tokenizer: &model.tokenizer });
    schema::read(EXPERIMENTS, form, &texts, about)
}

/// The numbers, and the report of a form's texts.
fn asked(model: &Rc<LoadedModel>, form: &str, given: Given) -> (Value, Report) {
    let Read { spec, problems, .. } = read(Some(model), form, given);
    assert_eq!(problems, []);
    let mut job = plan(model.clone(), spec.unwrap()).unwrap();
    while !block_on(job.step()).unwrap().finished {
        assert!(job.report().unwrap().is_none());
    }
    let report = job.report().unwrap().unwrap();
    assert!(report.answer.ends_with('.') && !report.answer.contains("NaN"), "{}", report.answer);
    (job.result().unwrap().unwrap().to_json().unwrap(), report)
}

fn figure<'a>(report: &'a Report, name: &str) -> &'a Figure {
    report.figures.iter().find(|figure| figure.name == name).unwrap_or_else(|| panic!("no figure {name}"))
}

fn nested(frame: &Frame, column: &str) -> Value {
    frame.nested(column).unwrap()
}

fn values(frame: &Frame, column: &str) -> Vec<f64> {
    frame.column(column).unwrap().values.iter().map(|value| value.unwrap_or(f64::NAN)).collect()
}

fn labels(frame: &Frame) -> &[String] {
    &frame.axes().last().unwrap().labels
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// What float64 rounds in sums of some tens of numbers with absolute values up to 10.
const ROUNDING: f64 = 1e-9;

#[track_caller]
fn assert_near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < ROUNDING, "{what}: {found}, expected {expected}");
}

#[track_caller]
fn assert_nested(found: &Value, expected: &Value, what: &str) {
    match (found, expected) {
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{what}");
            for (found, expected) in found.iter().zip(expected) {
                assert_nested(found, expected, what);
            }
        }
        (Value::Null, Value::Null) => {}
        (found, expected) => assert_near(number(found), number(expected), what),
    }
}

#[test]
fn texts_are_paths_and_circuits() {
    let spec = |form: &str, given: Given| {
        let Read { spec, problems, .. } = read(None, form, given);
        assert_eq!(problems, []);
        spec.unwrap()
    };
    let paths = spec(
        "paths",
        &[("paths_receivers", "9.9.q,9.6.v"), ("paths_mlps", "frozen"), ("circuit_step", "circuit")],
    );
    assert_eq!(paths["analysis"], "paths");
    assert_eq!(
        [&paths["spec"]["receivers"], &paths["spec"]["senders"], &paths["spec"]["mlps"]],
        [&json!(["9.9.q", "9.6.v"]), &json!([]), &json!("frozen")]
    );
    assert_eq!(spec("paths", &[])["spec"]["receivers"], json!(["logits"]));
    let circuit = spec("circuit", &[KEEP, ("circuit_fill", "zero")]);
    assert_eq!(circuit["spec"]["keep"], json!({ "nodes": ["2.1@END", "1.0@S2+END", "0.3@all"] }));
    assert_eq!([&circuit["spec"]["fill"], &circuit["spec"]["examine"]], [&json!("zero"), &json!(false)]);
    // Without any the model's own head.
    assert_eq!(spec("circuit", &[])["spec"]["keep"], json!({ "nodes": ["10.7@END"] }));
    let examine = spec("examine", &[KEEP]);
    assert_eq!((&examine["analysis"], &examine["spec"]["examine"]), (&json!("circuit"), &json!(true)));
    assert_eq!(spec("edges", &[KEEP])["analysis"], "edges");
    // A published circuit's heads are that circuit, in whatever order.
    let schema = schemas(EXPERIMENTS).into_iter().find(|schema| schema.analysis == "circuit").unwrap();
    let keep = schema.fields.into_iter().find(|field| field.name == "circuit_keep").unwrap();
    let text = &keep.suggested[0].text;
    let turned = text.split(", ").collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(",");
    for text in [text, &turned] {
        assert_eq!(spec("circuit", &[("circuit_keep", text)])["spec"]["keep"], json!({ "preset": "ioi" }));
    }
}

#[test]
fn what_does_not_fit_is_said_at_its_field() {
    let model = model();
    for (form, given, field, message) in [
        ("paths", ("paths_receivers", "9-9"), "paths_receivers", "expected logits, or q, k or v of a head"),
        ("paths", ("paths_receivers", "9.9.q"), "paths_receivers", "there is no layer 9"),
        ("paths", ("paths_receivers", "logits, 1.1.q"), "paths_receivers", "found both"),
        ("paths", ("paths_receivers", "0.1.q"), "paths_receivers", "no head is below layer 0"),
        ("paths", ("paths_metric", "attn_score_diff"), "paths_metric", "no metric of the logits"),
        ("circuit", ("circuit_keep", "9@END"), "circuit_keep", "expected a head and its positions"),
        ("circuit", ("circuit_keep", "1.1@S9"), "circuit_keep", "no role \"S9\""),
        ("edges", ("circuit_keep", "1.9@END"), "circuit_keep", "heads 0 to 3"),
        ("examine", ("circuit_keep", "1.1@END, 1.1@END"), "circuit_keep", "named twice"),
    ] {
        let Read { spec, problems, .. } = read(Some(&model), form, &[N, given]);
        assert_eq!((spec, problems.len()), (None, 1), "{given:?}: {problems:?}");
        assert_eq!(problems[0].field, field, "{given:?}");
        assert!(problems[0].message.contains(message), "{}", problems[0].message);
    }
    let schema = schemas(EXPERIMENTS).into_iter().find(|schema| schema.analysis == "circuit").unwrap();
    let text = &schema.fields.iter().find(|field| field.name == "circuit_keep").unwrap().suggested[0].text;
    let Read { problems, .. } = read(Some(&model), "circuit", &[N, ("circuit_keep", text)]);
    assert!(problems[0].message.contains("is one of GPT-2 small's"), "{}", problems[0].message);
}

#[test]
fn paths_of_every_head_are_a_map_and_a_rank() {
    let model = model();
    for (receivers, spoken) in
        [("logits", "the logits"), ("2.1.q, 2.0.v", "the query of 2.1 and the value of 2.0")]
    {
        let (result, report) = asked(&model, "paths", &[N, ("paths_receivers", receivers)]);
        let map = figure(&report, "map");
        assert_eq!(map.chart, Chart::HeatMap);
        assert_nested(&nested(&map.frame, "logit_diff"), &result["values"], "values");
        assert_nested(&nested(&map.frame, "change"), &result["change"], "change");
        let ends = &result["intervals"];
        for (column, end) in [("change_low", "change_low"), ("change_high", "change_high")] {
            assert_nested(&nested(&map.frame, column), &ends[end], end);
        }
        assert!(
            report.about.starts_with(&format!("paths to {spoken}, MLPs recomputed · ")),
            "{}",
            report.about
        );
        assert!(report.answer.contains(spoken), "{}", report.answer);
        let sending = if receivers == "logits" { 12 } else { 8 };
        assert!(report.answer.starts_with(&format!("Of {sending} heads, ")), "{}", report.answer);
        // The largest are those of the map.
        let largest = &figure(&report, "largest").frame;
        let column = if map.frame.column("lost").is_ok() { "lost" } else { "change" };
        let all = nested(&map.frame, column);
        let mut sizes = Vec::new();
        for (label, found) in labels(largest).iter().zip(values(largest, column)) {
            let (layer, head) = label.split_once('.').unwrap();
            let expected = &all[layer.parse::<usize>().unwrap()][head.parse::<usize>().unwrap()];
            assert_near(found, number(expected), label);
            sizes.push(found.abs());
        }
        assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    }
}

/// No share is told where the clean run's mean may be 0.
#[test]
fn a_share_is_told_of_what_is_certain_alone() {
    let (result, report) = asked(&model(), "paths", &[N]);
    let clean = &result["intervals"]["clean"];
    let is_certain = number(&clean["low"]) > 0.0 || number(&clean["high"]) < 0.0;
    let map = &figure(&report, "map").frame;
    assert_eq!(map.column("lost").is_ok(), is_certain);
    assert_eq!(report.answer.contains("counts as 100%"), is_certain, "{}", report.answer);
    let (_, few) = asked(&model(), "paths", &[("n", "2"), ("symmetric", "true")]);
    assert!(few.notes[0].starts_with("These are few prompts"), "{:?}", few.notes);
}

#[test]
fn a_circuit_says_what_it_keeps() {
    let model = model();
    for fill in ["mean", "zero", "patch"] {
        let (result, report) = asked(&model, "circuit", &[N, KEEP, ("circuit_fill", fill)]);
        let runs = &figure(&report, "runs").frame;
        for (found, name) in values(runs, "logit_diff").into_iter().zip(["full", "circuit", "empty"]) {
            assert_near(found, number(&result[name]), name);
        }
        let ends = &result["intervals"];
        for (low, name) in values(runs, "logit_diff_low").into_iter().zip(["full", "circuit", "empty"]) {
            assert_near(low, number(&ends[name]["low"]), name);
        }
        match &ends["faithfulness"] {
            Value::Null => assert!(report.answer.contains("no share of it is told"), "{}", report.answer),
            of => {
                let share = words::percent(100.0 * number(&result["faithfulness"]));
                let [low, high] = ["low", "high"].map(|end| words::percent(100.0 * number(&of[end])));
                let said = format!("keep {share} of the logit difference (95% CI [{low}, {high}])");
                assert!(report.answer.contains(&said), "{said}: {}", report.answer);
            }
        }
        let rows = &report.tables[0].rows;
        assert_eq!(rows[1], ["1.0", "S2+END"]);
        assert_eq!(rows.len(), 3);
    }
}

#[test]
fn a_divergence_has_no_share() {
    let model = model();
    let (result, report) = asked(&model, "circuit", &[N, KEEP, ("circuit_metric", "kl")]);
    let circuit = words::number(number(&result["circuit"]));
    let said = format!("have a KL divergence of {circuit} (95% CI [");
    assert!(report.answer.contains(&said) && !report.answer.contains("keep "), "{}", report.answer);
    let (_, report) = asked(&model, "paths", &[N, ("paths_metric", "kl")]);
    assert!(report.answer.contains(" the KL divergence when what "), "{}", report.answer);
    assert!(figure(&report, "map").frame.column("lost").is_err());
}

#[test]
fn examined_nodes_have_what_they_add() {
    let model = model();
    let (result, report) = asked(&model, "examine", &[N, KEEP]);
    let ranked = &figure(&report, "minimality").frame;
    let nodes = result["nodes"].as_array().unwrap();
    assert_eq!(labels(ranked).len(), nodes.len());
    for (i, label) in labels(ranked).iter().enumerate() {
        let node = nodes.iter().find(|node| node["node"] == json!(label)).unwrap();
        let without = |field: &str| number(&node[field]["value"]);
        let in_circuit = number(&result["circuit"]) - without("without_in_circuit");
        assert_near(values(ranked, "in_circuit")[i], in_circuit, label);
        assert_near(in_circuit.abs(), without("minimality"), label);
        let in_model = number(&result["full"]) - without("without_in_model");
        assert_near(values(ranked, "in_model")[i], in_model, label);
    }
    let sizes: Vec<f64> = values(ranked, "in_circuit").iter().map(|value| value.abs()).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    let complement = words::number(number(&result["complement"]["value"]));
    assert!(report.answer.contains(&format!("whole model's mean is {complement}")), "{}", report.answer);
    assert_eq!(figure(&report, "both").chart, Chart::Scatter);
}

#[test]
fn the_circuit_of_the_paper_has_classes() {
    let model = block_on(deep(ComputeDevice::cpu()));
    let schema = schemas(EXPERIMENTS).into_iter().find(|schema| schema.analysis == "circuit").unwrap();
    let text =
        schema.fields.iter().find(|field| field.name == "circuit_keep").unwrap().suggested[0].text.clone();
    let given = [("n", "4"), ("circuit_keep", text.as_str())];
    let (_, report) = asked(&model, "circuit", &given);
    assert!(report.answer.starts_with("The circuit of Wang et al. 2022 "), "{}", report.answer);
    assert_eq!(report.tables[0].rows[0], ["9.9", "END", "name mover"]);
    assert_eq!(report.tables[0].rows.len(), 26);
    let (result, report) = asked(&model, "examine", &given);
    let ranked = &figure(&report, "minimality").frame;
    for (i, label) in labels(ranked).iter().enumerate() {
        let nodes = result["nodes"].as_array().unwrap();
        let node = nodes.iter().find(|node| node["node"] == json!(label)).unwrap();
        let expected = number(&node["minimality_in_class"]["value"]);
        assert_near(values(ranked, "without_its_class")[i].abs(), expected, label);
    }
    let rows = &report.tables[0].rows;
    assert_eq!((rows.len(), &rows[0][..2]), (7, &["name mover".to_owned(), "3".to_owned()][..]));
}

/// Paths to queries at END, to keys and values that are read everywhere, and to the logits are those of path patching.
#[test]
fn edges_are_paths_between_nodes() {
    let model = model();
    let keep = ("circuit_keep", "2.1@END, 2.0@all, 1.0@S2+END, 0.3@all, 0.1@END");
    let (result, report) = asked(&model, "edges", &[N, keep]);
    let drawing = figure(&report, "drawing");
    assert_eq!(drawing.chart, Chart::Circuit);
    assert_nested(&nested(&drawing.frame, "path_effect"), &result["effects"], "effects");
    let [receivers, senders] = drawing.frame.axes() else { panic!("two axes") };
    let roles = drawing.groups.iter().find(|group| group.name == "role").unwrap();
    assert_eq!((senders.labels.len(), roles.of.len()), (5, 5));
    let task = read(Some(&model), "edges", &[N, keep]).spec.unwrap()["spec"]["task"].take();
    let mut compared = 0;
    for (row, receiver) in receivers.labels.iter().enumerate() {
        let plain = match receiver.split_once('@') {
            None => "logits",
            Some((input, "END")) if input.ends_with('q') => input,
            Some((input, "all")) if !input.ends_with('q') => input,
            _ => continue,
        };
        for (column, sender) in senders.labels.iter().enumerate() {
            let effect = &result["effects"][row][column];
            if effect.is_null() {
                continue;
            }
            let spec = json!({ "task": task, "senders": [sender], "receivers": [plain] });
            let mut job = plan(model.clone(), json!({ "analysis": "paths", "spec": spec })).unwrap();
            while !block_on(job.step()).unwrap().finished {}
            let expected = job.result().unwrap().unwrap().to_json().unwrap();
            let change = number(&expected["change"][0]);
            // The same sums of float32, put together in batches of other shapes.
            assert!((number(effect) + change).abs() < 1e-5, "{sender} to {receiver}: {effect}, {change}");
            compared += 1;
        }
    }
    assert!(compared > 12, "{compared}");
    // From no node to one below it, nor to itself.
    let row = receivers.labels.iter().position(|label| label == "1.0.q@S2+END").unwrap();
    let found: Vec<bool> =
        result["effects"][row].as_array().unwrap().iter().map(|value| !value.is_null()).collect();
    assert_eq!(found, [false, false, false, true, true]);
    let largest = &figure(&report, "largest").frame;
    let most = &labels(largest)[0];
    let (sender, receiver) = most.split_once(" → ").unwrap();
    assert!(senders.labels.iter().any(|label| label == sender));
    assert!(receivers.labels.iter().any(|label| label == receiver));
}

#[test]
fn a_circuit_without_edges_says_so() {
    let model = model();
    let spec = read(Some(&model), "edges", &[N, ("circuit_keep", "1.0@S2, 1.1@S2")]).spec.unwrap();
    let error = plan(model, spec).err().expect("refused");
    assert_eq!(error.field(), Some("keep"));
    assert!(error.to_string().contains("sends another one anything"), "{error}");
}
