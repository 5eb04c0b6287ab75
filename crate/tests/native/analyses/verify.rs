//! Published figures held against the tiny checkpoint, natively on the CPU.

use std::rc::Rc;

use patchbay::ErrorKind;
use patchbay::analysis::{Compared, VerifyResult, VerifyRun};
use patchbay::device::ComputeDevice;
use patchbay::hub::gpt2_small;
use patchbay::job::Job;
use patchbay::loader::LoadedModel;
use patchbay::published::Published;
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture::load;

const FIGURES: &str = include_str!("../../../../tests/fixtures/tiny/published.json");
/// The file's figures are computed in float64, and normalized ones of it are divided by a logit difference of 0.03.
const TOLERANCE: f64 = 1e-4;

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

fn figures() -> Value {
    serde_json::from_str(FIGURES).unwrap()
}

fn published(figures: &Value) -> Published {
    Published::from_json(figures.to_string().as_bytes()).unwrap()
}

fn held(figures: &Value) -> VerifyResult {
    let mut run = VerifyRun::new(model(), &published(figures)).unwrap();
    while !block_on(run.step()).unwrap().finished {}
    run.result().unwrap().unwrap()
}

#[test]
fn all_figures_of_the_independent_implementation_hold() {
    let result = held(&figures());
    assert!(result.within);
    for Compared { name, difference, problem, within, .. } in &result.figures {
        assert!(*within && difference.unwrap() <= TOLERANCE, "{name}: {difference:?} {problem:?}");
    }
    // One for each in the file.
    let names: Vec<&str> = result.figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(names.len(), 17 + 3 + 3 + 3 + 2 + 4, "{names:?}");
}

#[test]
fn the_figures_of_gpt2_small_are_of_the_model_that_the_hub_has() {
    let published = Published::gpt2_small();
    let (model, hub) = (published.model.as_ref().unwrap(), gpt2_small());
    assert_eq!((&model.name, &model.sha256), (&hub.id, &hub.weights.sha256));
    assert!(VerifyRun::new(self::model(), &published).is_ok());
}

#[test]
fn what_this_model_has_not_is_no_agreement() {
    let mut other = figures();
    other["eight_prompts"]["zero_ablation"]["node"] = json!("9.9@END");
    other["head_scores"]["tokens"][1][3] = json!(609);
    other["eight_prompts"]["logit_diff_by_prompt"] = json!([1.0, 2.0]);
    other["hanna_et_al_2023"] = json!({ "prob_diff": 0.8 });
    let result = held(&other);
    assert!(!result.within);
    for (name, said) in [
        ("eight_prompts.zero_ablation.heads", "there is no layer 9"),
        ("eight_prompts.logit_diff_by_prompt", "expected 2 numbers, found 4 numbers"),
        ("head_scores.induction", "609"),
        ("hanna_et_al_2023.prob_diff", "greater_than needs"),
    ] {
        let figure = result.figures.iter().find(|figure| figure.name == name).unwrap();
        let problem = figure.problem.as_deref().unwrap();
        assert!(problem.contains(said), "{name}: {problem}");
        assert_eq!((&figure.ours, figure.difference, figure.within), (&None, None, false), "{name}");
    }
    let others = result.figures.iter().filter(|figure| figure.within).count();
    assert_eq!(others, result.figures.len() - 7);
}

#[test]
fn a_broken_file_is_told_with_what_was_expected() {
    for (pointer, value, said) in [
        ("", json!([]), "expected struct Published"),
        ("/figures", json!({}), "unknown field `figures`, expected one of `about`, `model`, `eight_prompts`"),
        (
            "/eight_prompts/clean_logit_diff",
            json!("3.5"),
            "expected numbers in arrays of equal lengths, found \"3.5\"",
        ),
        (
            "/eight_prompts/denoising/layer_by_head/z",
            json!([[1, 2], [3]]),
            "found 1 numbers after an array of another shape at [1]",
        ),
        ("/eight_prompts/denoising/layer_by_head/mlp", json!([[1]]), "there is no site \"mlp\""),
        ("/eight_prompts/zero_ablation/node", json!("9"), "expected a head and its positions"),
        ("/eight_prompts/task", Value::Null, "eight_prompts.task"),
        ("/eight_prompts/task/prompts", json!("none"), "eight_prompts"),
        (
            "/head_scores/tokens",
            json!([[1, 2], [3]]),
            "head_scores.tokens: expected rows of as many tokens each",
        ),
        ("/head_scores/tokens", json!([[-1, 2]]), "expected u32"),
        ("/wang_et_al_2022/knockout/class", json!("mover"), "found no such class"),
        ("/wang_et_al_2022/circuit/heads/induction/0", json!("5"), "expected a head and its positions"),
        ("/wang_et_al_2022/signals/figures/1/corruption", json!("ABB"), "flip"),
    ] {
        let mut broken = figures();
        if let (Some((parent, key)), None) = (pointer.rsplit_once('/'), broken.pointer(pointer)) {
            broken.pointer_mut(parent).unwrap()[key] = value;
        } else {
            *broken.pointer_mut(pointer).unwrap() = value;
        }
        let error = Published::from_json(broken.to_string().as_bytes())
            .and_then(|published| VerifyRun::new(model(), &published).map(drop))
            .expect_err(pointer);
        assert_eq!((error.kind(), error.field()), (ErrorKind::BadInput, Some("figures")), "{pointer}");
        assert!(error.to_string().contains(said), "{pointer}: {error}");
    }
    let error = Published::from_json(b"{").unwrap_err();
    assert!(error.to_string().starts_with("these are no published figures: EOF"), "{error}");
}
