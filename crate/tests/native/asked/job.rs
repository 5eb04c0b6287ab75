//! The one door to all analyses, on the fixture, natively on the CPU.

use std::rc::Rc;

use patchbay::analysis::{AttributeSpec, HeadsSpec, LensSpec};
use patchbay::device::ComputeDevice;
use patchbay::experiment::{DecompositionSpec, ExperimentSpec, SweepSpec};
use patchbay::job::{Job, Pulled, plan};
use patchbay::loader::LoadedModel;
use patchbay::patch::PatchSpec;
use patchbay::site::Activation;
use patchbay::task::{IoiTask, TaskSpec};
use patchbay::{Error, ErrorKind};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture::{load, run, spec};

/// A question to each analysis, and a field that its answer has.
fn questions() -> Vec<(Value, &'static str)> {
    let spec = spec(true);
    let (layer, head, dataset) = (spec.layer, spec.head, &spec.dataset);
    let decomposition =
        DecompositionSpec { layer, head, dataset: dataset.clone(), ..DecompositionSpec::default() };
    let linear = json!({
        "layer": layer, "head": head, "dataset": dataset, "func": "queries", "subtract_S1": true,
        "only_effective_embeddings": null,
    });
    let resemblance = json!({"layer": layer, "head": head, "dataset": dataset});
    let sweep = SweepSpec::from(spec.clone());
    let patch = PatchSpec::of(
        TaskSpec::Ioi(IoiTask { dataset: dataset.clone(), ..IoiTask::default() }),
        Activation::Z,
    );
    let heads = HeadsSpec::of(patch.task.clone(), 1, Some(8), 64);
    vec![
        (json!({"analysis": "experiment", "spec": spec, "accuracy": true}), "/evidence"),
        (json!({"analysis": "sweep", "spec": sweep}), "/layers"),
        (json!({"analysis": "attention", "spec": spec, "prompt": 3}), "/tokens"),
        (
            json!({"analysis": "patterns", "spec": {"source": {"text": "W W", "prepend_bos": true}}}),
            "/tokens",
        ),
        (json!({"analysis": "decompose", "spec": decomposition}), "/accounting"),
        (json!({"analysis": "linear", "spec": linear}), "/linear_map"),
        (json!({"analysis": "resemblance", "spec": resemblance}), "/forms"),
        (json!({"analysis": "patch", "spec": patch}), "/normalized"),
        (
            json!({"analysis": "cell", "spec": {"grid": patch, "places": [2], "example": 3}}),
            "/metrics/4/interval",
        ),
        (
            json!({"analysis": "paths", "spec": {"task": patch.task, "receivers": ["2.1.q"]}}),
            "/intervals/change_low",
        ),
        (json!({"analysis": "attribute", "spec": AttributeSpec::of(patch.task.clone())}), "/relative_miss"),
        (json!({"analysis": "lens", "spec": LensSpec::of(patch.task.clone())}), "/labels"),
        (
            json!({"analysis": "circuit", "spec": {"task": patch.task, "keep": {"nodes": ["1.2@END"]}}}),
            "/faithfulness",
        ),
        (json!({"analysis": "nearest", "tokens": [" Mary"], "count": 3}), "/0/spaces"),
        (json!({"analysis": "heads", "spec": heads}), "/copying"),
        (json!({"analysis": "head_scores", "tokens": [[1, 2, 3], [4, 5, 6]]}), "/induction"),
        (
            json!({"analysis": "verify", "figures": {"patching_positions": {"head": [2, 1], "clean": 0.3}}}),
            "/figures/0/difference",
        ),
    ]
}

fn refused(model: &Rc<LoadedModel>, question: Value) -> Error {
    let error = plan(model.clone(), question).err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::BadInput);
    error
}

#[test]
fn every_analysis_says_what_it_costs_and_answers_at_its_end() {
    let model = block_on(load(ComputeDevice::cpu()));
    for (question, field) in questions() {
        // As if it were the first.
        model.memo.clear();
        let job = Pulled::new(plan(model.clone(), question.clone()).unwrap());
        let cost = job.cost().unwrap();
        assert!(cost.done > 0.0 && cost.done <= cost.needed, "{question}: {cost:?}");
        assert_eq!(job.result().err().unwrap().field(), Some("job"), "{question}");
        loop {
            let progress = block_on(job.step()).unwrap();
            match question["analysis"].as_str() {
                Some("sweep") => assert!(job.partial().unwrap().is_some(), "{question}"),
                // From the end of its first batch on.
                Some("patch" | "paths" | "circuit") => {
                    assert!(job.partial().unwrap().is_some() || !progress.finished);
                }
                _ => assert!(job.partial().unwrap().is_none(), "{question}"),
            }
            if progress.finished {
                break;
            }
            assert!(job.result().is_err(), "{question}");
        }
        let answer = job.result().unwrap().to_json().unwrap();
        assert!(answer.pointer(field).is_some(), "{question}");
        assert_eq!(job.cost().unwrap(), cost, "{question}: known before the first step");
    }
}

