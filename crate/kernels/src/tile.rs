//! The innermost loop of the product, for WebAssembly, where the compiler has 16 registers of 4 lanes for it.
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
/// Rows of a tile.
pub const ROWS: usize = 3;

/// What a panel makes of some rows.
pub type Sums = [[f32; COLUMNS]; ROWS];

#[cfg(target_arch = "wasm32")]
pub use in_wasm::{place, tile};

/// The products of rows with a panel, which has as many rows of weights as each of them has numbers.
#[cfg(not(target_arch = "wasm32"))]
pub fn tile(x: [&[f32]; ROWS], panel: &[[f32; COLUMNS]]) -> Sums {
    let mut sums = Sums::default();
    for (sums, x) in sums.iter_mut().zip(x) {
        for (x, weights) in x[..panel.len()].iter().zip(panel) {
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += x * weight);
        }
    }
    sums
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "what the two modules hand each other is addresses")]
mod in_wasm {
    use std::arch::wasm32::{f32x4_splat, v128, v128_load, v128_load32_splat, v128_store};

    use super::{COLUMNS, ROWS, Sums};

    /// How many vectors a row of the panel is.
    const VECTORS: usize = COLUMNS / 4;

    /// As it is natively.
    pub fn tile(x: [&[f32]; ROWS], panel: &[[f32; COLUMNS]]) -> Sums {
        let [x0, x1, x2] = x.map(|row| row[..panel.len()].as_ptr());
        let mut sums = Sums::default();
        // SAFETY: at each address there is as much as the panel is long, as the first line makes sure.
        unsafe { function()(x0, x1, x2, panel.as_ptr(), panel.len(), &mut sums) };
        sums
    }

    type Function =
        unsafe extern "C" fn(*const f32, *const f32, *const f32, *const [f32; COLUMNS], usize, &mut Sums);

    /// The compiler is not to know which it is, since it may be another.
    fn function() -> Function {
        std::hint::black_box(by_address)
    }

    /// Where the table of functions has it.
    pub fn place() -> u32 {
        function() as usize as u32
    }

    /// A function of its own, so that the registers are planned for this loop alone. The vectors are written out: whether the
    /// compiler makes them of plain loops depends on how all of the program is compiled.
    #[inline(never)]
    #[cfg_attr(target_feature = "relaxed-simd", unsafe(no_mangle))]
    unsafe extern "C" fn by_address(
        x0: *const f32,
        x1: *const f32,
        x2: *const f32,
        panel: *const [f32; COLUMNS],
        depth: usize,
        sums: &mut Sums,
    ) {
        let mut vectors = [[f32x4_splat(0.0); VECTORS]; ROWS];
        for at in 0..depth {
            // SAFETY: `depth` numbers are at each of the first three addresses, and as many rows of weights at the fourth.
            unsafe {
                let row: *const v128 = panel.add(at).cast();
                let weights: [_; VECTORS] = std::array::from_fn(|vector| v128_load(row.add(vector)));
                for (sums, x) in vectors.iter_mut().zip([x0, x1, x2]) {
                    let x = v128_load32_splat(x.add(at).cast());
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = add_product(*sum, x, weights);
                    }
                }
            }
        }
        for (sums, vectors) in sums.iter_mut().zip(vectors) {
            for (sums, vector) in sums.chunks_exact_mut(4).zip(vectors) {
                // SAFETY: four numbers are as long as a vector.
                unsafe { v128_store(sums.as_mut_ptr().cast(), vector) };
            }
        }
    }

    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    fn add_product(sum: v128, x: v128, weights: v128) -> v128 {
        use std::arch::wasm32::{f32x4_add, f32x4_mul};
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
