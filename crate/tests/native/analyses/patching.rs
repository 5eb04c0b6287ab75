//! The patch bay on the fixture, natively on the CPU.

use std::collections::BTreeSet;

use patchbay::device::ComputeDevice;
use patchbay::site::Activation;
use pollster::block_on;
use serde_json::Value;

use crate::fixture::load;
use crate::fixture::patching::{assert_patching, entries};

#[test]
fn every_grid_agrees_with_the_reference() {
    let model = block_on(load(ComputeDevice::cpu()));
    block_on(assert_patching(&model, &entries()));
}

#[test]
fn the_figures_have_every_site_both_ways_and_every_fill() {
    let entries = entries();
    let specs = || entries.iter().map(|entry| &entry["spec"]);
    let told =
        |spec: &Value| Some((spec["site"].as_str()?.to_owned(), spec["direction"].as_str()?.to_owned()));
    let both_ways: BTreeSet<_> = specs().filter(|spec| spec["fill"].is_null()).filter_map(told).collect();
    assert_eq!(both_ways.len(), 2 * Activation::SITES.len(), "{both_ways:?}");
    for fill in ["zero", "mean", "project", "add"] {
        assert!(specs().any(|spec| spec["fill"] == fill || spec["fill"][fill].is_array()), "{fill}");
    }
}
