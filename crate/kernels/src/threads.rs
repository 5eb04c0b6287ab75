//! The strips of a product among threads, which share the program's memory. The thread that the program runs in takes its
//! strips from the first on; each helper begins elsewhere. Nobody is waited for: what a helper has taken and not
//! done after twice the time that it takes, as where the system has put it aside for something else, is done once more. So a helper
//! computes beside the result and puts that there only if the strip is still its own.
//!
//! Each strip is rounded as it is without helpers, whoever computes it.

#![allow(unsafe_code, reason = "what threads have in common is addresses")]

use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::SeqCst;

use super::pool::{MOST_ROWS, MOST_STRIPS, Pool, Scratch};
use super::strips::{Panel, Product, copy};
use super::tile::COLUMNS;

/// Of rows · depth · strips: what takes as long as to wake somebody.
const LEAST: usize = 1 << 17;

const FREE: u32 = 0;
/// By a helper, which may have been put aside.
const TAKEN: u32 = 1;
/// No longer to be taken from whoever has it.
const OWNED: u32 = 2;
const DONE: u32 = 3;

impl Pool {
    /// Adds the product, with the helpers that have come. `wake` is to wake them.
    ///
    /// # Safety
    /// As of [`Product::add`]; only one thread calls this of a pool.
    pub unsafe fn add(&self, product: &Product, panel: *mut Panel, wake: impl FnOnce()) {
        let Product { rows, depth, strips, out_stride, .. } = *product;
        let states = self.states.get(..strips).unwrap_or(&[]);
        let alone = states.len() < 2
            || rows > MOST_ROWS
            || rows * depth * strips < LEAST
            || self.helpers.load(SeqCst) == 0;
        // SAFETY: of whoever calls it; and nobody reads the product before it is counted, or gets a strip of it.
        unsafe {
            if alone {
                return product.add(panel);
            }
            let count = self.count.load(SeqCst).wrapping_add(1);
            *self.product.get() = *product;
            for state in states {
                state.store(of(count, FREE), SeqCst);
            }
            self.count.store(count, SeqCst);
            wake();
            let own = |strip: usize, state: &AtomicU32, before: u32| {
                let is_own = change(state, count, before, OWNED);
                if is_own {
                    product.add_strip(strip, product.place_of(strip), out_stride, panel);
                    state.store(of(count, DONE), SeqCst);
                }
                is_own
            };
            for (strip, state) in states.iter().enumerate() {
                own(strip, state, FREE);
            }
            // About half a nanosecond each.
            let mut patience = 2 * rows * depth;
            for (strip, state) in states.iter().enumerate() {
                while state.load(SeqCst) != of(count, DONE) {
                    if patience > 0 {
                        patience -= 1;
                        core::hint::spin_loop();
                    } else if own(strip, state, TAKEN) {
                        break;
                    }
                }
            }
        }
    }

    /// Does what there is to do of the product that was counted last. `which`: the helper's number, from 0 on.
    ///
    /// # Safety
    /// `own` is the helper's own.
    pub unsafe fn help(&self, which: usize, own: *mut Scratch) {
        let count = self.count.load(SeqCst);
        // SAFETY: of whoever calls it. If it is already the next product's, or some of each, no strip is to be had: those of this one
        // are done.
        let Scratch { product, panel, results } = unsafe {
            (*own).product = *self.product.get();
            &mut *own
        };
        let results = results.as_mut_ptr().cast::<f32>();
        let strips = product.strips.min(MOST_STRIPS);
        let threads = self.helpers.load(SeqCst) as usize + 1;
        let first = (strips * (which + 1)).checked_div(threads).unwrap_or(0);
        for strip in (first..strips).chain(0..first) {
            let Some(state) = self.states.get(strip).filter(|state| change(state, count, FREE, TAKEN)) else {
                continue;
            };
            let out = product.place_of(strip);
            let rows = 0..product.rows;
            // SAFETY: the strip was free, so all of it is there. When it is taken away, what it is computed from may be something else
            // meanwhile, but stays in memory; and then the results are not used.
            unsafe {
                for row in rows.clone() {
                    copy(out.add(row * product.out_stride), results.add(row * COLUMNS));
                }
                product.add_strip(strip, results, COLUMNS, panel);
                if change(state, count, TAKEN, OWNED) {
                    for row in rows {
                        copy(results.add(row * COLUMNS), out.add(row * product.out_stride));
                    }
                    self.helped.fetch_add(1, SeqCst);
                    state.store(of(count, DONE), SeqCst);
                }
            }
        }
    }
}

fn of(count: u32, state: u32) -> u32 {
    count << 2 | state
}

