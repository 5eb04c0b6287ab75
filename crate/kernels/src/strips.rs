//! A product in strips of columns. This is compiled into the program, and once more into the modules that may take its place
//! there: see module.rs.
#![allow(unsafe_code, reason = "what modules hand each other is addresses")]

use super::tile::{COLUMNS, add_panel};

/// Rows of weights in a panel: what a tile reads, 12 KB of them and 3 KB of inputs, stays in the nearest cache.
pub const DEPTH: usize = 256;

pub type Panel = [[f32; COLUMNS]; DEPTH];

/// out += x · weight, in as many whole strips as there are columns for. Rows are as far apart as is said.
///
/// `x`: `[rows, depth]`, `weight`: `[depth, strips · COLUMNS]`, `out`: `[rows, strips · COLUMNS]`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Product {
    pub rows: usize,
    pub depth: usize,
    pub strips: usize,
    pub x: *const f32,
    pub weight: *const f32,
    pub weight_stride: usize,
    pub out: *mut f32,
    pub out_stride: usize,
}

impl Product {
    pub const NONE: Self = Self {
        rows: 0,
        depth: 0,
        strips: 0,
        x: core::ptr::null(),
        weight: core::ptr::null(),
        weight_stride: 0,
        out: core::ptr::null_mut(),
        out_stride: 0,
    };

    /// All strips, one after the other.
    ///
    /// # Safety
    /// As for one.
    pub unsafe fn add(&self, panel: *mut Panel) {
        for strip in 0..self.strips {
            // SAFETY: of whoever calls it.
            unsafe { self.add_strip(strip, self.place_of(strip), self.out_stride, panel) };
        }
    }

    /// Where the strip begins in `out`.
    pub fn place_of(&self, strip: usize) -> *mut f32 {
        self.out.wrapping_add(strip * COLUMNS)
    }

    /// Adds a strip to rows that are `stride` apart in `out`. `panel` is for what is laid out on the way.
    ///
    /// # Safety
    /// `x` and `weight` can be read as they are described, there is such a strip, and `out` has room for it.
    #[inline(never)]
    pub unsafe fn add_strip(&self, strip: usize, out: *mut f32, stride: usize, panel: *mut Panel) {
        let row: *mut [f32; COLUMNS] = panel.cast();
        let mut from = 0;
        while from < self.depth {
            let depth = if self.depth - from < DEPTH { self.depth - from } else { DEPTH };
            // SAFETY: of whoever calls it.
            unsafe {
                let weights = self.weight.add(strip * COLUMNS);
                for at in 0..depth {
                    copy(weights.add((from + at) * self.weight_stride), row.add(at).cast());
                }
                // Only complete sums of a panel are added to what is there, so that small products are not rounded one by one to the
                // size of that.
                add_panel(self.rows, self.x.add(from), self.depth, row, depth, out, stride);
            }
            from += DEPTH;
        }
    }
}

/// What a strip has of one row.
///
/// # Safety
/// They can be read and written.
pub unsafe fn copy(from: *const f32, to: *mut f32) {
    // SAFETY: of whoever calls it.
    unsafe { to.cast::<[f32; COLUMNS]>().write_unaligned(from.cast::<[f32; COLUMNS]>().read_unaligned()) }
}
