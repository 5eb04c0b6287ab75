mod file;

use serde::Deserialize;

use self::file::ConfigFile;
use super::Gelu;
use crate::wrong_file::{self, Expected};
use crate::{Error, Result, error::excerpt};

/// A model's shape, and what else of its `config.json` bears on the computation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "ConfigFile")]
pub struct Gpt2Config {
    /// Layers.
    pub n_layer: usize,
    /// Attention heads in each layer.
    pub n_head: usize,
    /// Width of the residual stream, d_model.
    pub n_embd: usize,
    /// Width of the MLPs, d_mlp.
    pub n_inner: usize,
    /// Most tokens in a row: n_positions.
    pub n_ctx: usize,
    /// Number of tokens in the vocabulary.
    pub vocab_size: usize,
    /// LayerNorm's eps.
    pub layer_norm_epsilon: f64,
    /// The MLPs' activation function.
    pub gelu: Gelu,
    /// Whether scores are divided by √d_head.
    pub scale_attn_weights: bool,
    /// Whether scores are divided by the layer's number, from 1.
    pub scale_attn_by_inverse_layer_idx: bool,
    /// Whether the unembedding is said to be wte. The weights decide.
    pub tie_word_embeddings: bool,
    /// The token before a text.
    pub bos_token_id: Option<u32>,
}

/// Far above any GPT-2 (48 layers, 25 heads, 1600 wide, 50257 tokens), and far below what would not fit.
const LARGEST_EPSILON: f64 = 0.1;
const LARGEST_N_LAYER: usize = 512;
const LARGEST_N_HEAD: usize = 512;
const LARGEST_N_EMBD: usize = 16_384;
const LARGEST_N_INNER: usize = 4 * LARGEST_N_EMBD;
const LARGEST_N_CTX: usize = 65_536;
const LARGEST_VOCAB_SIZE: usize = 1_000_000;

/// Far above any GPT-2's 1.6 billion, and so few that their bytes can be counted. Whether they fit is [`crate::room`]'s.
const MOST_PARAMETERS: u64 = 250_000_000_000;

impl Gpt2Config {
    /// Reads a `config.json`.
    ///
    /// # Errors
    /// [`Error::BadModel`] naming the entry that is missing, out of range or not GPT-2's.
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self> {
        Self::with_notes(json.as_ref()).map(|(config, _)| config)
    }

    /// [`Gpt2Config::from_json`], and what was decided on the way, in plain sentences.
    ///
    /// # Errors
    /// As [`Gpt2Config::from_json`].
    pub fn with_notes(json: &[u8]) -> Result<(Self, Vec<String>)> {
        let json = wrong_file::json("config.json", json, Expected::Config)?;
        let file: ConfigFile = serde_json::from_slice(json).map_err(|error| {
            let error = excerpt(&error.to_string());
            Error::model(format!("config.json is not a GPT-2 configuration: {error}"))
        })?;
        let (config, notes) = file.read()?;
        config.check()?;
        Ok((config, notes))
    }

