//! What takes the place of the program's own products, for browsers that have more than it needs: build.rs compiles this file by
//! itself, with relaxed SIMD, with threads, and with both. A module is given the program's memory, and its `add_strips` takes the place
//! of the program's in the table through which functions are called by their addresses.
//!
//! So it may use nothing but what it is given: build.rs sees to it that it has neither data nor a stack.
#![no_std]

mod pool;
mod strips;
#[cfg(threads)]
mod threads;
mod tile;

use pool::Pool;
use strips::{Panel, Product};

#[cfg(not(threads))]
#[unsafe(no_mangle)]
unsafe extern "C" fn add_strips(product: *const Product, panel: *mut Panel, _: *const Pool) {
    // SAFETY: of whoever calls it.
    unsafe { (*product).add(panel) }
}

#[cfg(threads)]
#[unsafe(no_mangle)]
unsafe extern "C" fn add_strips(product: *const Product, panel: *mut Panel, pool: *const Pool) {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        fn wake();
    }
    // SAFETY: of whoever calls it; the other is a function of JavaScript's.
    unsafe { (*pool).add(&*product, panel, || wake()) }
}

/// Called once by each helper, before it helps.
#[cfg(threads)]
#[unsafe(no_mangle)]
unsafe extern "C" fn come(pool: *const Pool) {
    // SAFETY: of whoever calls it.
    unsafe { (*pool).helpers.fetch_add(1, core::sync::atomic::Ordering::SeqCst) };
}

#[cfg(threads)]
#[unsafe(no_mangle)]
unsafe extern "C" fn help(pool: *const Pool, which: usize, own: *mut pool::Scratch) {
    // SAFETY: of whoever calls it.
    unsafe { (*pool).help(which, own) }
}

#[panic_handler]
fn stop(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
