//! The controls on the fixture, natively on the CPU.

use patchbay::device::ComputeDevice;
use patchbay::experiment::{CONTROLS, ExperimentResult, ExperimentSpec, PATCHING_POSITIONS};
use patchbay::ioi::{CustomPrompt, Prompt};
use pollster::block_on;

use crate::fixture::{assert_controls, load, run, spec};

fn controls(spec: ExperimentSpec) -> ExperimentSpec {
    ExperimentSpec { experiment: CONTROLS.name.into(), ..spec }
}

fn diff<'a>(result: &'a ExperimentResult, condition: &str) -> &'a [f32] {
    let found = result.conditions.iter().find(|(name, _)| *name == condition);
    &found.unwrap_or_else(|| panic!("no condition {condition}")).1.diff
}

#[test]
fn agree_with_the_reference_where_ln_is_frozen_and_where_it_is_live() {
    block_on(assert_controls(&block_on(load(ComputeDevice::cpu()))));
}

#[test]
fn say_what_patching_positions_says_where_they_ask_the_same() {
    let model = block_on(load(ComputeDevice::cpu()));
    for freeze_ln in [true, false] {
        let plain = block_on(run(&model, &spec(freeze_ln), false)).unwrap();
        let control = block_on(run(&model, &controls(spec(freeze_ln)), false)).unwrap();
        let ln = if freeze_ln { "frozen LN" } else { "live LN" };
        assert_eq!(plain.experiment, PATCHING_POSITIONS.name);
        for condition in ["patched", "projected"] {
            // The same computation, to the last bit.
            assert_eq!(diff(&plain, condition), diff(&control, &format!("{condition}, {ln}")));
        }
        let random = "projected on random directions";
        assert_eq!(diff(&plain, random), diff(&control, random));
        // Patching all positions and patching END alone differ in rows that nobody reads.
        assert_eq!(diff(&control, "patched at END"), diff(&plain, "patched"));
    }
}

#[test]
fn projections_on_less_are_not_the_projection() {
    // A control that did what it controls for would agree with it.
    let model = block_on(load(ComputeDevice::cpu()));
    let result = block_on(run(&model, &controls(spec(true)), false)).unwrap();
    let conditions = ["projected, frozen LN", "projected on IO", "projected on S"];
    let random = ["projected on random names", "projected on random directions"];
    let all = [conditions.as_slice(), &random].concat();
    for (i, one) in all.iter().enumerate() {
        for other in &all[..i] {
            assert_ne!(diff(&result, one), diff(&result, other), "{one}, {other}");
        }
    }
}

#[test]
fn what_is_drawn_follows_from_the_seed() {
    let model = block_on(load(ComputeDevice::cpu()));
    // Prompts that are given do not depend on the seed, and neither does a flip without new letters.
    let mut given = controls(spec(true));
    let prompts = given.dataset.generate().unwrap();
    let custom = |p: &Prompt| CustomPrompt { sentence: p.sentence.clone(), io: p.io.clone(), s: p.s.clone() };
    given.dataset.prompts = Some(prompts.iter().map(custom).collect());
    let result = |seed| {
        let mut spec = given.clone();
        spec.dataset.seed = seed;
        block_on(run(&model, &spec, false)).unwrap()
    };
    let (first, again, other) = (result(42), result(42), result(43));
    assert_eq!(first.conditions, again.conditions);
    for (condition, values) in &first.conditions {
        assert_eq!(values.diff != diff(&other, condition), condition.contains("random"), "{condition}");
    }
}
