use serde::Deserialize;

use crate::{Error, Result};

/// A model's shape, from its `config.json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Gpt2Config {
    /// Layers.
    pub n_layer: usize,
    /// Attention heads in each layer.
    pub n_head: usize,
    /// Width of the residual stream, d_model.
    pub n_embd: usize,
    /// Most tokens in a row; some files call it n_positions.
    #[serde(alias = "n_positions")]
    pub n_ctx: usize,
    /// Number of tokens in the vocabulary.
    pub vocab_size: usize,
    /// LayerNorm's eps.
    pub layer_norm_epsilon: f64,
}

/// What else config.json may say that changes the computation.
#[derive(Deserialize)]
struct Variant {
    model_type: Option<String>,
    activation_function: Option<String>,
    n_inner: Option<usize>,
    n_positions: Option<usize>,
    n_ctx: Option<usize>,
    #[serde(default)]
    scale_attn_by_inverse_layer_idx: bool,
    scale_attn_weights: Option<bool>,
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

impl Gpt2Config {
    /// Reads a `config.json`.
    ///
    /// # Errors
    /// [`Error::BadModel`] naming the entry that is missing, out of range or not GPT-2's.
    pub fn from_json(json: &str) -> Result<Self> {
        let bad = |error: serde_json::Error| {
            Error::model(format!("config.json is not a GPT-2 configuration: {error}"))
        };
        // n_ctx and n_positions mean the same; files with both would trip over the alias.
        let mut entries: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).map_err(bad)?;
        let variant: Variant = serde_json::from_value(entries.clone().into()).map_err(bad)?;
        variant.check()?;
        if entries.contains_key("n_positions") {
            entries.remove("n_ctx");
        }
        let config: Self = serde_json::from_value(entries.into()).map_err(bad)?;
        config.check()?;
        Ok(config)
    }

    /// Width of one head.
    pub fn d_head(&self) -> usize {
        self.n_embd / self.n_head
    }

    /// The layer and head of a field of the form.
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

    fn check(&self) -> Result<()> {
        for (name, value, most) in [
            ("n_layer", self.n_layer, LARGEST.n_layer),
            ("n_head", self.n_head, LARGEST.n_head),
            ("n_embd", self.n_embd, LARGEST.n_embd),
            ("n_ctx", self.n_ctx, LARGEST.n_ctx),
            ("vocab_size", self.vocab_size, LARGEST.vocab_size),
        ] {
            if value == 0 || value > most {
                return Err(Error::model(format!("config.json: {name} must be from 1 to {most}, not {value}")));
            }
        }
        if !self.n_embd.is_multiple_of(self.n_head) {
            return Err(Error::model(format!(
                "config.json: n_embd {} must be a multiple of n_head {}",
                self.n_embd, self.n_head
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

impl Variant {
    fn check(&self) -> Result<()> {
        let refuse = |name: &str, expected: &str, found: String| {
            Err(Error::model(format!("config.json: {name} must be {expected}, as GPT-2's is; found {found}")))
        };
        match self {
            Self { model_type: Some(found), .. } if found != "gpt2" => {
                refuse("model_type", "gpt2", found.clone())
            }
            Self { activation_function: Some(found), .. } if found != "gelu_new" => {
                refuse("activation_function", "gelu_new", found.clone())
            }
            Self { n_inner: Some(found), .. } => refuse("n_inner", "absent (4 · n_embd)", found.to_string()),
            Self { scale_attn_by_inverse_layer_idx: true, .. } => {
                refuse("scale_attn_by_inverse_layer_idx", "false", "true".into())
            }
            Self { scale_attn_weights: Some(false), .. } => refuse("scale_attn_weights", "true", "false".into()),
            Self { n_positions: Some(a), n_ctx: Some(b), .. } if a != b => {
                refuse("n_ctx", "n_positions", format!("{b} and {a}"))
            }
            _ => Ok(()),
        }
    }
}
