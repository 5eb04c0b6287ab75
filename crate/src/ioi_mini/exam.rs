use burn::tensor::Tensor;
use serde::Serialize;

use super::{HeldOut, other_words};
use crate::Result;
use crate::analysis::whole;
use crate::device::read_back;
use crate::engine::{Asked, Forest, Forward, Part, Read};
use crate::ioi::{DatasetSpec, IoiDataset, Lexicon, Positions, Prompt, PromptType};
use crate::metric::Metric;
use crate::model::Gpt2;
use crate::python_random::PythonRandom;
use crate::task::Example;
use crate::tokenizer::Tokenizer;

/// A set of prompts that the training has never seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exam {
    /// What the IOI generator makes of a seed of its own.
    UnseenSeed,
    /// Held-out pairs of names in templates of the training.
    UnseenPairs,
    /// Held-out templates.
    UnseenTemplates,
    /// Templates of words that are more than half of them none of the training's.
    OtherWords,
}

/// How well a model predicts the last name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExamResult {
    pub prompts: usize,
    /// The share of prompts with logit\[IO\] > logit\[S\] at END.
    pub accuracy: f64,
    /// −ln of the probability of IO at END, mean over prompts.
    pub log_loss: f64,
    /// logit\[IO\] − logit\[S\] at END, mean over prompts.
    pub logit_diff: f64,
}

impl Exam {
    pub const ALL: [Self; 4] = [Self::UnseenSeed, Self::UnseenPairs, Self::UnseenTemplates, Self::OtherWords];
    pub const PROMPTS: u32 = 1000;

    /// In words.
    pub fn title(self) -> &'static str {
        match self {
            Self::UnseenSeed => "unseen seed",
            Self::UnseenPairs => "unseen pairs of names",
            Self::UnseenTemplates => "unseen templates",
            Self::OtherWords => "other words",
        }
    }

    /// What accuracy ioi-mini has to reach; of other words it only says what it reaches.
    pub fn pass_mark(self) -> Option<f64> {
        match self {
            Self::UnseenSeed | Self::UnseenPairs => Some(0.99),
            Self::UnseenTemplates => Some(0.95),
            Self::OtherWords => None,
        }
    }

    /// Its prompts, always the same.
    pub fn prompts(self) -> Vec<Prompt> {
        let mixed = DatasetSpec {
            n: Self::PROMPTS,
            seed: 1_000_000,
            symmetric: false,
            prompt_type: PromptType::Mixed,
            prepend_bos: true,
            prompts: None,
        };
        match self {
            Self::UnseenSeed => mixed.generate().expect("the spec is valid"),
            Self::UnseenPairs => drawn(1_000_001, &HeldOut::templates(false), true),
            Self::UnseenTemplates => drawn(1_000_002, &HeldOut::templates(true), false),
            Self::OtherWords => {
                let templates = other_words::templates();
                let templates: Vec<&str> = templates.iter().map(String::as_str).collect();
                drawn(1_000_003, &templates, false)
            }
        }
    }
}

