use std::collections::VecDeque;

use burn::tensor::Device;
use serde::Serialize;

use super::MAX_CHUNK_BYTES;
use super::header;
use super::numbers::{NotFinite, Numbers};
use super::parts::Parts;
use super::pieces::{Checkpoint, Piece, most_tensors};
use super::process::Raw;
use crate::model::{Gpt2, Gpt2Config};
use crate::self_check::SelfCheck;
use crate::{Error, Result, error::excerpt, wrong_file};

/// How far a file has been read.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct LoadProgress {
    pub bytes: u64,
    /// Known once the header is read.
    pub total: Option<u64>,
    /// The tensor whose bytes are awaited.
    pub tensor: String,
}

/// Reads `model.safetensors`, or the files that a model has in its place, as their bytes arrive, and puts the processed
/// weights on the device.
///
/// Memory beyond the model's own: on a CPU the header; on a GPU the piece being read and the tensors of
/// blocks not yet complete. An lm_head is held beside wte until the model is finished.
pub struct WeightReader {
    config: Gpt2Config,
    cpu: Device,
    device: Device,
    /// The name of the file under way.
    file: String,
    state: State,
    bytes: u64,
    total: Option<u64>,
    /// Whether a file need not have every tensor.
    sharded: bool,
    token_chunk_bytes: usize,
    checkpoint: Checkpoint,
    parts: Parts,
}

enum State {
    Length(Vec<u8>),
    /// As much of it as has arrived, and its length.
    Header(Vec<u8>, u64),
    Data(Data),
    /// What was wrong, so that nothing can be made of a file after it.
    Failed(Error),
}

/// The pieces awaited, the first of which is being read.
struct Data {
    pieces: VecDeque<Piece>,
    /// Nothing of a piece that is passed over.
    numbers: Option<Numbers>,
    /// Bytes of the first piece that have arrived.
    filled: u64,
}

impl WeightReader {
    pub fn new(config: Gpt2Config, device: Device) -> Self {
        Self::with_token_chunks_of(MAX_CHUNK_BYTES, config, device)
    }

    fn with_token_chunks_of(token_chunk_bytes: usize, config: Gpt2Config, device: Device) -> Self {
        Self {
            parts: Parts::new(&config),
            checkpoint: Checkpoint::new(&config),
            config,
            token_chunk_bytes,
            cpu: Device::flex(),
            device,
            file: "model.safetensors".into(),
            state: State::Length(Vec::new()),
            bytes: 0,
            total: None,
            sharded: false,
        }
    }

    pub fn config(&self) -> &Gpt2Config {
        &self.config
    }

    /// Whether there is an lm_head beside wte, as far as headers have been read.
    pub fn has_own_unembedding(&self) -> bool {
        self.checkpoint.has_own_unembedding()
    }

    /// Begins one of the files of a model in several: called before each, the first too. Until all are there, tensors may
    /// be missing.
    ///
    /// # Errors
    /// [`Error::BadModel`] if the file before is not whole.
    pub fn next_file(&mut self, name: &str) -> Result<()> {
        if self.sharded || self.bytes > 0 {
            self.check_file()?;
        }
        self.sharded = true;
        self.file = excerpt(name);
        self.state = State::Length(Vec::new());
        (self.bytes, self.total) = (0, None);
        Ok(())
    }

