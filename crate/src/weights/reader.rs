use std::collections::{BTreeMap, VecDeque};

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use half::{bf16, f16};
use serde::Serialize;

use super::header::{self, Float, MAX_CHUNK_BYTES, Piece};
use super::process::{Raw, RawBlock};
use crate::model::{Block, Embedding, Gpt2, Gpt2Config, Unembedding, center};
use crate::self_check::SelfCheck;
use crate::{Error, Result};

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

/// Reads `model.safetensors` as its bytes arrive and puts the processed weights on the device.
///
/// Memory beyond the model's own: the tensor being read and those of blocks not yet complete.
pub struct WeightReader {
    config: Gpt2Config,
    cpu: Device,
    device: Device,
    state: State,
    wte_chunk_bytes: usize,
    /// The header or piece being read, as far as it has arrived; nothing of one that is skipped.
    buffer: Vec<u8>,
    /// Bytes of it that have arrived.
    filled: usize,
    bytes: u64,
    total: Option<u64>,
    parts: Parts,
}

enum State {
    Length,
    Header(usize),
    Data(VecDeque<Piece>),
}

impl WeightReader {
    pub fn new(config: Gpt2Config, device: Device) -> Self {
        Self::with_wte_chunks_of(MAX_CHUNK_BYTES, config, device)
    }

    fn with_wte_chunks_of(wte_chunk_bytes: usize, config: Gpt2Config, device: Device) -> Self {
        Self {
            parts: Parts::new(&config),
            config,
            wte_chunk_bytes,
            cpu: Device::flex(),
            device,
            state: State::Length,
            buffer: Vec::new(),
            filled: 0,
            bytes: 0,
            total: None,
        }
    }

    pub fn config(&self) -> &Gpt2Config {
        &self.config
    }

    /// Takes the next bytes of the file, any number of them.
    ///
    /// # Errors
    /// [`Error::BadModel`] as soon as something is wrong; the reader is of no use afterwards.
    pub fn push(&mut self, mut chunk: &[u8]) -> Result<()> {
        self.bytes += chunk.len() as u64;
        while !chunk.is_empty() {
            let (wanted, kept) = match &self.state {
                State::Length => (8, true),
                State::Header(length) => (*length, true),
                State::Data(pieces) => match pieces.front() {
                    Some(piece) => (piece.bytes, piece.dtype.is_some()),
                    None => return Err(self.wrong_size("goes on behind its last tensor")),
                },
            };
            let (head, rest) = chunk.split_at(chunk.len().min(wanted - self.filled));
            chunk = rest;
            self.filled += head.len();
            if kept {
                if self.buffer.is_empty() {
                    // Exactly, for a buffer that doubles takes up to twice the memory; but on no more
                    // than a chunk's worth of trust in the file.
                    self.buffer.reserve_exact(wanted.min(MAX_CHUNK_BYTES));
                }
                self.buffer.extend_from_slice(head);
            }
            if self.filled == wanted {
                self.filled = 0;
                self.advance()?;
            }
        }
        Ok(())
    }

    pub fn progress(&self) -> LoadProgress {
        let tensor = match &self.state {
            State::Data(pieces) => pieces.front().map_or("", |piece| &piece.name),
            _ => "header",
        };
        LoadProgress { bytes: self.bytes, total: self.total, tensor: tensor.to_owned() }
    }

    /// The model, and what its device is checked against.
    ///
    /// # Errors
    /// [`Error::BadModel`] if the file ended early.
    pub fn finish(self) -> Result<(Gpt2, SelfCheck)> {
        match &self.state {
            State::Data(pieces) if pieces.is_empty() => Ok(self.parts.finish(self.config, &self.device)),
            _ => Err(self.wrong_size("is cut short")),
        }
    }

    fn wrong_size(&self, what: &str) -> Error {
        let expected = self.total.map_or("a whole header".to_owned(), |total| format!("{total} bytes"));
        Error::model(format!(
            "model.safetensors {what}: expected {expected}, found {} bytes. Fetch the file again",
            self.bytes
        ))
    }

    /// The buffer holds all of what the state asked for.
    fn advance(&mut self) -> Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        match &mut self.state {
            State::Length => {
                let length = header::header_length(buffer.try_into().expect("eight bytes"))?;
                self.state = State::Header(length);
            }
            State::Header(length) => {
                let pieces = header::pieces(&buffer, &self.config, self.wte_chunk_bytes)?;
                let data: u64 = pieces.iter().map(|piece| piece.bytes as u64).sum();
                self.total = Some(8 + *length as u64 + data);
                self.state = State::Data(pieces);
            }
            State::Data(pieces) => {
                let piece = pieces.pop_front().expect("a piece was awaited");
                if let Some(dtype) = piece.dtype {
                    let values = decode(&piece.name, dtype, &buffer)?;
                    drop(buffer);
                    let raw = Raw { shape: piece.shape, values };
                    self.parts.add(&piece.name, raw, &self.config, &self.cpu, &self.device);
                }
            }
        }
        Ok(())
    }
}