/// Prompts of these templates with pairs of names that are, or are not, held out.
fn drawn(seed: u64, templates: &[&str], held_out_pairs: bool) -> Vec<Prompt> {
    let (lexicon, held_out) = (Lexicon::get(), HeldOut::new());
    let mut random = PythonRandom::new(seed);
    let mut prompts = Vec::new();
    while prompts.len() < Exam::PROMPTS as usize {
        let template = random.choice(templates);
        let [io, s]: [&'static String; 2] = std::array::from_fn(|_| random.choice(&lexicon.names));
        let [place, object] = [random.choice(&lexicon.places), random.choice(&lexicon.objects)];
        if io != s && held_out.has_pair_of(&[io, s]) == held_out_pairs {
            prompts.push(Prompt::from_template(template, io, s, place, object));
        }
    }
    prompts
}

/// Has a model predict the last names, BOS in front.
///
/// # Errors
/// [`crate::Error::BadModel`] if a prompt does not fit the tokenizer or the context; [`crate::Error::Device`].
pub async fn examine(
    gpt2: &Gpt2,
    tokenizer: &Tokenizer,
    prompts: Vec<Prompt>,
    tokens_per_batch: usize,
) -> Result<ExamResult> {
    let examples = asked(prompts, tokenizer)?;
    let metrics = [Metric::LogProb, Metric::LogitDiff];
    let [log_prob, logit_diff] = values(gpt2, &examples, metrics, tokens_per_batch).await?;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let right = logit_diff.iter().filter(|&&diff| diff > 0.0).count();
    Ok(ExamResult {
        prompts: examples.len(),
        accuracy: right as f64 / examples.len() as f64,
        log_loss: -mean(&log_prob),
        logit_diff: mean(&logit_diff),
    })
}

/// What metrics say of unedited runs. `[examples]` each
pub(super) async fn values<const N: usize>(
    gpt2: &Gpt2,
    examples: &[Example],
    metrics: [Metric; N],
    tokens_per_batch: usize,
) -> Result<[Vec<f64>; N]> {
    let mut values = metrics.map(|_| Vec::with_capacity(examples.len()));
    for batch in whole(examples.iter().map(|example| example.clean.len()), tokens_per_batch) {
        let examples: Vec<&Example> = batch.iter().map(|&i| &examples[i]).collect();
        let each: Vec<usize> = (0..examples.len()).collect();
        let resid_post = at_ends(gpt2, &examples)?; // [batch, d_model]
        for (metric, values) in metrics.iter().zip(&mut values) {
            let unedited = || resid_post.clone();
            let numbers = metric.numbers(gpt2, resid_post.clone(), &each, &examples, unedited);
            let numbers = read_back(numbers).await?;
            let mut numbers = numbers.as_slice();
            for example in &examples {
                let (of_example, rest) = numbers.split_at(metric.width(example));
                values.push(metric.value(example, of_example));
                numbers = rest;
            }
        }
    }
    Ok(values)
}

/// The prompts up to END; IO is the answer, S the wrong one.
fn asked(prompts: Vec<Prompt>, tokenizer: &Tokenizer) -> Result<Vec<Example>> {
    let IoiDataset { tokens, positions, io_token_ids, s_token_ids, .. } =
        IoiDataset::new(prompts, tokenizer, true)?;
    let answers = io_token_ids.into_iter().zip(s_token_ids);
    let example = |((mut clean, at), (io, s)): ((Vec<u32>, Positions), (u32, u32))| {
        clean.truncate(at.end + 1);
        // Nothing is patched.
        let corrupted = clean.clone();
        Example {
            clean,
            corrupted,
            positions: vec![at.end],
            answers: vec![io],
            wrong_answers: vec![s],
            group: 0,
        }
    };
    Ok(tokens.into_iter().zip(positions).zip(answers).map(example).collect())
}

/// What the last layer leaves at END. `[examples, d_model]`
fn at_ends(gpt2: &Gpt2, examples: &[&Example]) -> Result<Tensor<2>> {
    let n_layer = gpt2.config.n_layer;
    let mut forest = Forest::default();
    let ends: Vec<usize> =
        examples.iter().map(|example| forest.run(&example.clean[..=example.end()])).collect();
    let reads = vec![Read { layer: n_layer, part: Part::ResidPre, nodes: ends.clone() }];
    let mut forward = Forward::new(Asked { forest, reads, ..Asked::default() }, n_layer);
    forward.embed(gpt2)?;
    for layer in 0..=n_layer {
        forward.layer(gpt2, layer);
    }
    Ok(forward.kept.get(&forward.forest, n_layer, Part::ResidPre, &ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exams_are_about_what_they_say() {
        let held_out = HeldOut::new();
        let names = |prompt: &Prompt| -> Vec<&'static str> {
            let known = &Lexicon::get().names;
            known.iter().map(String::as_str).filter(|name| *name == prompt.io || *name == prompt.s).collect()
        };
        let pairs = Exam::UnseenPairs.prompts();
        assert!(pairs.iter().all(|prompt| held_out.has_pair_of(&names(prompt))));
        let templates = Exam::UnseenTemplates.prompts();
        assert!(templates.iter().all(|prompt| !held_out.has_pair_of(&names(prompt))));
        assert!(templates.iter().all(|prompt| {
            prompt.sentence.contains(" had a long argument. Afterwards ")
                || prompt.sentence.contains(" went to had a ")
        }));
        assert!(Exam::ALL.iter().all(|exam| exam.prompts().len() == 1000));
    }
}
