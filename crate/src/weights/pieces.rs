//! What a safetensors header promises, checked against the model's configuration before any byte of
//! data is used.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::header::{Entry, Listing, Offsets, Passed};
use super::names;
use super::numbers::Float;
use super::tensors::{TOKENS, tensors};
use crate::{Error, Result, error::excerpt, model::Gpt2Config};

/// The next stretch of the data: one tensor, or some rows of one of a row a token, or something to pass over.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// The tensor's name without what wrappers add; empty where it is passed over, as is the shape.
    pub name: String,
    pub shape: Vec<usize>,
    /// How its numbers are stored; nothing where they are not needed.
    pub dtype: Option<Float>,
    /// Numbers of the tensor before this piece.
    pub first: u64,
    /// Bytes in the file.
    pub bytes: u64,
}

/// Tensors that a model can have, and one more: among so many, one is unknown or there twice.
pub fn most_tensors(config: &Gpt2Config) -> usize {
    5 + 14 * config.n_layer + 1
}

/// A checkpoint's tensors, over all of its files.
pub struct Checkpoint {
    shapes: BTreeMap<String, Vec<usize>>,
    /// Masks with them.
    found: BTreeSet<String>,
    /// What nothing in GPT-2 reads, causal masks left out.
    pub passed: Passed,
}

impl Checkpoint {
    pub fn new(config: &Gpt2Config) -> Self {
        Self {
            shapes: tensors(config).into_iter().collect(),
            found: BTreeSet::new(),
            passed: Passed::default(),
        }
    }

    /// The pieces of a file's data in its order.
    ///
    /// # Errors
    /// [`Error::BadModel`] naming the tensor that is unknown, there twice, of another shape than the
    /// configuration says, of a type that is not read, or at a place in the file where it cannot be.
    pub fn pieces(
        &mut self,
        file: &str,
        listing: Listing,
        config: &Gpt2Config,
        token_chunk_bytes: usize,
    ) -> Result<VecDeque<Piece>> {
        let Listing { entries, mut places, passed } = listing;
        for entry in &entries {
            if !self.shapes.contains_key(&entry.short) && !names::is_mask(&entry.short, config.n_layer) {
                return Err(unknown(file, &entry.name, config));
            }
            if !self.found.insert(entry.short.clone()) {
                let name = excerpt(&entry.name);
                return Err(Error::model(format!("{file}: the tensor {name} is there twice")));
            }
        }
        self.pass(passed);

        places.sort_unstable();
        let mut pieces = VecDeque::new();
        let mut end = Position { file, name: "the header", byte: 0 };
        for (offsets, number) in places {
            let entry = number.map(|number| &entries[number]);
            let weights = entry.and_then(|entry| Some((entry, self.shapes.get(&entry.short)?)));
            let dtype = match weights {
                Some((entry, shape)) => Some(dtype(file, entry, offsets, shape)?),
                None => None,
            };
            end = end.next(entry.map_or("a tensor that is passed over", |entry| &entry.name), offsets)?;
            match (weights, dtype) {
                (Some((entry, shape)), Some(dtype)) => {
                    split(&entry.short, shape, dtype, token_chunk_bytes, &mut pieces);
                }
                _ => pass(offsets.1 - offsets.0, &mut pieces),
            }
        }
        for mask in entries.iter().filter(|entry| entry.short.ends_with(".masked_bias")) {
            self.passed.add(&mask.name);
        }
        Ok(pieces)
    }

    /// Whether there is an lm_head beside wte, as far as files have been listed.
    pub fn has_own_unembedding(&self) -> bool {
        TOKENS.iter().all(|&name| self.found.contains(name))
    }

    fn pass(&mut self, passed: Passed) {
        let more = passed.count - passed.names.len();
        passed.names.iter().for_each(|name| self.passed.add(name));
        self.passed.count += more;
        self.passed.wrapped = self.passed.wrapped.take().or(passed.wrapped);
    }

    /// Whether every tensor of the model has been listed. Without wte, lm_head is wte.
    ///
    /// # Errors
    /// [`Error::BadModel`] naming the first that is missing.
    pub fn check_complete(&self, files: &str) -> Result<()> {
        let found = |name: &str| self.found.contains(name);
        let has_tokens = TOKENS.into_iter().any(found);
        // lm_head may be missing in any case.
        let mut missing = self.shapes.keys().filter(|name| match name.as_str() {
            name if name == TOKENS[0] => !has_tokens,
            name if name == TOKENS[1] => false,
            name => !found(name),
        });
        let Some(name) = missing.next() else {
            return Ok(());
        };
        let hint = self.passed.wrapped.as_ref().map_or(String::new(), |wrapped| {
            format!(
                ". There is {wrapped}: take off what its names begin with, which is no wrapper that is known"
            )
        });
        Err(Error::model(format!(
            "{files} lacks {name}, one of {} tensors that config.json asks for and that are not there{hint}",
            1 + missing.count()
        )))
    }