/// Whether it was as it was before, and now is as it is after.
fn change(state: &AtomicU32, count: u32, before: u32, after: u32) -> bool {
    state.compare_exchange(of(count, before), of(count, after), SeqCst, SeqCst).is_ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::strips::DEPTH;

    const ROWS: usize = 20;
    const INNER: usize = 300;
    const STRIPS: usize = 40;
    const WIDTH: usize = STRIPS * COLUMNS;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 7919 + seed) % 1009) as f32 / 1009.0 - 0.5).collect()
    }

    /// A product, and what it is added to. What it is made from stays, since helpers may still read it afterwards.
    fn product(rows: usize, depth: usize, strips: usize) -> (Product, Vec<f32>) {
        let width = strips * COLUMNS;
        let mut out = numbers(rows * width, 3);
        let product = Product {
            rows,
            depth,
            strips,
            x: numbers(rows * depth, 1).leak().as_ptr(),
            weight: numbers(depth * width, 2).leak().as_ptr(),
            weight_stride: width,
            out: out.as_mut_ptr(),
            out_stride: width,
        };
        (product, out)
    }

    fn panel() -> Box<Panel> {
        Box::new([[0.0; COLUMNS]; DEPTH])
    }

    fn scratch() -> Box<Scratch> {
        Box::new(Scratch { product: Product::NONE, panel: *panel(), results: [[0.0; COLUMNS]; MOST_ROWS] })
    }

    fn alone(rows: usize, depth: usize, strips: usize) -> Vec<f32> {
        let (product, out) = product(rows, depth, strips);
        // SAFETY: it is as it is described.
        unsafe { product.add(&raw mut *panel()) };
        out
    }

    fn with(pool: &Pool, rows: usize, depth: usize, strips: usize, wake: impl FnOnce()) -> Vec<f32> {
        let (product, out) = product(rows, depth, strips);
        // A helper may still look at it.
        let out = out.leak();
        // SAFETY: it is as it is described.
        unsafe { pool.add(&Product { out: out.as_mut_ptr(), ..product }, &raw mut *panel(), wake) };
        out.to_vec()
    }

    /// It stays too.
    fn pool(helpers: u32) -> &'static Pool {
        Box::leak(Box::new(Pool { helpers: AtomicU32::new(helpers), ..Pool::new() }))
    }

    /// Ends its helpers.
    struct Helped(&'static Pool, Arc<AtomicBool>);

    impl Helped {
        fn by(helpers: usize) -> Self {
            let helped = Self(pool(0), Arc::new(AtomicBool::new(false)));
            for which in 0..helpers {
                let (pool, end) = (helped.0, helped.1.clone());
                thread::spawn(move || {
                    let own = Box::into_raw(scratch());
                    pool.helpers.fetch_add(1, SeqCst);
                    while !end.load(SeqCst) {
                        // SAFETY: it is this thread's.
                        unsafe { pool.help(which, own) };
                        thread::yield_now();
                    }
                });
            }
            while helped.0.helpers.load(SeqCst) < helpers as u32 {
                thread::yield_now();
            }
            helped
        }
    }

    impl Drop for Helped {
        fn drop(&mut self) {
            self.1.store(true, SeqCst);
        }
    }

    #[test]
    fn helpers_change_no_bit() {
        // More than there are processors, so that some are put aside with a strip that they have taken.
        let helped = Helped::by(7);
        for (rows, depth, strips) in [(ROWS, INNER, STRIPS), (7, 513, 64), (64, 100, 30), (1, 700, 200)] {
            let expected = alone(rows, depth, strips);
            for _ in 0..50 {
                assert!(with(helped.0, rows, depth, strips, || ()) == expected, "{rows}x{depth}x{strips}");
            }
        }
        assert!(helped.0.helped.load(SeqCst) > 0, "nobody has helped");
    }

    #[test]
    fn a_strip_whose_helper_is_put_aside_is_done_once_more() {
        let pool = pool(1);
        let take = || assert!(change(&pool.states[5], 1, FREE, TAKEN));
        assert!(with(pool, ROWS, INNER, STRIPS, take) == alone(ROWS, INNER, STRIPS));
        // When the helper goes on, it is too late.
        assert!(!change(&pool.states[5], 1, TAKEN, OWNED));
    }

    #[test]
    fn a_helper_that_writes_is_waited_for() {
        let pool = pool(1);
        let own = || {
            assert!(change(&pool.states[5], 1, FREE, OWNED));
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(50));
                // SAFETY: the strip is this thread's.
                unsafe { *(*pool.product.get()).place_of(5) = 77.0 };
                pool.states[5].store(of(1, DONE), SeqCst);
            });
        };
        let found = with(pool, ROWS, INNER, STRIPS, own);
        assert_eq!(found[5 * COLUMNS], 77.0);
        assert!(found[6 * COLUMNS..WIDTH] == alone(ROWS, INNER, STRIPS)[6 * COLUMNS..WIDTH]);
    }

    #[test]
    fn what_is_too_small_to_share_wakes_nobody() {
        let pool = pool(1);
        for (rows, depth, strips) in [(1, 100, 30), (ROWS, 10_000, 1), (1, 200, MOST_STRIPS + 1)] {
            let found = with(pool, rows, depth, strips, || panic!("{rows}x{depth}x{strips}"));
            assert!(found == alone(rows, depth, strips));
        }
    }
}
