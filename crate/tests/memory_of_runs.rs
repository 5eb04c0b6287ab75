//! What a run takes, for few prompts and for many, counted at the allocator. One test by itself in its process:
//! what the threads of another let go of would be counted here.

#![cfg(not(target_arch = "wasm32"))]

mod counting;
mod fixture;

use counting::peak;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{Sweep, SweepSpec};
use patchbay::ioi::DatasetSpec;
use pollster::block_on;

#[test]
fn a_sweep_takes_as_much_for_many_prompts_as_for_few() {
    let model = block_on(fixture::load(ComputeDevice::cpu()));
    let peak_of = |n| {
        let dataset = DatasetSpec { n, ..DatasetSpec::default() };
        let spec = SweepSpec { dataset, ..fixture::spec(true).into() };
        let mut sweep = Sweep::new(model.clone(), &spec).unwrap();
        peak(|| while !block_on(sweep.step()).unwrap().finished {}).0
    };
    peak_of(20); // What threads and caches take once.
    let (few, many) = (peak_of(60), peak_of(1200));
    println!("peak {few} bytes for 60 prompts, {many} for 1200");
    // The longest batches are not of one size. The residual streams of 1200 prompts would be 10 MB.
    assert!(many < few + few / 4, "{few} bytes for 60 prompts, {many} for 1200");
}
