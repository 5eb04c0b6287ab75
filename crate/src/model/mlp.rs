use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;

use super::fused::{linear, norm_linear_gelu, weights};

/// The feed-forward half of a block. ln2 is folded into `c_fc`.
#[derive(Module, Debug)]
pub struct Mlp {
    /// d_model → 4 d_model
    pub c_fc: Linear,
    /// 4 d_model → d_model
    pub c_proj: Linear,
}

impl Mlp {
    /// What the MLP writes for rows of the residual stream. `[rows, d_model]`
    pub fn forward(&self, resid_mid: Tensor<2>, eps: f64) -> Tensor<2> {
        let inner = norm_linear_gelu(resid_mid, weights(&self.c_fc), eps); // [rows, 4 d_model]
        linear(inner, weights(&self.c_proj))
    }
}

/// GPT-2's GELU, in tanh form (Hendrycks and Gimpel 2016).
///
/// tanh is 1 in float32 from 9.1 on, so the clamp changes nothing; without it some GPUs give NaN for
/// large arguments. x·x·x and not powf, which is slower and, for negative x, undefined in WGSL.
pub fn gelu_new(x: Tensor<2>) -> Tensor<2> {
    const SQRT_2_OVER_PI: f64 = core::f64::consts::FRAC_2_SQRT_PI * core::f64::consts::FRAC_1_SQRT_2;
    let cube = x.clone() * x.clone() * x.clone();
    let inner = (x.clone() + cube * 0.044715) * SQRT_2_OVER_PI;
    x * (inner.clamp(-15.0, 15.0).tanh() + 1.0) * 0.5
}
