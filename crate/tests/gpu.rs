//! On a GPU natively, where there is one. Chromium's software adapter will do:
//! `VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json LD_LIBRARY_PATH=/usr/lib/chromium cargo test --features patchbay/gpu --test gpu`
//! or Mesa's: `VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json cargo test --features patchbay/gpu --test gpu`

#![cfg(all(not(target_arch = "wasm32"), feature = "gpu"))]

mod fixture;

use fixture::activations::{assert_every_activation, assert_every_edit, assert_layers_over_a_forest};
use fixture::attribution::assert_attribution;
use fixture::circuit::{assert_circuits, entries_of};
use fixture::heads::assert_heads;
use fixture::interventions::assert_interventions;
use fixture::patching::{assert_patching, entries};
use fixture::paths::assert_paths;
use fixture::{assert_controls, assert_result, assert_sweep, expected, load, run, spec};
use patchbay::bench::{GPT2_SMALL, LayerSteps};
use patchbay::device::ComputeDevice;
use patchbay::model::Gpt2Config;

#[test]
fn a_gpu_computes_what_the_reference_does() {
    pollster::block_on(async {
        let device = ComputeDevice::gpu().await.expect("this test needs a GPU, or a software adapter");
        let model = load(device).await;
        let check = model.self_check.unwrap();
        assert!(check.passed && check.max_difference < 1e-5, "{check:?}");
        for (freeze_ln, figures) in [(true, "frozen_ln"), (false, "live_ln")] {
            assert_result(&run(&model, &spec(freeze_ln), true).await.unwrap(), &expected()[figures]);
        }
        assert_controls(&model).await;
        assert_sweep(&model).await;
        assert_layers_over_a_forest(&model).await;
        assert_every_activation(&model).await;
        assert_every_edit(&model).await;
        // Only few models are drawn: the kernels of each shape take a software adapter seconds to compile.
        assert_interventions(&model.device, 2, 24).await;
        assert_patching(&model, &entries()).await;
        assert_paths(&model, &fixture::paths::entries()).await;
        assert_circuits(&model, &entries_of("tiny")[..3]).await;
        assert_attribution(&model, &fixture::attribution::figures()).await;
        assert_heads(&model, &fixture::heads::entries()).await;

        // GPT-2 small's c_fc, and one that leaves every tile with an edge.
        let narrow = GPT2_SMALL.replace("768", "100").replace("\"n_head\": 12", "\"n_head\": 10");
        for (config, rows) in [(GPT2_SMALL, 64), (&narrow, 71)] {
            let steps = LayerSteps::new(&model.device, &Gpt2Config::from_json(config).unwrap(), rows);
            let difference = steps.difference().await.unwrap();
            // Sums of 768 products, some 2 large.
            assert!(difference < 1e-4, "{difference}");
        }
    });
}
