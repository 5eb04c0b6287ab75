use std::collections::HashSet;

use burn::module::Module;
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::optim::grad_clipping::GradientClippingConfig;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::TrainSpec;
use super::corpus::Corpus;
use super::start::random_model;
use super::vocabulary::train_tokenizer;
use crate::device::{ComputeDevice, read_back};
use crate::hooks::{Activation, Hooks};
use crate::ioi::Lexicon;
use crate::model::Gpt2;
use crate::python_random::PythonRandom;
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// A training at some step.
///
/// Besides the language-model loss there is a small term that guides one head, the first of the last layer: where the coming
/// token is a name that has occurred, it is to look at where it stood (guided attention, Mi et al. 2016). By the loss
/// alone this small a model copies both names and takes the subject's away again, and no head tells IO from S1.
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
        let bos = tokenizer.bos()? as usize;
        let names = Lexicon::get().names.iter().map(|name| tokenizer.name(name)).collect::<Result<_>>()?;
        Ok(Self {
            model: random_model(config, &mut random_of(&spec, START_STEP), &device),
            optimizer: AdamWConfig::new()
                .with_beta_2(0.98)
                .with_epsilon(1e-8)
                .with_weight_decay(spec.weight_decay)
                .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
                .init(),
            // Rows are padded with BOS, which is predicted nowhere.
            loss: CrossEntropyLossConfig::new().with_pad_tokens(Some(vec![bos])).init(&device),
            step: 0,
            names,
            spec,
            tokenizer_json,
            tokenizer,
            corpus,
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

    /// This step's texts as tokens, padded with BOS to one length. BOS is in front of nine in ten.
    ///
    /// Texts are drawn for some steps together and sorted by length, so that rows need little padding.
    fn rows(&self) -> Result<Vec<Vec<u32>>> {
        const TOGETHER: usize = 8;
        let mut random = random_of(&self.spec, self.step / TOGETHER);
        let bos = self.tokenizer.bos()?;
        let mut rows = Vec::with_capacity(TOGETHER * self.spec.batch);
        while rows.len() < TOGETHER * self.spec.batch {
            let with_bos = random.choice(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) > &0;
            let mut row = if with_bos { vec![bos] } else { Vec::new() };
            row.extend(self.tokenizer.encode(&self.corpus.draw(&mut random))?);
            if row.len() <= self.model.config.n_ctx {
                rows.push(row);
            }
        }
        rows.sort_by_key(Vec::len);
        let mut order: Vec<usize> = (0..TOGETHER).collect();
        random.shuffle(&mut order);
        let first = order[self.step % TOGETHER] * self.spec.batch;
        let mut rows = rows[first..first + self.spec.batch].to_vec();
        let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
        for row in &mut rows {
            row.resize(longest, bos);
        }
        Ok(rows)
    }

    /// Cross-entropy of every token given those before it; and how far the guided head looks astray: −ln of its attention
    /// to earlier occurrences of the coming token, where that is a name which has occurred. `[1]` each
    fn losses_of(&self, rows: &[Vec<u32>]) -> Result<(Tensor<1>, Tensor<1>)> {
        let read: Vec<&[u32]> = rows.iter().map(|row| &row[..row.len() - 1]).collect();
        let last = self.model.config.n_layer - 1;
        let (resid_post, pattern) = (Activation::ResidPost.at(last), Activation::Pattern.at_head(last, 0));
        let cache = self.model.run(&read, &Hooks::new().read(resid_post).read(pattern))?;
        let (is_target, is_guided) = self.targets_of_attention(rows); // [batch, query, key], [batch, query, 1]
        let on_target = (cache.get(pattern)? * is_target).sum_dim(2);
        let astray = ((on_target + 1e-6).log().neg() * is_guided.clone()).sum() / (is_guided.sum() + 1.0);
        let logits = self.model.logits(cache.get(resid_post)?.flatten(0, 1)); // [batch · pos, vocab]
        let targets: Vec<i32> =
            rows.iter().flat_map(|row| row[1..].iter().map(|&token| token as i32)).collect();
        let targets = TensorData::new(targets, [logits.dims()[0]]);
        Ok((self.loss.forward(logits, Tensor::<1, Int>::from_data(targets, &self.device)), astray))
    }

    /// Which keys hold the token that comes behind a query, where that is a name, `[batch, query, key]`; and which
    /// queries have such keys, `[batch, query, 1]`.
    fn targets_of_attention(&self, rows: &[Vec<u32>]) -> (Tensor<3>, Tensor<3>) {
        let (batch, pos) = (rows.len(), rows[0].len() - 1);
        let mut is_target = vec![0.0_f32; batch * pos * pos];
        let mut is_guided = vec![0.0_f32; batch * pos];
        for (i, row) in rows.iter().enumerate() {
            for query in 0..pos {
                let next = row[query + 1];
                if !self.names.contains(&next) {
                    continue;
                }
                for key in (0..=query).filter(|&key| row[key] == next) {
                    is_target[(i * pos + query) * pos + key] = 1.0;
                    is_guided[i * pos + query] = 1.0;
                }
            }
        }
        (
            Tensor::from_data(TensorData::new(is_target, [batch, pos, pos]), &self.device),
            Tensor::from_data(TensorData::new(is_guided, [batch, pos, 1]), &self.device),
        )
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
        let cost = |trainer: &Trainer, rows: &[Vec<u32>]| {
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
        let spec =
            TrainSpec { n_layer: 2, n_head: 2, n_embd: 16, steps: 100, batch: 8, ..TrainSpec::default() };
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
        falls_as_the_gradient_says(it, "c_proj of the MLP", |model| &mut model.blocks[1].mlp.c_proj.weight);
        falls_as_the_gradient_says(it, "ln_f.bias", |model| &mut model.ln_f.bias);
    }
}
