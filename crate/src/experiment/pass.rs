//! Takes prompts through the network, batch by batch and layer by layer, and stops where something is
//! measured.

use std::rc::Rc;

use burn::tensor::Tensor;

use super::batch::Batch;
use super::places::Places;
use super::plan::{Input, Reads, Stop, Task, tasks};
use super::sample::Sample;
use super::work::{self, Work};
use super::written::Written;
use crate::device::{DeviceKind, read_back};
pub use crate::engine::Progress;
use crate::loader::LoadedModel;
use crate::model::{Gpt2, rows_of, select_rows};
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
    /// Where the roles stand in what follows, which has the positions that the stop reads.
    pub places: Places,
    /// `resid_pre[layer]` of the clean run. `[batch, pos, d_model]`
    pub clean: Tensor<3>,
    /// `resid_pre[layer]` of the flipped run, where the stop needs it. `[batch, pos, d_model]`
    pub flipped: Option<Tensor<3>>,
    /// What the layers below wrote in the clean run, where the stop needs it.
    pub written: Option<&'a Written>,
}

impl Stopped<'_> {
    /// What the layers below wrote.
    pub fn written(&self) -> &Written {
        self.written.expect("the stop asks for it")
    }
}

/// The residual stream of some nodes of a batch's tree.
struct Resid {
    /// `[nodes, d_model]`
    rows: Tensor<2>,
    /// Which, upwards.
    nodes: Vec<usize>,
}

impl Resid {
    /// The rows of nodes, `[batch · pos]`. `[batch, pos, d_model]`
    fn read(&self, nodes: &[usize], batch: usize) -> Tensor<3> {
        let row = |node| self.nodes.binary_search(node).expect("the stop's nodes are computed");
        let rows: Vec<usize> = nodes.iter().map(row).collect();
        let [_, d_model] = self.rows.dims();
        select_rows(self.rows.clone(), &rows).reshape([batch, nodes.len() / batch, d_model])
    }
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
    /// The residual stream of the batch at work.
    resid: Option<Resid>,
    /// What the batch at work has written so far, where a stop needs it.
    written: Option<Written>,
    /// What a GPU's first batch is held against.
    sample: Option<Sample>,
    /// What ended the pass, if anything did.
    failure: Option<Error>,
}

impl Pass {
    pub fn new(model: Rc<LoadedModel>, batches: Vec<Batch>, probe: &dyn Probe) -> Self {
        let tasks = tasks(&probe.stops());
        let on_gpu = model.device.kind == DeviceKind::Gpu;
        let sample = batches.first().filter(|_| on_gpu).and_then(Sample::of);
        Self { model, batches, tasks, done: 0, resid: None, written: None, sample, failure: None }
    }

    /// Does the next step.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails or gives numbers that are not finite; the pass is over then,
    /// and every further call gives the same error.
    pub async fn step(&mut self, probe: &mut dyn Probe) -> Result<Progress> {
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

    /// What all steps together cost.
    pub fn work(&self) -> Work {
        let d_model = self.model.gpt2.config.n_embd;
        let of_batch = |batch: &Batch| {
            work::of_batch(batch, &self.tasks, d_model, |input, layer| self.nodes_behind(batch, input, layer))
        };
        self.batches.iter().map(of_batch).fold(Work { needed: 0.0, done: 0.0 }, |sum, work| Work {
            needed: sum.needed + work.needed,
            done: sum.done + work.done,
        })
    }

    fn total(&self) -> usize {
        self.batches.len() * self.tasks.len()
    }

    async fn next_task(&mut self, probe: &mut dyn Probe) -> Result<Progress> {
        let mut step = "done".to_owned();
        if self.done < self.total() {
            self.model.device.check()?;
            let (batch, task) = (self.done / self.tasks.len(), self.tasks[self.done % self.tasks.len()]);
            self.do_task(batch, task, probe).await?;
            self.done += 1;
            step = format!("batch {} of {}: {task}", batch + 1, self.batches.len());
        }
        Ok(Progress { done: self.done, total: self.total(), step, finished: self.done == self.total() })
    }

    async fn do_task(&mut self, batch: usize, task: Task, probe: &mut dyn Probe) -> Result<()> {
        const EMBEDDED: &str = "the plan embeds first";
        self.sample = self.sample.take().filter(|_| batch == 0);
        let batch = &self.batches[batch];
        let gpt2 = &self.model.gpt2;
        match task {
            Task::Embed(input) => {
                let nodes = (0..batch.nodes(input)).collect();
                self.resid = Some(Resid { rows: gpt2.embed_tree(&batch.tree)?, nodes });
                if let Some(sample) = &mut self.sample {
                    sample.embed(gpt2)?;
                }
                let needed =
                    self.tasks.iter().any(|task| matches!(task, Task::Measure(stop) if stop.written));
                self.written = needed.then(|| Written::new(gpt2, batch));
            }
            Task::Layer(input, layer) => {
                let resid = self.resid.take().expect(EMBEDDED);
                let before = rows_of(resid.rows, &(0..batch.nodes(input)).collect::<Vec<_>>());
                let nodes = self.nodes_behind(batch, input, layer);
                let rows = match &mut self.written {
                    None => gpt2.layer(layer, before, &batch.tree, &nodes),
                    Some(written) => {
                        let parts = gpt2.layer_in_parts(layer, before, &batch.tree, &nodes);
                        written.push(&parts, &nodes);
                        parts.resid_post
                    }
                };
                if let Some(sample) = &mut self.sample {
                    sample.layer(gpt2, layer);
                }
                let device = &self.model.device;
                if device.kind == DeviceKind::Gpu && (layer + 1).is_multiple_of(device.layers_per_wait()) {
                    // Work is only queued there. Waiting for one number keeps progress true and cancel
                    // prompt, and shows what went wrong where it did.
                    read_back(rows.clone().slice([0..1, 0..1]).flatten(0, 1)).await?;
                }
                self.resid = Some(Resid { rows, nodes });
            }
            Task::Measure(Stop { layer, flipped, reads, written, .. }) => {
                let resid = self.resid.as_ref().expect(EMBEDDED);
                let (clean, of_flipped, places) = batch.read(reads);
                let clean = resid.read(&clean, batch.len());
                let flipped = flipped.then(|| resid.read(&of_flipped, batch.len()));
                let written = self.written.as_ref().filter(|_| written);
                if let Some(sample) = &self.sample {
                    let at_end = |x: &Tensor<3>| places.at_end(x.clone());
                    let flipped = flipped.as_ref().map(at_end);
                    sample.check(at_end(&clean), flipped, &self.model.device.adapter).await?;
                }
                let measured =
                    probe.measure(&Stopped { gpt2, batch, layer, places, clean, flipped, written })?;
                let values = self.finite(read_back(measured).await?)?;
                probe.keep(layer, batch, &values);
            }
        }
        Ok(())
    }

    /// The nodes whose `resid_post` of a layer is needed: all of them, but behind the last layer only what the
    /// last stop reads.
    fn nodes_behind(&self, batch: &Batch, input: Input, layer: usize) -> Vec<usize> {
        match self.tasks.last() {
            Some(&Task::Measure(Stop { layer: last, flipped, reads: Reads::Roles, .. }))
                if last == layer + 1 =>
            {
                let (mut nodes, of_flipped, _) = batch.read(Reads::Roles);
                nodes.extend(of_flipped.into_iter().filter(|_| flipped));
                nodes.sort_unstable();
                nodes.dedup();
                nodes
            }
            _ => (0..batch.nodes(input)).collect(),
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
