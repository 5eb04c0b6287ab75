//! A matrix product for WebAssembly: in panels of weights that stay in the nearest cache, and tiles that stay in registers.

use super::Matrix;
use super::tile::{COLUMNS, add_panel};

/// Rows of weights in a panel: what a tile reads, 12 KB of them and 3 KB of inputs, stays in the nearest cache.
const DEPTH: usize = 256;

/// out += x · weight, `x` and `out` row by row.
///
/// `x`: `[rows, depth]`, `weight`: `[depth, columns]`, `out`: `[rows, columns]`.
#[inline(never)]
pub fn add_product(x: &[f32], weight: Matrix, out: &mut [f32]) {
    let Matrix { rows: depth, width: columns, .. } = weight;
    if out.is_empty() {
        return;
    }
    let mut panel = [[0.0; COLUMNS]; DEPTH];
    for column in (0..columns).step_by(COLUMNS) {
        let width = COLUMNS.min(columns - column);
        for from in (0..depth).step_by(DEPTH) {
            let panel = &mut panel[..DEPTH.min(depth - from)];
            for (at, row) in panel.iter_mut().enumerate() {
                let weights = &weight.row(from + at)[column..][..width];
                // With a length that is known, the copy is three loads and stores, and no call.
                match weights.first_chunk::<COLUMNS>() {
                    Some(whole) => *row = *whole,
                    None => row[..width].copy_from_slice(weights),
                }
            }
            // Only complete sums of a panel are added to what is there, so that small products are not rounded one by one to
            // the size of that.
            if width == COLUMNS {
                add_panel(&x[from..], depth, panel, &mut out[column..], columns);
            } else {
                let mut sums = vec![0.0; out.len() / columns * COLUMNS];
                add_panel(&x[from..], depth, panel, &mut sums, COLUMNS);
                for (out, sums) in out.chunks_exact_mut(columns).zip(sums.chunks_exact(COLUMNS)) {
                    out[column..].iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
                }
            }
        }
    }
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
