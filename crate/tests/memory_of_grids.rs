//! What a grid of edits and a circuit take, counted at the allocator. One test by itself in its process: what the threads of another let
//! go of would be counted here.

#![cfg(not(target_arch = "wasm32"))]

mod counting;
mod fixture;

use std::rc::Rc;

use counting::peak;
use patchbay::analysis::{Ablation, CircuitRun, CircuitSpec, Keep, PatchRun};
use patchbay::device::ComputeDevice;
use patchbay::ioi::DatasetSpec;
use patchbay::metric::Metric;
use patchbay::patch::{Over, PatchSpec};
use patchbay::site::Activation;
use patchbay::task::{Corruption, IoiTask, TaskSpec};
use pollster::block_on;

fn task(n: u32) -> TaskSpec {
    let dataset = DatasetSpec { n, ..DatasetSpec::default() };
    TaskSpec::Ioi(IoiTask { dataset, corruption: Corruption("abc".into()) })
}

/// This is said of what is computed. What is measured stays, a number per prompt and cell.
#[test]
fn a_grid_and_a_circuit_take_as_much_for_many_prompts_and_cells_as_for_few() {
    let model = block_on(fixture::load(ComputeDevice::cpu()));
    let grid = |n, over: &[Over]| {
        let spec = PatchSpec { over: over.to_vec(), ..PatchSpec::of(task(n), Activation::Z) };
        let mut run = PatchRun::new(model.clone(), &spec).unwrap();
        peak(|| while !block_on(run.step()).unwrap().finished {}).0
    };
    let few = &[Over::Layer, Over::Head][..];
    let many = &[Over::Layer, Over::Head, Over::Position];
    grid(20, few); // What threads and caches take once.
    let least = grid(60, few);
    for (n, over) in [(600, few), (60, many)] {
        let most = grid(n, over);
        println!("peak {least} bytes for 60 prompts and 12 cells, {most} for {n} and {over:?}");
        // A batch has at most so many rows; the first of these has fewer.
        assert!(most < 2 * least, "{n}, {over:?}: {most} bytes, {least} for few");
    }

    // Its tokenizer gives all prompts of a template as many tokens, so that there are as many means.
    let model = Rc::new(fixture::shipped());
    let circuit = |n| {
        let spec = CircuitSpec {
            task: task(n),
            keep: Keep::Nodes(["1.0@END", "0.3@S2"].map(|node| node.parse().unwrap()).into()),
            fill: Ablation::Mean,
            metric: Metric::LogitDiff,
            examine: true,
            per_prompt: false,
        };
        model.memo.clear();
        let mut run = CircuitRun::new(model.clone(), &spec).unwrap();
        peak(|| while !block_on(run.step()).unwrap().finished {}).0
    };
    circuit(150); // As above.
    let (least, most) = (circuit(150), circuit(1500));
    println!("peak {least} bytes for 150 prompts of a circuit, {most} for 1500");
    assert!(most < 2 * least, "{most} bytes for 1500 prompts, {least} for 150");
}
