//! Why a head attends: decompositions and embeddings, each a run that is pulled as those of
//! `runs.rs`.

use wasm_bindgen::prelude::*;

use super::runs::{Pulled, unfinished};
use super::{JsResult, Model, object, read, thrown};
use crate::experiment::{self, DecompositionResult, DecompositionSpec, ResemblanceResult, ResemblanceSpec};
use crate::nearest::{self, NearestTokens};

/// The negative name mover 10.7 by keys, minus S1.
#[wasm_bindgen(js_name = defaultDecomposition, unchecked_return_type = "DecompositionSpec")]
pub fn default_decomposition() -> JsValue {
    object(&DecompositionSpec::default())
}

#[wasm_bindgen]
impl Model {
    /// Plans a decomposition of a head's scores.
    pub fn decompose(
        &self,
        #[wasm_bindgen(unchecked_param_type = "DecompositionSpec")] spec: JsValue,
    ) -> JsResult<Decomposition> {
        let spec: DecompositionSpec = read(&spec)?;
        let run = experiment::Decomposition::new(self.0.clone(), &spec).map_err(thrown)?;
        Ok(Decomposition(Pulled::new(run)))
    }

    /// Plans a look at how much the names' effective embeddings are what the head's key reads.
    pub fn resemblance(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ResemblanceSpec")] spec: JsValue,
    ) -> JsResult<ResemblanceRun> {
        let spec: ResemblanceSpec = read(&spec)?;
        let run = experiment::ResemblanceRun::new(self.0.clone(), &spec).map_err(thrown)?;
        Ok(ResemblanceRun(Pulled::new(run)))
    }

    /// Plans a search for the tokens whose embeddings are nearest to each of these, texts of one token each.
    pub fn nearest(&self, tokens: Vec<String>, count: usize) -> JsResult<Nearest> {
        let search = nearest::Nearest::new(self.0.clone(), &tokens, count).map_err(thrown)?;
        Ok(Nearest(Pulled::new(search)))
    }
}

#[wasm_bindgen]
pub struct Decomposition(Pulled<experiment::Decomposition>);

#[wasm_bindgen]
impl Decomposition {
    /// Does the next step.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub async fn next(&self) -> JsResult<JsValue> {
        self.0.step(async |run| run.step().await).await
    }

    #[wasm_bindgen(unchecked_return_type = "DecompositionResult")]
    pub fn result(&self) -> JsResult<JsValue> {
        let result: DecompositionResult =
            self.0.look(experiment::Decomposition::result)?.ok_or_else(unfinished)?;
        Ok(object(&result))
    }
}

#[wasm_bindgen]
pub struct ResemblanceRun(Pulled<experiment::ResemblanceRun>);

#[wasm_bindgen]
impl ResemblanceRun {
    /// Does the next step.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub async fn next(&self) -> JsResult<JsValue> {
        self.0.step(async |run| run.step().await).await
    }

    #[wasm_bindgen(unchecked_return_type = "ResemblanceResult")]
    pub fn result(&self) -> JsResult<JsValue> {
        let result: ResemblanceResult =
            self.0.look(experiment::ResemblanceRun::result)?.ok_or_else(unfinished)?;
        Ok(object(&result))
    }
}

#[wasm_bindgen]
pub struct Nearest(Pulled<nearest::Nearest>);

#[wasm_bindgen]
impl Nearest {
    /// Looks at some hundred tokens.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub async fn next(&self) -> JsResult<JsValue> {
        self.0.step(async |search| search.step().await).await
    }

    /// A token asked for each.
    #[wasm_bindgen(unchecked_return_type = "NearestTokens[]")]
    pub fn result(&self) -> JsResult<JsValue> {
        let found: Vec<NearestTokens> = self.0.look(nearest::Nearest::result)?.ok_or_else(unfinished)?;
        Ok(object(&found))
    }
}
