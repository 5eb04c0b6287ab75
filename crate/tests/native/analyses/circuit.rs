//! Circuits on the fixture, natively on the CPU.

use std::rc::Rc;

use patchbay::analysis::{CircuitResult, CircuitRun};
use patchbay::device::ComputeDevice;
use patchbay::frame::{Bootstrap, Interval};
use patchbay::job::{self, Job};
use patchbay::loader::LoadedModel;
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture::circuit::{assert_circuits, circuit, deep, entries, entries_of};
use crate::fixture::load;

fn tiny() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

#[test]
fn every_circuit_agrees_with_the_reference() {
    block_on(assert_circuits(&tiny(), &entries_of("tiny")));
}

#[test]
fn the_circuit_of_the_paper_agrees_with_the_reference() {
    let entries = entries_of("deep");
    assert_eq!(entries.len(), 2);
    block_on(assert_circuits(&block_on(deep(ComputeDevice::cpu())), &entries));
}

/// Runs that are branches of the circuit's run are those of the smaller circuit by itself.
#[test]
fn a_circuit_without_a_node_is_the_circuit_of_the_others() {
    let model = block_on(deep(ComputeDevice::cpu()));
    let mut spec = entries_of("deep")[0]["spec"].clone();
    let whole = block_on(circuit(&model, &spec)).unwrap();
    let nodes = whole.nodes.as_ref().unwrap();
    let without = |is_out: &dyn Fn(usize) -> bool| {
        let rest = nodes.iter().enumerate().filter(|(i, _)| !is_out(*i)).map(|(_, node)| &node.node);
        let mut spec = spec.clone();
        spec["keep"] = json!({ "nodes": rest.collect::<Vec<_>>() });
        spec["examine"] = json!(false);
        block_on(circuit(&model, &spec)).unwrap().circuit
    };
    // The same sums, put together in batches of other shapes.
    let near = |one: f64, other: f64| assert!((one - other).abs() < 2e-6, "{one}, {other}");
    for i in [0, 9, 21, 25] {
        near(nodes[i].without_in_circuit.value, without(&|other| other == i));
    }
    for class in whole.classes.as_ref().unwrap() {
        near(class.without_in_circuit.value, without(&|other| nodes[other].class == Some(class.class)));
    }
    // The others of its class are left out with it and without it.
    let of_class = |other: usize| nodes[other].class == nodes[1].class;
    let change = without(&of_class) - without(&|other| of_class(other) && other != 1);
    near(nodes[1].minimality_in_class.unwrap().value, change.abs());
    spec["keep"] = json!({ "preset": "ioi" });
    spec["examine"] = json!(false);
    let plain = block_on(circuit(&model, &spec)).unwrap();
    assert!(plain.nodes.is_none() && plain.classes.is_none() && plain.complement.is_none());
    near(plain.circuit, whole.circuit);
}

fn some_circuit(fields: Value) -> Value {
    let mut spec = entries()[0]["spec"].clone();
    for (name, value) in fields.as_object().unwrap() {
        spec[name] = value.clone();
    }
    spec
}

#[test]
fn intervals_are_of_what_each_prompt_gives() {
    let result = block_on(circuit(&tiny(), &some_circuit(json!({ "per_prompt": true })))).unwrap();
    let CircuitResult { intervals, nodes, per_prompt, .. } = &result;
    let (intervals, per_prompt) = (intervals.as_ref().unwrap(), per_prompt.as_ref().unwrap());
    let names = ["full", "circuit", "circuit without 2.1@END", "full without 2.1@END"];
    let columns = names.map(|name| per_prompt[name].as_slice());
    let drawn = Bootstrap::of(1).draw(&columns);
    assert_eq!(intervals.full, drawn.interval(|means| means[0]));
    assert_eq!(intervals.circuit, drawn.interval(|means| means[1]));
    // The full model's mean may be 0.
    assert!(intervals.full.unwrap().contains(0.0) && result.faithfulness.is_some());
    assert_eq!(intervals.faithfulness, None);
    let node = &nodes.as_ref().unwrap()[0];
    assert_eq!(node.without_in_model.interval, drawn.interval(|means| means[3]));
    for (found, [one, other]) in [(node.minimality, [2, 1]), (node.incompleteness, [2, 3])] {
        let Interval { low, high } = drawn.interval(|means| means[one] - means[other]).unwrap();
        let ends = [low.abs(), high.abs()];
        let least = if low < 0.0 && high > 0.0 { 0.0 } else { ends[0].min(ends[1]) };
        assert_eq!(found.interval, Some(Interval { low: least, high: ends[0].max(ends[1]) }));
    }
    let surer = json!({ "metric": "log_prob", "per_prompt": true });
    let result = block_on(circuit(&tiny(), &some_circuit(surer))).unwrap();
    let per_prompt = result.per_prompt.unwrap();
    let share = Bootstrap::of(1).draw(&["full", "circuit"].map(|name| per_prompt[name].as_slice()));
    assert_eq!(result.intervals.unwrap().faithfulness, share.interval(|means| means[1] / means[0]));
}

