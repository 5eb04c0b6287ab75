//! The innermost loop of the product, for WebAssembly, where the compiler has 16 registers of 4 lanes for it.
//!
//! What is added to three rows of twelve columns stays in 9 registers; with 3 for the weights and 1 for an input,
//! and some left over, none is spilled.
//!
//! For a browser this file is compiled twice: as a part of the program, and by build.rs as a module of its own that uses relaxed
//! SIMD, of which some browsers know nothing. Where there is that, the module is given the program's memory, and its
//! [`by_address`] takes the place of the program's in the table through which functions are called by their addresses.
//! So it may use nothing but what it is given: build.rs sees to it that it has neither data nor a stack.
#![allow(unsafe_code, reason = "what the two modules hand each other is addresses")]

/// Columns of a panel, and of a tile.
pub const COLUMNS: usize = 12;
/// Rows of a tile.
pub const ROWS: usize = 3;

/// What a panel makes of some rows.
pub type Sums = [[f32; COLUMNS]; ROWS];

/// The products of rows with a panel, which has as many rows of weights as each of them has numbers.
pub fn tile(x: [&[f32]; ROWS], panel: &[[f32; COLUMNS]]) -> Sums {
    let [x0, x1, x2] = x.map(|row| row[..panel.len()].as_ptr());
    let mut sums = Sums::default();
    // SAFETY: at each address there is as much as the panel is long, as the line above makes sure.
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
#[cfg(target_arch = "wasm32")]
pub fn place() -> u32 {
    function() as usize as u32
}

/// By itself, so that the registers are planned for this loop alone, and there is one of it.
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
    use std::slice::from_raw_parts;
    // SAFETY: only `tile` calls it.
    *sums =
        unsafe { multiply([x0, x1, x2].map(|row| from_raw_parts(row, depth)), from_raw_parts(panel, depth)) };
}

/// Plain loops, which the compiler makes vectors of that are as fast as intrinsics.
#[cfg(not(target_feature = "relaxed-simd"))]
#[inline(always)]
fn multiply(x: [&[f32]; ROWS], panel: &[[f32; COLUMNS]]) -> Sums {
    let mut sums = Sums::default();
    for (at, weights) in panel.iter().enumerate() {
        for (sums, x) in sums.iter_mut().zip(x) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += x[at] * weight;
            }
        }
    }
    sums
}

/// A product and its sum in one instruction, and rounded once, where the processor has that. The compiler does not take it for a
/// `*` and a `+`.
#[cfg(target_feature = "relaxed-simd")]
#[inline(always)]
fn multiply(x: [&[f32]; ROWS], panel: &[[f32; COLUMNS]]) -> Sums {
    use std::arch::wasm32::{f32x4, f32x4_extract_lane, f32x4_relaxed_madd, f32x4_splat};
    const VECTORS: usize = COLUMNS / 4;
    let mut sums = [[f32x4_splat(0.0); VECTORS]; ROWS];
    for at in 0..panel.len() {
        let weights: [_; VECTORS] = std::array::from_fn(|vector| {
            let [a, b, c, d] = std::array::from_fn(|lane| panel[at][4 * vector + lane]);
            f32x4(a, b, c, d)
        });
        for (sums, x) in sums.iter_mut().zip(x) {
            let x = f32x4_splat(x[at]);
            for (sum, weights) in sums.iter_mut().zip(weights) {
                *sum = f32x4_relaxed_madd(x, weights, *sum);
            }
        }
    }
    let lanes = |v| {
        [
            f32x4_extract_lane::<0>(v),
            f32x4_extract_lane::<1>(v),
            f32x4_extract_lane::<2>(v),
            f32x4_extract_lane::<3>(v),
        ]
    };
    sums.map(|row| std::array::from_fn(|column| lanes(row[column / 4])[column % 4]))
}
