//! GPT-2s that are not quite GPT-2: of another activation function, other scores, narrower MLPs, an unembedding of their own.

#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use fixture::variants::{assert_variant, variants};
use patchbay::device::ComputeDevice;
use pollster::block_on;

#[test]
fn every_variant_agrees_with_the_reference() {
    let variants = variants();
    let names: Vec<&String> = variants.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 6);
    for name in names {
        block_on(assert_variant(name, ComputeDevice::cpu()));
    }
}
