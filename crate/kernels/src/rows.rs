//! What is done to each number of a row, in loops that the compiler makes vectors of.

/// LayerNorm without parameters: (x − mean)/√(variance + eps) of each row.
#[inline(never)]
pub fn normalize(x: &mut [f32], width: usize, eps: f64) {
    for row in x.chunks_exact_mut(width) {
        let mean = sum(row, |x| x) / width as f32;
        row.iter_mut().for_each(|x| *x -= mean);
        let variance = sum(row, |x| x * x) / width as f32;
        let scale = (variance + eps as f32).sqrt();
        row.iter_mut().for_each(|x| *x /= scale);
    }
}

/// [`normalize`] with the scale of other rows: the same to the last bit where they are the same.
#[inline(never)]
pub fn normalize_as(x: &mut [f32], scaled_as: &[f32], width: usize, eps: f64) {
    for (row, scaled_as) in x.chunks_exact_mut(width).zip(scaled_as.chunks_exact(width)) {
        let mean = sum(row, |x| x) / width as f32;
        row.iter_mut().for_each(|x| *x -= mean);
        let mean = sum(scaled_as, |x| x) / width as f32;
        let variance = sum(scaled_as, |x| (x - mean) * (x - mean)) / width as f32;
        let scale = (variance + eps as f32).sqrt();
        row.iter_mut().for_each(|x| *x /= scale);
    }
}

/// GPT-2's GELU, ½·x·(1 + tanh u), in the form x/(1 + e^−2u), which is the same and needs one exponential.
#[inline(never)]
pub fn gelu_new(x: &mut [f32]) {
    const SQRT_2_OVER_PI: f32 = 0.797_884_6;
    for x in x {
        let u = SQRT_2_OVER_PI * (*x + 0.044_715 * *x * *x * *x);
        *x /= 1.0 + exp(-2.0 * u);
    }
}

/// The exact GELU, ½·x·(1 + erf(x/√2)).
#[inline(never)]
pub fn gelu_exact(x: &mut [f32]) {
    for x in x {
        *x *= 0.5 + 0.5 * erf(*x * std::f32::consts::FRAC_1_SQRT_2);
    }
}

/// The softmax of one row.
pub fn softmax(row: &mut [f32]) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter_mut().for_each(|x| *x = exp(*x - largest));
    let total = sum(row, |x| x);
    row.iter_mut().for_each(|x| *x /= total);
}

/// The dot product of two rows.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum::<f32>();
    for (a, b) in a.zip(b) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// The sum of what `of` makes of each number. In lanes: the compiler may not reorder the sum itself.
fn sum(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; 8];
    let row = row.chunks_exact(8);
    let rest = row.remainder().iter().map(|&x| of(x)).sum::<f32>();
    for chunk in row {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += of(x);
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// eˣ to 2e-7 of it, which the library's has no vectors for: 2ⁿ times a polynomial in what is left of x (Cephes'
/// expf). Smaller than 1e-38 is 0, larger than 2e38 is that.
#[inline(always)]
fn exp(x: f32) -> f32 {
    // Beside this number float32 has only integers, so that adding it rounds.
    const ROUND: f32 = 12_582_912.0;
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const TERMS: [f32; 6] = [1.987_569_1e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    let clamped = x.clamp(-87.0, 88.0);
    let rounded = clamped * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (clamped - n * LN_2[0]) - n * LN_2[1];
    let polynomial = TERMS.iter().fold(0.0, |sum, term| sum * r + term);
    let power = f32::from_bits(rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23);
    let e = (polynomial * r * r + r + 1.0) * power;
    if x < -87.0 { 0.0 } else { e }
}

/// The error function to 5e-7, which the library has not: a quotient of polynomials in x², as Eigen and XLA have it.
#[inline(always)]
fn erf(x: f32) -> f32 {
    const ABOVE: [f32; 7] = [
        -2.726_142_4e-10,
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906_4e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ];
    const BELOW: [f32; 5] = [-1.456_607_2e-5, -2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_473_9e-2];
    let polynomial = |terms: &[f32]| terms.iter().fold(0.0, |sum, term| sum * x * x + term);
    let quotient = x * polynomial(&ABOVE) / polynomial(&BELOW);
    // From 4 on it is 1 in float32.
    if x.abs() < 4.0 { quotient } else { x.signum() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_share(found: f32, expected: f64, share: f64) {
        assert!((f64::from(found) - expected).abs() <= share * expected.abs() + 1e-37, "{found} {expected}");
    }

    #[test]
    fn exponentials_are_the_librarys() {
        for i in -87_000..88_000 {
            let x = i as f32 / 1000.0;
            assert_share(exp(x), f64::from(x).exp(), 2e-7);
        }
        assert_eq!([exp(-88.0), exp(f32::NEG_INFINITY), exp(0.0)], [0.0, 0.0, 1.0]);
        assert!(exp(1000.0) > 1e38 && exp(f32::NAN).is_nan());
    }

    #[test]
    fn gelu_is_the_tanh_form() {
        let mut found: Vec<f32> = (-200..200).map(|i| i as f32 / 10.0).collect();
        let expected = found.clone();
        gelu_new(&mut found);
        for (found, x) in found.into_iter().zip(expected.into_iter().map(f64::from)) {
            let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
            let expected = 0.5 * x * (1.0 + u.tanh());
            // The sigmoid, at most 1, to a few roundings.
            assert!((f64::from(found) - expected).abs() <= 3e-7 * x.abs(), "{x}: {found} {expected}");
        }
    }

    #[test]
    fn exact_gelu_is_the_integral() {
        // The integral of the normal distribution's density, by Simpson's rule in float64.
        let density = |t: f64| (-t * t / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let half = |x: f64| {
            let step = x / 2000.0;
            let inner: f64 =
                (1..2000).map(|i| f64::from(2 + 2 * (i % 2)) * density(step * f64::from(i))).sum();
            (density(0.0) + inner + density(x)) * step / 3.0
        };
        let mut found: Vec<f32> = (-200..=200).map(|i| i as f32 / 20.0).collect();
        let x = found.clone();
        gelu_exact(&mut found);
        for (found, x) in found.into_iter().zip(x.into_iter().map(f64::from)) {
            let expected = x * (0.5 + half(x));
            assert!((f64::from(found) - expected).abs() <= 3e-7 * x.abs(), "{x}: {found} {expected}");
        }
        let mut far = [f32::NAN, 100.0, -100.0, 1e30, -1e30];
        gelu_exact(&mut far);
        assert!(far[0].is_nan());
        assert_eq!(far[1..], [100.0, 0.0, 1e30, 0.0]);
    }

    #[test]
    fn rows_are_normalized_and_weighed() {
        let mut x: Vec<f32> = (0..22).map(|i| ((i * 37) % 11) as f32).collect();
        let before: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        normalize(&mut x, 11, 1e-5);
        for (found, x) in x.chunks(11).zip(before.chunks(11)) {
            let mean = x.iter().sum::<f64>() / 11.0;
            let scale = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 11.0 + 1e-5).sqrt();
            for (found, x) in found.iter().zip(x) {
                assert!((f64::from(*found) - (x - mean) / scale).abs() < 1e-6);
            }
        }
        let mut row = [1.0, -1e30, 3.0];
        softmax(&mut row);
        assert_eq!(row[1], 0.0);
        assert_share(row[2], 1.0 / (1.0 + (-2.0_f64).exp()), 4e-7);
        let row: Vec<f32> = (0..13).map(|i| i as f32).collect();
        assert_eq!(dot(&row, &row), 650.0);
    }
}
