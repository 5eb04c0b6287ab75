use std::collections::BTreeMap;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::process::{Raw, RawBlock, center};
use crate::model::{Block, Embedding, Gpt2, Gpt2Config, Unembedding};
use crate::self_check::SelfCheck;

/// The processed parts of the model, as far as they have arrived.
pub struct Parts {
    wte: Rows,
    lm_head: Rows,
    wpe: Option<Tensor<2>>,
    ln_f_weight: Option<Tensor<1>>,
    ln_f_bias: Option<Tensor<1>>,
    blocks: Vec<Option<Block>>,
    incomplete: BTreeMap<usize, RawBlock>,
    check: SelfCheck,
}

/// A matrix of a row a token, in chunks.
#[derive(Default)]
struct Rows {
    chunks: Vec<Tensor<2>>,
    /// The sum of all rows so far. `[d_model]`
    sum: Vec<f64>,
}

impl Rows {
    /// Takes the next chunk, and leaves it on the CPU too.
    fn add(&mut self, raw: Raw, cpu: &Device, device: &Device) -> Tensor<2> {
        let width = raw.shape[1];
        self.sum.resize(width, 0.0);
        for row in raw.values.chunks_exact(width) {
            for (sum, value) in self.sum.iter_mut().zip(row) {
                *sum += f64::from(*value);
            }
        }
        let chunk = raw.tensor::<2>(cpu);
        self.chunks.push(upload(chunk.clone(), device));
        chunk
    }

    fn mean(&self, rows: usize, device: &Device) -> Tensor<1> {
        let mean: Vec<f32> = self.sum.iter().map(|sum| (sum / rows as f64) as f32).collect();
        let width = mean.len();
        Tensor::from_data(TensorData::new(mean, [width]), device)
    }

    /// Nothing, if it has none.
    fn embedding(self) -> Option<Embedding> {
        let chunks: Vec<_> = self.chunks.into_iter().map(Param::from_tensor).collect();
        (!chunks.is_empty()).then_some(Embedding { chunks })
    }
}

impl Parts {
    pub fn new(config: &Gpt2Config) -> Self {
        Self {
            wte: Rows::default(),
            lm_head: Rows::default(),
            wpe: None,
            ln_f_weight: None,
            ln_f_bias: None,
            blocks: vec![None; config.n_layer],
            incomplete: BTreeMap::new(),
            check: SelfCheck::default(),
        }
    }

    /// Takes a tensor, or the next rows of one of a row a token.
    pub fn add(&mut self, name: &str, mut raw: Raw, config: &Gpt2Config, cpu: &Device, device: &Device) {
        match name {
            "wte.weight" => {
                let chunk = self.wte.add(raw, cpu, device);
                self.check.keep_wte(&chunk);
            }
            "lm_head.weight" => {
                let chunk = self.lm_head.add(raw, cpu, device);
                self.check.keep_lm_head(&chunk);
            }
            "wpe.weight" => {
                center(&mut raw.values, config.n_embd);
                let wpe = raw.tensor::<2>(cpu);
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
                    let block =
                        self.incomplete.remove(&layer).expect("it is there").process(layer, config, cpu);
                    self.check.keep_block(layer, &block);
                    self.blocks[layer] = Some(block.to_device(device));
                }
            }
        }
    }

    /// The model, once every tensor has been taken, and what its device is checked against.
    pub fn finish(self, config: Gpt2Config, device: &Device) -> (Gpt2, SelfCheck) {
        const COMPLETE: &str = "the headers have every tensor";
        let unembedded = if self.lm_head.chunks.is_empty() { &self.wte } else { &self.lm_head };
        let mean_row = unembedded.mean(config.vocab_size, device);
        // lm_head alone is wte.
        let (wte, lm_head) = match (self.wte.embedding(), self.lm_head.embedding()) {
            (None, lm_head) => (lm_head, None),
            both => both,
        };
        let model = Gpt2 {
            wte: wte.expect(COMPLETE),
            lm_head,
            wpe: Param::from_tensor(self.wpe.expect(COMPLETE)),
            blocks: self.blocks.into_iter().map(|block| block.expect(COMPLETE)).collect(),
            ln_f: Unembedding {
                weight: Param::from_tensor(self.ln_f_weight.expect(COMPLETE)),
                bias: Param::from_tensor(self.ln_f_bias.expect(COMPLETE)),
                mean_row: Param::from_tensor(mean_row),
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
