//! The crate in a real browser's worker, on the CPU and, with the feature `gpu`, through WebGPU.
//! Run by `npm test -- wasm`; what else the crate does is tested natively.

#![cfg(target_arch = "wasm32")]

mod fixture;

use std::rc::Rc;

use fixture::activations::{assert_every_activation, assert_every_edit, assert_layers_over_a_forest};
use fixture::attribution::{assert_attribution, assert_lenses};
use fixture::circuit::{assert_circuits, entries_of};
use fixture::decompositions::{
    assert_decompositions, assert_embeddings, assert_linear_functions, assert_replacements, figures,
};
use fixture::heads::assert_heads;
use fixture::interventions::assert_interventions;
use fixture::patching::{assert_patching, entries};
use fixture::paths::assert_paths;
use fixture::text::assert_texts;
use fixture::variants::assert_variant;
use fixture::{assert_controls, assert_result, assert_sweep, expected, load, run, spec};
use patchbay::device::ComputeDevice;
use patchbay::ioi::{Flip, IoiDataset};
use patchbay::loader::LoadedModel;
use patchbay_kernels::{Matrix, add_product};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn dataset_and_tokenizer_agree_with_the_reference() {
    let model = load(ComputeDevice::cpu()).await;
    let expected = expected();
    let spec = spec(true);
    let prompts = spec.dataset.generate().unwrap();
    let flipped = Flip::parse(&spec.flip).unwrap().apply(&prompts, spec.dataset.seed).unwrap();
    let dataset = IoiDataset::new(prompts, &model.tokenizer, true).unwrap();
    let flipped = dataset.flipped(flipped, &model.tokenizer, true).unwrap();
    for (prompts, rows, expected) in [
        (&dataset.prompts, &dataset.tokens, &expected["dataset"]),
        (&flipped.prompts, &flipped.tokens, &expected["dataset"]["flips"][&spec.flip]),
    ] {
        assert_eq!(prompts.len(), 20);
        for (i, (prompt, row)) in prompts.iter().zip(rows).enumerate() {
            assert_eq!(prompt.sentence, expected["sentences"][i]);
            let row: Vec<f64> = row.iter().map(|&id| id.into()).collect();
            assert_eq!(row, fixture::numbers(&expected["tokens"][i])[..row.len()]);
        }
    }
    for (i, positions) in dataset.positions.iter().enumerate() {
        assert_eq!(positions.end, expected["dataset"]["word_idx"]["end"][i]);
    }
}

#[wasm_bindgen_test]
fn digests_go_on() {
    let mut hash = patchbay::wasm::Sha256::new();
    hash.update(b"ab");
    hash.hex();
    hash.update(b"c");
    // FIPS 180-4's example.
    assert_eq!(hash.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/// With relaxed SIMD, which Chromium has: `start` puts it in.
#[wasm_bindgen_test]
fn every_size_is_the_sum_of_products() {
    patchbay::wasm::start();
    let number = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 1009.0 - 0.5;
    for (rows, depth, columns) in
        [(0, 3, 5), (1, 1, 1), (3, 256, 12), (4, 300, 25), (7, 513, 11), (2, 64, 192), (5, 260, 100)]
    {
        let stride = columns + 5;
        let x: Vec<f32> = (0..rows * depth).map(number).collect();
        let weight: Vec<f32> = (0..depth * stride).map(|i| number(i + 1)).collect();
        let before: Vec<f32> = (0..rows * columns).map(|i| number(i + 2)).collect();
        let mut out = before.clone();
        add_product(&x, Matrix { values: &weight, rows: depth, width: columns, stride }, &mut out);
        for (i, found) in out.into_iter().enumerate() {
            let (row, column) = (i / columns, i % columns);
            let product =
                |at: usize| f64::from(x[row * depth + at]) * f64::from(weight[at * stride + column]);
            let expected = f64::from(before[i]) + (0..depth).map(product).sum::<f64>();
            // At most 513 products below 1/4, each rounded by 6e-8 of a sum below 10.
            assert!(
                (f64::from(found) - expected).abs() < 1e-4,
                "{rows}x{depth}x{columns}: {found} {expected}"
            );
        }
    }
}

/// Every decomposition and what belongs to it.
async fn assert_reasons_agree(model: &Rc<LoadedModel>) {
    let figures = figures();
    assert_decompositions(model, &figures).await;
    assert_linear_functions(model, &figures).await;
    assert_replacements(model, &figures).await;
    assert_embeddings(model).await;
}

/// The experiment, its controls and the sweep, with ln1's scale frozen and live; and every activation.
async fn assert_all_agree(model: &Rc<LoadedModel>) {
    for (freeze_ln, figures) in [(true, "frozen_ln"), (false, "live_ln")] {
        let result = run(model, &spec(freeze_ln), true).await.unwrap();
        assert_result(&result, &expected()[figures]);
        assert_eq!(result.accuracy, expected()["accuracy"].as_f64());
    }
    assert_controls(model).await;
    assert_sweep(model).await;
    assert_layers_over_a_forest(model).await;
    assert_every_activation(model).await;
    assert_every_edit(model).await;
    assert_patching(model, &entries()).await;
    assert_paths(model, &fixture::paths::entries()).await;
    assert_circuits(model, &entries_of("tiny")[..3]).await;
    let attribution = fixture::attribution::figures();
    assert_attribution(model, &attribution).await;
    assert_lenses(model, &attribution).await;
    assert_heads(model, &fixture::heads::entries()).await;
    assert_texts(model, &fixture::text::entries()).await;
}

#[wasm_bindgen_test]
async fn experiments_agree_on_the_cpu() {
    let model = load(ComputeDevice::cpu()).await;
    assert_all_agree(&model).await;
    assert_reasons_agree(&model).await;
    assert_variant("all at once", ComputeDevice::cpu()).await;
    assert_interventions(&model.device, 30, 6).await;
}

#[cfg(feature = "gpu")]
#[wasm_bindgen_test]
async fn experiments_agree_on_webgpu() {
    patchbay::wasm::start();
    let model = load(ComputeDevice::gpu().await.unwrap()).await;
    let check = model.self_check.unwrap();
    assert!(check.passed && check.max_difference < 1e-5, "{check:?}");
    assert_all_agree(&model).await;
    assert_reasons_agree(&model).await;
    for name in ["exact gelu", "all at once"] {
        assert_variant(name, model.device.clone()).await;
    }
    // Only few models are drawn: the kernels of each shape take a software adapter seconds to compile.
    assert_interventions(&model.device, 2, 24).await;
}
