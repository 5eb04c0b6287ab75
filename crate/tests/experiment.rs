//! The experiment on the fixture, natively on the CPU.

#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use fixture::{assert_close, assert_result, expected, load, run, spec};
use patchbay::device::ComputeDevice;
use patchbay::experiment::{ExperimentSpec, Run};
use patchbay::{Error, ErrorKind};
use pollster::block_on;

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
            assert_close(&[clean.mean_diff as f32], &serde_json::json!([expected]), &format!("{layer}.{head}"));
            assert_eq!(result.accuracy, None);
            assert_eq!(result.evidence.noop_max_abs_change, 0.0);
        }
    }
}

#[test]
fn rows_hold_every_number_of_the_result_once() {
    let model = block_on(load(ComputeDevice::cpu()));
    let result = block_on(run(&model, &spec(true), false)).unwrap();
    let rows = result.rows();
    assert_eq!(rows.len(), 3 * 3 * 20);
    for (condition, values) in &result.conditions {
        for (position, column) in [("IO", &values.io_score), ("S1", &values.s1_score), ("IO-S1", &values.diff)] {
            let of_rows: Vec<f32> = rows
                .iter()
                .filter(|row| row.condition == *condition && row.position == position)
                .map(|row| row.value)
                .collect();
            assert_eq!(&of_rows, column);
        }
    }
}

#[test]
fn steps_are_counted_and_half_a_run_has_no_result() {
    let model = block_on(load(ComputeDevice::cpu()));
    let mut run = Run::new(model, &spec(true), false).unwrap();
    let first = block_on(run.step()).unwrap();
    assert_eq!(first.done, 1);
    assert!(!first.finished && run.result().is_err());
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
    assert!(run.result().is_ok());
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

#[test]
fn a_config_that_contradicts_the_tensors_is_refused() {
    let config = fixture::CONFIG.replace("\"n_ctx\": 64", "\"n_ctx\": 16").replace("\"n_positions\": 64", "\"n_positions\": 16");
    let error = patchbay::loader::ModelLoader::new(ComputeDevice::cpu(), &config, fixture::TOKENIZER)
        .and_then(|mut loader| loader.push(fixture::WEIGHTS))
        .err();
    // The tensor says otherwise, so the file itself is refused.
    let Some(Error::BadModel(message)) = error else { panic!("{error:?}") };
    assert!(message.contains("wpe.weight has the shape [64, 32], but config.json asks for [16, 32]"), "{message}");
}
