use serde::Deserialize;

use crate::{Error, Result, error::excerpt};

/// A model's shape, from its `config.json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "ConfigFile")]
pub struct Gpt2Config {
    /// Layers.
    pub n_layer: usize,
    /// Attention heads in each layer.
    pub n_head: usize,
    /// Width of the residual stream, d_model.
    pub n_embd: usize,
    /// Most tokens in a row.
    pub n_ctx: usize,
    /// Number of tokens in the vocabulary.
    pub vocab_size: usize,
    /// LayerNorm's eps.
    pub layer_norm_epsilon: f64,
}

/// config.json, as far as it bears on the computation.
#[derive(Deserialize)]
struct ConfigFile {
    n_layer: usize,
    n_head: usize,
    n_embd: usize,
    /// Older files have n_ctx as well, or instead.
    n_positions: Option<usize>,
    n_ctx: Option<usize>,
    vocab_size: usize,
    layer_norm_epsilon: f64,
    model_type: Option<String>,
    activation_function: Option<String>,
    n_inner: Option<usize>,
    scale_attn_weights: Option<bool>,
    scale_attn_by_inverse_layer_idx: Option<bool>,
}

/// Far above any GPT-2 (48 layers, 25 heads, 1600 wide, 50257 tokens), and far below what would not fit.
const LARGEST: Gpt2Config = Gpt2Config {
    n_layer: 512,
    n_head: 512,
    n_embd: 16_384,
    n_ctx: 65_536,
    vocab_size: 1_000_000,
    layer_norm_epsilon: 0.1,
};

/// What float32 weights may take: WebAssembly has 4 GiB of memory in all.
const MAX_BYTES: u64 = if cfg!(target_pointer_width = "32") { 3_500_000_000 } else { 1_000_000_000_000 };

impl Gpt2Config {
    /// Reads a `config.json`.
    ///
    /// # Errors
    /// [`Error::BadModel`] naming the entry that is missing, out of range or not GPT-2's.
    pub fn from_json(json: &str) -> Result<Self> {
        let file: ConfigFile = serde_json::from_str(json).map_err(|error| {
            let error = excerpt(&error.to_string());
            Error::model(format!("config.json is not a GPT-2 configuration: {error}"))
        })?;
        file.try_into()
    }

    /// Refuses another model's.
    ///
    /// # Errors
    /// [`Error::BadModel`] naming the first entry that differs.
    pub fn check_equals(&self, expected: &Self) -> Result<()> {
        let numbers = |config: &Self| {
            let Self { n_layer, n_head, n_embd, n_ctx, vocab_size, layer_norm_epsilon } = config;
            [
                ("n_layer", n_layer.to_string()),
                ("n_head", n_head.to_string()),
                ("n_embd", n_embd.to_string()),
                ("n_ctx", n_ctx.to_string()),
                ("vocab_size", vocab_size.to_string()),
                ("layer_norm_epsilon", layer_norm_epsilon.to_string()),
            ]
        };
        match numbers(self).into_iter().zip(numbers(expected)).find(|(found, expected)| found != expected) {
            Some(((name, found), (_, expected))) => Err(Error::model(format!(
                "config.json is not the one of this model: expected {name} {expected}, found {found}"
            ))),
            None => Ok(()),
        }
    }

    /// Width of one head.
    pub fn d_head(&self) -> usize {
        self.n_embd / self.n_head
    }

    /// Whether the model has that layer and head.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `layer` or `head`.
    pub fn check_head(&self, layer: usize, head: usize) -> Result<()> {
        let within = |field, value: usize, count: usize| {
            if value < count {
                return Ok(());
            }
            let message = format!("this model has {field}s 0 to {}; there is no {field} {value}", count - 1);
            Err(Error::input(field, message))
        };
        within("layer", layer, self.n_layer)?;
        within("head", head, self.n_head)
    }

    /// Numbers in the checkpoint, mask buffers left out.
    pub fn parameters(&self) -> u64 {
        let d = self.n_embd as u64;
        let block = 12 * d * d + 13 * d;
        (self.vocab_size as u64 + self.n_ctx as u64) * d + self.n_layer as u64 * block + 2 * d
    }

    fn check(&self) -> Result<()> {
        for (name, value, most) in [
            ("n_layer", self.n_layer, LARGEST.n_layer),
            ("n_head", self.n_head, LARGEST.n_head),
            ("n_embd", self.n_embd, LARGEST.n_embd),
            ("n_ctx", self.n_ctx, LARGEST.n_ctx),
            ("vocab_size", self.vocab_size, LARGEST.vocab_size),
        ] {
            if value == 0 || value > most {
                return Err(Error::model(format!(
                    "config.json: {name} must be from 1 to {most}, not {value}"
                )));
            }
        }
        if !self.n_embd.is_multiple_of(self.n_head) {
            return Err(Error::model(format!(
                "config.json: n_embd {} must be a multiple of n_head {}",
                self.n_embd, self.n_head
            )));
        }
        let bytes = self.parameters() * size_of::<f32>() as u64;
        if bytes > MAX_BYTES {
            return Err(Error::model(format!(
                "config.json: a model of this shape takes {:.1} GB in float32; at most {:.1} GB fit here",
                bytes as f64 / 1e9,
                MAX_BYTES as f64 / 1e9
            )));
        }
        let eps = self.layer_norm_epsilon;
        if !(eps > 0.0 && eps <= LARGEST.layer_norm_epsilon) {
            return Err(Error::model(format!(
                "config.json: layer_norm_epsilon must be above 0 and at most {}, not {eps}",
                LARGEST.layer_norm_epsilon
            )));
        }
        Ok(())
    }
}

impl TryFrom<ConfigFile> for Gpt2Config {
    type Error = Error;

    fn try_from(file: ConfigFile) -> Result<Self> {
        file.check()?;
        let config = Self {
            n_layer: file.n_layer,
            n_head: file.n_head,
            n_embd: file.n_embd,
            n_ctx: file.n_positions.or(file.n_ctx).unwrap_or(0),
            vocab_size: file.vocab_size,
            layer_norm_epsilon: file.layer_norm_epsilon,
        };
        config.check()?;
        Ok(config)
    }
}

impl ConfigFile {
    /// Refuses what would need other code than GPT-2's.
    fn check(&self) -> Result<()> {
        let is = |name: &str, found: Option<String>, expected: &str| match found {
            Some(found) if found != expected => Err(Error::model(format!(
                "config.json: {name} must be {expected}, as GPT-2's is; found {}",
                excerpt(&found)
            ))),
            _ => Ok(()),
        };
        is("model_type", self.model_type.clone(), "gpt2")?;
        is("activation_function", self.activation_function.clone(), "gelu_new")?;
        let four_times = self.n_embd.saturating_mul(4).to_string();
        is("n_inner", self.n_inner.map(|n| n.to_string()), &four_times)?;
        is("scale_attn_weights", self.scale_attn_weights.map(|on| on.to_string()), "true")?;
        let by_layer = self.scale_attn_by_inverse_layer_idx.map(|on| on.to_string());
        is("scale_attn_by_inverse_layer_idx", by_layer, "false")?;
        match (self.n_ctx, self.n_positions) {
            (Some(n_ctx), Some(n_positions)) if n_ctx != n_positions => Err(Error::model(format!(
                "config.json: n_ctx must be n_positions; found {n_ctx} and {n_positions}"
            ))),
            _ => Ok(()),
        }
    }
}
