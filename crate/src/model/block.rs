use burn::module::Module;
use burn::tensor::Tensor;

use super::{Attention, Mlp};
use crate::Result;
use crate::hooks::{Activation, Session};

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
}
