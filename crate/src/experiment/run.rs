use std::rc::Rc;

use burn::tensor::{Bool, Tensor, TensorData};
use serde::Serialize;

use super::result::{self, Measured};
use super::{Case, Edit, EditedPositions, Experiment, ExperimentResult, ExperimentSpec, Replacement};
use crate::device::{DeviceKind, read_back};
use crate::hooks::{Activation, Hooks};
use crate::ioi::{Flip, Flipped, IoiDataset};
use crate::loader::LoadedModel;
use crate::model::select_rows;
use crate::projection::project;
use crate::{Error, Result};

/// A running experiment. It is pulled step by step, so that whoever pulls can show progress and stop.
///
/// Prompts go through the network in micro-batches, ordered by length. In each, the clean and the flipped
/// prompts run up to layer L, as far as END; then every case starts from there. Only the scores leave a
/// batch, so memory does not grow with the number of prompts.
pub struct Run {
    model: Rc<LoadedModel>,
    spec: ExperimentSpec,
    experiment: &'static Experiment,
    clean: IoiDataset,
    flipped: Flipped,
    /// Indices of prompts.
    batches: Vec<Vec<usize>>,
    /// What is done in each batch.
    tasks: Vec<Task>,
    done: usize,
    /// The residual streams of the batch at work. `[batch, pos, d_model]`
    resid: Streams,
    measured: Vec<Measured>,
    logit_diff: Option<Vec<f32>>,
    /// What ended the run, if anything did.
    failure: Option<Error>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Embed(Input),
    Layer(Input, usize),
    Cases,
    Logits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Clean,
    Flipped,
}

#[derive(Default)]
struct Streams {
    clean: Option<Tensor<3>>,
    flipped: Option<Tensor<3>>,
}

