//! A matrix product for WebAssembly: in strips of columns, in panels of weights that stay in the nearest cache, and in tiles that
//! stay in registers.
#![allow(
    unsafe_code,
    reason = "which function adds the strips is known by its address, since it may be a module's"
)]

use super::Matrix;
use super::pool::Pool;
use super::strips::{DEPTH, Panel, Product};
use super::tile::COLUMNS;

/// The threads that a module may have find each other here.
pub static POOL: Pool = Pool::new();

/// out += x · weight, `x` and `out` row by row.
///
/// `x`: `[rows, depth]`, `weight`: `[depth, columns]`, `out`: `[rows, columns]`.
#[inline(never)]
pub fn add_product(x: &[f32], weight: Matrix, out: &mut [f32]) {
    let Matrix { rows: depth, width: columns, stride, .. } = weight;
    if out.is_empty() {
        return;
    }
    add_whole_strips(x, weight, out, columns);
    let rest = columns % COLUMNS;
    if rest == 0 {
        return;
    }
    // What is no whole strip becomes one.
    let from = columns - rest;
    let mut padded = vec![0.0; depth * COLUMNS];
    for (row, padded) in padded.chunks_exact_mut(COLUMNS).enumerate() {
        padded[..rest].copy_from_slice(&weight.values[row * stride + from..][..rest]);
    }
    let mut sums = vec![0.0; out.len() / columns * COLUMNS];
    for (sums, out) in sums.chunks_exact_mut(COLUMNS).zip(out.chunks_exact(columns)) {
        sums[..rest].copy_from_slice(&out[from..]);
    }
    let strip = Matrix { values: &padded, rows: depth, width: COLUMNS, stride: COLUMNS };
    add_whole_strips(x, strip, &mut sums, COLUMNS);
    for (sums, out) in sums.chunks_exact(COLUMNS).zip(out.chunks_exact_mut(columns)) {
        out[from..].copy_from_slice(&sums[..rest]);
    }
}

/// As many as there are; `out` has rows of `columns`.
fn add_whole_strips(x: &[f32], weight: Matrix, out: &mut [f32], columns: usize) {
    let Matrix { values, rows: depth, width, stride } = weight;
    let (rows, strips) = (out.len() / columns, width / COLUMNS);
    let has = |length: usize, rows: usize, apart: usize, width: usize| {
        // Not by multiplying, which can overflow.
        rows == 0 || (width <= apart && width <= length && rows <= (length - width) / apart + 1)
    };
    assert!(
        has(x.len(), rows, depth, depth) && has(values.len(), depth, stride, width) && width <= columns,
        "rows are as long as they are said to be"
    );
    let product = Product {
        rows,
        depth,
        strips,
        x: x.as_ptr(),
        weight: values.as_ptr(),
        weight_stride: stride,
        out: out.as_mut_ptr(),
        out_stride: columns,
    };
    let mut panel = [[0.0; COLUMNS]; DEPTH];
    // SAFETY: just seen; `out` is no memory of the others', and only one thread runs the program.
    unsafe { function()(&product, &mut panel, &POOL) }
}

type Function = unsafe extern "C" fn(*const Product, *mut Panel, *const Pool);

/// The compiler is not to know which it is, since it may be another.
fn function() -> Function {
    std::hint::black_box(add_strips)
}

/// Where the table of functions has it.
#[cfg(target_arch = "wasm32")]
pub fn place() -> u32 {
    function() as usize as u32
}

unsafe extern "C" fn add_strips(product: *const Product, panel: *mut Panel, _: *const Pool) {
    // SAFETY: of whoever calls it.
    unsafe { (*product).add(panel) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_the_sum_of_products() {
        let number = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 1009.0 - 0.5;
        for (rows, depth, columns) in
            [(0, 3, 5), (1, 1, 1), (3, 256, 12), (4, 300, 25), (7, 513, 11), (2, 64, 192)]
        {
            let stride = columns + 5;
            let x: Vec<f32> = (0..rows * depth).map(number).collect();
            let weight: Vec<f32> = (0..depth * stride).map(|i| number(i + 1)).collect();
            let before: Vec<f32> = (0..rows * columns).map(|i| number(i + 2)).collect();
            let mut out = before.clone();
            add_product(&x, Matrix { values: &weight, rows: depth, width: columns, stride }, &mut out);
            for row in 0..rows {
                for column in 0..columns {
                    let product =
                        |at: usize| f64::from(x[row * depth + at]) * f64::from(weight[at * stride + column]);
                    let expected =
                        f64::from(before[row * columns + column]) + (0..depth).map(product).sum::<f64>();
                    let found = f64::from(out[row * columns + column]);
                    // At most 513 products below 1/4, each rounded by 6e-8 of a sum below 10.
                    assert!((found - expected).abs() < 1e-4, "{rows}x{depth}x{columns}: {found} {expected}");
                }
            }
        }
    }
}
