//! What a layer asks of a GPU, and our products beside Burn's.

#![cfg(all(target_arch = "wasm32", feature = "gpu"))]

mod fixture;

use fixture::activations::prompt;
use fixture::load;
use patchbay::bench::{GPT2_SMALL, LayerSteps};
use patchbay::device::{ComputeDevice, read_back};
use patchbay::model::{Gpt2Config, PrefixTree};
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

    let mut tree = PrefixTree::default();
    tree.insert(&prompt(0));
    tree.insert(&prompt(1));
    let nodes: Vec<usize> = (0..tree.len()).collect();
    let mut resid = model.gpt2.embed_tree(&tree).unwrap();
    let mut counts = Vec::new();
    for layers in [0, 1, 2] {
        let before = dispatches();
        for layer in 0..layers {
            resid = model.gpt2.layer(layer, resid, &tree, &nodes);
        }
        // Work is queued; reading makes sure that all of it is counted, and is the same each time.
        read_back(resid.clone().flatten(0, 1)).await.unwrap();
        counts.push(dispatches() - before);
    }
    // The first time also what embeds.
    let of_a_layer = counts[2] - counts[1];
    console_log!("{of_a_layer} dispatches a layer");
    // Seven, and one that copies the keys: in a model this narrow they do not begin where a GPU can bind a buffer.
    assert!(of_a_layer <= 8, "{counts:?}");

    // GPT-2 small's c_fc, of few rows, since a software adapter takes seconds for Burn's.
    let steps = LayerSteps::new(&model.device, &Gpt2Config::from_json(GPT2_SMALL).unwrap(), 64);
    let difference = steps.difference().await.unwrap();
    // Sums of 768 products, some 2 large.
    assert!(difference < 1e-4, "{difference}");
}
