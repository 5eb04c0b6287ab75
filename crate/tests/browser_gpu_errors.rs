//! Invalid GPU work raises nothing where it is done: the error comes by itself, and ends the run all the same.

#![cfg(all(target_arch = "wasm32", feature = "gpu"))]

mod fixture;

use fixture::{load, run, spec};
use patchbay::ErrorKind;
use patchbay::device::ComputeDevice;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn an_uncaptured_error_ends_the_run() {
    patchbay::wasm::start();
    fixture::keep_hold_of_the_gpu();
    let model = load(ComputeDevice::gpu().await.unwrap()).await;
    run(&model, &spec(true), false).await.unwrap();
    js_sys::eval("self.opened.createShaderModule({ code: 'no shader' })").unwrap();
    let error = run(&model, &spec(true), false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeviceError);
    assert!(error.to_string().contains("the GPU refused work"), "{error}");
}
