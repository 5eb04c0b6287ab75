//! config.json, read as transformers reads it: what is left out has the defaults of its `GPT2Config`.

use serde::Deserialize;

use super::Gpt2Config;
use crate::model::Gelu;
use crate::{Error, Result, error::excerpt};

/// The entries that bear on the computation. Those of transformers' general names stand for GPT-2's own.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ConfigFile {
    model_type: Option<String>,
    n_layer: Option<usize>,
    num_hidden_layers: Option<usize>,
    n_head: Option<usize>,
    num_attention_heads: Option<usize>,
    n_embd: Option<usize>,
    hidden_size: Option<usize>,
    n_positions: Option<usize>,
    max_position_embeddings: Option<usize>,
    /// Older files have it; transformers does not read it.
    n_ctx: Option<usize>,
    n_inner: Option<usize>,
    vocab_size: Option<usize>,
    layer_norm_epsilon: Option<f64>,
    activation_function: Option<String>,
    scale_attn_weights: Option<bool>,
    scale_attn_by_inverse_layer_idx: Option<bool>,
    tie_word_embeddings: Option<bool>,
    add_cross_attention: Option<bool>,
    bos_token_id: Option<u32>,
}

impl ConfigFile {
    /// The configuration, and what was decided on the way.
    ///
    /// # Errors
    /// [`Error::BadModel`] naming the entry that would need other code than GPT-2's, or contradicts another.
    pub fn read(self) -> Result<(Gpt2Config, Vec<String>)> {
        self.check_kind()?;
        let mut defaults = Vec::new();
        let mut or_default = |name: &str, said: Option<usize>, default: usize| {
            said.unwrap_or_else(|| {
                defaults.push(format!("{name} {default}"));
                default
            })
        };
        let n_layer = either(("n_layer", self.n_layer), ("num_hidden_layers", self.num_hidden_layers))?;
        let n_layer = or_default("n_layer", n_layer, 12);
        let n_head = either(("n_head", self.n_head), ("num_attention_heads", self.num_attention_heads))?;
        let n_head = or_default("n_head", n_head, 12);
        let n_embd = either(("n_embd", self.n_embd), ("hidden_size", self.hidden_size))?;
        let n_embd = or_default("n_embd", n_embd, 768);
        let general = ("max_position_embeddings", self.max_position_embeddings);
        let positions = either(("n_positions", self.n_positions), general)?;
        let n_ctx = or_default("n_positions", positions.or(self.n_ctx), 1024);
        let vocab_size = or_default("vocab_size", self.vocab_size, 50_257);
        let layer_norm_epsilon = self.layer_norm_epsilon.unwrap_or_else(|| {
            defaults.push("layer_norm_epsilon 1e-5".into());
            1e-5
        });
        let config = Gpt2Config {
            n_layer,
            n_head,
            n_embd,
            n_inner: self.n_inner.unwrap_or(n_embd.saturating_mul(4)),
            n_ctx,
            vocab_size,
            layer_norm_epsilon,
            gelu: self.gelu()?,
            scale_attn_weights: self.scale_attn_weights.unwrap_or(true),
            scale_attn_by_inverse_layer_idx: self.scale_attn_by_inverse_layer_idx.unwrap_or(false),
            tie_word_embeddings: self.tie_word_embeddings.unwrap_or(true),
            bos_token_id: self.bos_token_id,
        };
        let mut notes = Vec::new();
        if !defaults.is_empty() {
            notes.push(format!(
                "config.json leaves out what transformers has defaults for, which are taken: {}.",
                defaults.join(", ")
            ));
        }
        if let Some(other) = self.n_ctx.filter(|&other| other != n_ctx) {
            notes.push(format!(
                "config.json says n_ctx {other} and n_positions {n_ctx}. As in transformers, n_positions counts."
            ));
        }
        Ok((config, notes))
    }

    /// Refuses what is no GPT-2's configuration. With defaults for everything, any object would be one.
    fn check_kind(&self) -> Result<()> {
        let of_gpt2 = [self.n_layer, self.n_head, self.n_embd, self.n_positions, self.n_ctx];
        match &self.model_type {
            Some(kind) if kind != "gpt2" => Err(Error::model(format!(
                "config.json: model_type must be gpt2; found {}. Models of other kinds cannot be run here",
                excerpt(kind)
            ))),
            None if of_gpt2.iter().all(Option::is_none) => Err(Error::model(
                "config.json is not a GPT-2 configuration: it has neither model_type nor any of n_layer, n_head, n_embd, n_positions. Expected the file of a GPT-2's repository",
            )),
            _ if self.add_cross_attention == Some(true) => Err(Error::model(
                "config.json: add_cross_attention must be false: a GPT-2 that attends to an encoder cannot be run here",
            )),
            _ => Ok(()),
        }
    }

    /// transformers has several names for one function.
    fn gelu(&self) -> Result<Gelu> {
        match self.activation_function.as_deref() {
            None
            | Some("gelu_new" | "gelu_fast" | "gelu_pytorch_tanh" | "gelu_python_tanh" | "gelu_accurate") => {
                Ok(Gelu::Tanh)
            }
            Some("gelu" | "gelu_python") => Ok(Gelu::Exact),
            Some(other) => Err(Error::model(format!(
                "config.json: activation_function must be gelu_new (or gelu_fast, gelu_pytorch_tanh, which are the same) or gelu; found {}",
                excerpt(other)
            ))),
        }
    }
}

/// One of two names of a number.
fn either(own: (&str, Option<usize>), general: (&str, Option<usize>)) -> Result<Option<usize>> {
    match (own, general) {
        ((name, Some(a)), (other, Some(b))) if a != b => Err(Error::model(format!(
            "config.json says {name} {a} and {other} {b}, which are two names of one number; it contradicts itself"
        ))),
        ((_, a), (_, b)) => Ok(a.or(b)),
    }
}
