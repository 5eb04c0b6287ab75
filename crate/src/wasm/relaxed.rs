//! The product's inner loops with relaxed SIMD, where the browser has that; see `crate/kernels/src/tile.rs`.

use js_sys::WebAssembly::{Instance, Module, Table, validate};
use js_sys::{Function, Object, Reflect, Uint8Array};
use patchbay_kernels::{RELAXED_LOOPS, place_of_loops};
use wasm_bindgen::JsCast;

use super::JsResult;

/// Puts it in the place of the program's own, on the program's memory. From then on it is what is called.
pub fn use_relaxed_simd() -> JsResult<()> {
    let bytes = Uint8Array::from(RELAXED_LOOPS);
    if !validate(&bytes)? {
        return Ok(());
    }
    let [environment, imports] = [Object::new(), Object::new()];
    Reflect::set(&environment, &"memory".into(), &wasm_bindgen::memory())?;
    Reflect::set(&imports, &"env".into(), &environment)?;
    let instance = Instance::new(&Module::new(&bytes)?, &imports)?;
    let add_panel: Function = Reflect::get(&instance.exports(), &"by_address".into())?.dyn_into()?;
    let table: Table = wasm_bindgen::function_table().dyn_into()?;
    table.set(place_of_loops(), &add_panel)
}
