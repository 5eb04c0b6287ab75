use std::collections::HashSet;

use burn::module::Module;
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::optim::grad_clipping::GradientClippingConfig;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::TrainSpec;
use super::corpus::{Corpus, Row};
use super::guide::{Guide, astray};
use super::start::random_model;
use super::vocabulary::train_tokenizer;
use super::writes::Writes;
use crate::device::{ComputeDevice, read_back};
use crate::hooks::{Activation, ActivationCache, Hooks, Session};
use crate::ioi::Lexicon;
use crate::model::Gpt2;
use crate::python_random::PythonRandom;
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// A training at some step.
///
/// Besides the language-model loss there is a small term that guides heads: [`Guide`].
pub struct Trainer {
    pub(super) spec: TrainSpec,
    pub(super) step: usize,
    pub(super) model: Gpt2,
    pub(super) optimizer: ModuleOptimizer,
    /// As a tokenizer.json.
    pub(super) tokenizer_json: String,
    pub(super) tokenizer: Tokenizer,
    /// The tokens of the lexicon's names.
    pub(super) names: HashSet<u32>,
    pub(super) corpus: Corpus,
    /// Rows that are never trained on, without their last token.
    pub(super) reserved: HashSet<Vec<u32>>,
    pub(super) loss: CrossEntropyLoss,
    pub(super) device: Device,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq)]
pub struct StepReport {
    /// Steps done, this one included.
    pub step: usize,
    /// Mean −ln p of all tokens behind the first, before the step.
    pub loss: f32,
}

impl Trainer {
    /// A training at its beginning, with its tokenizer made.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a spec that makes no training.
    pub fn new(spec: TrainSpec, device: &ComputeDevice) -> Result<Self> {
        spec.check()?;
        let corpus = Corpus::new();
        let tokenizer_json = train_tokenizer(&corpus, &mut random_of(&spec, TOKENIZER_STEP))?;
        let tokenizer = Tokenizer::from_json(tokenizer_json.as_bytes())?;
        let device = device.burn.clone().autodiff();
        let config = spec.config(tokenizer.largest_id() as usize + 1);
        let reserved = Corpus::reserved_rows(&tokenizer, config.n_ctx)?;
        let names = Lexicon::get().names.iter().map(|name| tokenizer.name(name)).collect::<Result<_>>()?;
        Ok(Self {
            model: random_model(config, spec.mlps, &mut random_of(&spec, START_STEP), &device),
            optimizer: AdamWConfig::new()
                .with_beta_2(0.98)
                .with_epsilon(1e-8)
                .with_weight_decay(spec.weight_decay)
                .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
                .init(),
            loss: CrossEntropyLossConfig::new().init(&device),
            step: 0,
            names,
            spec,
            tokenizer_json,
            tokenizer,
            corpus,
            reserved,
            device,
        })
    }

    pub fn spec(&self) -> &TrainSpec {
        &self.spec
    }

    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// Steps done.
    pub fn step(&self) -> usize {
        self.step
    }

    /// The model as it is, for other uses than training.
    pub fn model(&self) -> Gpt2 {
        self.model.valid()
    }

    /// One step of AdamW on a fresh batch.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails, or the loss is no number any more.
    pub async fn train_step(&mut self) -> Result<StepReport> {
        let rows = self.rows()?;
        let (loss, astray) = self.losses_of(&rows)?;
        let cost = loss.clone() + astray * self.spec.guidance;
        let gradients = GradientsParams::from_grads(cost.backward(), &self.model);
        let learning_rate = self.spec.learning_rate_at(self.step);
        self.model = self.optimizer.step(learning_rate, self.model.clone(), gradients);
        self.step += 1;
        let loss = read_back(loss.inner()).await?[0];
        if !loss.is_finite() {
            return Err(Error::Device(format!(
                "the loss of step {} is {loss}; try a smaller learning rate",
                self.step
            )));
        }
        Ok(StepReport { step: self.step, loss })
    }

