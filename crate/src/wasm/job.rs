//! What a model can be asked: any analysis, pulled step by step, so that the worker shows progress and stops between
//! steps.

use wasm_bindgen::prelude::*;

use super::{JsResult, Model, object, read, texts_of, thrown};
use crate::job::{self, Pulled, TakenFile};
use crate::speed;

#[wasm_bindgen]
impl Model {
    /// Plans an analysis: `{analysis: name, …}`, with what that analysis asks for. Throws if there is none of that name.
    pub fn job(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ analysis: string }")] spec: JsValue,
    ) -> JsResult<Job> {
        let job = job::plan(self.0.clone(), read(&spec)?).map_err(thrown)?;
        Ok(Job(Pulled::new(job)))
    }

    /// The floating point operations a second of the model's products on its device, measured in some hundredths of one.
    pub async fn speed(&self) -> JsResult<f64> {
        speed::flops_per_second(&self.0).await.map_err(thrown)
    }
}

/// An analysis under way. Its calls throw while a step is at work.
#[wasm_bindgen]
pub struct Job(Pulled);

#[wasm_bindgen]
impl Job {
    /// What all steps together cost.
    #[wasm_bindgen(unchecked_return_type = "Work")]
    pub fn cost(&self) -> JsResult<JsValue> {
        self.0.cost().map(|work| object(&work)).map_err(thrown)
    }

    /// Does the next step.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub async fn next(&self) -> JsResult<JsValue> {
        self.0.step().await.map(|progress| object(&progress)).map_err(thrown)
    }

    /// What is said and drawn of it, or of what is there so far; null for analyses that have nothing to say.
    #[wasm_bindgen(unchecked_return_type = "Report | null")]
    pub fn report(&self) -> JsResult<JsValue> {
        let report = self.0.report().map_err(thrown)?;
        Ok(report.map_or(JsValue::NULL, |report| object(&report)))
    }

    /// The size in bytes of the file that it makes, before the first step too; undefined of those that make none.
    #[wasm_bindgen(js_name = fileBytes)]
    pub fn file_bytes(&self) -> JsResult<Option<f64>> {
        self.0.file_bytes().map(|bytes| bytes.map(|bytes| bytes as f64)).map_err(thrown)
    }

    /// That file in parts, with more about it by name; undefined while steps are left, and of those that make none.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>[] | undefined")]
    pub fn file(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Record<string, string>")] about: JsValue,
    ) -> JsResult<JsValue> {
        let file = self.0.file(texts_of(&about)?).map_err(thrown)?;
        let parts = |TakenFile { header, data }: TakenFile| {
            js_sys::Array::of2(&js_sys::Uint8Array::from(&header[..]), &js_sys::Uint8Array::from(&data[..]))
        };
        Ok(file.map_or(JsValue::UNDEFINED, |file| parts(file).into()))
    }

    /// The answer. Throws while steps are left.
    #[wasm_bindgen(unchecked_return_type = "unknown")]
    pub fn result(&self) -> JsResult<JsValue> {
        self.0.result().map(|answer| answer.to_object()).map_err(thrown)
    }
}
