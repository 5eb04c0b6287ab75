//! The figures of ioi-mini's model card: that they are computed right, and that the shipped model has them.

#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use patchbay::device::ComputeDevice;
use patchbay::ioi::DatasetSpec;
use patchbay::ioi_mini::{Exam, Survey, examine, survey};
use patchbay::loader::{LoadedModel, ModelLoader};
use pollster::block_on;
use serde_json::{Value, json};

const CONFIG: &str = include_str!("../../www/public/models/ioi-mini/config.json");
const TOKENIZER: &[u8] = include_bytes!("../../www/public/models/ioi-mini/tokenizer.json");
const WEIGHTS: &[u8] = include_bytes!("../../www/public/models/ioi-mini/model.safetensors");
const CARD: &str = include_str!("../../www/public/models/ioi-mini/card.json");

fn shipped() -> LoadedModel {
    let mut loader = ModelLoader::new(ComputeDevice::cpu(), CONFIG, TOKENIZER).unwrap();
    loader.push(WEIGHTS).unwrap();
    block_on(loader.finish()).unwrap()
}

fn card() -> Value {
    serde_json::from_str(CARD).unwrap()
}

/// Every number of a survey, and which head it is of.
fn assert_survey(found: &Survey, expected: &Value, tolerance: f64) {
    assert_eq!(json!(found.mover), expected["mover"]);
    assert_eq!(json!(found.prompts), expected["prompts"]);
    assert!((found.logit_diff - expected["logit_diff"].as_f64().unwrap()).abs() < tolerance);
    let heads = expected["heads"].as_array().unwrap();
    assert_eq!(found.heads.len(), heads.len());
    for (found, expected) in found.heads.iter().zip(heads) {
        for (name, value) in json!(found).as_object().unwrap() {
            let (value, expected) = (value.as_f64().unwrap(), expected[name].as_f64().unwrap());
            let head = format!("{}.{}", found.layer, found.head);
            assert!((value - expected).abs() < tolerance, "{name} of {head}: {value}, expected {expected}");
        }
    }
}

#[test]
fn the_figures_are_the_references() {
    let (model, expected) = (block_on(fixture::load(ComputeDevice::cpu())), fixture::expected());
    let prompts = || fixture::spec(true).dataset.generate().unwrap();
    // Two batch sizes: what is summed over batches does not depend on them.
    for tokens_per_batch in [64, 1024] {
        let asked = examine(&model.gpt2, &model.tokenizer, prompts(), tokens_per_batch);
        let result = block_on(asked).unwrap();
        assert_eq!(result.accuracy, expected["accuracy"].as_f64().unwrap());
        let near = |found: f64, expected: &Value| {
            assert!(
                (found - expected.as_f64().unwrap()).abs() < fixture::TOLERANCE,
                "{found}, expected {expected}"
            );
        };
        near(result.log_loss, &expected["log_loss"]);
        near(result.logit_diff, &expected["logit_diff"]["mean"]);
        let surveyed = survey(&model.gpt2, &model.tokenizer, prompts(), tokens_per_batch);
        assert_survey(&block_on(surveyed).unwrap(), &expected["survey"], fixture::TOLERANCE);
    }
}

#[test]
fn the_shipped_model_passes_its_exams_as_its_card_says() {
    let (model, card) = (shipped(), card());
    for exam in Exam::ALL {
        let asked = examine(&model.gpt2, &model.tokenizer, exam.prompts(), 1024);
        let result = block_on(asked).unwrap();
        assert_eq!(result.prompts, 1000);
        assert!(result.accuracy >= exam.pass_mark(), "{}: {}", exam.title(), result.accuracy);
        let said = &card["evaluation"]["exams"][json!(exam).as_str().unwrap()];
        // Other machines may round a close call the other way; one prompt is 0.001.
        assert!((said["accuracy"].as_f64().unwrap() - result.accuracy).abs() < 0.002, "{}", exam.title());
        assert!((said["log_loss"].as_f64().unwrap() - result.log_loss).abs() < 1e-3, "{}", exam.title());
    }
}

#[test]
fn the_shipped_models_default_head_moves_the_name() {
    let (model, card) = (shipped(), card());
    let prompts = DatasetSpec::default().generate().unwrap();
    let found = block_on(survey(&model.gpt2, &model.tokenizer, prompts, 1024)).unwrap();
    // Scores go up to some 20, and machines sum float32 in different orders.
    assert_survey(&found, &card["evaluation"]["survey"], 2e-3);
    assert_eq!(json!(found.mover), card["default_head"]);
    let mover = found.heads.iter().find(|head| [head.layer, head.head] == found.mover).unwrap();
    assert!(mover.score_diff >= 2.0, "{}", mover.score_diff);
}
