//! The strips of a product among threads, which share the program's memory. The thread that the program runs in takes its
//! strips from the first on; each helper begins elsewhere. No helper is waited for while it computes: what a helper has taken and not
//! done after twice the time that it takes, as where the system has put it aside for something else, is done once more. So a helper
//! computes beside the result and puts that there only if the strip is still its own; only for that it is waited for.
//!
//! Each strip is rounded as it is without helpers, whoever computes it.

#![allow(unsafe_code, reason = "what threads have in common is addresses")]

use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::SeqCst;

use super::pool::{MOST_ROWS, MOST_STRIPS, Pool, Scratch};
use super::strips::{Panel, Product, copy};
use super::tile::COLUMNS;

/// A product of which rows · depth · strips is less takes no longer than waking a helper does.
const LEAST: usize = 1 << 17;

/// Also before the first product: what is not of the product that was counted last is never to be had.
const DONE: u32 = 0;
const FREE: u32 = 1;
/// By a helper, which may have been put aside.
const TAKEN: u32 = 2;
/// No longer to be taken from whoever has it.
const OWNED: u32 = 3;

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
            // A look takes about as long as twelve multiplications with their additions, of which a strip has rows · depth times as many.
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
            // SAFETY: the strip was free, so all of it is there. When it is taken away, what it is computed from may be something else
            // meanwhile, but stays in memory; and then the results are not used.
            unsafe {
                for row in 0..product.rows {
                    copy(out.add(row * product.out_stride), results.add(row * COLUMNS));
                }
                product.add_strip(strip, results, COLUMNS, panel);
                self.put(state, count, product, strip, results);
            }
        }
    }

    /// Puts a helper's results where they belong, if the strip is still its own.
    ///
    /// # Safety
    /// The product has such a strip, and there are results of all its rows.
    unsafe fn put(
        &self,
        state: &AtomicU32,
        count: u32,
        product: &Product,
        strip: usize,
        results: *const f32,
    ) {
        if !change(state, count, TAKEN, OWNED) {
            return;
        }
        let out = product.place_of(strip);
        for row in 0..product.rows {
            // SAFETY: of whoever calls it; and nobody else writes there.
            unsafe { copy(results.add(row * COLUMNS), out.add(row * product.out_stride)) };
        }
        self.helped.fetch_add(1, SeqCst);
        state.store(of(count, DONE), SeqCst);
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

    /// A product, and what it is added to. All of it stays, since helpers may still look at it afterwards.
    fn product(rows: usize, depth: usize, strips: usize) -> Product {
        let width = strips * COLUMNS;
        Product {
            rows,
            depth,
            strips,
            x: numbers(rows * depth, 1).leak().as_ptr(),
            weight: numbers(depth * width, 2).leak().as_ptr(),
            weight_stride: width,
            out: numbers(rows * width, 3).leak().as_mut_ptr(),
            out_stride: width,
        }
    }

    /// The same with another `out`.
    fn anew(product: &Product) -> Product {
        Product { out: numbers(product.rows * product.out_stride, 3).leak().as_mut_ptr(), ..*product }
    }

    /// What it has been added to.
    fn out(product: &Product) -> Vec<f32> {
        // SAFETY: it has as many.
        unsafe { std::slice::from_raw_parts(product.out, product.rows * product.out_stride) }.to_vec()
    }

    fn panel() -> Box<Panel> {
        Box::new([[0.0; COLUMNS]; DEPTH])
    }

    fn scratch() -> Box<Scratch> {
        Box::new(Scratch { product: Product::NONE, panel: *panel(), results: [[0.0; COLUMNS]; MOST_ROWS] })
    }

    fn alone(product: &Product) -> Vec<f32> {
        let product = anew(product);
        // SAFETY: it is as it is described.
        unsafe { product.add(&raw mut *panel()) };
        out(&product)
    }

    fn with(pool: &Pool, product: &Product, wake: impl FnOnce()) -> Vec<f32> {
        let product = anew(product);
        // SAFETY: it is as it is described.
        unsafe { pool.add(&product, &raw mut *panel(), wake) };
        out(&product)
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
            let product = product(rows, depth, strips);
            let expected = alone(&product);
            for _ in 0..50 {
                assert!(with(helped.0, &product, || ()) == expected, "{rows}x{depth}x{strips}");
            }
        }
        assert!(helped.0.helped.load(SeqCst) > 0, "nobody has helped");
    }

    #[test]
    fn a_strip_whose_helper_is_put_aside_is_done_once_more() {
        let pool = pool(1);
        let product = product(ROWS, INNER, STRIPS);
        let expected = alone(&product);
        let product = anew(&product);
        let take = || assert!(change(&pool.states[5], 1, FREE, TAKEN));
        // SAFETY: it is as it is described.
        unsafe { pool.add(&product, &raw mut *panel(), take) };
        assert!(out(&product) == expected);
        // When the helper goes on, it is too late for its results.
        let late = vec![77.0; ROWS * COLUMNS];
        // SAFETY: the product has the strip, and there are so many.
        unsafe { pool.put(&pool.states[5], 1, &product, 5, late.as_ptr()) };
        assert!(out(&product) == expected);
        assert_eq!(pool.helped.load(SeqCst), 0);
    }

    #[test]
    fn before_a_product_is_counted_none_of_it_is_to_be_had() {
        let pool = pool(1);
        let product = product(ROWS, INNER, STRIPS);
        // SAFETY: this thread has the pool to itself.
        unsafe { *pool.product.get() = product };
        let before = out(&product);
        // SAFETY: it is this thread's.
        unsafe { pool.help(0, Box::into_raw(scratch())) };
        assert!(out(&product) == before);
        assert_eq!(pool.helped.load(SeqCst), 0);
    }

    #[test]
    fn a_helper_that_writes_is_waited_for() {
        let pool = pool(1);
        let product = product(ROWS, INNER, STRIPS);
        let own = || {
            assert!(change(&pool.states[5], 1, FREE, OWNED));
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(50));
                // SAFETY: the strip is this thread's.
                unsafe { *(*pool.product.get()).place_of(5) = 77.0 };
                pool.states[5].store(of(1, DONE), SeqCst);
            });
        };
        let found = with(pool, &product, own);
        assert_eq!(found[5 * COLUMNS], 77.0);
        assert!(found[6 * COLUMNS..WIDTH] == alone(&product)[6 * COLUMNS..WIDTH]);
    }

    #[test]
    fn what_is_too_small_to_share_wakes_nobody() {
        let pool = pool(1);
        for (rows, depth, strips) in [(1, 100, 30), (ROWS, 10_000, 1), (1, 200, MOST_STRIPS + 1)] {
            let product = product(rows, depth, strips);
            let found = with(pool, &product, || panic!("{rows}x{depth}x{strips}"));
            assert!(found == alone(&product));
        }
    }
}
