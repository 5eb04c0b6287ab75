use burn::tensor::{Int, Tensor, TensorData};
use serde::Serialize;

use super::exam::values;
use crate::device::read_back;
use crate::hooks::{Activation, Hooks};
use crate::metric::Metric;
use crate::model::Gpt2;
use crate::task::{GreaterThanTask, InductionTask, TaskSpec};
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// How well a model does at the usual examples of the tasks beside IOI. None where it cannot read them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskResults {
    pub repeated: Option<Repeated>,
    pub greater_than: Option<GreaterThan>,
}

/// What it predicts of random tokens that come twice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Repeated {
    pub sequences: usize,
    /// The share of the tokens of the second half, but for its first, that are the likeliest.
    pub accuracy: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GreaterThan {
    pub prompts: usize,
    /// The probability of later years minus that of the others, mean over prompts.
    pub prob_diff: f64,
}

/// Has a model do both.
///
/// # Errors
/// [`Error::Device`].
pub async fn examine_tasks(
    gpt2: &Gpt2,
    tokenizer: &Tokenizer,
    tokens_per_batch: usize,
) -> Result<TaskResults> {
    let n_ctx = gpt2.config.n_ctx;
    let examples = |task: TaskSpec| match task.examples(tokenizer, n_ctx) {
        Ok(examples) => Ok(Some(examples.examples)),
        Err(Error::BadInput { .. } | Error::BadModel(_)) => Ok(None),
        Err(error) => Err(error),
    };
    let induction = InductionTask::default();
    let length = induction.length as usize;
    let repeated = match examples(TaskSpec::Induction(induction))? {
        None => None,
        Some(examples) => {
            let (mut right, mut asked) = (0, 0);
            for examples in examples.chunks((tokens_per_batch / (2 * length)).max(1)) {
                let rows: Vec<&[u32]> = examples.iter().map(|example| &example.clean[..]).collect();
                right += second_half(gpt2, &rows, length).await?;
                asked += rows.len() * (length - 1);
            }
            Some(Repeated { sequences: examples.len(), accuracy: right as f64 / asked as f64 })
        }
    };
    let greater_than = match examples(TaskSpec::GreaterThan(GreaterThanTask::default()))? {
        None => None,
        Some(examples) => {
            let [diffs] = values(gpt2, &examples, [Metric::ProbDiff], tokens_per_batch).await?;
            let prob_diff = diffs.iter().sum::<f64>() / diffs.len() as f64;
            Some(GreaterThan { prompts: diffs.len(), prob_diff })
        }
    };
    Ok(TaskResults { repeated, greater_than })
}

/// How many of the last tokens of rows, `length` but for the first, are the likeliest after those before.
async fn second_half(gpt2: &Gpt2, rows: &[&[u32]], length: usize) -> Result<usize> {
    let last = gpt2.config.n_layer - 1;
    let resid_post = Activation::ResidPost.at(last);
    let resid = gpt2.run(rows, &Hooks::new().read(resid_post))?.get(resid_post)?; // [rows, pos, d_model]
    let asked = length - 1;
    let [_, pos, _] = resid.dims();
    let logits = gpt2.logits(resid.narrow(1, pos - length, asked).flatten(0, 1)); // [rows · asked, vocab]
    let tokens: Vec<i32> =
        rows.iter().flat_map(|row| row[pos - asked..].iter().map(|&it| it as i32)).collect();
    let count = tokens.len();
    let tokens = Tensor::<2, Int>::from_data(TensorData::new(tokens, [count, 1]), &logits.device());
    let right = logits.argmax(1).equal(tokens).float().reshape([count]);
    Ok(read_back(right).await?.iter().filter(|&&is| is > 0.0).count())
}
