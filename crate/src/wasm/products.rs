//! The product as the browser can do it best: with relaxed SIMD, and among threads where the program's memory is shared. See
//! `crate/kernels/src/module.rs`.

use std::cell::RefCell;

use js_sys::WebAssembly::{Instance, Memory, Module, Table, validate};
use js_sys::{Atomics, Function, Int32Array, Object, Reflect, SharedArrayBuffer, Uint8Array};
use patchbay_kernels::{helpers, modules, place_of_strips, pool, scratch};
use wasm_bindgen::prelude::*;

use super::JsResult;

thread_local! {
    /// What helpers are to have too: the module in use, if it is for threads, and how many have been given it.
    static FOR_HELPERS: RefCell<Option<(Module, u32)>> = const { RefCell::new(None) };
}

/// Puts the first module that the browser takes in the place of the program's own product, on the program's memory. From then on
/// it is what is called.
pub fn use_fastest() -> JsResult<()> {
    let memory: Memory = wasm_bindgen::memory().dyn_into()?;
    let threads = memory.buffer().is_instance_of::<SharedArrayBuffer>();
    for bytes in modules(threads) {
        let bytes = Uint8Array::from(*bytes);
        if !validate(&bytes)? {
            continue;
        }
        let module = Module::new(&bytes)?;
        let [environment, imports] = [Object::new(), Object::new()];
        Reflect::set(&environment, &"memory".into(), &memory)?;
        if threads {
            Reflect::set(&environment, &"wake".into(), &waking(&memory))?;
        }
        Reflect::set(&imports, &"env".into(), &environment)?;
        let instance = Instance::new(&module, &imports)?;
        let add_strips: Function = Reflect::get(&instance.exports(), &"add_strips".into())?.dyn_into()?;
        let table: Table = wasm_bindgen::function_table().dyn_into()?;
        table.set(place_of_strips(), &add_strips)?;
        FOR_HELPERS.set(threads.then_some((module, 0)));
        return Ok(());
    }
    Ok(())
}

/// Wakes all helpers that wait.
fn waking(memory: &Memory) -> JsValue {
    let count = Int32Array::new_with_byte_offset_and_length(&memory.buffer(), pool() as u32, 1);
    Closure::<dyn Fn()>::new(move || {
        // How many there were is of no use.
        let _ = Atomics::notify(&count, 0);
    })
    .into_js_value()
}

/// What another worker needs to do its part of each product; nothing where products are one thread's.
#[wasm_bindgen(
    js_name = newHelper,
    unchecked_return_type = "{ module: WebAssembly.Module, memory: WebAssembly.Memory, pool: number, which: number, own: number } | null"
)]
pub fn new_helper() -> JsValue {
    FOR_HELPERS.with_borrow_mut(|for_helpers| {
        let Some((module, given)) = for_helpers else { return JsValue::NULL };
        let which = *given;
        *given += 1;
        let all: [(&str, JsValue); 5] = [
            ("module", module.clone().into()),
            ("memory", wasm_bindgen::memory()),
            ("pool", pool().into()),
            ("which", which.into()),
            ("own", scratch().into()),
        ];
        let helper = Object::new();
        for (name, value) in all {
            // Setting a property of a fresh object cannot fail.
            let _ = Reflect::set(&helper, &name.into(), &value);
        }
        helper.into()
    })
}

/// Threads that products are computed by, as many as have come by now.
#[wasm_bindgen]
pub fn threads() -> u32 {
    helpers() + 1
}

/// How many strips of columns helpers have done.
#[wasm_bindgen]
pub fn helped() -> u32 {
    patchbay_kernels::helped()
}