impl Streams {
    fn of(&mut self, input: Input) -> &mut Option<Tensor<3>> {
        match input {
            Input::Clean => &mut self.clean,
            Input::Flipped => &mut self.flipped,
        }
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

impl Run {
    /// Makes the dataset and plans the work. With `accuracy` the clean run goes on to the logits.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit; [`Error::BadModel`] if the tokenizer does
    /// not.
    pub fn new(model: Rc<LoadedModel>, spec: &ExperimentSpec, accuracy: bool) -> Result<Self> {
        let experiment = spec.experiment()?;
        model.gpt2.config.check_head(spec.layer, spec.head)?;
        let flip = Flip::parse(&spec.flip)?;
        let prompts = spec.dataset.generate()?;
        let flipped = flip.apply(&prompts, spec.dataset.seed)?;
        let bos = spec.dataset.prepend_bos;
        let clean = IoiDataset::new(prompts, &model.tokenizer, bos)?;
        let flipped = clean.flipped(flipped, &model.tokenizer, bos)?;
        let (longest, n_ctx) = (
            1 + clean.positions.iter().map(|p| p.end).max().unwrap_or(0),
            model.gpt2.config.n_ctx,
        );
        if longest > n_ctx {
            return Err(Error::model(format!(
                "the longest prompt has {longest} tokens up to END, but the model's context is {n_ctx}"
            )));
        }
        Ok(Self {
            batches: micro_batches(&clean, model.device.tokens_per_batch()),
            tasks: tasks(
                experiment,
                spec.layer,
                accuracy.then_some(model.gpt2.config.n_layer),
            ),
            done: 0,
            resid: Streams::default(),
            measured: vec![Measured::new(clean.len()); experiment.cases.len()],
            logit_diff: accuracy.then(|| vec![0.0; clean.len()]),
            failure: None,
            spec: spec.clone(),
            experiment,
            clean,
            flipped,
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
        Ok(finished.then(|| {
            result::summarize(
                self.experiment,
                &self.spec,
                &self.measured,
                self.logit_diff.as_deref(),
            )
        }))
    }

    fn total(&self) -> usize {
        self.batches.len() * self.tasks.len()
    }

    async fn next_task(&mut self) -> Result<Progress> {
        let mut step = "done".to_owned();
        if self.done < self.total() {
            self.model.device.check()?;
            let (batch, task) = (
                self.done / self.tasks.len(),
                self.tasks[self.done % self.tasks.len()],
            );
            self.work(&self.batches[batch].clone(), task).await?;
            self.done += 1;
            step = format!("batch {} of {}: {task}", batch + 1, self.batches.len());
        }
        Ok(Progress {
            done: self.done,
            total: self.total(),
            step,
            finished: self.done == self.total(),
        })
    }

    async fn work(&mut self, batch: &[usize], task: Task) -> Result<()> {
        match task {
            Task::Embed(input) => {
                let tokens = self.tokens(batch, input);
                let rows: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
                *self.resid.of(input) = Some(self.model.gpt2.embed(&rows)?);
            }
            Task::Layer(input, layer) => {
                let resid = self.resid.of(input);
                let resid_pre = resid.take().expect("the plan embeds first");
                let resid_post = self.model.gpt2.layer(layer, resid_pre)?;
                if self.model.device.kind == DeviceKind::Gpu {
                    // Work is only queued there. Waiting for one number keeps progress true and cancel
                    // prompt, and shows what went wrong where it did.
                    read_back(resid_post.clone().slice([0..1, 0..1, 0..1]).flatten(0, 2)).await?;
                }
                *resid = Some(resid_post);
            }
            Task::Cases => {
                let measured = self.run_cases(batch)?;
                let values = self.finite(read_back(measured).await?)?;
                let columns = self.measured.iter_mut().flat_map(Measured::columns);
                for (column, values) in columns.zip(values.chunks_exact(batch.len())) {
                    scatter(column, batch, values);
                }
            }
            Task::Logits => {
                let resid_post = self.resid.clean.take().expect("the plan embeds first");
                let names = |ids: &[u32]| batch.iter().map(|&prompt| ids[prompt]).collect::<Vec<_>>();
                let (io, s) = (names(&self.clean.io_token_ids), names(&self.clean.s_token_ids));
                let diff = self
                    .model
                    .gpt2
                    .logit_diff(self.at_end(batch, resid_post), &io, &s);
                let values = self.finite(read_back(diff).await?)?;
                scatter(
                    self.logit_diff.as_mut().expect("the plan has logits"),
                    batch,
                    &values,
                );
            }
        }
        Ok(())
    }

    /// Runs every case of the experiment at layer L. `[case · measured quantity · prompt]`
    fn run_cases(&mut self, batch: &[usize]) -> Result<Tensor<1>> {
        let (layer, head) = (self.spec.layer, self.spec.head);
        let q_input = Activation::QInput.at_head(layer, head);
        let ln1_scale = Activation::Ln1Scale.at_head(layer, head);
        let q = Activation::Q.at_head(layer, head);
        let attn_scores = Activation::AttnScores.at_head(layer, head);
        let resid_pre = self.resid.clean.clone().expect("the plan embeds first");
        let flipped = self.resid.flipped.take();

        let run = |hooks: Hooks| {
            let hooks = hooks.read(q_input).read(q).read(attn_scores);
            self.model.gpt2.run_from(layer, resid_pre.clone(), &hooks)
        };
        let clean = run(Hooks::new().read(ln1_scale))?;
        let mut columns = Vec::new();
        for Case { edit, .. } in self.experiment.cases {
            let cache = match edit {
                None => None,
                Some(edit) => {
                    let replaced = self.replacement(edit, batch, clean.get(q_input)?, flipped.as_ref());
                    let mut hooks = Hooks::new().edit(q_input, |_| replaced.clone());
                    if self.spec.freeze_ln {
                        let scale = clean.get(ln1_scale)?;
                        hooks = hooks.edit(ln1_scale, move |_| scale.clone());
                    }
                    Some(run(hooks)?)
                }
            };
            let cache = cache.as_ref().unwrap_or(&clean);
            let scores = cache.get(attn_scores)?;
            columns.push(self.score(batch, scores.clone(), |prompt| self.clean.positions[prompt].io));
            columns.push(self.score(batch, scores, |prompt| self.clean.positions[prompt].s1));
            for point in [q_input, q] {
                let change = self.at_end(batch, cache.get(point)? - clean.get(point)?);
                columns.push((change.clone() * change).sum_dim(1).sqrt().squeeze_dim(1));
            }
        }
        Ok(Tensor::cat(columns, 0))
    }

    /// `q_input` as an edit leaves it. `[batch, pos, d_model]`
    fn replacement(
        &self,
        edit: &Edit,
        batch: &[usize],
        clean: Tensor<3>,
        flipped: Option<&Tensor<3>>,
    ) -> Tensor<3> {
        let [prompts, pos, d_model] = clean.dims();
        let replaced = match edit.replacement {
            Replacement::Clean => self.resid.clean.clone().expect("the plan embeds first"),
            Replacement::Flipped => flipped.expect("the plan runs the flipped prompts").clone(),
            Replacement::ProjectedOnUnembeddings => {
                // Each prompt's directions, once for each of its positions. [batch · pos, d_model]
                let direction = |ids: &[u32]| {
                    let tokens: Vec<u32> = batch.iter().map(|&prompt| ids[prompt]).collect();
                    let columns: Tensor<3> = self.model.gpt2.w_u(&tokens).unsqueeze_dim(1);
                    columns
                        .expand([prompts, pos, d_model])
                        .reshape([prompts * pos, d_model])
                };
                let span = [
                    direction(&self.clean.io_token_ids),
                    direction(&self.clean.s_token_ids),
                ];
                project(clean.clone().reshape([prompts * pos, d_model]), &span)
                    .reshape([prompts, pos, d_model])
            }
        };
        match edit.positions {
            EditedPositions::All => replaced,
            EditedPositions::End => {
                let ends = batch.iter().map(|&prompt| self.clean.positions[prompt].end);
                let is_end: Vec<bool> = ends.flat_map(|end| (0..pos).map(move |at| at == end)).collect();
                let is_end = TensorData::new(is_end, [prompts, pos, 1]);
                let is_end = Tensor::<3, Bool>::from_data(is_end, &clean.device());
                clean.mask_where(is_end.expand([prompts, pos, d_model]), replaced)
            }
        }
    }

    /// END's score for the key at a position of each prompt, from `[batch, query, key]`. `[batch]`
    fn score(&self, batch: &[usize], scores: Tensor<3>, key: impl Fn(usize) -> usize) -> Tensor<1> {
        let [prompts, pos, _] = scores.dims();
        let place = |(row, &prompt): (usize, &usize)| {
            (row * pos + self.clean.positions[prompt].end) * pos + key(prompt)
        };
        let places: Vec<usize> = batch.iter().enumerate().map(place).collect();
        select_rows(scores.reshape([prompts * pos * pos, 1]), &places).squeeze_dim(1)
    }

    /// The rows of END, from `[batch, pos, d]`. `[batch, d]`
    fn at_end(&self, batch: &[usize], x: Tensor<3>) -> Tensor<2> {
        let [prompts, pos, width] = x.dims();
        let place = |(row, &prompt): (usize, &usize)| row * pos + self.clean.positions[prompt].end;
        let places: Vec<usize> = batch.iter().enumerate().map(place).collect();
        select_rows(x.reshape([prompts * pos, width]), &places)
    }

    /// Rows of tokens up to the batch's last END; a shorter row is padded, which no earlier token sees.
    fn tokens(&self, batch: &[usize], input: Input) -> Vec<Vec<u32>> {
        let rows = match input {
            Input::Clean => &self.clean.tokens,
            Input::Flipped => &self.flipped.tokens,
        };
        let pos = 1 + batch
            .iter()
            .map(|&prompt| self.clean.positions[prompt].end)
            .max()
            .unwrap_or(0);
        let row = |&prompt: &usize| {
            let mut row = rows[prompt].clone();
            row.resize(pos, self.model.tokenizer.bos());
            row
        };
        batch.iter().map(row).collect()
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

/// Prompts by length, so that rows need little padding, in batches of about as many tokens as asked for.
fn micro_batches(dataset: &IoiDataset, tokens_per_batch: usize) -> Vec<Vec<usize>> {
    let mut by_length: Vec<usize> = (0..dataset.len()).collect();
    by_length.sort_by_key(|&prompt| dataset.positions[prompt].end);
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for prompt in by_length {
        let length = dataset.positions[prompt].end + 1;
        match batches.last_mut() {
            Some(batch) if (batch.len() + 1) * length <= tokens_per_batch => batch.push(prompt),
            _ => batches.push(vec![prompt]),
        }
    }
    batches
}

/// The clean run below L, the flipped one where a case needs it, the cases, and the rest of the clean run
/// where the logits are asked for.
fn tasks(experiment: &Experiment, layer: usize, logits_behind: Option<usize>) -> Vec<Task> {
    let flips = |case: &Case| {
        case.edit
            .is_some_and(|edit| edit.replacement == Replacement::Flipped)
    };
    let mut inputs = vec![Input::Clean];
    if experiment.cases.iter().any(flips) {
        inputs.push(Input::Flipped);
    }
    let mut tasks = Vec::new();
    for input in inputs {
        tasks.push(Task::Embed(input));
        tasks.extend((0..layer).map(|layer| Task::Layer(input, layer)));
    }
    tasks.push(Task::Cases);
    if let Some(n_layer) = logits_behind {
        tasks.extend((layer..n_layer).map(|layer| Task::Layer(Input::Clean, layer)));
        tasks.push(Task::Logits);
    }
    tasks
}

impl std::fmt::Display for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = |input: &Input| match input {
            Input::Clean => "clean run",
            Input::Flipped => "flipped run",
        };
        match self {
            Self::Embed(input) => write!(f, "{}, embedding", name(input)),
            Self::Layer(input, layer) => write!(f, "{}, layer {layer}", name(input)),
            Self::Cases => f.write_str("the edits at the head"),
            Self::Logits => f.write_str("logits"),
        }
    }
}

/// Puts a batch's values in their prompts' places.
fn scatter(column: &mut [f32], batch: &[usize], values: &[f32]) {
    for (&prompt, &value) in batch.iter().zip(values) {
        column[prompt] = value;
    }
}
