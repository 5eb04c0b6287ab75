//! Where to compute, a model being loaded, and a loaded one.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::{JsResult, object, products, texts_of, thrown};
use crate::device::{ComputeDevice, DeviceKind};
use crate::experiment::EXPERIMENTS;
use crate::loader::{self, LoadedModel};
use crate::schema::{self, About};
use crate::self_check::SelfCheckReport;
use crate::weights::LoadProgress;

#[derive(Serialize, Tsify)]
struct ModelInfo {
    /// The head to look at where none is named.
    #[tsify(type = "[number, number]")]
    default_head: [usize; 2],
    n_layer: usize,
    n_head: usize,
    d_model: usize,
    d_head: usize,
    n_ctx: usize,
    vocab_size: usize,
    /// As the checkpoint has them.
    parameters: u64,
}

#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
struct DeviceInfo {
    device: DeviceKind,
    adapter: String,
    /// That products are computed by on the CPU; as many as have come by now.
    threads: u32,
    self_check: Option<SelfCheckReport>,
}

/// Where to compute.
#[wasm_bindgen]
pub struct Device(pub(super) ComputeDevice);

#[wasm_bindgen]
impl Device {
    pub fn cpu() -> Self {
        Self(ComputeDevice::cpu())
    }

    /// The GPU. Opened once, then the same again: a runtime cannot be configured twice.
    pub async fn gpu() -> JsResult<Self> {
        thread_local! {
            static OPENED: RefCell<Option<ComputeDevice>> = const { RefCell::new(None) };
        }
        if let Some(device) = OPENED.with_borrow(Clone::clone) {
            device.check().map_err(thrown)?;
            return Ok(Self(device));
        }
        let device = ComputeDevice::gpu().await.map_err(thrown)?;
        OPENED.set(Some(device.clone()));
        Ok(Self(device))
    }
}

/// Takes a model's files, the large one in pieces.
#[wasm_bindgen]
pub struct ModelLoader(loader::ModelLoader);

#[wasm_bindgen]
impl ModelLoader {
    #[wasm_bindgen(constructor)]
    pub fn new(device: &Device, config_json: &str, tokenizer_json: &[u8]) -> JsResult<Self> {
        loader::ModelLoader::new(device.0.clone(), config_json, tokenizer_json).map(Self).map_err(thrown)
    }

    /// Throws if the model has no such layer or head; known before any of the weights.
    #[wasm_bindgen(js_name = checkHead)]
    pub fn check_head(&self, layer: usize, head: usize) -> JsResult<()> {
        self.0.config().check_head(layer, head).map_err(thrown)
    }

    /// Has the memory grow to what the weights will take, once no other model is held. Throws if the browser does not give so much.
    #[wasm_bindgen(js_name = makeRoom)]
    pub fn make_room(&self) -> JsResult<()> {
        self.0.make_room().map_err(thrown)
    }

    /// Begins one of the files of a model whose weights are in several: called before each, the first too, and not for
    /// a single model.safetensors. Throws if the one before is not whole.
    #[wasm_bindgen(js_name = nextFile)]
    pub fn next_file(&mut self, name: &str) -> JsResult<()> {
        self.0.next_file(name).map_err(thrown)
    }

    /// The next bytes of model.safetensors, or of the file begun, any number of them.
    #[wasm_bindgen(unchecked_return_type = "LoadProgress")]
    pub fn push(&mut self, chunk: &[u8]) -> JsResult<JsValue> {
        let progress: LoadProgress = self.0.push(chunk).map_err(thrown)?;
        Ok(object(&progress))
    }

    /// Throws if a file ended early, or a tensor is in none.
    #[wasm_bindgen(js_name = checkWhole)]
    pub fn check_whole(&self) -> JsResult<()> {
        self.0.check_whole().map_err(thrown)
    }

    /// The model, once all bytes are there. A GPU is checked against the CPU first.
    pub async fn finish(self) -> JsResult<Model> {
        let model = self.0.finish().await.map_err(thrown)?;
        Ok(Model(Rc::new(model)))
    }
}

/// A loaded model.
#[wasm_bindgen]
pub struct Model(pub(super) Rc<LoadedModel>);

#[wasm_bindgen]
impl Model {
    #[wasm_bindgen(unchecked_return_type = "ModelInfo")]
    pub fn info(&self) -> JsValue {
        let config = &self.0.gpt2.config;
        object(&ModelInfo {
            default_head: config.default_head(),
            n_layer: config.n_layer,
            n_head: config.n_head,
            d_model: config.n_embd,
            d_head: config.d_head(),
            n_ctx: config.n_ctx,
            vocab_size: config.vocab_size,
            parameters: self.0.gpt2.parameters(),
        })
    }

    /// What was passed over or decided when it was loaded, in plain sentences.
    #[wasm_bindgen(unchecked_return_type = "string[]")]
    pub fn notes(&self) -> JsValue {
        object(&self.0.notes)
    }

    #[wasm_bindgen(unchecked_return_type = "DeviceInfo")]
    pub fn device(&self) -> JsValue {
        object(&DeviceInfo {
            device: self.0.device.kind,
            adapter: self.0.device.adapter.clone(),
            threads: products::threads(),
            self_check: self.0.self_check,
        })
    }

    /// The job that texts ask of this model, by the names of their fields.
    #[wasm_bindgen(unchecked_return_type = "Read")]
    pub fn read(
        &self,
        analysis: &str,
        #[wasm_bindgen(unchecked_param_type = "Record<string, string>")] texts: JsValue,
    ) -> JsResult<JsValue> {
        read_texts(analysis, &texts, About { config: &self.0.gpt2.config, tokenizer: &self.0.tokenizer })
    }
}

fn read_texts(analysis: &str, texts: &JsValue, model: About) -> JsResult<JsValue> {
    Ok(object(&schema::read(EXPERIMENTS, analysis, &texts_of(texts)?, Some(model))))
}
