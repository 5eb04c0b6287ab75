use std::rc::Rc;

use burn::tensor::Tensor;
use serde::Serialize;

use super::batch::Batch;
use super::cases::AtLayer;
use super::plan::{Input, Task, tasks};
use super::result::{self, Measured};
use super::{Experiment, ExperimentResult, ExperimentSpec};
use crate::device::{DeviceKind, read_back};
use crate::ioi::{Flip, IoiDataset};
use crate::loader::LoadedModel;
use crate::{Error, Result};

/// A running experiment. It is pulled step by step, so that whoever pulls can show progress and stop.
///
/// Prompts go through the network in micro-batches. In each, the clean and the flipped prompts run up to
/// layer L, as far as END; then every case starts from there. Only the scores leave a batch, so memory
/// does not grow with the number of prompts.
pub struct Run {
    model: Rc<LoadedModel>,
    spec: ExperimentSpec,
    experiment: &'static Experiment,
    batches: Vec<Batch>,
    /// What is done in each batch.
    tasks: Vec<Task>,
    done: usize,
    /// The residual streams of the batch at work. `[batch, pos, d_model]`
    clean: Option<Tensor<3>>,
    flipped: Option<Tensor<3>>,
    /// By case.
    measured: Vec<Measured>,
    logit_diff: Option<Vec<f32>>,
    /// What ended the run, if anything did.
    failure: Option<Error>,
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

impl Run {
    /// Makes the dataset and plans the work. With `accuracy` the clean run goes on to the logits.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit; [`Error::BadModel`] if the tokenizer or the
    /// context does not.
    pub fn new(model: Rc<LoadedModel>, spec: &ExperimentSpec, accuracy: bool) -> Result<Self> {
        let experiment = spec.experiment()?;
        let config = &model.gpt2.config;
        config.check_head(spec.layer, spec.head)?;
        let flip = Flip::parse(&spec.flip)?;
        let prompts = spec.dataset.generate()?;
        let flipped = flip.apply(&prompts, spec.dataset.seed)?;
        let bos = spec.dataset.prepend_bos;
        let dataset = IoiDataset::new(prompts, &model.tokenizer, bos)?;
        let flipped = dataset.flipped(flipped, &model.tokenizer, bos)?;
        let longest = 1 + dataset.positions.iter().map(|p| p.end).max().unwrap_or(0);
        if longest > config.n_ctx {
            return Err(Error::model(format!(
                "the longest prompt has {longest} tokens up to END, but the model's context is {}",
                config.n_ctx
            )));
        }
        let tokens_per_batch = model.device.tokens_per_batch();
        Ok(Self {
            batches: Batch::all(&dataset, Some(&flipped), model.tokenizer.bos(), tokens_per_batch),
            tasks: tasks(experiment, spec.layer, accuracy.then_some(config.n_layer)),
            done: 0,
            clean: None,
            flipped: None,
            measured: vec![Measured::new(dataset.len()); experiment.cases.len()],
            logit_diff: accuracy.then(|| vec![0.0; dataset.len()]),
            failure: None,
            spec: spec.clone(),
            experiment,
            model,
        })
    }

    /// Does the next step.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails or gives numbers that are not finite; the run is over then,
    /// and every further call gives the same error.
    pub async fn step(&mut self) -> Result<Progress> {
        if let Some(error) = &self.failure {
            return Err(error.clone());
        }
        let stepped = self.next_task().await;
        // The cause before what follows from it.
        let stepped = self.model.device.check().and(stepped);
        self.failure = stepped.as_ref().err().cloned();
        stepped
    }

    /// What was measured, or nothing while steps are left: nothing half-done is shown.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed since.
    pub fn result(&self) -> Result<Option<ExperimentResult>> {
        self.model.device.check()?;
        let finished = self.done == self.total() && self.failure.is_none();
        let summary =
            || result::summarize(self.experiment, &self.spec, &self.measured, self.logit_diff.as_deref());
        Ok(finished.then(summary))
    }

    fn total(&self) -> usize {
        self.batches.len() * self.tasks.len()
    }

    async fn next_task(&mut self) -> Result<Progress> {
        let mut step = "done".to_owned();
        if self.done < self.total() {
            self.model.device.check()?;
            let (batch, task) = (self.done / self.tasks.len(), self.tasks[self.done % self.tasks.len()]);
            self.work(batch, task).await?;
            self.done += 1;
            step = format!("batch {} of {}: {task}", batch + 1, self.batches.len());
        }
        Ok(Progress { done: self.done, total: self.total(), step, finished: self.done == self.total() })
    }

    async fn work(&mut self, batch: usize, task: Task) -> Result<()> {
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
            Task::Cases => {
                let clean = self.clean.clone().expect(EMBEDDED);
                let flipped = self.flipped.take();
                let at_layer = AtLayer { gpt2, spec: &self.spec, batch, clean, flipped };
                let measured = at_layer.measure(self.experiment)?;
                let values = self.finite(read_back(measured).await?)?;
                let columns = self.measured.iter_mut().flat_map(Measured::columns);
                for (column, values) in columns.zip(values.chunks_exact(batch.len())) {
                    batch.scatter(values, column);
                }
            }
            Task::Logits => {
                let resid_post = batch.at_end(self.clean.take().expect(EMBEDDED));
                let diff = gpt2.logit_diff(resid_post, &batch.io, &batch.s);
                let values = self.finite(read_back(diff).await?)?;
                batch.scatter(&values, self.logit_diff.as_mut().expect("the plan has logits"));
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
