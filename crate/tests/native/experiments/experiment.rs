//! The experiment on the fixture, natively on the CPU.

use std::rc::Rc;

use patchbay::ErrorKind;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{ExperimentSpec, Run};
use patchbay::loader::ModelLoader;
use pollster::block_on;

use crate::fixture;
use crate::fixture::{assert_close, assert_result, expected, load, run, spec, spec_of};

#[test]
fn agrees_with_the_reference_with_ln_frozen_and_live() {
    let model = block_on(load(ComputeDevice::cpu()));
    for (freeze_ln, figures) in [(true, "frozen_ln"), (false, "live_ln")] {
        let result = block_on(run(&model, &spec(freeze_ln), true)).unwrap();
        assert_result(&result, &expected()[figures]);
        assert_eq!(result.accuracy, expected()["accuracy"].as_f64());
    }
}

#[test]
fn agrees_at_every_head_of_every_layer() {
    let model = block_on(load(ComputeDevice::cpu()));
    for layer in 0..3 {
        for head in 0..4 {
            let result = block_on(run(&model, &ExperimentSpec { layer, head, ..spec(true) }, false)).unwrap();
            let (condition, clean) = &result.conditions[0];
            assert_eq!(*condition, "clean");
            let expected = &expected()["attn_score_diff_all_heads"][layer][head];
            assert_close(
                &[clean.mean_diff as f32],
                &serde_json::json!([expected]),
                &format!("{layer}.{head}"),
            );
            assert_eq!(result.accuracy, None);
            assert_eq!(result.evidence.noop_max_abs_change, 0.0);
        }
    }
}

#[test]
fn agrees_in_other_settings() {
    // ABBA only without BOS, two new letters, layer 0, the last layer live and not symmetric, 40 prompts.
    let model = block_on(load(ComputeDevice::cpu()));
    let expected = expected();
    let variants = expected["variants"].as_array().unwrap();
    assert_eq!(variants.len(), 5);
    for variant in variants {
        let spec = spec_of("patching_positions", variant);
        assert_result(&block_on(run(&model, &spec, false)).unwrap(), variant);
    }
}

#[test]
fn a_prompt_longer_than_the_context_is_refused_before_the_run() {
    let config = fixture::CONFIG.replace(": 64", ": 30");
    let weights = fixture::with_rows_of_wpe(30);
    let mut loader = ModelLoader::new(ComputeDevice::cpu(), &config, fixture::TOKENIZER).unwrap();
    loader.push(&weights).unwrap();
    let model = Rc::new(block_on(loader.finish()).unwrap());
    let error = Run::new(model, &spec(true), false).err().unwrap().to_string();
    assert!(error.contains("tokens up to END, but the model's context is 30"), "{error}");
}

#[test]
fn numbers_that_overflow_give_no_result() {
    let weights = fixture::with_tensor("h.1.mlp.c_proj.weight", |value| value * 1e38);
    let mut loader = ModelLoader::new(ComputeDevice::cpu(), fixture::CONFIG, fixture::TOKENIZER).unwrap();
    loader.push(&weights).unwrap();
    let model = Rc::new(block_on(loader.finish()).unwrap());
    let mut run = Run::new(model, &spec(true), false).unwrap();
    let error = loop {
        match block_on(run.step()) {
            Ok(progress) => assert!(!progress.finished),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("overflow"), "{error}");
    // And it stays over.
    assert_eq!(block_on(run.step()).unwrap_err(), error);
    assert!(run.result().unwrap().is_none());
}

#[test]
fn steps_are_counted_and_half_a_run_has_no_result() {
    let model = block_on(load(ComputeDevice::cpu()));
    let mut run = Run::new(model, &spec(true), false).unwrap();
    let first = block_on(run.step()).unwrap();
    assert_eq!(first.done, 1);
    assert!(!first.finished && run.result().unwrap().is_none());
    let mut done = 1;
    loop {
        let progress = block_on(run.step()).unwrap();
        done += 1;
        assert_eq!((progress.done, progress.total), (done, first.total));
        if progress.finished {
            break;
        }
    }
    assert_eq!(done, first.total);
    assert!(run.result().unwrap().is_some());
}

#[test]
fn settings_outside_the_model_are_refused_by_field() {
    let model = block_on(load(ComputeDevice::cpu()));
    let refused = |spec: &ExperimentSpec| Run::new(model.clone(), spec, false).err().expect("refused");
    let mut odd = spec(true);
    odd.dataset.n = 7;
    let mut none = spec(true);
    none.dataset.n = 0;
    let mut many = spec(true);
    many.dataset.n = 10_002;
    for (spec, field, words) in [
        (ExperimentSpec { layer: 3, ..spec(true) }, "layer", "layers 0 to 2"),
        (ExperimentSpec { head: 4, ..spec(true) }, "head", "heads 0 to 3"),
        (ExperimentSpec { flip: "ABB => BAB".into(), ..spec(true) }, "flip", "character 5"),
        (ExperimentSpec { experiment: "nothing".into(), ..spec(true) }, "experiment", "patching_positions"),
        (odd, "n", "even"),
        (none, "n", "from 1 to 10000"),
        (many, "n", "from 1 to 10000"),
    ] {
        let error = refused(&spec);
        assert_eq!(error.kind(), ErrorKind::BadInput);
        assert_eq!(error.field(), Some(field));
        assert!(error.to_string().contains(words), "{error}");
    }
}
