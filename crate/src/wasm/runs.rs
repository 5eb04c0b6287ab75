//! What a model can be asked, each a run that is pulled step by step: the worker shows progress and stops
//! between steps.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::{JsResult, Model, object, read, thrown};
use crate::Result;
use crate::experiment::{self, AttentionResult, ExperimentResult, ExperimentSpec, Progress, Row, SweepSpec};

/// While a step is at work it holds the run, so that a second call finds it busy instead of panicking.
struct Pulled<T>(Rc<RefCell<Option<T>>>);

impl<T> Pulled<T> {
    fn new(run: T) -> Self {
        Self(Rc::new(RefCell::new(Some(run))))
    }

    async fn step(&self, step: impl AsyncFnOnce(&mut T) -> Result<Progress>) -> JsResult<JsValue> {
        let mut run = self.0.take().ok_or_else(busy)?;
        let progress = step(&mut run).await;
        self.0.replace(Some(run));
        Ok(object(&progress.map_err(thrown)?))
    }

    fn look<R>(&self, at: impl FnOnce(&T) -> Result<R>) -> JsResult<R> {
        at(self.0.borrow().as_ref().ok_or_else(busy)?).map_err(thrown)
    }
}

fn busy() -> JsValue {
    js_sys::Error::new("the run is at work; wait for its step to end").into()
}

fn unfinished() -> JsValue {
    js_sys::Error::new("the run is not finished; it has no result yet").into()
}

#[wasm_bindgen]
impl Model {
    /// Plans a run at one head. With `accuracy` the clean run goes on to the logits.
    pub fn start(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ExperimentSpec")] spec: JsValue,
        accuracy: bool,
    ) -> JsResult<Run> {
        let spec: ExperimentSpec = read(&spec)?;
        let run = experiment::Run::new(self.0.clone(), &spec, accuracy).map_err(thrown)?;
        Ok(Run(Pulled::new(run)))
    }

    /// Plans the same experiment at every head.
    pub fn sweep(
        &self,
        #[wasm_bindgen(unchecked_param_type = "SweepSpec")] spec: JsValue,
    ) -> JsResult<Sweep> {
        let spec: SweepSpec = read(&spec)?;
        let sweep = experiment::Sweep::new(self.0.clone(), &spec).map_err(thrown)?;
        Ok(Sweep(Pulled::new(sweep)))
    }

    /// Plans a look at the head's whole attention on one prompt of the dataset.
    pub fn attention(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ExperimentSpec")] spec: JsValue,
        prompt: usize,
    ) -> JsResult<AttentionRun> {
        let spec: ExperimentSpec = read(&spec)?;
        let run = experiment::AttentionRun::new(self.0.clone(), &spec, prompt).map_err(thrown)?;
        Ok(AttentionRun(Pulled::new(run)))
    }
}

/// An experiment at one head.
#[wasm_bindgen]
pub struct Run(Pulled<experiment::Run>);

#[wasm_bindgen]
impl Run {
    /// Does the next step.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub async fn next(&self) -> JsResult<JsValue> {
        self.0.step(async |run| run.step().await).await
    }

    /// What all steps together cost.
    #[wasm_bindgen(unchecked_return_type = "Work")]
    pub fn work(&self) -> JsResult<JsValue> {
        Ok(object(&self.0.look(|run| Ok(run.work()))?))
    }

    #[wasm_bindgen(unchecked_return_type = "ExperimentResult")]
    pub fn result(&self) -> JsResult<JsValue> {
        Ok(object(&self.finished()?))
    }

    /// The result as tidy rows.
    #[wasm_bindgen(unchecked_return_type = "Row[]")]
    pub fn rows(&self) -> JsResult<JsValue> {
        let rows: Vec<Row> = self.finished()?.rows();
        Ok(object(&rows))
    }

    fn finished(&self) -> JsResult<ExperimentResult> {
        self.0.look(experiment::Run::result)?.ok_or_else(unfinished)
    }
}

/// An experiment at every head of every layer.
#[wasm_bindgen]
pub struct Sweep(Pulled<experiment::Sweep>);

#[wasm_bindgen]
impl Sweep {
    /// Does the next step.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub async fn next(&self) -> JsResult<JsValue> {
        self.0.step(async |sweep| sweep.step().await).await
    }

    /// What is there so far; between any two steps.
    #[wasm_bindgen(unchecked_return_type = "SweepResult")]
    pub fn result(&self) -> JsResult<JsValue> {
        Ok(object(&self.0.look(experiment::Sweep::result)?))
    }
}

/// The attention of one head on one prompt.
#[wasm_bindgen]
pub struct AttentionRun(Pulled<experiment::AttentionRun>);

#[wasm_bindgen]
impl AttentionRun {
    /// Does the next step.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub async fn next(&self) -> JsResult<JsValue> {
        self.0.step(async |run| run.step().await).await
    }

    #[wasm_bindgen(unchecked_return_type = "AttentionResult")]
    pub fn result(&self) -> JsResult<JsValue> {
        let result: AttentionResult =
            self.0.look(experiment::AttentionRun::result)?.ok_or_else(unfinished)?;
        Ok(object(&result))
    }
}
