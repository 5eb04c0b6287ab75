//! What threads and relaxed SIMD need of the program: the modules that may take the place of its own products, and what a helper is
//! given of its memory.
#![allow(unsafe_code, reason = "what modules hand each other is addresses")]

use std::sync::atomic::Ordering::SeqCst;

use super::pool::{MOST_ROWS, Scratch};
use super::product::POOL;
use super::strips::{DEPTH, Product};
use super::tile::COLUMNS;

/// Modules that import a memory, the fastest first: where there are threads it is shared.
pub fn modules(threads: bool) -> &'static [&'static [u8]] {
    if threads { &[RELAXED_THREADS, THREADS] } else { &[RELAXED] }
}

const RELAXED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/relaxed.wasm"));
const THREADS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/threads.wasm"));
const RELAXED_THREADS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/relaxed_threads.wasm"));

/// The address of what the threads have in common. It begins with the number that helpers wait for.
pub fn pool() -> usize {
    &raw const POOL as usize
}

/// Helpers that have come until now.
pub fn helpers() -> u32 {
    POOL.helpers.load(SeqCst)
}

/// Strips that they have done.
pub fn helped() -> u32 {
    POOL.helped.load(SeqCst)
}

/// The address of what is one helper's own, for ever.
pub fn scratch() -> usize {
    let own = Box::new(Scratch {
        product: Product::NONE,
        panel: [[0.0; COLUMNS]; DEPTH],
        results: [[0.0; COLUMNS]; MOST_ROWS],
    });
    Box::into_raw(own) as usize
}
