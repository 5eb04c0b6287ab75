use serde::{Deserialize, Serialize};

use super::custom::{self, CustomPrompt};
use super::lexicon::{Lexicon, TemplateId};
use crate::frame::Together;
use crate::left_out::{LeaveOut, LeftOut, keep};
use crate::{Error, Result, python_random::PythonRandom, tokenizer::Tokenizer};

/// Which order of the names a prompt has: ABBA names IO first, BABA names S first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Order {
    #[serde(rename = "ABBA")]
    Abba,
    #[serde(rename = "BABA")]
    Baba,
}

/// Which templates to draw from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum PromptType {
    /// The first seven of each order, shuffled.
    #[serde(rename = "mixed")]
    Mixed,
    #[serde(rename = "ABBA")]
    Abba,
    #[serde(rename = "BABA")]
    Baba,
}

impl Order {
    pub fn name(self) -> &'static str {
        match self {
            Self::Abba => "ABBA",
            Self::Baba => "BABA",
        }
    }
}

impl PromptType {
    pub fn name(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::Abba => "ABBA",
            Self::Baba => "BABA",
        }
    }
}

/// All it takes to make a dataset again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct DatasetSpec {
    pub n: u32,
    pub seed: u32,
    /// Follow each prompt by the same sentence with the names exchanged.
    pub symmetric: bool,
    pub prompt_type: PromptType,
    /// Put `<|endoftext|>` before every sentence.
    pub prepend_bos: bool,
    /// The prompts themselves: `n`, `symmetric` and `prompt_type`, by which others are generated, then say
    /// nothing. `seed` still decides what a flip or a control draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub prompts: Option<Vec<CustomPrompt>>,
}

impl Default for DatasetSpec {
    /// The notebook's.
    fn default() -> Self {
        Self {
            n: 150,
            seed: 42,
            symmetric: true,
            prompt_type: PromptType::Mixed,
            prepend_bos: true,
            prompts: None,
        }
    }
}

/// One sentence with its two names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    pub sentence: String,
    /// The indirect object.
    pub io: String,
    /// The subject.
    pub s: String,
    /// The template it was generated from.
    pub template: Option<TemplateId>,
}

impl Prompt {
    /// Which of IO and S occurs first, by whole words. The public generators go by substring: they find "Andre" in
    /// "Andrew", and so take "After Andrew and Andre …" for BABA where Andre is the subject.
    pub fn order(&self) -> Order {
        let first = |name| find_word(&self.sentence, name);
        if first(&self.io) < first(&self.s) { Order::Abba } else { Order::Baba }
    }

    /// What is the same of a prompt and of its copy with the names exchanged, and of no other: its words, in which the name
    /// that stands first is called 0 and the other 1, and the two names.
    fn but_for_an_exchange(&self) -> (String, [&str; 2]) {
        let mut names = match self.order() {
            Order::Abba => [self.io.as_str(), &self.s],
            Order::Baba => [self.s.as_str(), &self.io],
        };
        let word = |word: &str| {
            let is_name = |name: &&str| {
                word.strip_prefix(*name).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            };
            // No sentence has these characters.
            match names.iter().position(is_name) {
                Some(place) => format!("{}{}", ["\0", "\u{1}"][place], &word[names[place].len()..]),
                None => word.to_owned(),
            }
        };
        let words: Vec<String> = self.sentence.split(' ').map(word).collect();
        names.sort_unstable();
        (words.join(" "), names)
    }

    /// `[A]` is IO, `[B]` S; every `[PLACE]` and `[OBJECT]` is replaced.
    pub(crate) fn from_template(template: &str, io: &str, s: &str, place: &str, object: &str) -> Self {
        Self {
            sentence: template
                .replace("[PLACE]", place)
                .replace("[OBJECT]", object)
                .replace("[A]", io)
                .replace("[B]", s),
            io: io.to_owned(),
            s: s.to_owned(),
            template: None,
        }
    }
}

/// The byte at which a word first stands in a text by itself, not as a part of a longer one.
pub(super) fn find_word(text: &str, word: &str) -> Option<usize> {
    let alone = |&(at, _): &(usize, &str)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    };
    text.match_indices(word).find(alone).map(|(at, _)| at)
}

/// Whether so many prompts may be generated.
///
/// # Errors
/// [`Error::BadInput`] naming `n`.
pub(crate) fn check_number(n: u32) -> Result<()> {
    let most = DatasetSpec::MAX_PROMPTS;
    if (1..=most).contains(&n) {
        return Ok(());
    }
    Err(Error::input("n", format!("the number of prompts must be from 1 to {most}, not {n}")))
}

