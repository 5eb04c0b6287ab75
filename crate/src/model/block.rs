use burn::module::Module;
use burn::tensor::Tensor;

use super::embedding::rows_of;
use super::fused::{attention, linear_add, norm_linear, weights};
use super::{Attention, Mlp, PrefixTree};
use crate::Result;
use crate::hooks::{Activation, Session};

/// What a layer writes to the residual stream, over some nodes of a tree.
pub struct LayerParts {
    /// Of all heads: what each writes is its part of `z` times its rows of `W_O`. `[nodes, head · d_head]`
    pub z: Tensor<2>,
    /// `[nodes, d_model]`
    pub mlp_out: Tensor<2>,
    /// `[nodes, d_model]`
    pub resid_post: Tensor<2>,
}

/// One layer: attention, then MLP, each adding to the residual stream.
#[derive(Module, Debug)]
pub struct Block {
    pub attn: Attention,
    pub mlp: Mlp,
    pub eps: f64,
}

impl Block {
    /// `resid_post`, or nothing where the run is over before it. `[batch, pos, d_model]`
    pub(crate) fn forward(
        &self,
        layer: usize,
        resid_pre: Tensor<3>,
        session: &mut Session,
    ) -> Result<Option<Tensor<3>>> {
        let [batch, pos, d_model] = resid_pre.dims();
        let resid_pre = session.pass(Activation::ResidPre.at(layer), resid_pre)?;
        if session.is_over(layer, Activation::ResidPre) {
            return Ok(None);
        }
        let Some(attn_out) = self.attn.forward(layer, resid_pre.clone(), self.eps, session)? else {
            return Ok(None);
        };
        let attn_out = session.pass(Activation::AttnOut.at(layer), attn_out)?;
        let resid_mid = session.pass(Activation::ResidMid.at(layer), resid_pre + attn_out)?;
        if session.is_over(layer, Activation::ResidMid) {
            return Ok(None);
        }
        let rows = resid_mid.clone().reshape([batch * pos, d_model]);
        let mlp_out = self.mlp.forward(rows, self.eps).reshape([batch, pos, d_model]);
        let mlp_out = session.pass(Activation::MlpOut.at(layer), mlp_out)?;
        let resid_post = session.pass(Activation::ResidPost.at(layer), resid_mid + mlp_out)?;
        Ok((!session.is_over(layer, Activation::ResidPost)).then_some(resid_post))
    }

    /// `resid_post` of the nodes that are wanted, without hooks; as [`super::Gpt2::layer`].
    pub(super) fn forward_tree(
        &self,
        resid_pre: Tensor<2>,
        tree: &PrefixTree,
        wanted: &[usize],
    ) -> Tensor<2> {
        let (_, resid_mid) = self.attend_tree(resid_pre, tree, wanted);
        let inner = self.mlp.inner(resid_mid.clone(), self.eps); // [wanted, d_mlp]
        linear_add(inner, weights(&self.mlp.c_proj), resid_mid)
    }

    /// [`Block::forward_tree`], with what the layer writes.
    pub(super) fn forward_tree_in_parts(
        &self,
        resid_pre: Tensor<2>,
        tree: &PrefixTree,
        wanted: &[usize],
    ) -> LayerParts {
        let (z, resid_mid) = self.attend_tree(resid_pre, tree, wanted);
        // By itself: from the sum with a much longer residual stream it could not be taken out again.
        let mlp_out = self.mlp.forward(resid_mid.clone(), self.eps); // [wanted, d_model]
        LayerParts { z, resid_post: resid_mid + mlp_out.clone(), mlp_out }
    }

    /// `z` of all heads, `[wanted, head · d_head]`, and `resid_mid`, `[wanted, d_model]`.
    fn attend_tree(
        &self,
        resid_pre: Tensor<2>,
        tree: &PrefixTree,
        wanted: &[usize],
    ) -> (Tensor<2>, Tensor<2>) {
        let [_, d_model] = resid_pre.dims();
        let all = wanted.len() == resid_pre.dims()[0];
        let of_wanted = rows_of(resid_pre.clone(), wanted); // [wanted, d_model]
        let qkv = if all {
            let qkv = norm_linear(resid_pre, self.attn.columns(0, 3 * d_model), self.eps); // [nodes, 3 · d_model]
            [0, 1, 2].map(|part| qkv.clone().narrow(1, part * d_model, d_model))
        } else {
            let kv = norm_linear(resid_pre, self.attn.columns(d_model, 2 * d_model), self.eps);
            let q = norm_linear(of_wanted.clone(), self.attn.columns(0, d_model), self.eps);
            [q, kv.clone().narrow(1, 0, d_model), kv.narrow(1, d_model, d_model)]
        };
        let seen: Vec<&[usize]> = wanted.iter().map(|&node| tree.paths[node].as_slice()).collect();
        let z = attention(qkv, self.attn.n_head, self.attn.score_scale, &seen); // [wanted, head · d_head]
        let resid_mid = linear_add(z.clone(), self.attn.output(), of_wanted);
        (z, resid_mid)
    }
}
