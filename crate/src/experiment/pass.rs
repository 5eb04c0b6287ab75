//! Takes prompts through the network, batch by batch and layer by layer, and stops where something is
//! measured.

use std::rc::Rc;

use burn::tensor::Tensor;
use serde::Serialize;

use super::batch::Batch;
use super::plan::{Input, Stop, Task, tasks};
use crate::device::{DeviceKind, read_back};
use crate::loader::LoadedModel;
use crate::model::Gpt2;
use crate::{Error, Result};

/// What is measured on the way.
pub trait Probe {
    /// Where, upwards, at most once a layer.
    fn stops(&self) -> Vec<Stop>;

    /// The numbers to read from the device at a stop.
    ///
    /// # Errors
    /// [`Error::BadHook`] if the model has no such layer or head.
    fn measure(&self, at: &Stopped) -> Result<Tensor<1>>;

    /// Takes the numbers of a batch at the stop before a layer.
    fn keep(&mut self, layer: usize, batch: &Batch, values: &[f32]);
}

/// A batch at a stop.
pub struct Stopped<'a> {
    pub gpt2: &'a Gpt2,
    pub batch: &'a Batch,
    pub layer: usize,
    /// `resid_pre[layer]` of the clean run. `[batch, pos, d_model]`
    pub clean: Tensor<3>,
    /// `resid_pre[layer]` of the flipped run, where the stop needs it. `[batch, pos, d_model]`
    pub flipped: Option<Tensor<3>>,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Progress {
    pub done: usize,
    pub total: usize,
    /// The step just done, in words.
    pub step: String,
    pub finished: bool,
}

/// One way through all batches, pulled step by step, so that whoever pulls can show progress and stop.
///
/// Only what a probe measures leaves a batch, so memory does not grow with the number of prompts.
pub struct Pass {
    model: Rc<LoadedModel>,
    batches: Vec<Batch>,
    /// What is done in each batch.
    tasks: Vec<Task>,
    done: usize,
    /// The residual streams of the batch at work. `[batch, pos, d_model]`
    clean: Option<Tensor<3>>,
    flipped: Option<Tensor<3>>,
    /// What ended the pass, if anything did.
    failure: Option<Error>,
}

impl Pass {
    pub fn new(model: Rc<LoadedModel>, batches: Vec<Batch>, probe: &impl Probe) -> Self {
        let tasks = tasks(&probe.stops());
        Self { model, batches, tasks, done: 0, clean: None, flipped: None, failure: None }
    }

    /// Does the next step.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails or gives numbers that are not finite; the pass is over then,
    /// and every further call gives the same error.
    pub async fn step(&mut self, probe: &mut impl Probe) -> Result<Progress> {
        if let Some(error) = &self.failure {
            return Err(error.clone());
        }
        let stepped = self.next_task(probe).await;
        // The cause before what follows from it.
        let stepped = self.model.device.check().and(stepped);
        self.failure = stepped.as_ref().err().cloned();
        stepped
    }

    /// Whether all is done, and well.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed since.
    pub fn is_finished(&self) -> Result<bool> {
        self.model.device.check()?;
        Ok(self.done == self.total() && self.failure.is_none())
    }

    fn total(&self) -> usize {
        self.batches.len() * self.tasks.len()
    }

    async fn next_task(&mut self, probe: &mut impl Probe) -> Result<Progress> {
        let mut step = "done".to_owned();
        if self.done < self.total() {
            self.model.device.check()?;
            let (batch, task) = (self.done / self.tasks.len(), self.tasks[self.done % self.tasks.len()]);
            self.work(batch, task, probe).await?;
            self.done += 1;
            step = format!("batch {} of {}: {task}", batch + 1, self.batches.len());
        }
        Ok(Progress { done: self.done, total: self.total(), step, finished: self.done == self.total() })
    }

    async fn work(&mut self, batch: usize, task: Task, probe: &mut impl Probe) -> Result<()> {
        const EMBEDDED: &str = "the plan embeds first";
        let batch = &self.batches[batch];
        let gpt2 = &self.model.gpt2;
        match task {
            Task::Embed(input) => {
                let embedded = gpt2.embed(&batch.tokens(input))?;
                *self.stream(input) = Some(embedded);
            }
            Task::Layer(input, layer) => {
                let resid_pre = self.stream(input).take().expect(EMBEDDED);
                let resid_post = self.model.gpt2.layer(layer, resid_pre)?;
                if self.model.device.kind == DeviceKind::Gpu {
                    // Work is only queued there. Waiting for one number keeps progress true and cancel
                    // prompt, and shows what went wrong where it did.
                    read_back(resid_post.clone().slice([0..1, 0..1, 0..1]).flatten(0, 2)).await?;
                }
                *self.stream(input) = Some(resid_post);
            }
            Task::Measure(Stop { layer, flipped, .. }) => {
                let clean = self.clean.clone().expect(EMBEDDED);
                let flipped = self.flipped.clone().filter(|_| flipped);
                let measured = probe.measure(&Stopped { gpt2, batch, layer, clean, flipped })?;
                let values = self.finite(read_back(measured).await?)?;
                probe.keep(layer, batch, &values);
            }
        }
        Ok(())
    }

    fn stream(&mut self, input: Input) -> &mut Option<Tensor<3>> {
        match input {
            Input::Clean => &mut self.clean,
            Input::Flipped => &mut self.flipped,
        }
    }

    fn finite(&self, values: Vec<f32>) -> Result<Vec<f32>> {
        self.model.device.check()?;
        if values.iter().all(|value| value.is_finite()) {
            return Ok(values);
        }
        Err(match self.model.device.kind {
            DeviceKind::Cpu => Error::model(
                "the model's numbers overflow, so there is no result; its weights are too large to be GPT-2's",
            ),
            DeviceKind::Gpu => Error::Device(format!(
                "{} gave numbers that are not finite, so there is no result; try the CPU",
                self.model.device.adapter
            )),
        })
    }
}
