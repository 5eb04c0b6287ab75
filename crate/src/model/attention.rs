use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Bool, Tensor, activation};

use super::fused::{self, Weights, weights};
use super::layer_norm::{center, scale};
use crate::Result;
use crate::hooks::{Activation, Session};

/// The score of a key behind the query: finite, since WGSL has no infinity, and so low that its
/// softmax is exactly 0.
pub const MASKED_SCORE: f32 = -1e30;

/// Causal self-attention. ln1 is folded into `c_attn`, the value biases into `c_proj`'s.
#[derive(Module, Debug)]
pub struct Attention {
    /// d_model → 3 d_model: the columns of all queries, keys, values; each head d_head consecutive ones.
    pub c_attn: Linear,
    /// d_model → d_model: `W_O` of the heads, one below the other, and `b_O`.
    pub c_proj: Linear,
    pub n_head: usize,
    /// What scores q·k are multiplied by: 1/√d_head, in GPT-2.
    pub score_scale: f64,
}

/// A head's queries, keys and values, as the columns of `c_attn` are ordered, with their hooks.
const QKV: [(Activation, Activation); 3] = [
    (Activation::QInput, Activation::Q),
    (Activation::KInput, Activation::K),
    (Activation::VInput, Activation::V),
];

impl Attention {
    /// `attn_out`, or nothing where the run is over before it. `[batch, pos, d_model]`
    pub(crate) fn forward(
        &self,
        layer: usize,
        resid_pre: Tensor<3>,
        eps: f64,
        session: &mut Session,
    ) -> Result<Option<Tensor<3>>> {
        use Activation::{AttnScores, KInput, Ln1Scale, Pattern, QInput, Result as HeadResult, V, VInput, Z};

        let heads = session.heads(layer, self.n_head);
        let split = heads.len() < self.n_head || session.any(layer, &[QInput, KInput, VInput, Ln1Scale]);
        let [q, k, v] = if split {
            self.split_inputs(layer, resid_pre, eps, &heads, session)?
        } else {
            self.joint_inputs(resid_pre, eps)
        }; // [batch, head, pos, d_head] each
        let [q, k, v] = {
            let mut pass =
                |(_, activation): (_, Activation), x| session.pass_heads(layer, activation, &heads, x);
            [pass(QKV[0], q)?, pass(QKV[1], k)?, pass(QKV[2], v)?]
        };
        if session.is_over(layer, V) {
            return Ok(None);
        }

        let [_, _, pos, _] = q.dims();
        let scores = q.matmul(k.swap_dims(2, 3)) * self.score_scale;
        let after = Tensor::<2, Bool>::tril_mask([pos, pos], 0, &scores.device()).unsqueeze();
        let scores = scores.mask_fill(after, MASKED_SCORE); // [batch, head, query, key]
        let scores = session.pass_heads(layer, AttnScores, &heads, scores)?;
        if session.is_over(layer, AttnScores) {
            return Ok(None);
        }
        let pattern = session.pass_heads(layer, Pattern, &heads, activation::softmax(scores, 3))?;
        let z = session.pass_heads(layer, Z, &heads, pattern.matmul(v))?; // [batch, head, pos, d_head]
        if session.is_over(layer, Z) {
            return Ok(None);
        }
        if session.any(layer, &[HeadResult]) {
            self.sum_of_results(layer, z, &heads, session)
        } else {
            let [batch, _, pos, d_head] = z.dims();
            let z = z.swap_dims(1, 2).reshape([batch * pos, self.n_head * d_head]);
            let d_model = self.n_head * d_head;
            Ok(Some(fused::linear(z, self.output()).reshape([batch, pos, d_model])))
        }
    }

    /// `W_O` of all heads, one below the other, and `b_O`. `[head · d_head, d_model]` and `[d_model]`
    pub(crate) fn output(&self) -> Weights {
        weights(&self.c_proj)
    }

