//! The CPU's inner loops, over plain slices: plain Rust that the compiler makes vectors of, but for the loops of the product. They
//! are a crate of their own so that they alone are compiled for speed where everything else in the browser is compiled for
//! size. What it exports is not inlined: inside another function it would be compiled as that is.

mod attention;
mod product;
mod rows;
mod tile;

pub use attention::attention;
pub use product::add_product;
pub use rows::{gelu_exact, gelu_new, normalize, normalize_as};
#[cfg(target_arch = "wasm32")]
pub use tile::place as place_of_loops;

/// The product's inner loops as a module of its own, for browsers that have relaxed SIMD. It imports a memory and exports a function.
#[cfg(target_arch = "wasm32")]
pub const RELAXED_LOOPS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/tile.wasm"));

/// A matrix, or some columns of one.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    /// From its first number on.
    pub values: &'a [f32],
    pub rows: usize,
    pub width: usize,
    /// How far apart rows start.
    pub stride: usize,
}

impl<'a> Matrix<'a> {
    pub fn row(&self, row: usize) -> &'a [f32] {
        &self.values[row * self.stride..][..self.width]
    }
}
