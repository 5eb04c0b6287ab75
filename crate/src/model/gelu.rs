use burn::tensor::Tensor;

/// The MLPs' activation function: x · Φ(x), or GPT-2's approximation of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gelu {
    /// ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) (Hendrycks and Gimpel 2016).
    Tanh,
    /// ½·x·(1 + erf(x/√2)).
    Exact,
}

impl Gelu {
    /// As config.json has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tanh => "gelu_new",
            Self::Exact => "gelu",
        }
    }

    /// In Burn's own operations.
    pub fn of(self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Tanh => tanh_form(x),
            Self::Exact => ((x.clone() * core::f64::consts::FRAC_1_SQRT_2).erf() + 1.0) * x * 0.5,
        }
    }
}

/// tanh is 1 in float32 from 9.1 on, so the clamp changes nothing; without it some GPUs give NaN for
/// large arguments. x·x·x and not powf, which is slower and, for negative x, undefined in WGSL.
fn tanh_form(x: Tensor<2>) -> Tensor<2> {
    const SQRT_2_OVER_PI: f64 = core::f64::consts::FRAC_2_SQRT_PI * core::f64::consts::FRAC_1_SQRT_2;
    let cube = x.clone() * x.clone() * x.clone();
    let inner = (x.clone() + cube * 0.044715) * SQRT_2_OVER_PI;
    x * (inner.clamp(-15.0, 15.0).tanh() + 1.0) * 0.5
}
