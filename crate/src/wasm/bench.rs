//! A run's steps one by one, for `npm run bench`: the page that calls them holds the watch.

use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::{Device, JsResult, object, thrown};
use crate::bench::{self, Step};
use crate::model::Gpt2Config;

#[derive(Serialize, Tsify)]
struct StepInfo {
    name: &'static str,
    /// Rows, depth and columns.
    #[tsify(type = "[number, number, number]")]
    shape: [usize; 3],
    flops: f64,
}

/// The steps of a layer on a device.
#[wasm_bindgen]
pub struct LayerSteps(bench::LayerSteps);

#[wasm_bindgen]
impl LayerSteps {
    #[wasm_bindgen(constructor)]
    pub fn new(device: &Device, config_json: &str, rows: usize) -> JsResult<Self> {
        let config = Gpt2Config::from_json(config_json).map_err(thrown)?;
        Ok(Self(bench::LayerSteps::new(&device.0, &config, rows)))
    }

    #[wasm_bindgen(unchecked_return_type = "StepInfo[]")]
    pub fn steps(&self) -> JsValue {
        let info =
            |step: Step| StepInfo { name: step.name(), shape: self.0.shape(step), flops: self.0.flops(step) };
        object(&self.0.steps.iter().copied().map(info).collect::<Vec<_>>())
    }

    /// Does one of the steps.
    pub async fn run(&self, index: usize) -> JsResult<()> {
        let step = self.0.steps.get(index).ok_or_else(|| {
            let last = self.0.steps.len() - 1;
            js_sys::Error::new(&format!("expected a step from 0 to {last}, found {index}"))
        })?;
        self.0.run(*step).await.map_err(thrown)
    }
}