    /// This step's rows, of about one length.
    ///
    /// Rows are drawn for some steps together and sorted by length, so that they need little padding.
    fn rows(&self) -> Result<Vec<Row>> {
        const TOGETHER: usize = 8;
        let mut random = random_of(&self.spec, self.step / TOGETHER);
        let mut rows = Vec::with_capacity(TOGETHER * self.spec.batch);
        while rows.len() < TOGETHER * self.spec.batch {
            let row = self.corpus.row(&self.tokenizer, &mut random)?;
            let reserved = row.tokens.split_last().is_some_and(|(_, before)| self.reserved.contains(before));
            if row.tokens.len() <= self.model.config.n_ctx && !reserved {
                rows.push(row);
            }
        }
        rows.sort_by_key(|row| row.tokens.len());
        let mut order: Vec<usize> = (0..TOGETHER).collect();
        random.shuffle(&mut order);
        let first = order[self.step % TOGETHER] * self.spec.batch;
        Ok(rows[first..first + self.spec.batch].to_vec())
    }

    /// Cross-entropy of every token that is to be predicted given those before it; and how far the guided heads are from what
    /// they are guided to. `[1]` each
    fn losses_of(&self, rows: &[Row]) -> Result<(Tensor<1>, Tensor<1>)> {
        let pos = rows.iter().map(|row| row.tokens.len()).max().unwrap_or(0) - 1;
        // What is padded is predicted nowhere, and seen by nothing before it.
        let padded =
            |row: &Row| [&row.tokens[..row.tokens.len() - 1], &vec![0; pos + 1 - row.tokens.len()]].concat();
        let read: Vec<Vec<u32>> = rows.iter().map(padded).collect();
        let (resid_post, cache) = self.run(&read)?;
        let astray = self.astray(rows, pos, &cache)?;

        let (mut places, mut targets): (Vec<i32>, Vec<i32>) = Default::default();
        for (i, row) in rows.iter().enumerate() {
            for at in row.learnt_from..row.tokens.len() {
                places.push((i * pos + at - 1) as i32);
                targets.push(row.tokens[at] as i32);
            }
        }
        let numbers = |of: Vec<i32>| {
            let count = of.len();
            Tensor::<1, Int>::from_data(TensorData::new(of, [count]), &self.device)
        };
        let logits = self.model.logits(resid_post.flatten::<2>(0, 1).select(0, numbers(places))); // [targets, vocab]
        Ok((self.loss.forward(logits, numbers(targets)), astray))
    }

    /// The sum of what the guides ask, by their weights. `[1]`
    fn astray(&self, rows: &[Row], pos: usize, cache: &ActivationCache) -> Result<Tensor<1>> {
        let mut sum = Tensor::zeros([1], &self.device);
        for guide in Guide::ALL {
            let looks = guide.looks(rows, &self.names);
            let writes = guide
                .writes()
                .map(|(weight, sign)| (Writes::of(guide, rows, &looks, pos, &self.names), weight, sign));
            let weight = guide.weight(self.step);
            let layer = guide.layer(self.spec.n_layer);
            for head in guide.heads(self.spec.n_head) {
                if weight > 0.0 {
                    let pattern = cache.get(Activation::Pattern.at_head(layer, head))?;
                    sum = sum + astray(pattern, &looks) * weight;
                }
                if let Some((writes, weight, sign)) = &writes {
                    let z = cache.get(Activation::Z.at_head(layer, head))?;
                    if let Some(missed) = writes.missed(&self.model, (layer, head), z, *sign, &self.loss) {
                        sum = sum + missed * *weight;
                    }
                }
            }
        }
        Ok(sum)
    }

    /// The last layer's `resid_post`, and the patterns and z of the guided heads. `[batch, pos, d_model]`
    ///
    /// As [`Gpt2::run`], but that an MLP which is not trained, and writes nothing, is not computed.
    fn run(&self, rows: &[Vec<u32>]) -> Result<(Tensor<3>, ActivationCache)> {
        let config = &self.model.config;
        let guided = Guide::ALL.into_iter().flat_map(|guide| {
            let layer = guide.layer(config.n_layer);
            guide.heads(config.n_head).map(move |head| (layer, head))
        });
        let points = guided.flat_map(|(layer, head)| {
            [Activation::Pattern, Activation::Z].map(|activation| activation.at_head(layer, head))
        });
        let hooks = points.fold(Hooks::new(), Hooks::read);
        // Else the run would be over when the last of them is read.
        let hooks = hooks.read(Activation::ResidPost.at(config.n_layer - 1));
        let mut session = Session::new(&hooks, config, 0)?;
        let mut resid = self.model.embed(rows)?;
        let [batch, pos, d_model] = resid.dims();
        for (layer, block) in self.model.blocks.iter().enumerate() {
            let attn_out = block.attn.forward(layer, resid.clone(), block.eps, &mut session)?;
            resid = resid + attn_out.expect("the run goes on to the end");
            if layer < self.spec.mlps {
                let rows = resid.clone().reshape([batch * pos, d_model]);
                resid = resid + block.mlp.forward(rows, block.eps).reshape([batch, pos, d_model]);
            }
        }
        Ok((resid, session.finish()))
    }
}

