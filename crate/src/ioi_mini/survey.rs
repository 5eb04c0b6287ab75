//! What each head does on IOI prompts, by measurement: where it looks, what it writes, and what its absence costs.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::device::read_back;
use crate::hooks::{Activation, HookPoint, Hooks};
use crate::ioi::{IoiDataset, Positions, Prompt};
use crate::ioi_mini::padded::Batch;
use crate::model::Gpt2;
use crate::tokenizer::Tokenizer;

/// A model's heads on one set of prompts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    pub prompts: usize,
    /// logit\[IO\] − logit\[S\] at END, mean over prompts.
    pub logit_diff: f64,
    /// The head whose `score_diff` is largest. Layer and head.
    pub mover: [usize; 2],
    pub heads: Vec<HeadFigures>,
}

/// One head; every figure is a mean over prompts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HeadFigures {
    pub layer: usize,
    pub head: usize,
    /// Attention pattern, query → key.
    pub end_to_io: f64,
    pub end_to_s1: f64,
    pub end_to_s2: f64,
    pub s2_to_s1: f64,
    /// From every token up to END to the one before it.
    pub to_previous: f64,
    /// Attention score END→IO minus END→S1.
    pub score_diff: f64,
    /// What the head writes at END, ÷ ln_f's scale, · (W_U\[IO\] − W_U\[S\]): its direct part in the logit difference.
    pub direct: f64,
    /// By how much the logit difference changes where the head's `z` is replaced by its mean over all tokens.
    pub ablated: f64,
    /// By how much `score_diff` of the mover changes then.
    pub ablated_mover: f64,
}

/// Runs the prompts, BOS in front, once as they are and once without each head.
///
/// # Errors
/// [`crate::Error::BadModel`] if a prompt does not fit the tokenizer or the context; [`crate::Error::Device`].
pub async fn survey(
    gpt2: &Gpt2,
    tokenizer: &Tokenizer,
    prompts: Vec<Prompt>,
    tokens_per_batch: usize,
) -> Result<Survey> {
    let dataset = IoiDataset::new(prompts, tokenizer, true)?;
    let batches = Batch::all(&dataset, tokens_per_batch);
    let surveyor = Surveyor { gpt2, batches: &batches, prompts: dataset.len() };
    surveyor.survey().await
}

type Role = fn(&Positions) -> usize;

struct Surveyor<'a> {
    gpt2: &'a Gpt2,
    batches: &'a [Batch],
    prompts: usize,
}

