//! The figures of ioi-mini's model card: that they are computed right, and that the shipped model has them.

use std::rc::Rc;

use patchbay::analysis::HeadsSpec;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{ExperimentSpec, Sweep, SweepSpec};
use patchbay::ioi::DatasetSpec;
use patchbay::ioi_mini::{Exam, examine};
use patchbay::loader::{LoadedModel, ModelLoader};
use patchbay::task::TaskSpec;
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture;
use crate::fixture::heads::heads;
use crate::fixture::nests::furthest;

const CONFIG: &str = include_str!("../../../../www/public/models/ioi-mini/config.json");
const TOKENIZER: &[u8] = include_bytes!("../../../../www/public/models/ioi-mini/tokenizer.json");
const WEIGHTS: &[u8] = include_bytes!("../../../../www/public/models/ioi-mini/model.safetensors");
const CARD: &str = include_str!("../../../../www/public/models/ioi-mini/card.json");

/// Scores and logits go up to some 20, and machines sum float32 in different orders.
const TOLERANCE: f64 = 2e-3;

fn shipped() -> Rc<LoadedModel> {
    let mut loader = ModelLoader::new(ComputeDevice::cpu(), CONFIG, TOKENIZER).unwrap();
    loader.push(WEIGHTS).unwrap();
    Rc::new(block_on(loader.finish()).unwrap())
}

fn card() -> Value {
    serde_json::from_str(CARD).unwrap()
}

#[test]
fn the_figures_are_the_references() {
    let (model, expected) = (block_on(fixture::load(ComputeDevice::cpu())), fixture::expected());
    // Two batch sizes: what is summed over batches does not depend on them.
    for tokens_per_batch in [64, 1024] {
        let prompts = fixture::spec(true).dataset.generate().unwrap();
        let asked = examine(&model.gpt2, &model.tokenizer, prompts, tokens_per_batch);
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
fn the_shipped_models_heads_do_what_its_card_says() {
    let (model, card) = (shipped(), card());
    let mut said = card["evaluation"]["heads"].clone();
    said.as_object_mut().unwrap().remove("score_diff");
    let n_ctx = model.gpt2.config.n_ctx;
    let spec = HeadsSpec::of(TaskSpec::default(), DatasetSpec::default().seed, None, n_ctx);
    assert_eq!(said["spec"].take(), json!(spec));
    let mut found = json!(block_on(heads(&model, &spec)).unwrap());
    found.as_object_mut().unwrap().remove("intervals");
    assert_eq!(found["spec"].take(), json!(spec));
    let names = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&said));
    for (name, said) in said.as_object().unwrap() {
        let of_figure = |found: &Value, said: &Value, name: &str| {
            assert_eq!(furthest(found, said, |_| TOLERANCE, name), None);
        };
        if name == "attention" {
            assert_eq!(names(&found[name]), names(said));
            said.as_object()
                .unwrap()
                .iter()
                .for_each(|(roles, said)| of_figure(&found[name][roles], said, roles));
        } else if name.starts_with("copying") {
            // Another machine may take one name of the 109 for a neighbour in the order.
            assert_eq!(furthest(&found[name], said, |_| 1.5 / 109.0, name), None);
        } else {
            of_figure(&found[name], said, name);
        }
    }
}

#[test]
fn the_shipped_models_default_head_moves_the_name() {
    let (model, card) = (shipped(), card());
    let mut sweep = Sweep::new(model.clone(), &SweepSpec::from(ExperimentSpec::default())).unwrap();
    while !block_on(sweep.step()).unwrap().finished {}
    let rows = sweep.result().unwrap().unwrap().rows;
    let clean = || rows.iter().filter(|row| row.condition == "clean");
    let mover = clean().max_by(|a, b| a.mean_diff.total_cmp(&b.mean_diff)).unwrap();
    assert_eq!(json!([mover.layer, mover.head]), card["default_head"]);
    assert!(mover.mean_diff >= 2.0, "{}", mover.mean_diff);
    let said = &card["evaluation"]["heads"]["score_diff"];
    for row in clean() {
        let said = said[row.layer][row.head].as_f64().unwrap();
        assert!((row.mean_diff - said).abs() < TOLERANCE, "{}.{}", row.layer, row.head);
    }
}