    /// Takes the next bytes of the file, any number of them.
    ///
    /// # Errors
    /// [`Error::BadModel`] as soon as something is wrong, and then for ever.
    pub fn push(&mut self, mut chunk: &[u8]) -> Result<()> {
        self.bytes += chunk.len() as u64;
        while !chunk.is_empty() {
            match self.read(chunk) {
                Ok(rest) => chunk = rest,
                Err(error) => {
                    self.state = State::Failed(error.clone());
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    pub fn progress(&self) -> LoadProgress {
        let tensor = match &self.state {
            State::Length(_) | State::Header(..) => "header",
            State::Data(data) => data.pieces.front().map_or("", |piece| match piece.dtype {
                Some(_) => &piece.name,
                None => "what is passed over",
            }),
            State::Failed(_) => "",
        };
        LoadProgress { bytes: self.bytes, total: self.total, tensor: tensor.to_owned() }
    }

    /// Whether all of the model has arrived.
    ///
    /// # Errors
    /// [`Error::BadModel`] if the file under way ended early, or a tensor is in none of the files.
    pub fn check_whole(&self) -> Result<()> {
        self.check_file()?;
        self.checkpoint.check_complete(if self.sharded {
            "the whole of the model's files"
        } else {
            &self.file
        })
    }

    fn check_file(&self) -> Result<()> {
        match &self.state {
            State::Data(data) if data.pieces.is_empty() => Ok(()),
            State::Failed(error) => Err(error.clone()),
            _ if self.bytes == 0 => Err(wrong_file::no_safetensors(&self.file, b"")),
            _ => Err(self.wrong_size("is cut short")),
        }
    }

    /// What was passed over, and how the unembedding was found, in plain sentences.
    pub fn notes(&self) -> Vec<String> {
        self.checkpoint.notes(&self.config)
    }

    /// The model, and what its device is checked against.
    ///
    /// # Errors
    /// As [`WeightReader::check_whole`].
    pub fn finish(self) -> Result<(Gpt2, SelfCheck)> {
        self.check_whole()?;
        Ok(self.parts.finish(self.config, &self.device))
    }

    fn wrong_size(&self, what: &str) -> Error {
        let expected = self.total.map_or("a whole header".to_owned(), |total| format!("{total} bytes"));
        Error::model(format!(
            "{} {what}: expected {expected}, found {} bytes. Fetch the file again",
            self.file, self.bytes
        ))
    }

    /// Takes as much of a chunk as is wanted now, and gives back the rest.
    fn read<'a>(&mut self, chunk: &'a [u8]) -> Result<&'a [u8]> {
        match &mut self.state {
            State::Length(buffer) => {
                let rest = fill(buffer, 8, chunk);
                if let Ok(first_bytes) = buffer.as_slice().try_into() {
                    let length = header::header_length(&self.file, first_bytes, rest)?;
                    self.state = State::Header(Vec::new(), length);
                }
                Ok(rest)
            }
            State::Header(buffer, length) => {
                let rest = fill(buffer, *length, chunk);
                header::check_beginning(&self.file, *length, buffer)?;
                if buffer.len() as u64 == *length {
                    let listing = header::parse(&self.file, buffer, most_tensors(&self.config))?;
                    let checkpoint = &mut self.checkpoint;
                    let pieces =
                        checkpoint.pieces(&self.file, listing, &self.config, self.token_chunk_bytes)?;
                    if !self.sharded {
                        checkpoint.check_complete(&self.file)?;
                    }
                    let data: u64 = pieces.iter().map(|piece| piece.bytes).sum();
                    self.total = Some((8 + *length).saturating_add(data));
                    self.state = State::Data(Data { pieces, numbers: None, filled: 0 });
                }
                Ok(rest)
            }
            State::Data(data) => {
                let Some(piece) = data.pieces.front() else {
                    return Err(self.wrong_size("goes on after its last tensor"));
                };
                let (head, rest) = split(chunk, piece.bytes - data.filled);
                if let Some(dtype) = piece.dtype {
                    let numbers =
                        data.numbers.get_or_insert_with(|| Numbers::new(dtype, piece.shape.iter().product()));
                    numbers.push(head).map_err(|not_finite| refuse(piece, &not_finite))?;
                }
                data.filled += head.len() as u64;
                if data.filled == piece.bytes {
                    data.filled = 0;
                    let numbers = data.numbers.take();
                    if let (Some(piece), Some(numbers)) = (data.pieces.pop_front(), numbers) {
                        let raw = Raw { shape: piece.shape, values: numbers.into_values() };
                        self.parts.add(&piece.name, raw, &self.config, &self.cpu, &self.device);
                    }
                }
                Ok(rest)
            }
            State::Failed(error) => Err(error.clone()),
        }
    }
}

/// At most so many bytes of a chunk, and the rest.
fn split(chunk: &[u8], most: u64) -> (&[u8], &[u8]) {
    // What does not fit a usize is more than the chunk has.
    chunk.split_at(usize::try_from(most).map_or(chunk.len(), |most| most.min(chunk.len())))
}

/// Puts bytes into a buffer until it holds as many as wanted, and gives back the rest. The buffer grows with
/// what arrives, not with what is announced.
fn fill<'a>(buffer: &mut Vec<u8>, wanted: u64, chunk: &'a [u8]) -> &'a [u8] {
    let (head, rest) = split(chunk, wanted - buffer.len() as u64);
    buffer.extend_from_slice(head);
    rest
}

fn refuse(piece: &Piece, NotFinite { place, value }: &NotFinite) -> Error {
    Error::model(format!(
        "{} holds {value} at place {}; weights must be finite numbers. Fetch the file again",
        piece.name,
        piece.first + *place as u64
    ))
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use burn::tensor::Tensor;

    use super::*;

    const CONFIG: &str = include_str!("../../../tests/fixtures/tiny/config.json");
    const WEIGHTS: &[u8] = include_bytes!("../../../tests/fixtures/tiny/model.safetensors");

    fn model(token_chunk_bytes: usize) -> Gpt2 {
        let config = Gpt2Config::from_json(CONFIG).unwrap();
        let mut reader = WeightReader::with_token_chunks_of(token_chunk_bytes, config, Device::flex());
        reader.push(WEIGHTS).unwrap();
        reader.finish().unwrap().0
    }

    fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    #[test]
    fn chunks_of_wte_change_nothing() {
        let row = 32 * size_of::<f32>();
        let (whole, chunked) = (model(MAX_CHUNK_BYTES), model(100 * row));
        assert_eq!((whole.wte.chunks.len(), chunked.wte.chunks.len()), (1, 7)); // 609 rows
        assert_eq!(chunked.wte.chunks[6].dims(), [9, 32]);
        // Across chunks, out of order, repeated, first and last rows of chunks.
        let tokens = [608, 0, 99, 100, 599, 600, 5, 608, 99, 301];
        assert_eq!(numbers(chunked.wte.rows(&tokens)), numbers(whole.wte.rows(&tokens)));
        assert_eq!(numbers(chunked.w_u(&tokens)), numbers(whole.w_u(&tokens)));
        let resid_post = whole.embed(&[&tokens]).unwrap().flatten::<2>(0, 1);
        let (found, expected) =
            (numbers(chunked.logits(resid_post.clone())), numbers(whole.logits(resid_post)));
        assert_eq!(found.len(), 10 * 609);
        // A matmul of other widths may sum in another order.
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5));
    }
}