    /// What one head writes, of all heads' `z`. `[rows, head · d_head]` → `[rows, d_model]`
    pub fn result(&self, head: usize, z: Tensor<2>) -> Tensor<2> {
        let (w_o, _) = self.output();
        let d_head = w_o.dims()[0] / self.n_head;
        let of_head = |x: Tensor<2>, dim| x.narrow(dim, head * d_head, d_head);
        of_head(z, 1).matmul(of_head(w_o, 0))
    }

    /// Some columns of what `c_attn` makes of normalized rows. `[rows, count]`
    fn read(&self, first: usize, count: usize, normalized: Tensor<2>) -> Tensor<2> {
        fused::linear(normalized, self.columns(first, count))
    }

    /// Some columns of `c_attn`. `[d_model, count]` and `[count]`
    pub(crate) fn columns(&self, first: usize, count: usize) -> Weights {
        let (weight, bias) = weights(&self.c_attn);
        (weight.narrow(1, first, count), bias.narrow(0, first, count))
    }

    /// Queries, keys and values where all heads read the same: one matmul. `[batch, head, pos, d_head]`
    fn joint_inputs(&self, resid_pre: Tensor<3>, eps: f64) -> [Tensor<4>; 3] {
        let [batch, pos, d_model] = resid_pre.dims();
        let d_head = d_model / self.n_head;
        let rows = resid_pre.reshape([batch * pos, d_model]);
        let qkv = fused::linear(fused::normalize(rows, eps), self.columns(0, 3 * d_model));
        std::array::from_fn(|i| {
            qkv.clone()
                .narrow(1, i * d_model, d_model)
                .reshape([batch, pos, self.n_head, d_head])
                .swap_dims(1, 2)
        })
    }

    /// Queries, keys and values where each head may read its own input. `[batch, head, pos, d_head]`
    fn split_inputs(
        &self,
        layer: usize,
        resid_pre: Tensor<3>,
        eps: f64,
        heads: &[usize],
        session: &mut Session,
    ) -> Result<[Tensor<4>; 3]> {
        let [batch, pos, d_model] = resid_pre.dims();
        let d_head = d_model / self.n_head;
        let mut qkv = Vec::with_capacity(3);
        for (part, (input, _)) in QKV.into_iter().enumerate() {
            let mut of_heads = Vec::with_capacity(heads.len());
            for &head in heads {
                let x = center(session.pass(input.at_head(layer, head), resid_pre.clone())?);
                let scale = session.pass(Activation::Ln1Scale.at_head(layer, head), scale(x.clone(), eps))?;
                let normalized = (x / scale).reshape([batch * pos, d_model]);
                let of_head = self.read(part * d_model + head * d_head, d_head, normalized);
                of_heads.push(of_head.reshape([batch, pos, d_head]));
            }
            qkv.push(Tensor::stack(of_heads, 1));
        }
        Ok(qkv.try_into().expect("three parts"))
    }

    /// `attn_out` as the sum of what each head writes, for hooks on `result`. `[batch, pos, d_model]`
    fn sum_of_results(
        &self,
        layer: usize,
        z: Tensor<4>,
        heads: &[usize],
        session: &mut Session,
    ) -> Result<Option<Tensor<3>>> {
        let [batch, _, pos, d_head] = z.dims();
        let (w_o, bias) = self.output();
        let [_, d_model] = w_o.dims();
        let nothing = bias.zeros_like();
        let mut attn_out = bias.unsqueeze::<3>().expand([batch, pos, d_model]);
        for (i, &head) in heads.iter().enumerate() {
            let z = z.clone().narrow(1, i, 1).reshape([batch * pos, d_head]);
            let result = fused::linear(z, (w_o.clone().narrow(0, head * d_head, d_head), nothing.clone()));
            let result = result.reshape([batch, pos, d_model]);
            attn_out = attn_out + session.pass(Activation::Result.at_head(layer, head), result)?;
        }
        Ok((!session.is_over(layer, Activation::Result)).then_some(attn_out))
    }
}
