//! What a safetensors header promises, checked against the model's configuration before any byte of
//! data is used.

use std::collections::{BTreeMap, VecDeque};

use safetensors::Dtype;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as ValueError;

use super::header::Entry;
use super::numbers::Float;
use crate::{Error, Result, error::excerpt, model::Gpt2Config};

/// The next stretch of the data: one tensor, or some rows of wte, or something to pass over.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// The tensor's name without a `transformer.` prefix.
    pub name: String,
    /// Empty for what is passed over.
    pub shape: Vec<usize>,
    /// How its numbers are stored; nothing where they are not needed.
    pub dtype: Option<Float>,
    /// Numbers of the tensor before this piece.
    pub first: usize,
    /// Bytes in the file.
    pub bytes: u64,
}

/// A tensor of the checkpoint.
enum Expected {
    Weights(Vec<usize>),
    /// A causal mask that older checkpoints carry along, of whatever shape.
    Mask,
}

/// Tensors that a model can have, and one more: among so many, one is unknown or there twice.
pub fn most_tensors(config: &Gpt2Config) -> usize {
    4 + 14 * config.n_layer + 1
}

/// The pieces of the data in file order.
///
/// # Errors
/// [`Error::BadModel`] naming the tensor that is missing, unknown, there twice, of another shape than the
/// configuration says, of a type that is not read, or at a place in the file where it cannot be.
pub fn pieces(
    mut entries: Vec<Entry>,
    config: &Gpt2Config,
    wte_chunk_bytes: usize,
) -> Result<VecDeque<Piece>> {
    entries.sort_by_key(|entry| entry.offsets);
    let mut expected = expected(config);
    // True once found.
    let mut found: BTreeMap<&str, bool> = expected.keys().map(|name| (name.as_str(), false)).collect();
    for entry in &entries {
        let name = excerpt(&entry.name);
        match found.get_mut(short(&entry.name)) {
            Some(found) if !*found => *found = true,
            Some(_) => {
                return Err(Error::model(format!("model.safetensors has the tensor {name} twice")));
            }
            None => {
                return Err(Error::model(format!(
                    "model.safetensors has a tensor {name} that a GPT-2 of {} layers with a tied unembedding does not have",
                    config.n_layer
                )));
            }
        }
    }

    let mut pieces = VecDeque::new();
    let mut end = Position { name: "the header", byte: 0 };
    for entry in &entries {
        match expected.remove(short(&entry.name)) {
            Some(Expected::Weights(shape)) => {
                let dtype = weights(entry, &shape)?;
                end = end.next(entry)?;
                split(short(&entry.name), &shape, dtype, wte_chunk_bytes, &mut pieces);
            }
            _ => {
                let bytes = mask_bytes(entry, config)?;
                end = end.next(entry)?;
                if bytes > 0 {
                    let name = short(&entry.name).to_owned();
                    pieces.push_back(Piece { name, shape: Vec::new(), dtype: None, first: 0, bytes });
                }
            }
        }
    }
    let mut missing = expected.iter().filter(|(_, expected)| matches!(expected, Expected::Weights(_)));
    match missing.next() {
        None => Ok(pieces),
        Some((name, _)) => Err(Error::model(format!(
            "model.safetensors lacks {name}, one of {} tensors that config.json asks for and the file has not",
            1 + missing.count()
        ))),
    }
}

fn short(name: &str) -> &str {
    name.strip_prefix("transformer.").unwrap_or(name)
}

/// How far the data is taken, and by which tensor.
struct Position<'a> {
    name: &'a str,
    byte: u64,
}

impl<'a> Position<'a> {
    /// Behind the next tensor, which must begin here: a gap could hide anything, an overlap gives one byte
    /// two meanings.
    fn next(self, entry: &'a Entry) -> Result<Self> {
        let Entry { name, offsets: (first, behind), .. } = entry;
        if *first != self.byte {
            let what = if *first < self.byte { "overlap" } else { "leave a gap" };
            return Err(Error::model(format!(
                "model.safetensors: {} and {name} {what}: the one ends at byte {} of the data, the other begins at byte {first}",
                self.name, self.byte
            )));
        }
        Ok(Self { name, byte: *behind })
    }
}

