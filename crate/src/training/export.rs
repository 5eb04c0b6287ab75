use std::collections::BTreeMap;

use burn::nn::Linear;
use burn::tensor::Tensor;
use half::f16;
use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};
use serde_json::json;

use super::Trainer;
use crate::device::read_back;
use crate::model::{Block, Gpt2, Gpt2Config};
use crate::{Error, Result};

/// A model's three files, by name.
pub type Files = BTreeMap<&'static str, Vec<u8>>;

/// A training's model in the hub's layout, its weights in float16.
///
/// # Errors
/// [`Error::Device`] if the device does not give its numbers.
pub async fn export(trainer: &Trainer) -> Result<Files> {
    let model = trainer.model();
    Ok(BTreeMap::from([
        ("config.json", config_json(&model.config)),
        ("tokenizer.json", trainer.tokenizer_json.clone().into_bytes()),
        ("model.safetensors", weights(&model).await?),
    ]))
}

fn config_json(config: &Gpt2Config) -> Vec<u8> {
    let json = json!({
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "activation_function": "gelu_new",
        "n_layer": config.n_layer,
        "n_head": config.n_head,
        "n_embd": config.n_embd,
        "n_inner": config.n_inner,
        "n_ctx": config.n_ctx,
        "n_positions": config.n_ctx,
        "vocab_size": config.vocab_size,
        "layer_norm_epsilon": config.layer_norm_epsilon,
        "bos_token_id": 0,
        "eos_token_id": 0,
    });
    format!("{json:#}\n").into_bytes()
}

async fn weights(model: &Gpt2) -> Result<Vec<u8>> {
    let mut tensors = Tensors::default();
    let d = model.config.n_embd;
    let [wte] = model.wte.chunks.as_slice() else {
        return Err(Error::model("a model in training has its wte in one piece"));
    };
    tensors.add("wte.weight".into(), wte.val()).await?;
    tensors.add("wpe.weight".into(), model.wpe.val()).await?;
    for (layer, block) in model.blocks.iter().enumerate() {
        let Block { attn, mlp, .. } = block;
        tensors.add_layer_norm(layer, "ln_1", d);
        tensors.add_linear(layer, "attn.c_attn", &attn.c_attn).await?;
        tensors.add_linear(layer, "attn.c_proj", &attn.c_proj).await?;
        tensors.add_layer_norm(layer, "ln_2", d);
        tensors.add_linear(layer, "mlp.c_fc", &mlp.c_fc).await?;
        tensors.add_linear(layer, "mlp.c_proj", &mlp.c_proj).await?;
    }
    tensors.add("ln_f.weight".into(), model.ln_f.weight.val()).await?;
    tensors.add("ln_f.bias".into(), model.ln_f.bias.val()).await?;
    tensors.serialize()
}

/// Tensors by name: shape, and numbers as float16.
#[derive(Default)]
struct Tensors(BTreeMap<String, (Vec<usize>, Vec<u8>)>);

impl Tensors {
    async fn add<const D: usize>(&mut self, name: String, tensor: Tensor<D>) -> Result<()> {
        let shape = tensor.dims().to_vec();
        let size = shape.iter().product::<usize>();
        self.insert(name, shape, &read_back(tensor.reshape([size])).await?);
        Ok(())
    }

    async fn add_linear(&mut self, layer: usize, name: &str, linear: &Linear) -> Result<()> {
        self.add(format!("h.{layer}.{name}.weight"), linear.weight.val()).await?;
        let bias = linear.bias.as_ref().expect("every layer has a bias");
        self.add(format!("h.{layer}.{name}.bias"), bias.val()).await
    }

    /// One that changes nothing.
    fn add_layer_norm(&mut self, layer: usize, name: &str, d: usize) {
        self.insert(format!("h.{layer}.{name}.weight"), vec![d], &vec![1.0; d]);
        self.insert(format!("h.{layer}.{name}.bias"), vec![d], &vec![0.0; d]);
    }

    fn insert(&mut self, name: String, shape: Vec<usize>, values: &[f32]) {
        let bytes = values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
        self.0.insert(name, (shape, bytes));
    }

    fn serialize(&self) -> Result<Vec<u8>> {
        let failed = |error| Error::model(format!("the weights cannot be written: {error}"));
        let mut views = Vec::new();
        for (name, (shape, bytes)) in &self.0 {
            views.push((name, TensorView::new(Dtype::F16, shape.clone(), bytes).map_err(failed)?));
        }
        serialize(views, None).map_err(failed)
    }
}
