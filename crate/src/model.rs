//! GPT-2 (Radford et al. 2019) with its weights processed as TransformerLens does.
//!
//! LayerNorm's parameters are folded into the weights that read its output, everything written to the
//! residual stream has mean 0, and value biases are folded into `b_O`; see [`crate::weights`]. What is
//! left of LayerNorm is (x − mean)/scale. Names follow the checkpoint: wte, wpe, c_attn, c_proj, c_fc.

mod attention;
mod block;
mod config;
mod effective_embedding;
mod embedding;
pub(crate) mod fused;
mod gelu;
mod layer_norm;
mod mlp;
mod prefix_tree;
mod unembedding;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

pub use attention::Attention;
pub use block::Block;
pub use config::Gpt2Config;
pub use effective_embedding::EffectiveEmbedding;
pub use embedding::Embedding;
pub(crate) use embedding::{rows_of, select_rows};
pub use gelu::Gelu;
pub(crate) use layer_norm::{center, normalize, scale, standardize};
pub use mlp::Mlp;
pub use prefix_tree::PrefixTree;
pub use unembedding::Unembedding;

use crate::hooks::{ActivationCache, Hooks, Session};
use crate::{Error, Result};

/// The model. What [`Unembedding`] unembeds with it borrows: wte, which is held once, or lm_head.
#[derive(Module, Debug)]
pub struct Gpt2 {
    #[module(skip)]
    pub config: Gpt2Config,
    pub wte: Embedding,
    /// The unembedding's own rows, where it is not tied to wte.
    pub lm_head: Option<Embedding>,
    /// Learned positions, each of mean 0. `[n_ctx, d_model]`
    pub wpe: Param<Tensor<2>>,
    pub blocks: Vec<Block>,
    pub ln_f: Unembedding,
}

impl Gpt2 {
    pub fn device(&self) -> Device {
        self.wpe.val().device()
    }

    /// Numbers in the checkpoint: those of wte once where it is the unembedding too, LayerNorms' among them though they are
    /// folded here, mask buffers left out.
    pub fn parameters(&self) -> u64 {
        let own_unembedding = if self.lm_head.is_some() { self.config.embedding_parameters() } else { 0 };
        self.config.parameters() + own_unembedding
    }

    /// `resid_pre[0]` of rows of tokens, all of one length. `[batch, pos, d_model]`
    ///
    /// # Errors
    /// [`Error::BadModel`] if rows are longer than the context or not of one length, or a token is not in
    /// the vocabulary.
    pub fn embed(&self, tokens: &[impl AsRef<[u32]>]) -> Result<Tensor<3>> {
        let rows = || tokens.iter().map(AsRef::as_ref);
        let pos = rows().next().map_or(0, <[u32]>::len);
        if let Some(odd) = rows().find(|row| row.len() != pos) {
            return Err(Error::model(format!(
                "rows of tokens must be of one length; found {pos} and {}",
                odd.len()
            )));
        }
        let tokens: Vec<u32> = rows().flatten().copied().collect();
        self.check_tokens(&tokens, pos)?;
        let batch = tokens.len() / pos;
        let w_e = self.wte.embed(&tokens).reshape([batch, pos, self.config.n_embd]); // [batch, pos, d_model]
        let w_pos = self.wpe.val().narrow(0, 0, pos).unsqueeze_dim(0); // [1, pos, d_model]
        Ok(w_e + w_pos)
    }

    /// `resid_pre[0]` of tokens at positions. `[tokens, d_model]`
    ///
    /// # Errors
    /// [`Error::BadModel`] if a position is not in the context, or a token not in the vocabulary.
    pub fn embed_at(&self, tokens: &[u32], positions: &[usize]) -> Result<Tensor<2>> {
        self.check_tokens(tokens, positions.iter().max().map_or(0, |last| last + 1))?;
        Ok(self.wte.embed(tokens) + select_rows(self.wpe.val(), positions))
    }

    fn check_tokens(&self, tokens: &[u32], pos: usize) -> Result<()> {
        let Gpt2Config { n_ctx, vocab_size, .. } = self.config;
        if pos == 0 || pos > n_ctx {
            return Err(Error::model(format!(
                "a prompt must have from 1 to {n_ctx} tokens, the model's context; found {pos}"
            )));
        }
        match tokens.iter().find(|&&token| token as usize >= vocab_size) {
            None => Ok(()),
            Some(token) => Err(Error::model(format!(
                "the tokenizer made token {token}, but the model has only {vocab_size}; the files do not belong together"
            ))),
        }
    }

