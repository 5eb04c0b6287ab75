//! What a run is judged by, at END.

use std::fmt;
use std::str::FromStr;

use burn::tensor::{Int, Tensor, TensorData, activation};
use serde::{Deserialize, Serialize};

use crate::model::{Gpt2, Gpt2Config, select_rows};
use crate::task::{Example, Examples};
use crate::{Error, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(try_from = "String", into = "String")]
pub enum Metric {
    /// The mean logit of the answers minus that of the wrong ones.
    #[default]
    LogitDiff,
    /// The logarithm of the answers' summed probability.
    LogProb,
    /// The answers' summed probability.
    Prob,
    /// The answers' summed probability minus the wrong ones'.
    ProbDiff,
    /// KL(unedited run ‖ run), over the whole vocabulary.
    Kl,
    /// A head's attention score from END to IO minus that to S1.
    AttnScoreDiff([usize; 2]),
}

impl Metric {
    const OF_LOGITS: [Self; 5] = [Self::LogitDiff, Self::LogProb, Self::Prob, Self::ProbDiff, Self::Kl];

    /// In words: "logit difference".
    pub fn title(self) -> String {
        match self {
            Self::LogitDiff => "logit difference".into(),
            Self::LogProb => "log probability".into(),
            Self::Prob => "probability".into(),
            Self::ProbDiff => "probability difference".into(),
            Self::Kl => "KL divergence".into(),
            Self::AttnScoreDiff([layer, head]) => {
                format!("attention score difference of head {layer}.{head}")
            }
        }
    }

