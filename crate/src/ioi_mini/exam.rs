use burn::tensor::activation::log_softmax;
use serde::Serialize;

use super::HeldOut;
use crate::Result;
use crate::device::read_back;
use crate::hooks::{Activation, Hooks};
use crate::ioi::{DatasetSpec, IoiDataset, Lexicon, Prompt, PromptType};
use crate::ioi_mini::padded::Batch;
use crate::model::Gpt2;
use crate::python_random::PythonRandom;
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
    pub const ALL: [Self; 3] = [Self::UnseenSeed, Self::UnseenPairs, Self::UnseenTemplates];
    pub const PROMPTS: u32 = 1000;

    /// In words.
    pub fn title(self) -> &'static str {
        match self {
            Self::UnseenSeed => "unseen seed",
            Self::UnseenPairs => "unseen pairs of names",
            Self::UnseenTemplates => "unseen templates",
        }
    }

    /// What accuracy ioi-mini has to reach.
    pub fn pass_mark(self) -> f64 {
        match self {
            Self::UnseenSeed | Self::UnseenPairs => 0.99,
            Self::UnseenTemplates => 0.95,
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
    let dataset = IoiDataset::new(prompts, tokenizer, true)?;
    let resid_post = Activation::ResidPost.at(gpt2.config.n_layer - 1);
    let (mut log_loss, mut logit_diff) = (vec![0.0; dataset.len()], vec![0.0; dataset.len()]);
    for batch in Batch::all(&dataset, tokens_per_batch) {
        let cache = gpt2.run(&batch.tokens, &Hooks::new().read(resid_post))?;
        let logits = gpt2.logits(batch.at_end(cache.get(resid_post)?)); // [batch, vocab]
        let vocab = logits.dims()[1];
        let log_probs = read_back(log_softmax(logits, 1).flatten(0, 1)).await?;
        let at = |(row, &token): (usize, &u32)| log_probs[row * vocab + token as usize];
        let io: Vec<f32> = batch.runs.io.iter().enumerate().map(at).collect();
        let s = batch.runs.s.iter().enumerate().map(at);
        // A difference of log-probabilities is one of logits.
        let diff: Vec<f32> = io.iter().zip(s).map(|(io, s)| io - s).collect();
        batch.runs.scatter(&io.iter().map(|log_prob| -log_prob).collect::<Vec<_>>(), &mut log_loss);
        batch.runs.scatter(&diff, &mut logit_diff);
    }
    let mean = |values: &[f32]| values.iter().copied().map(f64::from).sum::<f64>() / values.len() as f64;
    let right = logit_diff.iter().filter(|&&diff| diff > 0.0).count();
    Ok(ExamResult {
        prompts: dataset.len(),
        accuracy: right as f64 / dataset.len() as f64,
        log_loss: mean(&log_loss),
        logit_diff: mean(&logit_diff),
    })
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
