//! What a grid of edits takes, counted at the allocator. One test by itself in its process: what the threads of another let
//! go of would be counted here.

#![cfg(not(target_arch = "wasm32"))]

mod counting;
mod fixture;

use counting::peak;
use patchbay::analysis::PatchRun;
use patchbay::device::ComputeDevice;
use patchbay::ioi::DatasetSpec;
use patchbay::patch::{Axis, PatchSpec};
use patchbay::site::Activation;
use patchbay::task::{Corruption, IoiTask, TaskSpec};
use pollster::block_on;

/// Of what is computed. What is measured stays, a number per prompt and cell.
#[test]
fn a_grid_takes_as_much_for_many_prompts_and_cells_as_for_few() {
    let model = block_on(fixture::load(ComputeDevice::cpu()));
    let grid = |n, over: &[Axis]| {
        let dataset = DatasetSpec { n, ..DatasetSpec::default() };
        let task = TaskSpec::Ioi(IoiTask { dataset, corruption: Corruption("abc".into()) });
        let spec = PatchSpec { over: over.to_vec(), ..PatchSpec::of(task, Activation::Z) };
        let mut run = PatchRun::new(model.clone(), &spec).unwrap();
        peak(|| while !block_on(run.step()).unwrap().finished {}).0
    };
    let few = &[Axis::Layer, Axis::Head][..];
    let many = &[Axis::Layer, Axis::Head, Axis::Position];
    grid(20, few); // What threads and caches take once.
    let least = grid(60, few);
    for (n, over) in [(600, few), (60, many)] {
        let most = grid(n, over);
        println!("peak {least} bytes for 60 prompts and 12 cells, {most} for {n} and {over:?}");
        // A batch has at most so many rows; the first of these has fewer.
        assert!(most < 2 * least, "{n}, {over:?}: {most} bytes, {least} for few");
    }
}
