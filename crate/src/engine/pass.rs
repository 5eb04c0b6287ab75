//! Takes prompts through the network, batch by batch and layer by layer, and stops where something is measured.

use std::rc::Rc;

use burn::tensor::Tensor;
use serde::Serialize;

use super::forest::Forest;
use super::forward::{Asked, Forward};
use super::memo::Shared;
use super::plan::Part;
use super::sample::Sample;
use super::vectors::Kept;
use crate::device::{DeviceKind, read_back};
use crate::loader::LoadedModel;
use crate::model::Gpt2;
use crate::{Error, Result};

/// What is measured on the way.
pub trait Probe {
    fn batches(&self) -> usize;

    /// Where, upwards, at most once a layer; the same in every batch.
    fn stops(&self) -> Vec<Stop>;

    /// The runs of a batch, their edits, and what is read of them, none above the last stop.
    fn ask(&self, batch: usize) -> Asked;

    /// The numbers to read from the device at a stop.
    fn measure(&self, at: &Stopped) -> Tensor<1>;

    /// Takes the numbers that were measured at a stop.
    fn keep(&mut self, at: &Stopped, values: &[f32]);

    /// What it measures in all, where another question may need the same.
    fn shared(&mut self) -> Option<Shared<'_>> {
        None
    }
}

/// Where a batch is held on its way up, to measure something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The layer whose activations are read last; the number of layers stands for what the last one leaves.
    pub layer: usize,
    /// What is measured, in words.
    pub what: &'static str,
}

/// A batch at a stop.
pub struct Stopped<'a> {
    pub gpt2: &'a Gpt2,
    pub forest: &'a Forest,
    pub kept: &'a Kept,
    /// The nodes that the batch has marked, list by list.
    pub marked: &'a [Vec<usize>],
    pub batch: usize,
    pub layer: usize,
}

impl Stopped<'_> {
    /// What some nodes have at a part of a layer, which was asked for. `[nodes, width]`
    pub fn get(&self, layer: usize, part: Part, nodes: &[usize]) -> Tensor<2> {
        self.kept.get(self.forest, layer, part, nodes)
    }

    /// The attention scores of some pairs of nodes, a query and a key each, at every head of a layer whose queries and
    /// keys were asked for. `[pairs, head]`
    pub fn scores(&self, layer: usize, queries: &[usize], keys: &[usize]) -> Tensor<2> {
        let attn = &self.gpt2.blocks[layer].attn;
        let products = self.get(layer, Part::Q, queries) * self.get(layer, Part::K, keys);
        let [pairs, width] = products.dims();
        let products = products.reshape([pairs, attn.n_head, width / attn.n_head]);
        products.sum_dim(2).squeeze_dim::<2>(2) * attn.score_scale
    }
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

/// One step of a batch.
#[derive(Debug, Clone, Copy)]
enum Task {
    Embed,
    Layer(usize),
    Measure(Stop),
}

/// One way through all batches, pulled step by step, so that whoever pulls can show progress and stop.
///
/// Only what a probe measures leaves a batch, so memory does not grow with the number of prompts.
pub struct Pass {
    model: Rc<LoadedModel>,
    batches: usize,
    /// What is done in each batch.
    tasks: Vec<Task>,
    done: usize,
    flops: f64,
    changes: usize,
    /// All was measured before: there is nothing to do but one step that says so.
    is_recalled: bool,
    /// The batch at work.
    forward: Option<Forward>,
    /// What a GPU's first batch is held against.
    sample: Option<Sample>,
    /// What ended the pass, if anything did.
    failure: Option<Error>,
}

impl Pass {
    /// Through all batches, unless what the probe measures is known: then it is given that at once.
    pub fn new(model: Rc<LoadedModel>, probe: &mut dyn Probe) -> Self {
        if let Some(changes) = probe.shared().and_then(|shared| model.memo.recall(shared)) {
            return Self { changes, is_recalled: true, ..Self::over(model, 0, Vec::new()) };
        }
        let stops = probe.stops();
        let top = stops.last().map_or(0, |stop| stop.layer);
        let mut tasks = vec![Task::Embed];
        for layer in 0..=top {
            tasks.push(Task::Layer(layer));
            tasks.extend(stops.iter().filter(|stop| stop.layer == layer).map(|&stop| Task::Measure(stop)));
        }
        let n_layer = model.gpt2.config.n_layer;
        let batches = probe.batches();
        let (mut flops, mut changes) = (0.0, 0);
        for batch in 0..batches {
            let forward = Forward::new(probe.ask(batch), n_layer);
            flops += forward.flops(&model.gpt2).iter().sum::<f64>();
            changes += forward.changes();
        }
        Self { flops, changes, ..Self::over(model, batches, tasks) }
    }