/// How the numbers of a tensor are stored, if it is as expected.
fn weights(entry: &Entry, shape: &[usize]) -> Result<Float> {
    let name = &entry.name;
    if !entry.shape.iter().copied().eq(shape.iter().map(|&dimension| dimension as u64)) {
        return Err(Error::model(format!(
            "{name} has the shape {:?}, but config.json asks for {shape:?}; the files do not belong together",
            entry.shape
        )));
    }
    let dtype = match entry.dtype.as_str() {
        "F32" => Float::F32,
        "F16" => Float::F16,
        "BF16" => Float::BF16,
        other => {
            return Err(Error::model(format!(
                "{name} is stored as {}; expected F32, F16 or BF16",
                excerpt(other)
            )));
        }
    };
    // Within u64, since the configuration limits the model's size.
    let numbers: u64 = entry.shape.iter().product();
    check_bytes(entry, numbers * dtype.bytes() as u64)?;
    Ok(dtype)
}

/// The bytes to pass over.
fn mask_bytes(entry: &Entry, config: &Gpt2Config) -> Result<u64> {
    let name = &entry.name;
    let most = (config.n_ctx as u64).pow(2);
    let numbers = entry.shape.iter().try_fold(1_u64, |product, &dimension| product.checked_mul(dimension));
    let Some(numbers) = numbers.filter(|&numbers| numbers <= most) else {
        return Err(Error::model(format!(
            "{name} has the shape {:?}, more than a mask over the {} positions that config.json gives",
            entry.shape, config.n_ctx
        )));
    };
    let dtype: std::result::Result<Dtype, ValueError> =
        Dtype::deserialize(entry.dtype.as_str().into_deserializer());
    let Ok(dtype) = dtype else {
        return Err(Error::model(format!(
            "{name} is stored as {}, which is no type of safetensors",
            excerpt(&entry.dtype)
        )));
    };
    let bytes = (numbers * dtype.bitsize() as u64).div_ceil(8);
    check_bytes(entry, bytes)?;
    Ok(bytes)
}

fn check_bytes(entry: &Entry, bytes: u64) -> Result<()> {
    let Entry { name, dtype, shape, offsets: (first, behind) } = entry;
    match behind.checked_sub(*first) {
        Some(found) if found == bytes => Ok(()),
        Some(found) => Err(Error::model(format!(
            "{name} has {found} bytes in model.safetensors, from {first} to {behind}; {dtype} of shape {shape:?} takes {bytes}"
        ))),
        None => Err(Error::model(format!(
            "{name} ends at byte {behind} of the data, before its beginning at byte {first}"
        ))),
    }
}

/// A tensor as one piece, wte as several.
fn split(name: &str, shape: &[usize], dtype: Float, wte_chunk_bytes: usize, pieces: &mut VecDeque<Piece>) {
    let width: usize = shape[1..].iter().product();
    let rows_at_once = match name {
        "wte.weight" => wte_chunk_bytes / (width * size_of::<f32>()),
        _ => shape[0],
    };
    for first in (0..shape[0]).step_by(rows_at_once) {
        let mut shape = shape.to_vec();
        shape[0] = rows_at_once.min(shape[0] - first);
        let bytes = (shape[0] * width) as u64 * dtype.bytes() as u64;
        let name = name.to_owned();
        pieces.push_back(Piece { name, shape, dtype: Some(dtype), first: first * width, bytes });
    }
}

/// The checkpoint's tensors with weights, by name and shape, in the order of GPT-2's files.
pub fn tensors(config: &Gpt2Config) -> Vec<(String, Vec<usize>)> {
    let d = config.n_embd;
    let named = |name: &str, shape: Vec<usize>| (name.to_owned(), shape);
    let mut tensors =
        vec![named("wte.weight", vec![config.vocab_size, d]), named("wpe.weight", vec![config.n_ctx, d])];
    for layer in 0..config.n_layer {
        let of_layer = [
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
        ];
        tensors.extend(of_layer.map(|(name, shape)| (format!("h.{layer}.{name}"), shape)));
    }
    tensors.extend([named("ln_f.weight", vec![d]), named("ln_f.bias", vec![d])]);
    tensors
}

/// Everything that may stand in the checkpoint.
fn expected(config: &Gpt2Config) -> BTreeMap<String, Expected> {
    let weights = tensors(config).into_iter().map(|(name, shape)| (name, Expected::Weights(shape)));
    let mut expected: BTreeMap<_, _> = weights.collect();
    for layer in 0..config.n_layer {
        for mask in ["attn.bias", "attn.masked_bias"] {
            expected.insert(format!("h.{layer}.{mask}"), Expected::Mask);
        }
    }
    expected
}
