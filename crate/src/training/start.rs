use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Distribution, Tensor};

use crate::model::{Attention, Block, Embedding, Gpt2, Gpt2Config, Mlp, Unembedding};

/// A model of random weights, as GPT-2 starts: normal of standard deviation 0.02 at GPT-2 small's width and more in narrower
/// models, less where a layer writes to the residual stream; biases 0. Tokens begin further apart: what is common to all
/// names is learnt in some dozen steps, and would drown what tells them apart long before the model learns to copy.
pub fn random_model(config: Gpt2Config, seed: u32, device: &Device) -> Gpt2 {
    device.seed(seed.into());
    let (d, vocab) = (config.n_embd, config.vocab_size);
    let std = 0.02 * (768.0 / d as f64).sqrt();
    let writing = std / (2.0 * config.n_layer as f64).sqrt();
    let normal = |shape: [usize; 2], std| {
        Param::from_tensor(Tensor::<2>::random(shape, Distribution::Normal(0.0, std), device))
    };
    let linear = |inputs, outputs, std| Linear {
        weight: normal([inputs, outputs], std),
        bias: Some(Param::from_tensor(Tensor::zeros([outputs], device))),
    };
    let block = |_| Block {
        attn: Attention {
            c_attn: linear(d, 3 * d, std),
            c_proj: linear(d, d, writing),
            n_head: config.n_head,
        },
        mlp: Mlp { c_fc: linear(d, 4 * d, std), c_proj: linear(4 * d, d, writing) },
        eps: config.layer_norm_epsilon,
    };
    Gpt2 {
        wte: Embedding { chunks: vec![normal([vocab, d], 4.0 * std)] },
        wpe: normal([config.n_ctx, d], std),
        blocks: (0..config.n_layer).map(block).collect(),
        ln_f: Unembedding {
            weight: Param::from_tensor(Tensor::ones([d], device)),
            bias: Param::from_tensor(Tensor::zeros([d], device)),
            // It moves all logits alike, which no loss sees: 0 will do, and must not be trained.
            mean_wte: Param::from_tensor(Tensor::zeros([d], device)).no_grad(),
            eps: config.layer_norm_epsilon,
        },
        config,
    }
}
