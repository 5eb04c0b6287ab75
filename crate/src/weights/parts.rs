use std::collections::BTreeMap;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::process::{Raw, RawBlock, center};
use crate::model::{Block, Embedding, Gpt2, Gpt2Config, Unembedding};
use crate::self_check::SelfCheck;

/// The processed parts of the model, as far as they have arrived.
pub struct Parts {
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
    pub fn new(config: &Gpt2Config) -> Self {
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

    /// Takes a tensor, or the next rows of wte.
    pub fn add(&mut self, name: &str, mut raw: Raw, config: &Gpt2Config, cpu: &Device, device: &Device) {
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
                    let block = self.incomplete.remove(&layer).expect("it is there").process(config, cpu);
                    self.check.keep_block(layer, &block);
                    self.blocks[layer] = Some(block.to_device(device));
                }
            }
        }
    }

    /// The model, once every tensor has been taken, and what its device is checked against.
    pub fn finish(self, config: Gpt2Config, device: &Device) -> (Gpt2, SelfCheck) {
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