#[test]
fn what_is_shown_before_the_end_is_of_prompts_that_are_through() {
    let many = json!({ "task": { "task": "ioi", "corruption": "abc", "dataset": {
        "n": 400, "seed": 1, "symmetric": false, "prompt_type": "mixed", "prepend_bos": true,
    } } });
    let spec = serde_json::from_value(some_circuit(many)).unwrap();
    let mut run = CircuitRun::new(tiny(), &spec).unwrap();
    let mut shown = Vec::new();
    while !block_on(run.step()).unwrap().finished {
        shown.extend(run.partial().unwrap());
    }
    let first = &shown[0];
    assert!(first.prompts < 400 && first.full.is_finite() && first.circuit.is_finite());
    assert!(first.intervals.is_none() && first.nodes.as_ref().unwrap()[0].minimality.interval.is_none());
    assert_eq!(run.result().unwrap().unwrap().prompts, 400);
    // A line per run: full, circuit, empty and complement, and each of three nodes out of the circuit and of the model.
    assert_eq!(Job::frame(&run).unwrap().unwrap().len(), 4 + 2 * 3);
}

/// A node at END alone changes nothing below it and no other position.
#[test]
fn what_each_node_costs_is_what_it_changes() {
    let model = tiny();
    let done = |nodes: &[&str], examine: bool| {
        let spec = some_circuit(json!({ "keep": { "nodes": nodes }, "examine": examine }));
        job::plan(model.clone(), json!({ "analysis": "circuit", "spec": spec })).unwrap().cost().done
    };
    let config = &model.gpt2.config;
    let (d, inner) = (config.n_embd as f64, config.n_inner as f64);
    // A head of the last layer takes attention's output, the MLP, and what is measured.
    let of_run = 2.0 * d * d + 4.0 * d * inner + 2.0 * d;
    let prompts = 8.0;
    let two = ["2.1@END", "2.3@END"];
    // The complement, and each of the two without the other, in the circuit and in the model.
    assert_eq!(done(&two, true) - done(&two, false), 5.0 * prompts * of_run);
}

#[test]
fn what_is_no_circuit_is_refused_with_the_reason() {
    let model = tiny();
    for (fields, field, message) in [
        (json!({ "keep": { "nodes": [] } }), "keep", "a circuit needs a head"),
        (json!({ "keep": { "nodes": ["0.1", "0.1@all"] } }), "keep", "\"0.1@all\" is named twice"),
        (json!({ "keep": { "nodes": ["0.1@END", "0.1@S2+END"] } }), "keep", "same head at the same position"),
        (json!({ "keep": { "nodes": ["0.1@S3"] } }), "keep", "no role \"S3\""),
        (json!({ "keep": { "nodes": ["0.1@400"] } }), "keep", "there is no 400"),
        (json!({ "keep": { "nodes": ["0.4"] } }), "keep", "heads 0 to 3"),
        (json!({ "keep": { "nodes": ["3.0"] } }), "keep", "layers 0 to 2"),
        (json!({ "keep": { "preset": "ioi" } }), "keep", "layers 0 to 2 of heads 0 to 3: there is no 9.9"),
        (json!({ "metric": "attn_score_diff[0.1]" }), "metric", "reads nothing that a head writes"),
        (json!({ "metric": "attn_score_diff[3.1]" }), "metric", "layers 0 to 2"),
    ] {
        let error = block_on(circuit(&model, &some_circuit(fields))).unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
        assert!(error.to_string().contains(message), "{error}");
    }
}
