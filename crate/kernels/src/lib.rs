//! The CPU's inner loops, over plain slices: plain Rust that the compiler makes vectors of, but for the loops of the product. They
//! are a crate of their own so that they alone are compiled for speed where everything else in the browser is compiled for
//! size. What it exports is not inlined: inside another function it would be compiled as that is.

mod attention;
#[cfg(target_arch = "wasm32")]
mod modules;
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "what is a helper's: there are none but in a browser")
)]
mod pool;
mod product;
mod rows;
mod strips;
#[cfg(test)]
mod threads;
mod tile;

pub use attention::attention;
#[cfg(target_arch = "wasm32")]
pub use modules::{helped, helpers, modules, pool, scratch};
pub use product::add_product;
#[cfg(target_arch = "wasm32")]
pub use product::place as place_of_strips;
pub use rows::{gelu_exact, gelu_new, normalize, normalize_as};

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
