//! An experiment at every head, on the fixture, natively on the CPU.

use std::rc::Rc;

use patchbay::device::ComputeDevice;
use patchbay::experiment::{EXPERIMENTS, ExperimentSpec, LayerCount, Sweep, SweepResult, SweepSpec};
use patchbay::ioi::DatasetSpec;
use patchbay::loader::LoadedModel;
use pollster::block_on;
use serde_json::json;

use crate::fixture::{TOLERANCE, assert_sweep, load, run, spec};

fn sweep(model: &Rc<LoadedModel>, spec: &SweepSpec) -> SweepResult {
    let mut sweep = Sweep::new(model.clone(), spec).unwrap();
    while !block_on(sweep.step()).unwrap().finished {}
    sweep.result().unwrap().expect("a finished sweep")
}

fn mean_diff(result: &SweepResult, layer: usize, head: usize, condition: &str) -> f64 {
    let mut rows = result.rows.iter().filter(|row| (row.layer, row.head) == (layer, head));
    rows.find(|row| row.condition == condition).expect("a row for each head and condition").mean_diff
}

#[test]
fn agrees_with_the_reference_at_every_head() {
    block_on(assert_sweep(&block_on(load(ComputeDevice::cpu()))));
}

#[test]
fn is_what_each_head_gives_by_itself() {
    // 90 prompts, so several batches of several lengths; every condition of every experiment.
    let model = block_on(load(ComputeDevice::cpu()));
    for experiment in EXPERIMENTS.iter().filter(|experiment| experiment.sweeps()) {
        let spec = ExperimentSpec {
            experiment: experiment.name.into(),
            dataset: DatasetSpec { n: 90, ..DatasetSpec::default() },
            ..spec(true)
        };
        let all = sweep(&model, &spec.clone().into());
        for layer in 0..3 {
            for head in 0..4 {
                let one =
                    block_on(run(&model, &ExperimentSpec { layer, head, ..spec.clone() }, false)).unwrap();
                for (condition, values) in &one.conditions {
                    let found = mean_diff(&all, layer, head, condition);
                    // Both are float32 and take the same sums in another order.
                    assert!(
                        (found - values.mean_diff).abs() < TOLERANCE / 10.0,
                        "{layer}.{head} {condition}: {found}, by itself {}",
                        values.mean_diff
                    );
                }
            }
        }
    }
}

#[test]
fn half_a_sweep_shows_what_it_has() {
    let model = block_on(load(ComputeDevice::cpu()));
    let spec = SweepSpec::from(spec(true));
    let mut sweep = Sweep::new(model, &spec).unwrap();
    assert!(sweep.partial().unwrap().unwrap().rows.is_empty());
    let mut seen = Vec::new();
    loop {
        let progress = block_on(sweep.step()).unwrap();
        let SweepResult { layers, rows, finished, prompts, .. } = sweep.partial().unwrap().unwrap();
        assert_eq!(sweep.result().unwrap().is_some(), finished);
        assert_eq!(finished, progress.finished);
        let counts: Vec<usize> = layers.iter().map(|layer| layer.prompts).collect();
        assert!(
            counts.is_sorted_by(|below, above| below >= above),
            "layers are measured upwards: {counts:?}"
        );
        assert_eq!(rows.len(), counts.iter().filter(|&&count| count > 0).count() * 4 * 4);
        if seen.last() != Some(&counts) {
            seen.push(counts);
        }
        if finished {
            let all = |layer| LayerCount { layer, prompts };
            assert_eq!(layers, [all(0), all(1), all(2)]);
            break;
        }
    }
    // Nothing, then a batch at one layer, at two, at all three, and so on.
    assert_eq!(seen[0], [0, 0, 0]);
    assert!(seen[1][0] > 0 && seen[1][1] == 0);
    assert_eq!((seen.len() - 1) % 3, 0);
}

#[test]
fn a_spec_is_read_strictly() {
    let spec = SweepSpec::from(spec(true));
    let mut json = json!(spec);
    assert_eq!(serde_json::from_value::<SweepSpec>(json.clone()).unwrap(), spec);
    json["layer"] = json!(1);
    assert!(serde_json::from_value::<SweepSpec>(json).unwrap_err().to_string().contains("layer"));
}
