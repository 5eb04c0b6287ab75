//! The inner loops of the product, for WebAssembly, where the compiler has 16 registers of 4 lanes for it: what a panel of
//! weights adds to all rows, tile by tile.
//!
//! What is added to three rows of twelve columns stays in 9 registers; with 3 for the weights and 1 for an input,
//! and some left over, none is spilled.
//!
//! For a browser this file is compiled twice: as a part of the program, and by build.rs as a module of its own that uses relaxed
//! SIMD, of which some browsers know nothing. Where there is that, the module is given the program's memory, and its
//! `by_address` takes the place of the program's in the table through which functions are called by their addresses.
//! So it may use nothing but what it is given: build.rs sees to it that it has neither data nor a stack.

/// Columns of a panel, and of a tile.
pub const COLUMNS: usize = 12;

#[cfg(target_arch = "wasm32")]
pub use in_wasm::place;

/// Adds to rows that are `stride` apart in `out` what the panel makes of the rows that are `depth` apart in `x`, each as
/// long as the panel has rows.
pub fn add_panel(x: &[f32], depth: usize, panel: &[[f32; COLUMNS]], out: &mut [f32], stride: usize) {
    let rows = out.chunks(stride).len();
    // Not by multiplying, which can overflow.
    let has = |length: usize, apart: usize, width: usize| {
        width <= apart && width <= length && rows <= (length - width) / apart + 1
    };
    assert!(
        has(x.len(), depth, panel.len()) && has(out.len(), stride, COLUMNS),
        "rows are as long as they are said to be"
    );
    #[cfg(target_arch = "wasm32")]
    in_wasm::add_to_rows(rows, x, depth, panel, out, stride);
    #[cfg(not(target_arch = "wasm32"))]
    for (x, out) in x.chunks(depth).zip(out.chunks_mut(stride)) {
        let mut sums = [0.0; COLUMNS];
        for (x, weights) in x[..panel.len()].iter().zip(panel) {
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += x * weight);
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
    }
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "what the two modules hand each other is addresses")]
mod in_wasm {
    use std::arch::wasm32::{f32x4_add, f32x4_splat, v128, v128_load, v128_load32_splat, v128_store};

    use super::COLUMNS;

    /// Rows of a tile.
    const ROWS: usize = 3;
    /// How many vectors a row of the panel is.
    const VECTORS: usize = COLUMNS / 4;

    /// What [`super::add_panel`] has made sure of is not looked at again.
    pub(super) fn add_to_rows(
        rows: usize,
        x: &[f32],
        depth: usize,
        panel: &[[f32; COLUMNS]],
        out: &mut [f32],
        stride: usize,
    ) {
        // SAFETY: `x` has so many rows that are `depth` apart, of as many numbers at least as the panel has rows, and `out` has so many
        // that are `stride` apart, of as many as it has columns; they are no memory of each other's.
        unsafe {
            function()(rows, x.as_ptr(), depth, panel.as_ptr(), panel.len(), out.as_mut_ptr(), stride);
        }
    }

    type Function =
        unsafe extern "C" fn(usize, *const f32, usize, *const [f32; COLUMNS], usize, *mut f32, usize);

    /// The compiler is not to know which it is, since it may be another.
    fn function() -> Function {
        std::hint::black_box(by_address)
    }

    /// Where the table of functions has it.
    pub fn place() -> u32 {
        function() as usize as u32
    }

    /// A function of its own, so that the registers are planned for these loops alone. The vectors are written out: whether the
    /// compiler makes them of plain loops depends on how all of the program is compiled.
    #[inline(never)]
    #[cfg_attr(target_feature = "relaxed-simd", unsafe(no_mangle))]
    unsafe extern "C" fn by_address(
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
            // SAFETY: whoever calls it has as many rows as it says, so far apart, and each as long as it says.
            unsafe {
                let x = [0, 1, 2].map(|i| x.add(row(i) * depth));
                for at in 0..panel_rows {
                    let weights: *const v128 = panel.add(at).cast();
                    let weights: [_; VECTORS] = std::array::from_fn(|vector| v128_load(weights.add(vector)));
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
        use std::arch::wasm32::f32x4_mul;
        f32x4_add(sum, f32x4_mul(x, weights))
    }

    /// In one instruction and with one rounding, where the processor has that.
    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    fn add_product(sum: v128, x: v128, weights: v128) -> v128 {
        use std::arch::wasm32::f32x4_relaxed_madd;
        f32x4_relaxed_madd(x, weights, sum)
    }
}
