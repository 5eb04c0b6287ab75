use std::f64::consts::{SQRT_2, TAU};

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

use crate::model::{Attention, Block, Embedding, Gpt2, Gpt2Config, Mlp, Unembedding};
use crate::python_random::PythonRandom;

/// A model of random weights, as GPT-2 starts: normal of standard deviation 0.02 at GPT-2 small's width and more in narrower
/// models, less where a layer writes to the residual stream; biases 0. Tokens begin further apart: what is common to all
/// names is learnt in some dozen steps, and would drown what tells them apart long before the model learns to copy.
pub fn random_model(config: Gpt2Config, mlps: usize, random: &mut PythonRandom, device: &Device) -> Gpt2 {
    let (d, vocab) = (config.n_embd, config.vocab_size);
    let std = 0.02 * (768.0 / d as f64).sqrt();
    let writing = std / (2.0 * config.n_layer as f64).sqrt();
    // Not the library's: its random numbers are one sequence for all threads.
    let mut normal = |shape: [usize; 2], std: f64| {
        let [rows, width] = shape;
        let drawn = (0..(rows * width).div_ceil(2)).flat_map(|_| random.gauss_pair());
        let values: Vec<f32> = drawn.take(rows * width).map(|value| (value * std) as f32).collect();
        Param::from_tensor(Tensor::<2>::from_data(TensorData::new(values, shape), device))
    };
    let wte = normal([vocab, d], 4.0 * std);
    let wpe = Param::from_tensor(Tensor::from_data(sinusoids([config.n_ctx, d], 4.0 * std), device));
    let mut linear = |inputs, outputs, std| Linear {
        weight: normal([inputs, outputs], std),
        bias: Some(Param::from_tensor(Tensor::zeros([outputs], device))),
    };
    let mut block = |layer| Block {
        attn: Attention {
            c_attn: linear(d, 3 * d, std),
            c_proj: linear(d, d, writing),
            n_head: config.n_head,
            score_scale: config.score_scale(layer),
        },
        mlp: if layer < mlps {
            Mlp {
                c_fc: linear(d, config.n_inner, std),
                c_proj: linear(config.n_inner, d, writing),
                gelu: config.gelu,
            }
        } else {
            no_mlp(&config, device)
        },
        eps: config.layer_norm_epsilon,
    };
    Gpt2 {
        wte: Embedding { chunks: vec![wte] },
        lm_head: None,
        wpe,
        blocks: (0..config.n_layer).map(&mut block).collect(),
        ln_f: Unembedding {
            weight: Param::from_tensor(Tensor::ones([d], device)),
            bias: Param::from_tensor(Tensor::zeros([d], device)),
            // It moves all logits alike, which no loss sees: 0 will do, and must not be trained.
            mean_row: Param::from_tensor(Tensor::zeros([d], device)).no_grad(),
            eps: config.layer_norm_epsilon,
        },
        config,
    }
}

/// Positions as sinusoids (Vaswani et al. 2017) of wavelengths from 3 to 128, of this standard deviation: one position back is
/// the same turn everywhere, so that a head can learn it of all positions together.
fn sinusoids(shape: [usize; 2], std: f64) -> TensorData {
    let [positions, width] = shape;
    let last = width.div_ceil(2).max(2) - 1;
    let number = |at: usize, column: usize| {
        let wavelength = 3.0 * (128.0_f64 / 3.0).powf((column / 2) as f64 / last as f64);
        let quarter = if column.is_multiple_of(2) { 0.0 } else { 0.25 };
        (std * SQRT_2 * (TAU * (at as f64 / wavelength + quarter)).sin()) as f32
    };
    let numbers = (0..positions).flat_map(|at| (0..width).map(move |column| number(at, column)));
    TensorData::new(numbers.collect::<Vec<f32>>(), shape)
}

/// An MLP that writes nothing, and is not trained.
fn no_mlp(config: &Gpt2Config, device: &Device) -> Mlp {
    let Gpt2Config { n_embd, n_inner, gelu, .. } = *config;
    let linear = |inputs, outputs| Linear {
        weight: Param::from_tensor(Tensor::zeros([inputs, outputs], device)).no_grad(),
        bias: Some(Param::from_tensor(Tensor::zeros([outputs], device)).no_grad()),
    };
    Mlp { c_fc: linear(n_embd, n_inner), c_proj: linear(n_inner, n_embd), gelu }
}
