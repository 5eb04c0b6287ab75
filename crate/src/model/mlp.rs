use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;

use super::Gelu;
use super::fused::{linear, norm_linear_gelu, weights};

/// The feed-forward half of a block. ln2 is folded into `c_fc`.
#[derive(Module, Debug)]
pub struct Mlp {
    /// d_model → d_mlp
    pub c_fc: Linear,
    /// d_mlp → d_model
    pub c_proj: Linear,
    #[module(skip)]
    pub gelu: Gelu,
}

impl Mlp {
    /// What the MLP writes for rows of the residual stream. `[rows, d_model]`
    pub fn forward(&self, resid_mid: Tensor<2>, eps: f64) -> Tensor<2> {
        linear(self.inner(resid_mid, eps), weights(&self.c_proj))
    }

    /// Its neurons' activations. `[rows, d_mlp]`
    pub(crate) fn inner(&self, resid_mid: Tensor<2>, eps: f64) -> Tensor<2> {
        norm_linear_gelu(resid_mid, weights(&self.c_fc), eps, self.gelu)
    }
}
