//! What the threads have in common that compute a product: see threads.rs.
#![allow(unsafe_code, reason = "what threads have in common is addresses")]

use core::cell::UnsafeCell;
use core::sync::atomic::AtomicU32;

use super::strips::{Panel, Product};
use super::tile::COLUMNS;

/// A product with more strips or more rows is computed without helpers. GPT-2 XL's widest has 533 strips.
pub const MOST_STRIPS: usize = 1024;
pub const MOST_ROWS: usize = 4096;

/// What is one helper's own.
#[repr(C)]
pub struct Scratch {
    pub product: Product,
    pub panel: Panel,
    /// What a strip comes to, before it is put where it belongs.
    pub results: [[f32; COLUMNS]; MOST_ROWS],
}

/// What the threads have in common.
#[repr(C)]
pub struct Pool {
    /// How many products there have been. Helpers sleep until it changes.
    pub count: AtomicU32,
    /// Helpers that have come.
    pub helpers: AtomicU32,
    /// Strips that helpers have done, to be asked for.
    pub helped: AtomicU32,
    pub product: UnsafeCell<Product>,
    /// They say of each strip which product it belongs to, and what has become of it.
    pub states: [AtomicU32; MOST_STRIPS],
}

// SAFETY: the product is written before it is counted, when nobody has a strip any more.
unsafe impl Sync for Pool {}

impl Pool {
    pub const fn new() -> Self {
        Self {
            count: AtomicU32::new(0),
            helpers: AtomicU32::new(0),
            helped: AtomicU32::new(0),
            product: UnsafeCell::new(Product::NONE),
            states: [const { AtomicU32::new(0) }; MOST_STRIPS],
        }
    }
}