impl DatasetSpec {
    /// The most prompts that may be generated.
    pub const MAX_PROMPTS: u32 = 10_000;

    /// How many prompts there are.
    pub fn count(&self) -> usize {
        self.prompts.as_ref().map_or(self.n as usize, Vec::len)
    }

    /// Whether a dataset can be made of this at all.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `n`, `symmetric` or `prompts`.
    pub fn check(&self) -> Result<()> {
        if let Some(prompts) = &self.prompts {
            return custom::check_size(prompts);
        }
        let n = self.n;
        check_number(n)?;
        if self.symmetric && n % 2 == 1 {
            return Err(Error::input(
                "n",
                format!(
                    "a symmetric dataset needs an even number of prompts, not {n}; use {} or turn symmetric off",
                    n + 1
                ),
            ));
        }
        Ok(())
    }

    /// Which prompts are not independent: a prompt and its copies with the names exchanged, which a symmetric dataset has
    /// beside each other; and of prompts that somebody wrote the same ones. Others that have words in common are: what they
    /// say is said of more prompts in such words.
    pub fn together(&self) -> Together {
        let Some(prompts) = &self.prompts else {
            return Together::Neighbours(if self.symmetric { 2 } else { 1 });
        };
        let prompts: Vec<Prompt> = prompts.iter().map(CustomPrompt::prompt).collect();
        Together::alike(prompts.iter().map(Prompt::but_for_an_exchange))
    }

    /// Whether a model can run the prompts given, if any are; generated ones fit wherever their names do.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `prompts`, with the first that it cannot and why.
    pub fn check_fit(&self, tokenizer: &Tokenizer, n_ctx: usize) -> Result<()> {
        self.check()?;
        custom::check_all(self.prompts.as_deref().unwrap_or_default(), tokenizer, self.prepend_bos, n_ctx)
    }

    /// The prompts: those given, or generated ones in the reference's order.
    ///
    /// # Errors
    /// As [`DatasetSpec::check`].
    pub fn generate(&self) -> Result<Vec<Prompt>> {
        self.check()?;
        if let Some(prompts) = &self.prompts {
            return Ok(prompts.iter().map(CustomPrompt::prompt).collect());
        }
        let lexicon = Lexicon::get();
        let mut random = PythonRandom::new(self.seed.into());
        let templates = self.templates(lexicon, &mut random);
        let n = self.n as usize;
        let mut prompts = Vec::with_capacity(n);
        while prompts.len() < n {
            let id = *random.choice(&templates);
            let [io, s] = two_names(lexicon, &mut random);
            let place = random.choice(&lexicon.places);
            let object = random.choice(&lexicon.objects);
            let filled = |io, s| Prompt {
                template: Some(id),
                ..Prompt::from_template(lexicon.template(id), io, s, place, object)
            };
            prompts.push(filled(io, s));
            if self.symmetric && prompts.len() < n {
                prompts.push(filled(s, io));
            }
        }
        Ok(prompts)
    }

    fn templates(&self, lexicon: &Lexicon, random: &mut PythonRandom) -> Vec<TemplateId> {
        let abba = (0..lexicon.abba_templates.len()).map(TemplateId::abba);
        let baba = (0..lexicon.baba_templates.len()).map(TemplateId::baba);
        let mut templates: Vec<TemplateId> = match self.prompt_type {
            PromptType::Abba => abba.collect(),
            PromptType::Baba => baba.collect(),
            PromptType::Mixed => baba.take(7).chain(abba.take(7)).collect(),
        };
        if self.prompt_type == PromptType::Mixed {
            random.shuffle(&mut templates);
        }
        templates
    }
}

impl LeaveOut for DatasetSpec {
    fn leave_out(&mut self, tokenizer: &Tokenizer, n_ctx: usize) -> Result<Vec<LeftOut>> {
        let Some(prompts) = &mut self.prompts else { return Ok(Vec::new()) };
        let bos = self.prepend_bos;
        if bos {
            tokenizer.bos()?;
        }
        let left_out =
            keep(prompts, |prompt| prompt.check(tokenizer, bos, n_ctx).map_err(|problem| problem.message));
        self.n = prompts.len() as u32;
        Ok(left_out)
    }
}

/// The reference draws three names, all again until they differ, and uses two.
fn two_names<'a>(lexicon: &'a Lexicon, random: &mut PythonRandom) -> [&'a str; 2] {
    loop {
        let [a, b, c]: [&String; 3] = std::array::from_fn(|_| random.choice(&lexicon.names));
        if a != b && b != c && a != c {
            return [a, b];
        }
    }
}

#[cfg(test)]
mod tests;