impl Surveyor<'_> {
    async fn survey(&self) -> Result<Survey> {
        let config = &self.gpt2.config;
        let points = (0..config.n_layer).flat_map(|layer| (0..config.n_head).map(move |head| [layer, head]));
        let (mut heads, mut means) = (Vec::new(), Vec::new());
        for [layer, head] in points {
            let (figures, mean_z) = self.look(layer, head).await?;
            heads.push(figures);
            means.push(mean_z);
        }
        let mover =
            heads.iter().max_by(|a, b| a.score_diff.total_cmp(&b.score_diff)).expect("a model has heads");
        let mover = [mover.layer, mover.head];
        let [logit_diff, score_diff] = self.outcome(mover, None).await?;
        for (figures, mean_z) in heads.iter_mut().zip(means) {
            let z = Activation::Z.at_head(figures.layer, figures.head);
            let [without, mover_without] = self.outcome(mover, Some((z, mean_z))).await?;
            figures.ablated = without - logit_diff;
            figures.ablated_mover = mover_without - score_diff;
        }
        Ok(Survey { prompts: self.prompts, logit_diff, mover, heads })
    }

    /// All figures but those of ablation, and the mean of `z` over all tokens up to END. `[1, d_head]`
    async fn look(&self, layer: usize, head: usize) -> Result<(HeadFigures, Tensor<2>)> {
        let [pattern, scores, z, result] =
            [Activation::Pattern, Activation::AttnScores, Activation::Z, Activation::Result]
                .map(|activation| activation.at_head(layer, head));
        let last = self.last();
        let mut sums = [0.0; 7];
        let (mut sum_of_z, mut tokens) = (None, 0.0);
        for batch in self.batches {
            let hooks = [pattern, scores, z, result, last].into_iter().fold(Hooks::new(), Hooks::read);
            let cache = self.gpt2.run(&batch.tokens, &hooks)?;
            let looks = cache.get(pattern)?;
            let at = |query: Role, key: Role| batch.between(looks.clone(), query, key);
            let end: Role = |p| p.end;
            let (up_to_end, lengths) = batch.up_to_end(&looks.device());
            let columns = [
                at(end, |p| p.io),
                at(end, |p| p.s1),
                at(end, |p| p.s2),
                at(|p| p.s2, |p| p.s1),
                to_previous(looks.clone(), up_to_end.clone(), lengths.clone()),
                score_diff(batch, cache.get(scores)?),
                self.direct(batch, batch.at_end(cache.get(result)?), batch.at_end(cache.get(last)?)),
            ];
            let totals = read_back(Tensor::cat(columns.map(Tensor::sum).to_vec(), 0)).await?;
            for (sum, total) in sums.iter_mut().zip(totals) {
                *sum += f64::from(total);
            }
            let of_batch = (cache.get(z)? * up_to_end).sum_dim(0).sum_dim(1).squeeze_dim::<2>(0); // [1, d_head]
            sum_of_z = Some(sum_of_z.map_or(of_batch.clone(), |sum: Tensor<2>| sum + of_batch));
            tokens += f64::from(read_back(lengths.sum()).await?[0]);
        }
        let [end_to_io, end_to_s1, end_to_s2, s2_to_s1, to_previous, score_diff, direct] =
            sums.map(|sum| sum / self.prompts as f64);
        let figures = HeadFigures {
            layer,
            head,
            end_to_io,
            end_to_s1,
            end_to_s2,
            s2_to_s1,
            to_previous,
            score_diff,
            direct,
            ..HeadFigures::default()
        };
        Ok((figures, sum_of_z.expect("there are prompts") / tokens))
    }

    /// The mean logit difference, and the mover's mean score difference, with one head's `z` replaced everywhere.
    async fn outcome(&self, mover: [usize; 2], ablated: Option<(HookPoint, Tensor<2>)>) -> Result<[f64; 2]> {
        let scores = Activation::AttnScores.at_head(mover[0], mover[1]);
        let last = self.last();
        let mut sums = [0.0; 2];
        for batch in self.batches {
            let mut hooks = Hooks::new().read(scores).read(last);
            if let Some((z, mean)) = &ablated {
                hooks = hooks.edit(*z, |z| mean.clone().unsqueeze::<3>().expand(z.dims()));
            }
            let cache = self.gpt2.run(&batch.tokens, &hooks)?;
            let end = batch.at_end(cache.get(last)?);
            let logit_diff = self.gpt2.logit_diff(end, self.gpt2.answer_directions(&batch.runs.answers()));
            let score_diff = score_diff(batch, cache.get(scores)?);
            let totals = read_back(Tensor::cat(vec![logit_diff.sum(), score_diff.sum()], 0)).await?;
            for (sum, total) in sums.iter_mut().zip(totals) {
                *sum += f64::from(total);
            }
        }
        Ok(sums.map(|sum| sum / self.prompts as f64))
    }

    fn last(&self) -> HookPoint {
        Activation::ResidPost.at(self.gpt2.config.n_layer - 1)
    }

    /// A write's direct part in each prompt's logit difference, ln_f's scale held. `[batch]`
    fn direct(&self, batch: &Batch, written: Tensor<2>, resid_post: Tensor<2>) -> Tensor<1> {
        let centred = resid_post.clone() - resid_post.mean_dim(1); // [batch, d_model]
        let scale = ((centred.clone() * centred).mean_dim(1) + self.gpt2.config.layer_norm_epsilon).sqrt();
        let direction = self.gpt2.w_u(&batch.runs.io) - self.gpt2.w_u(&batch.runs.s); // [batch, d_model]
        (written / scale * direction).sum_dim(1).squeeze_dim(1)
    }
}

/// Each prompt's score END→IO minus END→S1. `[batch]`
fn score_diff(batch: &Batch, scores: Tensor<3>) -> Tensor<1> {
    batch.score(scores.clone(), |p| p.io) - batch.score(scores, |p| p.s1)
}

/// Each prompt's mean attention from a token to the one before it. `[batch]`
fn to_previous(pattern: Tensor<3>, up_to_end: Tensor<3>, lengths: Tensor<1>) -> Tensor<1> {
    let [batch, pos, _] = pattern.dims();
    let before = Tensor::<2>::eye(pos - 1, &pattern.device()).unsqueeze::<3>(); // key i for query i + 1
    let looks = pattern.slice([0..batch, 1..pos, 0..pos - 1]) * before;
    let real = up_to_end.slice([0..batch, 1..pos, 0..1]);
    (looks * real).sum_dim(2).sum_dim(1).flatten(0, 2) / (lengths - 1.0)
}