    /// Refuses another model's.
    ///
    /// # Errors
    /// [`Error::BadModel`] naming the first entry that differs.
    pub fn check_equals(&self, expected: &Self) -> Result<()> {
        let numbers = |config: &Self| {
            [
                ("n_layer", config.n_layer.to_string()),
                ("n_head", config.n_head.to_string()),
                ("n_embd", config.n_embd.to_string()),
                ("n_inner", config.n_inner.to_string()),
                ("n_ctx", config.n_ctx.to_string()),
                ("vocab_size", config.vocab_size.to_string()),
                ("layer_norm_epsilon", config.layer_norm_epsilon.to_string()),
                ("activation_function", config.gelu.name().to_owned()),
                ("scale_attn_weights", config.scale_attn_weights.to_string()),
                ("scale_attn_by_inverse_layer_idx", config.scale_attn_by_inverse_layer_idx.to_string()),
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

    /// The number of heads in all layers.
    pub fn heads(&self) -> usize {
        self.n_layer * self.n_head
    }

    /// The floating point operations of the matrix products of a run of so many tokens, through all layers.
    pub fn forward_flops(&self, tokens: usize) -> f64 {
        let [n_layer, d, inner, tokens] =
            [self.n_layer, self.n_embd, self.n_inner, tokens].map(|size| size as f64);
        n_layer * tokens * (8.0 * d * d + 4.0 * d * inner + 2.0 * d * (tokens + 1.0))
    }

    /// What a layer's scores q·k are multiplied by: 1/√d_head, unless the configuration says otherwise.
    pub fn score_scale(&self, layer: usize) -> f64 {
        let root = if self.scale_attn_weights { (self.d_head() as f64).sqrt() } else { 1.0 };
        let number = if self.scale_attn_by_inverse_layer_idx { (layer + 1) as f64 } else { 1.0 };
        1.0 / (root * number)
    }

    /// The head to look at where none is named: 10.7, GPT-2 small's negative name mover, or a head as high up among the layers.
    pub fn default_head(&self) -> [usize; 2] {
        [self.n_layer * 10 / 12, 7.min(self.n_head - 1)]
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

    /// Numbers in the checkpoint of a tied model, mask buffers left out.
    pub fn parameters(&self) -> u64 {
        let d = self.n_embd as u64;
        let blocks = self.n_layer as u64 * self.block_parameters();
        self.embedding_parameters() + self.n_ctx as u64 * d + blocks + 2 * d
    }

    /// Numbers of one layer.
    pub fn block_parameters(&self) -> u64 {
        let [d, inner] = [self.n_embd as u64, self.n_inner as u64];
        4 * d * d + 2 * d * inner + 9 * d + inner
    }

    /// Numbers of wte, and of an unembedding beside it.
    pub fn embedding_parameters(&self) -> u64 {
        self.vocab_size as u64 * self.n_embd as u64
    }

    fn check(&self) -> Result<()> {
        for (name, value, most) in [
            ("n_layer", self.n_layer, LARGEST_N_LAYER),
            ("n_head", self.n_head, LARGEST_N_HEAD),
            ("n_embd", self.n_embd, LARGEST_N_EMBD),
            ("n_inner", self.n_inner, LARGEST_N_INNER),
            ("n_positions", self.n_ctx, LARGEST_N_CTX),
            ("vocab_size", self.vocab_size, LARGEST_VOCAB_SIZE),
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
        let parameters = self.parameters();
        if parameters > MOST_PARAMETERS {
            return Err(Error::model(format!(
                "config.json: a model of this shape has {parameters} parameters; at most {MOST_PARAMETERS} are read"
            )));
        }
        let eps = self.layer_norm_epsilon;
        if !(eps > 0.0 && eps <= LARGEST_EPSILON) {
            return Err(Error::model(format!(
                "config.json: layer_norm_epsilon must be above 0 and at most {LARGEST_EPSILON}, not {eps}"
            )));
        }
        Ok(())
    }
}

impl TryFrom<ConfigFile> for Gpt2Config {
    type Error = Error;

    fn try_from(file: ConfigFile) -> Result<Self> {
        let (config, _) = file.read()?;
        config.check()?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::Gpt2Config;

    fn config(json: &str) -> Gpt2Config {
        Gpt2Config::from_json(json).unwrap()
    }

    #[test]
    fn the_default_head_follows_the_model() {
        let of = |n_layer: usize, n_head: usize| {
            let n_embd = 4 * n_head;
            config(&format!(r#"{{"n_layer":{n_layer},"n_head":{n_head},"n_embd":{n_embd}}}"#)).default_head()
        };
        assert_eq!([of(12, 12), of(24, 16), of(36, 20), of(48, 25)], [[10, 7], [20, 7], [30, 7], [40, 7]]);
        assert_eq!([of(6, 12), of(3, 4), of(1, 1), of(12, 4)], [[5, 7], [2, 3], [0, 0], [10, 3]]);
    }

    #[test]
    fn the_parameters_of_the_gpt_2s_are_those_that_are_published() {
        let of = |n_layer: usize, n_head: usize, n_embd: usize| {
            config(&format!(r#"{{"n_layer":{n_layer},"n_head":{n_head},"n_embd":{n_embd}}}"#)).parameters()
        };
        assert_eq!(config(r#"{"model_type":"gpt2"}"#).parameters(), 124_439_808);
        assert_eq!(
            [of(24, 16, 1024), of(36, 20, 1280), of(48, 25, 1600)],
            [354_823_168, 774_030_080, 1_557_611_200]
        );
    }

    #[test]
    fn scores_are_scaled_as_the_configuration_says() {
        let scale =
            |more: &str, layer| config(&format!(r#"{{"model_type":"gpt2"{more}}}"#)).score_scale(layer);
        assert_eq!(scale("", 11), 1.0 / 8.0);
        assert_eq!(scale(r#","scale_attn_by_inverse_layer_idx":true"#, 0), 1.0 / 8.0);
        assert_eq!(scale(r#","scale_attn_by_inverse_layer_idx":true"#, 11), 1.0 / 96.0);
        assert_eq!(scale(r#","scale_attn_weights":false"#, 11), 1.0);
        assert_eq!(
            scale(r#","scale_attn_weights":false,"scale_attn_by_inverse_layer_idx":true"#, 2),
            1.0 / 3.0
        );
    }
}