/// Widens to float32.
fn decode(name: &str, dtype: Float, bytes: &[u8]) -> Result<Vec<f32>> {
    let values: Vec<f32> = match dtype {
        Float::F32 => bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        Float::F16 => bytes.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect(),
        Float::BF16 => bytes.as_chunks().0.iter().map(|b| bf16::from_le_bytes(*b).to_f32()).collect(),
    };
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(values),
        Some(place) => Err(Error::model(format!(
            "{name} holds {} at place {place}; weights must be finite numbers. Fetch the file again",
            values[place]
        ))),
    }
}

/// The processed parts of the model, as far as they have arrived.
struct Parts {
    wte: Vec<Tensor<2>>,
    sum_of_wte: Vec<f64>,
    wpe: Option<Tensor<2>>,
    ln_f_weight: Option<Tensor<1>>,
    ln_f_bias: Option<Tensor<1>>,
    blocks: Vec<Option<Block>>,
    incomplete: BTreeMap<usize, RawBlock>,
    check: SelfCheck,
}

impl Parts {
    fn new(config: &Gpt2Config) -> Self {
        Self {
            wte: Vec::new(),
            sum_of_wte: vec![0.0; config.n_embd],
            wpe: None,
            ln_f_weight: None,
            ln_f_bias: None,
            blocks: vec![None; config.n_layer],
            incomplete: BTreeMap::new(),
            check: SelfCheck::default(),
        }
    }

    fn add(&mut self, name: &str, raw: Raw, config: &Gpt2Config, cpu: &Device, device: &Device) {
        match name {
            "wte.weight" => {
                for row in raw.values.chunks_exact(config.n_embd) {
                    for (sum, value) in self.sum_of_wte.iter_mut().zip(row) {
                        *sum += f64::from(*value);
                    }
                }
                let chunk = raw.tensor::<2>(cpu);
                self.check.keep_wte(&chunk);
                self.wte.push(upload(chunk, device));
            }
            "wpe.weight" => {
                let wpe = center(raw.tensor::<2>(cpu));
                self.check.keep_wpe(&wpe);
                self.wpe = Some(upload(wpe, device));
            }
            "ln_f.weight" => self.ln_f_weight = Some(raw.tensor(device)),
            "ln_f.bias" => self.ln_f_bias = Some(raw.tensor(device)),
            _ => {
                let (layer, name) =
                    name.strip_prefix("h.").and_then(|rest| rest.split_once('.')).expect("a block's");
                let layer: usize = layer.parse().expect("a layer's number");
                let block = self.incomplete.entry(layer).or_default();
                block.insert(name, raw);
                if block.is_complete() {
                    let block = self.incomplete.remove(&layer).expect("it is there").process(config, cpu);
                    self.check.keep_block(layer, &block);
                    self.blocks[layer] = Some(block.to_device(device));
                }
            }
        }
    }

    fn finish(self, config: Gpt2Config, device: &Device) -> (Gpt2, SelfCheck) {
        const COMPLETE: &str = "the header has every tensor";
        let mean_wte: Vec<f32> =
            self.sum_of_wte.iter().map(|sum| (sum / config.vocab_size as f64) as f32).collect();
        let mean_wte = Tensor::from_data(TensorData::new(mean_wte, [config.n_embd]), device);
        let model = Gpt2 {
            wte: Embedding { chunks: self.wte.into_iter().map(Param::from_tensor).collect() },
            wpe: Param::from_tensor(self.wpe.expect(COMPLETE)),
            blocks: self.blocks.into_iter().map(|block| block.expect(COMPLETE)).collect(),
            ln_f: Unembedding {
                weight: Param::from_tensor(self.ln_f_weight.expect(COMPLETE)),
                bias: Param::from_tensor(self.ln_f_bias.expect(COMPLETE)),
                mean_wte: Param::from_tensor(mean_wte),
                eps: config.layer_norm_epsilon,
            },
            config,
        };
        (model, self.check)
    }
}

/// Moves a tensor from the CPU to the device.
fn upload<const D: usize>(tensor: Tensor<D>, device: &Device) -> Tensor<D> {
    tensor.to_device(device)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    const CONFIG: &str = include_str!("../../../tests/fixtures/tiny/config.json");
    const WEIGHTS: &[u8] = include_bytes!("../../../tests/fixtures/tiny/model.safetensors");

    fn model(wte_chunk_bytes: usize) -> Gpt2 {
        let config = Gpt2Config::from_json(CONFIG).unwrap();
        let mut reader = WeightReader::with_wte_chunks_of(wte_chunk_bytes, config, Device::flex());
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
