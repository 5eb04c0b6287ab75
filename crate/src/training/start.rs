use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

use crate::model::{Attention, Block, Embedding, Gpt2, Gpt2Config, Mlp, Unembedding};
use crate::python_random::PythonRandom;

/// A model of random weights, as GPT-2 starts: normal of standard deviation 0.02 at GPT-2 small's width and more in narrower
/// models, less where a layer writes to the residual stream; biases 0. Tokens begin further apart: what is common to all
/// names is learnt in some dozen steps, and would drown what tells them apart long before the model learns to copy.
pub fn random_model(config: Gpt2Config, random: &mut PythonRandom, device: &Device) -> Gpt2 {
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
    let wpe = normal([config.n_ctx, d], std);
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
        mlp: Mlp {
            c_fc: linear(d, config.n_inner, std),
            c_proj: linear(config.n_inner, d, writing),
            gelu: config.gelu,
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