    fn over(model: Rc<LoadedModel>, batches: usize, tasks: Vec<Task>) -> Self {
        Self {
            model,
            batches,
            tasks,
            done: 0,
            flops: 0.0,
            changes: 0,
            is_recalled: false,
            forward: None,
            sample: None,
            failure: None,
        }
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
        if stepped.as_ref().is_ok_and(|progress| progress.finished)
            && let Some(shared) = probe.shared()
        {
            self.model.memo.keep(shared, self.changes);
        }
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

    /// The floating point operations of all steps' matrix products, what is measured aside.
    pub fn flops(&self) -> f64 {
        self.flops
    }

    /// How many edits, of all, can change what is read.
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// Whether all was measured before.
    pub fn is_recalled(&self) -> bool {
        self.is_recalled
    }

    pub fn total(&self) -> usize {
        if self.is_recalled { 1 } else { self.batches * self.tasks.len() }
    }

    async fn next_task(&mut self, probe: &mut dyn Probe) -> Result<Progress> {
        let mut step = "done".to_owned();
        if self.is_recalled {
            self.done = 1;
            step = "measured before".into();
        } else if self.done < self.total() {
            self.model.device.check()?;
            let (batch, task) = (self.done / self.tasks.len(), self.tasks[self.done % self.tasks.len()]);
            self.do_task(batch, task, probe).await?;
            self.done += 1;
            let what = match task {
                Task::Embed => "embedding".to_owned(),
                Task::Layer(layer) => format!("layer {layer}"),
                Task::Measure(stop) => stop.what.to_owned(),
            };
            step = format!("batch {} of {}: {what}", batch + 1, self.batches);
        }
        Ok(Progress { done: self.done, total: self.total(), step, finished: self.done == self.total() })
    }

    async fn do_task(&mut self, batch: usize, task: Task, probe: &mut dyn Probe) -> Result<()> {
        const EMBEDDED: &str = "a batch is embedded first";
        let (gpt2, device) = (&self.model.gpt2, &self.model.device);
        let on_gpu = device.kind == DeviceKind::Gpu;
        match task {
            Task::Embed => {
                let mut asked = probe.ask(batch);
                self.sample = if on_gpu && batch == 0 {
                    let stops = probe.stops();
                    let layers: Vec<usize> = stops.iter().map(|stop| stop.layer).collect();
                    Sample::of(&mut asked, &layers, gpt2)?
                } else {
                    None
                };
                let mut forward = Forward::new(asked, gpt2.config.n_layer);
                forward.embed(gpt2)?;
                self.forward = Some(forward);
            }
            Task::Layer(layer) => {
                let forward = self.forward.as_mut().expect(EMBEDDED);
                forward.layer(gpt2, layer);
                if let Some(sample) = &mut self.sample {
                    sample.layer(gpt2, layer);
                }
                if on_gpu
                    && (layer + 1).is_multiple_of(device.layers_per_wait())
                    && let Some(number) = forward.first_number()
                {
                    // Work is only queued there. Waiting for one number keeps progress true and cancel
                    // prompt, and shows what went wrong where it did.
                    read_back(number).await?;
                }
            }
            Task::Measure(Stop { layer, .. }) => {
                let forward = self.forward.as_ref().expect(EMBEDDED);
                if let Some(sample) = &self.sample {
                    sample.check(forward, layer, &device.adapter).await?;
                }
                let Forward { forest, kept, marked, .. } = forward;
                let at = Stopped { gpt2, forest, kept, marked, batch, layer };
                let values = device.finite(read_back(probe.measure(&at)).await?)?;
                probe.keep(&at, &values);
            }
        }
        Ok(())
    }
}