    /// Runs rows of tokens, all of one length, as far as the last activation that `hooks` read.
    ///
    /// # Errors
    /// As [`Gpt2::embed`], and [`Error::BadHook`] for a hook that can never do anything.
    pub fn run(&self, tokens: &[impl AsRef<[u32]>], hooks: &Hooks) -> Result<ActivationCache> {
        self.run_from(0, self.embed(tokens)?, hooks)
    }

    /// [`Gpt2::run`], started from a layer's `resid_pre`. `[batch, pos, d_model]`
    ///
    /// # Errors
    /// [`Error::BadHook`] for a hook that can never do anything.
    pub fn run_from(&self, layer: usize, resid_pre: Tensor<3>, hooks: &Hooks) -> Result<ActivationCache> {
        let mut session = Session::new(hooks, &self.config, layer)?;
        let mut resid = Some(resid_pre);
        for (layer, block) in self.blocks.iter().enumerate().skip(layer) {
            resid = match resid {
                Some(resid) => block.forward(layer, resid, &mut session)?,
                None => break,
            };
        }
        Ok(session.finish())
    }

    /// What W_U is made of, a row a token.
    fn unembedded(&self) -> &Embedding {
        self.lm_head.as_ref().unwrap_or(&self.wte)
    }

    /// Drops an lm_head that is wte once more, number by number.
    ///
    /// # Errors
    /// [`Error::Device`] if the device does not answer.
    pub async fn tie_if_equal(&mut self) -> Result<()> {
        if let Some(lm_head) = &self.lm_head
            && lm_head.equals(&self.wte).await?
        {
            self.lm_head = None;
        }
        Ok(())
    }

    /// Columns of the processed unembedding, one a token: `W_U[:, tokens]`. `[tokens, d_model]`
    pub fn w_u(&self, tokens: &[u32]) -> Tensor<2> {
        self.ln_f.columns(self.unembedded(), tokens)
    }

    /// The logits of the whole vocabulary from the last layer's `resid_post`. `[rows, vocab]`
    pub fn logits(&self, resid_post: Tensor<2>) -> Tensor<2> {
        self.ln_f.logits(self.unembedded(), resid_post)
    }

    /// What rows that the residual stream might hold would give by themselves: LN(row) W_U. `[rows, vocab]`
    pub fn logits_without_bias(&self, rows: Tensor<2>) -> Tensor<2> {
        self.ln_f.logits_without_bias(self.unembedded(), rows)
    }

    /// The mean of some tokens' columns of the unembedding, for each of some lists of them. `[lists, d_model]`
    pub fn mean_w_u(&self, tokens: &[&[u32]]) -> Tensor<2> {
        let all = self.w_u(&tokens.concat()); // [tokens, d_model]
        let mut at = 0;
        let means = tokens.iter().map(|of_list| {
            let columns = all.clone().narrow(0, at, of_list.len());
            at += of_list.len();
            columns.mean_dim(0)
        });
        Tensor::cat(means.collect(), 0)
    }

    /// What tells answers from wrong ones, for each of some pairs of them: [`Unembedding::directions`].
    /// `[pairs, d_model]`
    pub fn answer_directions(&self, answers: &[[&[u32]; 2]]) -> Tensor<2> {
        self.ln_f.directions(self.unembedded(), answers)
    }

    /// The mean logit of answers minus that of wrong ones, for each row of the last layer's `resid_post`, by
    /// [`Gpt2::answer_directions`]. `[rows]`
    pub fn logit_diff(&self, resid_post: Tensor<2>, directions: Tensor<2>) -> Tensor<1> {
        self.ln_f.logit_diff(resid_post, directions)
    }

    /// [`Gpt2::logit_diff`] as a linear function of a row that ln_f's scale divides: [`Unembedding::linear`].
    /// `[pairs, d_model]` and `[pairs]`
    pub fn logit_diff_map(&self, directions: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        self.ln_f.linear(directions)
    }
}
