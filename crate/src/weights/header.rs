//! What a safetensors header promises, checked against the model's configuration before any byte of
//! data is used.

use std::collections::{BTreeMap, VecDeque};

use safetensors::tensor::{Dtype, Metadata};

use crate::{Error, Result, model::Gpt2Config};

/// The length of a header may be at most this, as in the safetensors library.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// Rows of wte are read, and held, in chunks of at most this many bytes in float32.
pub const MAX_CHUNK_BYTES: usize = 64 << 20;

/// The next stretch of the data: one tensor, or some rows of wte, or something to pass over.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// The tensor's name without a `transformer.` prefix.
    pub name: String,
    pub shape: Vec<usize>,
    /// How its numbers are stored; nothing where they are not needed.
    pub dtype: Option<Float>,
    /// Bytes in the file.
    pub bytes: usize,
}

/// The number formats read; all are widened to float32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Float {
    F32,
    F16,
    BF16,
}

impl Float {
    pub fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
        }
    }
}

/// The length of the header, from the file's first eight bytes.
///
/// # Errors
/// [`Error::BadModel`] if it is over the limit, as it is in any file that is no safetensors file.
pub fn header_length(first_bytes: [u8; 8]) -> Result<usize> {
    match u64::from_le_bytes(first_bytes) {
        0 => Err(Error::model("model.safetensors has an empty header; expected a list of tensors")),
        length if length <= MAX_HEADER_BYTES => Ok(length as usize),
        length => Err(Error::model(format!(
            "model.safetensors is not a safetensors file: its header would be {length} bytes long, over the limit of {MAX_HEADER_BYTES}"
        ))),
    }
}

/// The pieces of the data in file order.
///
/// # Errors
/// [`Error::BadModel`] if the header is no header, its offsets have gaps or overlap, a tensor is
/// missing, unknown, of another shape than the configuration says, or of a type that is not a float.
pub fn pieces(header: &[u8], config: &Gpt2Config, wte_chunk_bytes: usize) -> Result<VecDeque<Piece>> {
    let metadata: Metadata = serde_json::from_slice(header)
        .map_err(|error| Error::model(format!("model.safetensors has a broken header: {error}")))?;
    let mut expected = expected_shapes(config);
    let mut pieces = VecDeque::new();
    for name in metadata.offset_keys() {
        let info = metadata.info(&name).expect("a name the header lists");
        let bytes = info.data_offsets.1 - info.data_offsets.0;
        let short = name.strip_prefix("transformer.").unwrap_or(&name).to_owned();
        if is_mask_buffer(&short, config) {
            if bytes > 0 {
                pieces.push_back(Piece { name: short, shape: info.shape.clone(), dtype: None, bytes });
            }
            continue;
        }
        let Some(shape) = expected.remove(&short) else {
            return Err(Error::model(format!(
                "model.safetensors has a tensor {name} that a GPT-2 of {} layers with a tied unembedding does not have, or has it twice",
                config.n_layer
            )));
        };
        if info.shape != shape {
            return Err(Error::model(format!(
                "{name} has the shape {:?}, but config.json asks for {shape:?}; the files do not belong together",
                info.shape
            )));
        }
        let dtype = float(&name, info.dtype)?;
        let width: usize = shape[1..].iter().product();
        let rows_at_once = match short.as_str() {
            "wte.weight" => wte_chunk_bytes / (width * size_of::<f32>()),
            _ => shape[0],
        };
        for first in (0..shape[0]).step_by(rows_at_once) {
            let mut shape = shape.clone();
            shape[0] = rows_at_once.min(shape[0] - first);
            let bytes = shape[0] * width * dtype.bytes();
            pieces.push_back(Piece { name: short.clone(), shape, dtype: Some(dtype), bytes });
        }
    }
    match expected.keys().next() {
        None => Ok(pieces),
        Some(name) => Err(Error::model(format!(
            "model.safetensors lacks {name}, one of {} tensors that config.json asks for",
            expected.len()
        ))),
    }
}

fn float(name: &str, dtype: Dtype) -> Result<Float> {
    match dtype {
        Dtype::F32 => Ok(Float::F32),
        Dtype::F16 => Ok(Float::F16),
        Dtype::BF16 => Ok(Float::BF16),
        other => Err(Error::model(format!("{name} is stored as {other:?}; expected F32, F16 or BF16"))),
    }
}

/// Causal masks that older checkpoints carry along.
fn is_mask_buffer(name: &str, config: &Gpt2Config) -> bool {
    let Some((layer, rest)) = name.strip_prefix("h.").and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    layer.parse().is_ok_and(|layer: usize| layer < config.n_layer)
        && matches!(rest, "attn.bias" | "attn.masked_bias")
}

/// Every tensor of the checkpoint with its shape.
fn expected_shapes(config: &Gpt2Config) -> BTreeMap<String, Vec<usize>> {
    let d = config.n_embd;
    let mut shapes = BTreeMap::from([
        ("wte.weight".to_owned(), vec![config.vocab_size, d]),
        ("wpe.weight".to_owned(), vec![config.n_ctx, d]),
        ("ln_f.weight".to_owned(), vec![d]),
        ("ln_f.bias".to_owned(), vec![d]),
    ]);
    for layer in 0..config.n_layer {
        for (name, shape) in [
            ("ln_1.weight", vec![d]),
            ("ln_1.bias", vec![d]),
            ("attn.c_attn.weight", vec![d, 3 * d]),
            ("attn.c_attn.bias", vec![3 * d]),
            ("attn.c_proj.weight", vec![d, d]),
            ("attn.c_proj.bias", vec![d]),
            ("ln_2.weight", vec![d]),
            ("ln_2.bias", vec![d]),
            ("mlp.c_fc.weight", vec![d, 4 * d]),
            ("mlp.c_fc.bias", vec![4 * d]),
            ("mlp.c_proj.weight", vec![4 * d, d]),
            ("mlp.c_proj.bias", vec![d]),
        ] {
            shapes.insert(format!("h.{layer}.{name}"), shape);
        }
    }
    shapes
}
