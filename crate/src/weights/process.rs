//! The processing of weights (TransformerLens `fold_layer_norm`, `center_writing_weights`,
//! `fold_value_biases`): every step leaves the output distribution unchanged.
//!
//! All of it is done in place, so that it takes no memory, and on the CPU whatever the model's device, so
//! that it is rounded the same everywhere. Sums are float64's.

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

    /// The processed block, on the CPU.
    pub fn process(mut self, layer: usize, config: &Gpt2Config, cpu: &Device) -> Block {
        let [ln_1, ln_2] = ["ln_1", "ln_2"].map(|name| self.weights(name));
        let [mut c_attn, mut attn_proj] = ["attn.c_attn", "attn.c_proj"].map(|name| self.weights(name));
        let [mut c_fc, mut mlp_proj] = ["mlp.c_fc", "mlp.c_proj"].map(|name| self.weights(name));
        c_attn.fold_layer_norm(&ln_1);
        attn_proj.center_writing();
        fold_value_biases(&mut c_attn, &mut attn_proj);
        c_fc.fold_layer_norm(&ln_2);
        mlp_proj.center_writing();
        Block {
            attn: Attention {
                c_attn: c_attn.linear(cpu),
                c_proj: attn_proj.linear(cpu),
                n_head: config.n_head,
                score_scale: config.score_scale(layer),
            },
            mlp: Mlp { c_fc: c_fc.linear(cpu), c_proj: mlp_proj.linear(cpu), gelu: config.gelu },
            eps: config.layer_norm_epsilon,
        }
    }

    fn weights(&mut self, name: &str) -> Weights {
        let mut take = |part| self.0.remove(&format!("{name}.{part}")).expect("the block is complete");
        Weights { weight: take("weight"), bias: take("bias") }
    }
}

/// A linear layer's `[in, out]` and `[out]`, or a LayerNorm's `[d_model]` twice.
struct Weights {
    weight: Raw,
    bias: Raw,
}

impl Weights {
    /// b += ln.b · W, W *= ln.w by rows, then W −= its mean over d_model.
    fn fold_layer_norm(&mut self, ln: &Weights) {
        let out = self.bias.values.len();
        let mut bias: Vec<f64> = self.bias.values.iter().copied().map(f64::from).collect(); // [out]
        let mut mean = vec![0.0; out]; // [out]
        let (scales, shifts) = (&ln.weight.values, &ln.bias.values); // [in]
        for ((row, scale), shift) in self.weight.values.chunks_exact_mut(out).zip(scales).zip(shifts) {
            for ((w, bias), mean) in row.iter_mut().zip(&mut bias).zip(&mut mean) {
                *bias += f64::from(*shift) * f64::from(*w);
                *w *= scale;
                *mean += f64::from(*w);
            }
        }
        for mean in &mut mean {
            *mean /= scales.len() as f64;
        }
        for row in self.weight.values.chunks_exact_mut(out) {
            subtract(row, &mean);
        }
        narrow(&mut self.bias.values, &bias);
    }

    /// Takes the mean over d_model off what is written to the residual stream.
    fn center_writing(&mut self) {
        let d_model = self.bias.values.len();
        center(&mut self.weight.values, d_model);
        center(&mut self.bias.values, d_model);
    }

    fn linear(self, cpu: &Device) -> Linear {
        Linear {
            weight: Param::from_tensor(self.weight.tensor(cpu)),
            bias: Some(Param::from_tensor(self.bias.tensor(cpu))),
        }
    }
}

/// b_O += Σ_heads b_V · W_O, b_V = 0: a pattern sums to 1, so value biases always arrive whole.
fn fold_value_biases(c_attn: &mut Weights, c_proj: &mut Weights) {
    let d_model = c_proj.bias.values.len();
    let b_v = &mut c_attn.bias.values[2 * d_model..]; // [d_model]
    let mut b_o: Vec<f64> = c_proj.bias.values.iter().copied().map(f64::from).collect(); // [d_model]
    for (row, b_v) in c_proj.weight.values.chunks_exact(d_model).zip(&*b_v) {
        for (b_o, w_o) in b_o.iter_mut().zip(row) {
            *b_o += f64::from(*b_v) * f64::from(*w_o);
        }
    }
    narrow(&mut c_proj.bias.values, &b_o);
    b_v.fill(0.0);
}

/// Takes the mean off every row.
pub fn center(values: &mut [f32], width: usize) {
    for row in values.chunks_exact_mut(width) {
        let mean = row.iter().copied().map(f64::from).sum::<f64>() / width as f64;
        for value in row {
            *value = (f64::from(*value) - mean) as f32;
        }
    }
}

fn subtract(row: &mut [f32], mean: &[f64]) {
    for (value, mean) in row.iter_mut().zip(mean) {
        *value = (f64::from(*value) - mean) as f32;
    }
}

fn narrow(to: &mut [f32], from: &[f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from as f32;
    }
}
