//! What the controls draw at random. It depends on the dataset's seed and on the prompt's place alone, so it
//! is the same in every batch, at every head and on every device.
//!
//! Each prompt draws for itself: a single pair for all would make the mean over prompts a figure of that
//! pair, and a lucky one would show. With a pair a prompt it is a mean over pairs too.
//!
//! In Python, for prompt i (from 0) of a dataset with seed s:
//!
//! ```python
//! rng = random.Random(s + (2 * i + 1) * 2**32)
//! names = sorted(set(NAMES) - {IO, S})
//! a, b = rng.choice(names), rng.choice(names)  # both again while they are equal
//! token = rng.randrange(n_tokens)
//!
//! rng = random.Random(s + (2 * i + 2) * 2**32)
//! first, second = ([rng.gauss(0, 1) for _ in range(d_model)] for _ in range(2))
//! ```
//!
//! `NAMES` are those of the lexicon that the tokenizer makes one token of: in GPT-2's, all.

use std::collections::HashMap;

use super::vectors::Token;
use super::{Experiment, Replacement, Span, Vector};
use crate::ioi::{Lexicon, Prompt};
use crate::python_random::PythonRandom;
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// The draws of a dataset's prompts.
pub struct Draws {
    seed: u32,
    d_model: usize,
    /// The tokens of each prompt's two names; empty where the experiment does not ask for them.
    names: Vec<[u32; 2]>,
    /// Any token a prompt, as the names.
    tokens: Vec<u32>,
}

impl Draws {
    /// # Errors
    /// [`crate::Error::BadModel`] if the tokenizer makes one token of too few names to draw from.
    pub fn new(
        experiment: &Experiment,
        seed: u32,
        prompts: &[Prompt],
        tokenizer: &Tokenizer,
        d_model: usize,
    ) -> Result<Self> {
        let is_drawn = |replacement| match replacement {
            Replacement::ProjectedOn(span) => span == Span::RandomNames,
            Replacement::Normalized(Vector::Unembedding(token)) => {
                matches!(token, Token::RandomName(_) | Token::Random)
            }
            _ => false,
        };
        let mut draws = Self { d_model, ..Self::none(seed) };
        if experiment.any(is_drawn) {
            let all: Vec<u32> = (0..=tokenizer.largest_id()).collect();
            let ids = Lexicon::get().names.iter().filter_map(|name| Some((name, tokenizer.name(name).ok()?)));
            let ids: HashMap<&str, u32> = ids.map(|(name, id)| (name.as_str(), id)).collect();
            for (i, prompt) in prompts.iter().enumerate() {
                let (names, mut random) = two_names(prompt, &ids, seed, i)?;
                draws.names.push(names);
                draws.tokens.push(*random.choice(&all));
            }
        }
        Ok(draws)
    }

    /// For what draws nothing.
    pub fn none(seed: u32) -> Self {
        Self { seed, d_model: 0, names: Vec::new(), tokens: Vec::new() }
    }

    /// The tokens of a prompt's two names, and the one that was drawn from all; nothing where none was.
    pub fn drawn(&self, prompt: usize) -> Option<[u32; 3]> {
        let [a, b] = *self.names.get(prompt)?;
        Some([a, b, self.tokens[prompt]])
    }

    /// A token that was drawn from all there are.
    pub fn token(&self, prompt: usize) -> u32 {
        self.tokens[prompt]
    }

    /// The tokens of " "+name of two random names that the prompt does not have.
    pub fn names(&self, prompt: usize) -> [u32; 2] {
        self.names[prompt]
    }

    /// Two random directions, of independent standard normal numbers. `[d_model]` each
    pub fn directions(&self, prompt: usize) -> [Vec<f32>; 2] {
        let mut random = generator(self.seed, 2 * prompt as u64 + 2);
        let pairs = (0..self.d_model).flat_map(|_| random.gauss_pair());
        let mut first: Vec<f32> = pairs.map(|drawn| drawn as f32).collect();
        let second = first.split_off(self.d_model);
        [first, second]
    }
}

/// The tokens of the names, and the generator to go on with.
fn two_names(
    prompt: &Prompt,
    ids: &HashMap<&str, u32>,
    seed: u32,
    place: usize,
) -> Result<([u32; 2], PythonRandom)> {
    let names: Vec<u32> =
        Lexicon::get().names_besides(prompt).into_iter().filter_map(|name| ids.get(name).copied()).collect();
    if names.len() < 2 {
        return Err(Error::model(
            "this model's tokenizer makes one token each of fewer than two names of the lexicon besides the prompt's own, so that no two can be drawn; choose an experiment that draws none",
        ));
    }
    let mut random = generator(seed, 2 * place as u64 + 1);
    loop {
        let [a, b] = [*random.choice(&names), *random.choice(&names)];
        if a != b {
            return Ok(([a, b], random));
        }
    }
}

/// Seeds of more than 32 bits, which no dataset has.
fn generator(seed: u32, place: u64) -> PythonRandom {
    PythonRandom::new(u64::from(seed) + (place << 32))
}
