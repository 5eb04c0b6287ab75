//! CPython's `random`, as far as the IOI dataset draws on it.
//!
//! The same seed must give the same prompts as the Python notebook, so every method reproduces the
//! generator calls of CPython's `Lib/random.py` and `_randommodule.c`, in their order.

use rand_mt::Mt;

/// A `random.Random(seed)`.
pub struct PythonRandom(Mt);

impl PythonRandom {
    /// `random.seed(seed)`: the seed's little-endian 32-bit words, at least one, feed `init_by_array`.
    pub fn new(seed: u64) -> Self {
        let (low, high) = (seed as u32, (seed >> 32) as u32);
        let key = if high == 0 { vec![low] } else { vec![low, high] };
        Self(Mt::new_with_key(key))
    }

    /// `getrandbits(bits)`, for 1 to 32 bits.
    fn getrandbits(&mut self, bits: u32) -> u32 {
        self.0.next_u32() >> (32 - bits)
    }

    /// `randrange(n)`, for n of at least 1.
    pub fn randrange(&mut self, n: usize) -> usize {
        let bits = usize::BITS - n.leading_zeros();
        loop {
            let drawn = self.getrandbits(bits) as usize;
            if drawn < n {
                return drawn;
            }
        }
    }

    /// `random()`: from 0 to below 1, of 53 bits.
    fn random(&mut self) -> f64 {
        let (high, low) = (self.getrandbits(27), self.getrandbits(26));
        (f64::from(high) * f64::from(1 << 26) + f64::from(low)) / (1_u64 << 53) as f64
    }

    /// `gauss(0, 1)` called twice: two standard normal numbers (Box and Muller 1958). A generator of which
    /// `gauss` is called an odd number of times keeps one for later in Python; so draw in pairs.
    pub fn gauss_pair(&mut self) -> [f64; 2] {
        let angle = self.random() * std::f64::consts::TAU;
        let radius = (-2.0 * (1.0 - self.random()).ln()).sqrt();
        [angle.cos() * radius, angle.sin() * radius]
    }

    /// `choice(items)`. `items` must not be empty, as in Python.
    pub fn choice<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.randrange(items.len())]
    }

    /// `shuffle(items)`.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.randrange(i + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values: python3 -c "import random; random.seed(S); print([random.getrandbits(32) ...])"
    #[test]
    fn getrandbits_is_cpythons() {
        let draw = |seed| {
            let mut random = PythonRandom::new(seed);
            [random.getrandbits(32), random.getrandbits(32), random.getrandbits(7)]
        };
        assert_eq!(draw(GETRANDBITS[0].0), GETRANDBITS[0].1);
        assert_eq!(draw(GETRANDBITS[1].0), GETRANDBITS[1].1);
        assert_eq!(draw(GETRANDBITS[2].0), GETRANDBITS[2].1);
    }

    #[test]
    fn shuffle_and_choice_are_cpythons() {
        let mut random = PythonRandom::new(42);
        let mut items: Vec<u32> = (0..10).collect();
        random.shuffle(&mut items);
        assert_eq!(items, SHUFFLED);
        let chosen: Vec<u32> = (0..6).map(|_| *random.choice(&items)).collect();
        assert_eq!(chosen, CHOSEN);
    }

    // random.seed(42 + (7 << 32)); print([random.gauss(0, 1) for _ in range(4)])
    #[test]
    fn gauss_is_cpythons() {
        let mut random = PythonRandom::new(42 + (7 << 32));
        let drawn = [random.gauss_pair(), random.gauss_pair()].concat();
        for (drawn, expected) in drawn.into_iter().zip(GAUSS) {
            // Sine and logarithm may differ in the last place from one library to another.
            assert!((drawn - expected).abs() < 1e-14, "found {drawn}, expected {expected}");
        }
    }

    const GAUSS: [f64; 4] = [0.3675438774196396, -0.2716087546872698, 1.674860255543283, -0.3093883801361803];
    const GETRANDBITS: [(u64, [u32; 3]); 3] = [
        (0, [3626764237, 1654615998, 97]),
        (42, [2746317213, 478163327, 3]),
        (4294967301, [675479763, 2085189291, 36]),
    ];
    const SHUFFLED: [u32; 10] = [7, 3, 2, 8, 5, 6, 9, 4, 0, 1];
    const CHOSEN: [u32; 6] = [1, 9, 7, 7, 3, 8];
}
