//! Whether heads write what they look at: the copying scores of Wang et al. 2022, of each head's OV circuit by itself.

use std::rc::Rc;

use burn::tensor::{Bool, Int, Tensor, TensorData};

use crate::Result;
use crate::device::read_back;
use crate::engine::Progress;
use crate::job::{Answer, Job, Step, Work, answer};
use crate::loader::LoadedModel;
use crate::model::{EffectiveEmbedding, normalize};

/// A name counts where it is among so many tokens.
const LARGEST: f32 = 5.0;

/// The whole vocabulary's logits of so many names are taken at once: 13 MB in GPT-2.
const ROWS: usize = 64;

/// For each name x the logits ln_f(LN(W_EE\[x\]) W_V W_O) W_U, without biases; W_EE is what layer 0 leaves of W_E by itself,
/// and LN the head's own ln1. A head a step.
pub struct Copying {
    model: Rc<LoadedModel>,
    names: Vec<u32>,
    /// What the heads' values read: LN(W_EE) of each [`ROWS`] names, once it is there. `[names, d_model]` each
    read: Vec<Tensor<2>>,
    /// The shares of names that are among the largest logits, and among the smallest, of the heads that are done.
    shares: Vec<[f64; 2]>,
}

impl Copying {
    pub fn new(model: Rc<LoadedModel>, names: Vec<u32>) -> Self {
        Self { model, names, read: Vec::new(), shares: Vec::new() }
    }

    /// How many names the shares are of.
    pub fn copied(&self) -> usize {
        self.names.len()
    }

    /// Every head's share of names among the 5 largest logits, and among the 5 smallest, which are the largest where the
    /// head's sign is turned; or nothing while steps are left. `[layer · head]`
    pub fn shares(&self) -> Option<[Vec<f64>; 2]> {
        let is_done = self.shares.len() == self.heads();
        is_done.then(|| [0, 1].map(|which| self.shares.iter().map(|shares| shares[which]).collect()))
    }

    fn heads(&self) -> usize {
        self.model.gpt2.config.heads()
    }

    async fn next(&mut self) -> Result<Progress> {
        let total = self.heads();
        let n_head = self.model.gpt2.config.n_head;
        let mut step = "done".to_owned();
        if self.shares.len() < total {
            if self.read.is_empty() {
                self.read = self.names.chunks(ROWS).map(|names| self.normalized(names)).collect();
            }
            let (layer, head) = (self.shares.len() / n_head, self.shares.len() % n_head);
            let shares = self.of_head(layer, head).await;
            // The cause before what follows from it.
            let shares = self.model.device.check().and(shares)?;
            self.shares.push(shares);
            step = format!("copying of head {layer}.{head}");
        }
        let done = self.shares.len();
        Ok(Progress { done, total, step, finished: done == total })
    }

    async fn of_head(&self, layer: usize, head: usize) -> Result<[f64; 2]> {
        let mut counts = [0; 2];
        for (names, read) in self.names.chunks(ROWS).zip(&self.read) {
            let numbers = read_back(self.ranks(layer, head, names, read.clone())).await?;
            let numbers = self.model.device.finite(numbers)?;
            for (which, ranks) in numbers[names.len()..].chunks_exact(names.len()).enumerate() {
                counts[which] += ranks.iter().filter(|&&rank| rank <= LARGEST).count();
            }
        }
        Ok(counts.map(|count| count as f64 / self.names.len() as f64))
    }

    /// LN(W_EE). ln1's parameters are in the weights that read it, so that it is the same in all layers. `[names, d_model]`
    fn normalized(&self, names: &[u32]) -> Tensor<2> {
        let gpt2 = &self.model.gpt2;
        normalize(
            gpt2.effective_embedding(names, EffectiveEmbedding::WithMlps),
            gpt2.config.layer_norm_epsilon,
        )
    }

    /// Each name's own logit, then its place among all tokens' from the largest down, then from the smallest up. Equal ones
    /// all have the last of their places, so that a head that writes nothing copies nothing. `[3 · names]`
    fn ranks(&self, layer: usize, head: usize, names: &[u32], read: Tensor<2>) -> Tensor<1> {
        let gpt2 = &self.model.gpt2;
        let (attn, d_model, d_head) = (&gpt2.blocks[layer].attn, gpt2.config.n_embd, gpt2.config.d_head());
        let (w_v, _) = attn.columns(2 * d_model + head * d_head, d_head); // [d_model, d_head]
        let (w_o, _) = attn.output();
        let result = read.matmul(w_v).matmul(w_o.narrow(0, head * d_head, d_head)); // [names, d_model]
        let logits = gpt2.logits_without_bias(result); // [names, vocab]
        let [rows, vocab] = logits.dims();
        let ids: Vec<i32> = names.iter().map(|&name| name as i32).collect();
        let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, [rows, 1]), &logits.device());
        let own = logits.clone().gather(1, ids); // [names, 1]
        let beside = own.clone().expand([rows, vocab]);
        let count = |is: Tensor<2, Bool>| is.float().sum_dim(1);
        let from_largest = count(logits.clone().greater_equal(beside.clone()));
        let from_smallest = count(logits.lower_equal(beside));
        Tensor::cat(vec![own, from_largest, from_smallest], 0).flatten(0, 1)
    }
}

impl Job for Copying {
    fn cost(&self) -> Work {
        let config = &self.model.gpt2.config;
        let [d, inner, vocab] = [config.n_embd, config.n_inner, config.vocab_size].map(|size| size as f64);
        let w_ee = 4.0 * d * d + 4.0 * d * inner;
        let of_head = 4.0 * d * config.d_head() as f64 + 2.0 * d * vocab;
        let flops = (w_ee + of_head * self.heads() as f64) * self.names.len() as f64;
        Work { needed: flops, done: flops }
    }

    fn step(&mut self) -> Step<'_> {
        Box::pin(self.next())
    }

    fn result(&self) -> Result<Option<Answer>> {
        Ok(self.shares().map(answer))
    }
}