/// The tokenizer's texts and the first weights are drawn as if for steps that never come.
const TOKENIZER_STEP: usize = u32::MAX as usize;
const START_STEP: usize = TOKENIZER_STEP - 1;

/// Each step has its own random numbers, so that a training can go on anywhere.
fn random_of(spec: &TrainSpec, step: usize) -> PythonRandom {
    PythonRandom::new(u64::from(spec.seed) << 32 | step as u64)
}

#[cfg(test)]
mod tests {
    use burn::module::Param;

    use super::*;

    /// The loss after a step of `length` along a tensor's own gradient, which should fall by length · ‖gradient‖.
    fn falls_as_the_gradient_says<const D: usize>(
        trainer: &mut Trainer,
        name: &str,
        of: fn(&mut Gpt2) -> &mut Param<Tensor<D>>,
    ) {
        let rows = trainer.rows().unwrap();
        let cost = |trainer: &Trainer, rows: &[Row]| {
            let (loss, astray) = trainer.losses_of(rows).unwrap();
            loss + astray * 0.1
        };
        let number = |tensor: Tensor<1>| f64::from(pollster::block_on(read_back(tensor.inner())).unwrap()[0]);
        let before = cost(trainer, &rows);
        let gradients = before.backward();
        let param = of(&mut trainer.model);
        let weight = param.val();
        let gradient = Tensor::from_inner(weight.grad(&gradients).expect("it is trained").inner());
        let norm = number((gradient.clone() * gradient.clone()).sum()).sqrt();
        let length = 1e-2;
        *param = Param::from_tensor((weight.clone() - gradient * (length / norm)).detach());
        let after = number(cost(trainer, &rows));
        *of(&mut trainer.model) = Param::from_tensor(weight.detach());
        let fall = (number(before) - after) / length;
        assert!((fall - norm).abs() < 0.2 * norm + 2e-4, "{name}: fell by {fall}, gradient {norm}");
    }

    #[test]
    fn gradients_are_the_slopes_of_the_loss() {
        let spec = TrainSpec {
            n_layer: 2,
            n_head: 2,
            n_embd: 16,
            mlps: 1,
            n_inner: 32,
            steps: 100,
            batch: 8,
            ..TrainSpec::default()
        };
        let mut trainer = Trainer::new(spec, &ComputeDevice::cpu()).unwrap();
        // Not from the start: there attention is uniform, and many gradients nearly 0.
        for _ in 0..60 {
            pollster::block_on(trainer.train_step()).unwrap();
        }
        let it = &mut trainer;
        falls_as_the_gradient_says(it, "wte", |model| &mut model.wte.chunks[0]);
        falls_as_the_gradient_says(it, "wpe", |model| &mut model.wpe);
        falls_as_the_gradient_says(it, "c_attn", |model| &mut model.blocks[0].attn.c_attn.weight);
        falls_as_the_gradient_says(it, "c_attn of the last", |model| &mut model.blocks[1].attn.c_attn.weight);
        falls_as_the_gradient_says(it, "c_proj", |model| &mut model.blocks[0].attn.c_proj.weight);
        falls_as_the_gradient_says(it, "c_fc", |model| &mut model.blocks[0].mlp.c_fc.weight);
        falls_as_the_gradient_says(it, "c_proj of the MLP", |model| &mut model.blocks[0].mlp.c_proj.weight);
        falls_as_the_gradient_says(it, "ln_f.bias", |model| &mut model.ln_f.bias);
    }
}
