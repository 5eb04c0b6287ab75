//! The processing of weights (TransformerLens `fold_layer_norm`, `center_writing_weights`,
//! `fold_value_biases`): every step leaves the output distribution unchanged.

use std::collections::BTreeMap;

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

use crate::model::{Attention, Block, Gpt2Config, Mlp};

/// One tensor of the checkpoint, in float32.
pub struct Raw {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

impl Raw {
    pub fn tensor<const D: usize>(self, device: &Device) -> Tensor<D> {
        Tensor::from_data(TensorData::new(self.values, self.shape), device)
    }
}

/// The tensors of one block, by their names within it ("ln_1.weight"), until all twelve are there.
#[derive(Default)]
pub struct RawBlock(BTreeMap<String, Raw>);

impl RawBlock {
    const TENSORS: usize = 12;

    pub fn insert(&mut self, name: &str, raw: Raw) {
        self.0.insert(name.to_owned(), raw);
    }

    pub fn is_complete(&self) -> bool {
        self.0.len() == Self::TENSORS
    }

    /// The processed block, on the CPU whatever the model's device: what is compiled and rounded there
    /// is the same everywhere.
    pub fn process(mut self, config: &Gpt2Config, cpu: &Device) -> Block {
        let ln_1 = self.layer_norm("ln_1", cpu);
        let ln_2 = self.layer_norm("ln_2", cpu);
        let c_attn = fold_layer_norm(self.linear("attn.c_attn", cpu), ln_1);
        let c_proj = center_writing(self.linear("attn.c_proj", cpu));
        let (c_attn, c_proj) = fold_value_biases(c_attn, c_proj, config.n_embd);
        let c_fc = fold_layer_norm(self.linear("mlp.c_fc", cpu), ln_2);
        let mlp_proj = center_writing(self.linear("mlp.c_proj", cpu));
        Block {
            attn: Attention { c_attn: c_attn.into(), c_proj: c_proj.into(), n_head: config.n_head },
            mlp: Mlp { c_fc: c_fc.into(), c_proj: mlp_proj.into() },
            eps: config.layer_norm_epsilon,
        }
    }

    fn take<const D: usize>(&mut self, name: String, cpu: &Device) -> Tensor<D> {
        self.0.remove(&name).expect("the header has every tensor").tensor(cpu)
    }

    fn linear(&mut self, name: &str, cpu: &Device) -> Weights {
        Weights {
            weight: self.take(format!("{name}.weight"), cpu),
            bias: self.take(format!("{name}.bias"), cpu),
        }
    }

    fn layer_norm(&mut self, name: &str, cpu: &Device) -> LayerNorm {
        LayerNorm {
            weight: self.take(format!("{name}.weight"), cpu),
            bias: self.take(format!("{name}.bias"), cpu),
        }
    }
}

struct LayerNorm {
    weight: Tensor<1>, // [d_model]
    bias: Tensor<1>,   // [d_model]
}

struct Weights {
    weight: Tensor<2>, // [in, out]
    bias: Tensor<1>,   // [out]
}

impl From<Weights> for Linear {
    fn from(Weights { weight, bias }: Weights) -> Self {
        Self { weight: Param::from_tensor(weight), bias: Some(Param::from_tensor(bias)) }
    }
}

/// b += ln.b · W, W *= ln.w by rows, then W −= its mean over d_model.
fn fold_layer_norm(Weights { weight, bias }: Weights, ln: LayerNorm) -> Weights {
    let bias = bias + (weight.clone() * ln.bias.unsqueeze_dim(1)).sum_dim(0).squeeze_dim(0);
    let weight = weight * ln.weight.unsqueeze_dim(1);
    let mean = weight.clone().mean_dim(0);
    Weights { weight: weight - mean, bias }
}

/// Takes the mean over d_model off what is written to the residual stream.
fn center_writing(Weights { weight, bias }: Weights) -> Weights {
    Weights { weight: crate::model::center(weight), bias: crate::model::center(bias) }
}

/// b_O += Σ_heads b_V · W_O, b_V = 0: a pattern sums to 1, so value biases always arrive whole.
fn fold_value_biases(c_attn: Weights, c_proj: Weights, d_model: usize) -> (Weights, Weights) {
    let b_v = c_attn.bias.clone().narrow(0, 2 * d_model, d_model);
    let arrives = b_v.clone().unsqueeze::<2>().matmul(c_proj.weight.clone()).squeeze_dim(0);
    let bias = Tensor::cat(vec![c_attn.bias.narrow(0, 0, 2 * d_model), b_v.zeros_like()], 0);
    (Weights { bias, ..c_attn }, Weights { bias: c_proj.bias + arrives, ..c_proj })
}