#[test]
fn an_answer_is_what_the_analysis_gives_by_itself() {
    let model = block_on(load(ComputeDevice::cpu()));
    for accuracy in [false, true] {
        let question = json!({"analysis": "experiment", "spec": spec(true), "accuracy": accuracy});
        let mut job = plan(model.clone(), question).unwrap();
        while !block_on(job.step()).unwrap().finished {}
        let result = block_on(run(&model, &spec(true), accuracy)).unwrap();
        assert_eq!(job.result().unwrap().unwrap().to_json().unwrap(), json!(result));
    }
}

#[test]
fn what_a_sweep_shows_before_its_end_becomes_its_answer() {
    let model = block_on(load(ComputeDevice::cpu()));
    let question = json!({"analysis": "sweep", "spec": SweepSpec::from(spec(true))});
    let mut job = plan(model, question).unwrap();
    let partial = |job: &dyn Job| job.partial().unwrap().unwrap().to_json().unwrap();
    let first = partial(&*job);
    assert_eq!((&first["finished"], &first["rows"]), (&json!(false), &json!([])));
    while !block_on(job.step()).unwrap().finished {}
    let last = partial(&*job);
    assert_eq!(last["finished"], true);
    assert_eq!(job.result().unwrap().unwrap().to_json().unwrap(), last);
}

#[test]
fn an_unknown_analysis_is_refused_with_those_there_are() {
    let model = block_on(load(ComputeDevice::cpu()));
    for (question, found) in [
        (json!({"analysis": "decomposition"}), "no analysis \"decomposition\""),
        (json!({"analysis": 7}), "no analysis 7"),
        (json!({"spec": {}}), "no analysis is named"),
    ] {
        let error = refused(&model, question);
        assert_eq!(error.field(), Some("analysis"));
        let message = error.to_string();
        let known = "there is experiment, sweep, attention, text, patterns, decompose, linear, resemblance, nearest, patch, cell, paths, attribute, lens, says, circuit, edges, heads, head_scores, verify, examples, script, cache";
        assert!(message.contains(found) && message.ends_with(known), "{message}");
    }
    let error = refused(&model, json!(["experiment"]));
    assert_eq!(error.field(), Some("spec"));
    assert!(error.to_string().contains("expected an object"), "{error}");
}

#[test]
fn an_unknown_or_missing_field_is_refused_by_name() {
    let model = block_on(load(ComputeDevice::cpu()));
    for (question, _) in questions() {
        let analysis = question["analysis"].clone();
        let mut beside = question.clone();
        beside["colour"] = json!("red");
        let mut odd = vec![beside];
        if question.get("spec").is_some() {
            let mut inside = question.clone();
            inside["spec"]["colour"] = json!("red");
            odd.push(inside);
        }
        for question in odd {
            let error = refused(&model, question);
            assert_eq!(error.field(), Some("spec"), "{analysis}");
            assert!(error.to_string().contains("unknown field `colour`"), "{analysis}: {error}");
        }
        let error = refused(&model, json!({"analysis": analysis}));
        assert_eq!(error.field(), Some("spec"), "{analysis}");
        assert!(error.to_string().contains("missing field"), "{analysis}: {error}");
    }
}

#[test]
fn what_does_not_fit_the_model_is_refused_by_field() {
    let model = block_on(load(ComputeDevice::cpu()));
    let layer = ExperimentSpec { layer: 3, ..spec(true) };
    for (question, field) in [
        (json!({"analysis": "experiment", "spec": layer}), "layer"),
        (json!({"analysis": "attention", "spec": spec(true), "prompt": 20}), "prompt"),
        (json!({"analysis": "nearest", "tokens": [], "count": 3}), "token"),
    ] {
        assert_eq!(refused(&model, question).field(), Some(field));
    }
}

/// A search looks at every token of the vocabulary, or at none.
#[test]
fn a_search_costs_what_its_products_do() {
    let model = block_on(load(ComputeDevice::cpu()));
    let cost = |tokens: &[&str], count: usize| {
        plan(model.clone(), json!({"analysis": "nearest", "tokens": tokens, "count": count})).unwrap().cost()
    };
    let config = &model.gpt2.config;
    let [d, inner, vocab] = [config.n_embd, config.n_inner, config.vocab_size].map(|size| size as f64);
    let embedding = 2.0 * (2.0 * d * d + 2.0 * d * inner);
    // Whole numbers well below 2^53, so exactly.
    assert_eq!(cost(&[" Mary"], 3).done, vocab * (embedding + 4.0 * 2.0 * d));
    assert_eq!(cost(&[" Mary", " John"], 3).done, vocab * (embedding + 8.0 * 2.0 * d));
    assert_eq!(cost(&[" Mary"], 0).done, 0.0);
}
