//! GPT-2s that are not quite GPT-2: of another activation function, other scores, narrower MLPs, an unembedding of their own.

use patchbay::device::ComputeDevice;
use pollster::block_on;

use crate::fixture::variants::{assert_variant, variants};

#[test]
fn every_variant_agrees_with_the_reference() {
    let variants = variants();
    let names: Vec<&String> = variants.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 6);
    for name in names {
        block_on(assert_variant(name, ComputeDevice::cpu()));
    }
}
