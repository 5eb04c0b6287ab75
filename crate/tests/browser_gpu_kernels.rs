//! What a layer asks of a GPU, and our products beside Burn's.

#![cfg(all(target_arch = "wasm32", feature = "gpu"))]

mod fixture;

use fixture::activations::prompt;
use fixture::load;
use patchbay::bench::{GPT2_SMALL, LayerSteps};
use patchbay::device::{ComputeDevice, read_back};
use patchbay::engine::{Asked, Forest, Forward, Part, Read};
use patchbay::model::Gpt2Config;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// From here on `self.dispatches` counts.
fn count_dispatches() {
    js_sys::eval(
        "self.dispatches = 0;
         const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
         GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...groups) {
             self.dispatches += 1;
             return dispatchWorkgroups.apply(this, groups);
         };",
    )
    .unwrap();
}

fn dispatches() -> u32 {
    js_sys::eval("self.dispatches").unwrap().as_f64().unwrap() as u32
}

#[wasm_bindgen_test]
async fn a_layer_is_few_dispatches_and_its_products_are_burns() {
    patchbay::wasm::start();
    count_dispatches();
    let model = load(ComputeDevice::gpu().await.unwrap()).await;

    let mut counts = Vec::new();
    for layers in [0, 1, 2] {
        let mut forest = Forest::default();
        let ends = vec![forest.run(&prompt(0)), forest.run(&prompt(1))];
        let reads = vec![Read { layer: 3, part: Part::ResidPre, nodes: ends }];
        let mut forward = Forward::new(Asked { forest, reads, ..Asked::default() }, 3);
        forward.embed(&model.gpt2).unwrap();
        read_back(forward.first_number().unwrap()).await.unwrap();
        let before = dispatches();
        for layer in 0..layers {
            forward.layer(&model.gpt2, layer);
        }
        // Work is queued; reading makes sure that all of it is counted, and is the same each time.
        read_back(forward.first_number().unwrap()).await.unwrap();
        counts.push(dispatches() - before);
    }
    let of_a_layer = counts[2] - counts[1];
    console_log!("{of_a_layer} dispatches a layer");
    // Seven, and one that copies the keys: in a model this narrow they do not begin where a GPU can bind a buffer.
    assert!(of_a_layer <= 8, "{counts:?}");

    // GPT-2 small's c_fc, of few rows, since a software adapter takes seconds for Burn's; and one that leaves every tile with an edge.
    let narrow = GPT2_SMALL.replace("768", "100").replace("\"n_head\": 12", "\"n_head\": 10");
    for (config, rows) in [(GPT2_SMALL, 64), (&narrow, 71)] {
        let steps = LayerSteps::new(&model.device, &Gpt2Config::from_json(config).unwrap(), rows);
        let difference = steps.difference().await.unwrap();
        // Sums of 768 products, some 2 large.
        assert!(difference < 1e-4, "{difference}");
    }
}