    /// What was passed over, and how the unembedding was found, in plain sentences.
    pub fn notes(&self, config: &Gpt2Config) -> Vec<String> {
        let mut notes = Vec::new();
        let Passed { names, count, .. } = &self.passed;
        if *count > 0 {
            let more = match count - names.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            notes.push(format!("Passed over, since nothing in GPT-2 reads it: {}{more}.", names.join(", ")));
        }
        let has = TOKENS.map(|name| self.found.contains(name));
        if has == [false, true] {
            notes.push("The file has lm_head.weight and no wte.weight: it is taken for both.".into());
        }
        if has == [true, false] && !config.tie_word_embeddings {
            notes.push(
                "config.json says that the unembedding is not tied (tie_word_embeddings), but there is no lm_head.weight: wte.weight is taken for it."
                    .into(),
            );
        }
        notes
    }
}

fn unknown(file: &str, name: &str, config: &Gpt2Config) -> Error {
    let why = if name.contains("lora_") || name.contains(".base_layer.") || name.contains("adapter") {
        ": it belongs to an adapter, which must be merged into the model before it is saved (merge_and_unload)"
    } else {
        ""
    };
    Error::model(format!(
        "{file} has a tensor {} that a GPT-2 of {} layers does not have{why}",
        excerpt(name),
        config.n_layer
    ))
}

/// How far the data is taken, and by which tensor.
struct Position<'a> {
    file: &'a str,
    name: &'a str,
    byte: u64,
}

impl<'a> Position<'a> {
    /// After the next tensor, which must begin here: a gap could hide anything, an overlap gives one byte
    /// two meanings.
    fn next(self, name: &'a str, (first, behind): Offsets) -> Result<Self> {
        let Self { file, .. } = self;
        if first != self.byte {
            let what = if first < self.byte { "overlap" } else { "leave a gap" };
            return Err(Error::model(format!(
                "{file}: {} and {} {what}: the one ends at byte {} of the data, the other begins at byte {first}",
                excerpt(self.name),
                excerpt(name),
                self.byte
            )));
        }
        length(name, (first, behind))?;
        Ok(Self { file, name, byte: behind })
    }
}

fn length(name: &str, (first, behind): Offsets) -> Result<u64> {
    behind.checked_sub(first).ok_or_else(|| {
        Error::model(format!(
            "{} ends at byte {behind} of the data, before its beginning at byte {first}",
            excerpt(name)
        ))
    })
}

/// How the numbers of a tensor are stored, if it is as expected.
fn dtype(file: &str, entry: &Entry, offsets: Offsets, shape: &[usize]) -> Result<Float> {
    let name = excerpt(&entry.name);
    if !entry.shape.iter().copied().eq(shape.iter().map(|&dimension| dimension as u64)) {
        let is_turned =
            shape.len() == 2 && entry.shape.iter().rev().copied().eq(shape.iter().map(|&n| n as u64));
        let hint = if is_turned { "; it is transposed, as torch.nn.Linear has it" } else { "" };
        return Err(Error::model(format!(
            "{name} has the shape {:?}, but config.json asks for {shape:?}; the files do not belong together{hint}",
            entry.shape
        )));
    }
    let dtype = match entry.dtype.as_str() {
        "F64" => Float::F64,
        "F32" => Float::F32,
        "F16" => Float::F16,
        "BF16" => Float::BF16,
        other => {
            return Err(Error::model(format!(
                "{name} is stored as {}; expected F32, F16, BF16 or F64",
                excerpt(other)
            )));
        }
    };
    // Within u64, since the configuration limits the model's size.
    let bytes = entry.shape.iter().product::<u64>() * dtype.bytes() as u64;
    let found = length(&entry.name, offsets)?;
    if found != bytes {
        let (first, behind) = offsets;
        return Err(Error::model(format!(
            "{name} has {found} bytes in {file}, from {first} to {behind}; {} of shape {shape:?} takes {bytes}",
            entry.dtype
        )));
    }
    Ok(dtype)
}

/// Something that is not read, together with what was not read before it.
fn pass(bytes: u64, pieces: &mut VecDeque<Piece>) {
    match pieces.back_mut() {
        _ if bytes == 0 => {}
        Some(last) if last.dtype.is_none() => last.bytes += bytes,
        _ => pieces.push_back(Piece { name: String::new(), shape: Vec::new(), dtype: None, first: 0, bytes }),
    }
}

/// A tensor as one piece, one of a row a token as several.
fn split(name: &str, shape: &[usize], dtype: Float, token_chunk_bytes: usize, pieces: &mut VecDeque<Piece>) {
    let width: usize = shape[1..].iter().product();
    let rows_at_once =
        if TOKENS.contains(&name) { token_chunk_bytes / (width * size_of::<f32>()) } else { shape[0] };
    for first in (0..shape[0]).step_by(rows_at_once) {
        let mut shape = shape.to_vec();
        shape[0] = rows_at_once.min(shape[0] - first);
        let bytes = (shape[0] * width) as u64 * dtype.bytes() as u64;
        let name = name.to_owned();
        pieces.push_back(Piece {
            name,
            shape,
            dtype: Some(dtype),
            first: first as u64 * width as u64,
            bytes,
        });
    }
}