    /// What its numbers are.
    pub fn unit(self) -> &'static str {
        match self {
            Self::LogitDiff => "logits",
            Self::LogProb | Self::Kl => "nats",
            Self::Prob | Self::ProbDiff => "probability",
            Self::AttnScoreDiff(_) => "score",
        }
    }

    /// Whether a value between those of two runs can be said as a share of the way.
    pub fn normalizes(self) -> bool {
        self != Self::Kl
    }

    /// The layer whose activations it reads: the number of layers stands for what the last one leaves.
    pub fn layer(self, n_layer: usize) -> usize {
        match self {
            Self::AttnScoreDiff([layer, _]) => layer,
            _ => n_layer,
        }
    }

    /// # Errors
    /// [`Error::BadInput`] for `metric` if the model has no such head.
    pub fn check(self, config: &Gpt2Config) -> Result<()> {
        match self {
            Self::AttnScoreDiff([layer, head]) => config
                .check_head(layer, head)
                .map_err(|error| Error::input("metric", format!("\"{self}\": {error}"))),
            _ => Ok(()),
        }
    }

    /// # Errors
    /// [`Error::BadInput`] for `metric` if a task has not the roles that it reads.
    pub fn check_roles(self, examples: &Examples) -> Result<()> {
        if let Self::AttnScoreDiff(_) = self {
            for role in ["IO", "S1"] {
                examples.role(role).map_err(|error| Error::input("metric", format!("{self}: {error}")))?;
            }
        }
        Ok(())
    }

    /// The floating point operations for a run that is read.
    pub fn flops(self, config: &Gpt2Config) -> f64 {
        let d_model = config.n_embd as f64;
        match self {
            Self::LogitDiff | Self::AttnScoreDiff(_) => 2.0 * d_model,
            _ => 2.0 * d_model * config.vocab_size as f64,
        }
    }

    /// The numbers of a row of the last layer's `resid_post`, as many as [`Metric::width`] says, from which
    /// [`Metric::value`] makes the metric. `of`: each row's example, by its place. `unedited`: such rows
    /// of the examples' unedited runs, of which only KL asks. `[rows, d_model]` and `[examples, d_model]`
    pub fn numbers(
        self,
        gpt2: &Gpt2,
        rows: Tensor<2>,
        of: &[usize],
        examples: &[&Example],
        unedited: impl FnOnce() -> Tensor<2>,
    ) -> Tensor<1> {
        /// The whole vocabulary's logits of so many rows at once: 13 MB of them in GPT-2.
        const ROWS: usize = 64;
        if self == Self::LogitDiff {
            let answers: Vec<[&[u32]; 2]> =
                examples.iter().map(|example| [&example.answers[..], &example.wrong_answers]).collect();
            return gpt2.logit_diff(rows, select_rows(gpt2.answer_directions(&answers), of));
        }
        let log_probs = |rows: Tensor<2>| activation::log_softmax(gpt2.logits(rows), 1); // [rows, vocab]
        let of_unedited = (self == Self::Kl).then(|| log_probs(unedited())); // [examples, vocab]
        let parts = of.chunks(ROWS).enumerate().map(|(i, of)| {
            let of_rows = log_probs(rows.clone().narrow(0, i * ROWS, of.len()));
            if let Some(of_unedited) = &of_unedited {
                let before = select_rows(of_unedited.clone(), of);
                return (before.clone().exp() * (before - of_rows)).sum_dim(1).squeeze_dim(1);
            }
            let [_, vocab] = of_rows.dims();
            let tokens = of.iter().enumerate().flat_map(|(row, &at)| {
                let Example { answers, wrong_answers, .. } = examples[at];
                answers.iter().chain(wrong_answers).map(move |&token| (row * vocab + token as usize) as i32)
            });
            let tokens: Vec<i32> = tokens.collect();
            let tokens = TensorData::new(tokens.clone(), [tokens.len()]);
            let tokens = Tensor::<1, Int>::from_data(tokens, &of_rows.device());
            of_rows.flatten::<1>(0, 1).select(0, tokens)
        });
        Tensor::cat(parts.collect(), 0)
    }

    /// How many numbers are read of a run.
    pub fn width(self, example: &Example) -> usize {
        match self {
            Self::LogitDiff | Self::Kl => 1,
            Self::AttnScoreDiff(_) => 2,
            _ => example.answers.len() + example.wrong_answers.len(),
        }
    }

    pub fn value(self, example: &Example, numbers: &[f32]) -> f64 {
        let prob =
            |log_probs: &[f32]| log_probs.iter().map(|&log_prob| f64::from(log_prob).exp()).sum::<f64>();
        let (answers, wrong) = numbers.split_at(example.answers.len().min(numbers.len()));
        match self {
            Self::LogitDiff | Self::Kl => f64::from(numbers[0]),
            Self::AttnScoreDiff(_) => f64::from(numbers[0]) - f64::from(numbers[1]),
            // In float64 the sum of what is as small as e^-700 is not 0.
            Self::LogProb if answers.len() == 1 => f64::from(answers[0]),
            Self::LogProb => prob(answers).ln(),
            Self::Prob => prob(answers),
            Self::ProbDiff => prob(answers) - prob(wrong),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LogitDiff => f.write_str("logit_diff"),
            Self::LogProb => f.write_str("log_prob"),
            Self::Prob => f.write_str("prob"),
            Self::ProbDiff => f.write_str("prob_diff"),
            Self::Kl => f.write_str("kl"),
            Self::AttnScoreDiff([layer, head]) => write!(f, "attn_score_diff[{layer}.{head}]"),
        }
    }
}

impl FromStr for Metric {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let head = || {
            let (layer, head) = text.strip_prefix("attn_score_diff[")?.strip_suffix(']')?.split_once('.')?;
            Some(Self::AttnScoreDiff([layer.parse().ok()?, head.parse().ok()?]))
        };
        let named = || Self::OF_LOGITS.into_iter().find(|metric| metric.to_string() == text);
        named().or_else(head).ok_or_else(|| {
            let known: Vec<String> = Self::OF_LOGITS.iter().map(Self::to_string).collect();
            let message = format!(
                "there is no metric \"{text}\"; there is {}, and attn_score_diff[LAYER.HEAD], as attn_score_diff[0.0]",
                known.join(", ")
            );
            Error::input("metric", message)
        })
    }
}

impl TryFrom<String> for Metric {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Metric> for String {
    fn from(metric: Metric) -> Self {
        metric.to_string()
    }
}
