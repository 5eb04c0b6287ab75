//! What a run takes, for few prompts and for many, counted at the allocator. One test by itself in its process:
//! what the threads of another let go of would be counted here.

#![cfg(not(target_arch = "wasm32"))]

mod counting;
mod fixture;

use counting::peak;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{DecomposeBy, Decomposition, DecompositionSpec, ExperimentSpec, Sweep, SweepSpec};
use patchbay::ioi::DatasetSpec;
use pollster::block_on;

#[test]
fn a_run_takes_as_much_for_many_prompts_as_for_few() {
    let model = block_on(fixture::load(ComputeDevice::cpu()));
    let dataset = |n| DatasetSpec { n, ..DatasetSpec::default() };
    let sweep = |n| {
        let spec = SweepSpec { dataset: dataset(n), ..fixture::spec(true).into() };
        let mut sweep = Sweep::new(model.clone(), &spec).unwrap();
        peak(|| while !block_on(sweep.step()).unwrap().finished {}).0
    };
    assert_flat("a sweep", sweep);
    for by in [DecomposeBy::Keys, DecomposeBy::Both] {
        let ExperimentSpec { layer, head, .. } = fixture::spec(true);
        let decomposition = |n| {
            let spec = DecompositionSpec {
                layer,
                head,
                dataset: dataset(n),
                decompose_by: by,
                ..DecompositionSpec::default()
            };
            let mut run = Decomposition::new(model.clone(), &spec).unwrap();
            peak(|| while !block_on(run.step()).unwrap().finished {}).0
        };
        assert_flat(&format!("a decomposition by {by:?}"), decomposition);
    }
}

fn assert_flat(what: &str, peak_of: impl Fn(u32) -> usize) {
    peak_of(20); // What threads and caches take once.
    let (few, many) = (peak_of(60), peak_of(1200));
    println!("{what}: peak {few} bytes for 60 prompts, {many} for 1200");
    // The longest batches are not of one size. The residual streams of 1200 prompts would be 10 MB, what each head
    // writes at one role of them 1 MB.
    assert!(many < few + few / 4, "{what}: {few} bytes for 60 prompts, {many} for 1200");
}
