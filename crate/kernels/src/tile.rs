//! The inner loops of the product, for WebAssembly, where the compiler has 16 registers of 4 lanes for it: what a panel of
//! weights adds to all rows, tile by tile.
//!
//! What is added to three rows of twelve columns stays in 9 registers; with 3 for the weights and 1 for an input,
//! and some left over, none is spilled.
#![allow(unsafe_code, reason = "what modules hand each other is addresses")]

/// Columns of a panel, and of a tile.
pub const COLUMNS: usize = 12;

#[cfg(target_arch = "wasm32")]
pub use in_wasm::add_panel;

/// Adds to rows that are `stride` apart in `out` what the panel makes of the rows that are `depth` apart in `x`, each as
/// long as the panel has rows.
///
/// # Safety
/// There are so many rows, so far apart, and each as long as is said; `out` is no memory of the others'.
#[cfg(not(target_arch = "wasm32"))]
pub unsafe fn add_panel(
    rows: usize,
    x: *const f32,
    depth: usize,
    panel: *const [f32; COLUMNS],
    panel_rows: usize,
    out: *mut f32,
    stride: usize,
) {
    for row in 0..rows {
        // SAFETY: of whoever calls it.
        unsafe {
            let mut sums = [0.0; COLUMNS];
            for at in 0..panel_rows {
                let x = *x.add(row * depth + at);
                sums.iter_mut().zip(*panel.add(at)).for_each(|(sum, weight)| *sum += x * weight);
            }
            for (column, sum) in sums.into_iter().enumerate() {
                *out.add(row * stride + column) += sum;
            }
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod in_wasm {
    use core::arch::wasm32::{f32x4_add, f32x4_splat, v128, v128_load, v128_load32_splat, v128_store};

    use super::COLUMNS;

    /// Rows of a tile.
    const ROWS: usize = 3;
    /// How many vectors a row of the panel is.
    const VECTORS: usize = COLUMNS / 4;

    /// A function of its own, so that the registers are planned for these loops alone. The vectors are written out: whether the
    /// compiler makes them of plain loops depends on how all of the program is compiled.
    ///
    /// # Safety
    /// There are so many rows, so far apart, and each as long as is said; `out` is no memory of the others'.
    #[inline(never)]
    pub unsafe fn add_panel(
        rows: usize,
        x: *const f32,
        depth: usize,
        panel: *const [f32; COLUMNS],
        panel_rows: usize,
        out: *mut f32,
        stride: usize,
    ) {
        let mut first = 0;
        while first < rows {
            // Past the last row it is that row once more: two fewer take as long.
            let row = |i: usize| if first + i < rows { first + i } else { rows - 1 };
            let mut sums = [[f32x4_splat(0.0); VECTORS]; ROWS];
            // SAFETY: of whoever calls it.
            unsafe {
                let x = [0, 1, 2].map(|i| x.add(row(i) * depth));
                for at in 0..panel_rows {
                    let weights: *const v128 = panel.add(at).cast();
                    let weights: [_; VECTORS] = core::array::from_fn(|vector| v128_load(weights.add(vector)));
                    for (sums, x) in sums.iter_mut().zip(x) {
                        let x = v128_load32_splat(x.add(at).cast());
                        for (sum, weights) in sums.iter_mut().zip(weights) {
                            *sum = add_product(*sum, x, weights);
                        }
                    }
                }
                for (i, sums) in sums.into_iter().enumerate() {
                    if first + i < rows {
                        let out: *mut v128 = out.add((first + i) * stride).cast();
                        for (vector, sum) in sums.into_iter().enumerate() {
                            let out = out.add(vector);
                            v128_store(out, f32x4_add(v128_load(out), sum));
                        }
                    }
                }
            }
            first += ROWS;
        }
    }

    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    fn add_product(sum: v128, x: v128, weights: v128) -> v128 {
        use core::arch::wasm32::f32x4_mul;
        f32x4_add(sum, f32x4_mul(x, weights))
    }

    /// In one instruction and with one rounding, where the processor has that.
    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    fn add_product(sum: v128, x: v128, weights: v128) -> v128 {
        use core::arch::wasm32::f32x4_relaxed_madd;
        f32x4_relaxed_madd(x, weights, sum)
    }
}
