//! A GPU that is lost ends the run with that message, and no result computed after it is shown.

#![cfg(all(target_arch = "wasm32", feature = "gpu"))]

mod fixture;

use fixture::{load, run, spec};
use patchbay::ErrorKind;
use patchbay::device::ComputeDevice;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn a_lost_gpu_ends_the_run() {
    fixture::keep_hold_of_the_gpu();
    patchbay::wasm::start();
    let model = load(ComputeDevice::gpu().await.unwrap()).await;
    run(&model, &spec(true), false).await.unwrap();
    js_sys::eval("self.opened.destroy()").unwrap();
    let error = run(&model, &spec(true), false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeviceError);
    assert!(error.to_string().contains("the GPU was lost"), "{error}");
    // And stays so.
    assert!(run(&model, &spec(true), false).await.is_err());
}
