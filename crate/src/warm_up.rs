//! Has a GPU's kernels made while the weights are on their way: their source depends on the model's shape alone.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use cubecl::dry_run::DryRun;

use crate::Result;
use crate::model::fused::Product;
use crate::model::{Attention, Block, Embedding, Gpt2, Gpt2Config, Mlp, Unembedding};
use crate::self_check::{self, TOKENS};

/// Goes the self-check's way in a model of this shape with nothing in it. What is launched is compiled and dropped,
/// so only the driver is at work. `rows`: as the self-check has, since some of Burn's kernels depend on lengths.
///
/// # Errors
/// None but for a model of no layers.
pub fn warm_up(config: &Gpt2Config, device: &Device, rows: usize) -> Result<()> {
    let model = nothing(config, device);
    let tokens: Vec<u32> = (0..config.n_ctx.min(config.vocab_size).min(TOKENS) as u32).collect();
    let _dry_run = DryRun::new();
    // Which of them runs is measured once the weights are there; until then it is the last of these, registers.
    for product in Product::ALL.into_iter().rev() {
        product.choose();
        self_check::compute(&model, &tokens, 0, rows)?;
    }
    Ok(())
}

/// A model of one block, its numbers whatever was in memory.
fn nothing(config: &Gpt2Config, device: &Device) -> Gpt2 {
    let d = config.n_embd;
    let vector = |width: usize| Param::from_tensor(Tensor::<1>::empty([width], device));
    let matrix = |rows: usize, width: usize| Param::from_tensor(Tensor::<2>::empty([rows, width], device));
    let linear = |d_in, d_out| Linear { weight: matrix(d_in, d_out), bias: Some(vector(d_out)) };
    let eps = config.layer_norm_epsilon;
    let attn = Attention {
        c_attn: linear(d, 3 * d),
        c_proj: linear(d, d),
        n_head: config.n_head,
        score_scale: config.score_scale(0),
    };
    let mlp = Mlp { c_fc: linear(d, config.n_inner), c_proj: linear(config.n_inner, d), gelu: config.gelu };
    Gpt2 {
        wte: Embedding { chunks: vec![matrix(TOKENS, d)] },
        lm_head: None,
        wpe: matrix(TOKENS, d),
        blocks: vec![Block { attn, mlp, eps }],
        ln_f: Unembedding { weight: vector(d), bias: vector(d), mean_row: vector(d), eps },
        config: Gpt2Config { n_layer: 1, ..config.clone() },
    }
}
