use serde::{Deserialize, Serialize};

use crate::error::excerpt;
use crate::tokenizer::Tokenizer;

/// The most bytes of a prompt: more than GPT-2's context of 1024 tokens usually holds.
const MAX_TEXT: usize = 16_384;
/// The most answers of a side, and bytes of one.
const MAX_ANSWERS: usize = 256;

/// A prompt and the same prompt corrupted, up to the token after which an answer is predicted. The space before a word is
/// part of an answer: " Mary".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct Pair {
    pub clean: String,
    /// In JSON "corrupt", which is what circuit libraries call it.
    #[serde(rename = "corrupt", alias = "corrupted")]
    pub corrupted: String,
    /// Each is one token.
    pub answers: Vec<String>,
    /// Each is one token.
    pub wrong_answers: Vec<String>,
}

/// A pair as the model reads it.
pub(super) struct PairTokens {
    pub clean: Vec<u32>,
    pub corrupted: Vec<u32>,
    /// The positions at which they differ.
    pub differ: Vec<usize>,
    pub answers: Vec<u32>,
    pub wrong_answers: Vec<u32>,
}

impl Pair {
    /// Whether it is short enough to be looked at more closely.
    ///
    /// # Errors
    /// The first that is not, in words.
    pub fn check_size(&self) -> Result<(), String> {
        for (what, text) in [("the clean prompt", &self.clean), ("the corrupted prompt", &self.corrupted)] {
            if text.len() > MAX_TEXT {
                return Err(format!("{what} has {} bytes; at most {MAX_TEXT} are read", text.len()));
            }
        }
        for (what, answers) in [("answers", &self.answers), ("wrong answers", &self.wrong_answers)] {
            if answers.len() > MAX_ANSWERS {
                return Err(format!("it has {} {what}; at most {MAX_ANSWERS} are read", answers.len()));
            }
            if let Some(long) = answers.iter().find(|answer| answer.len() > MAX_ANSWERS) {
                return Err(format!(
                    "one of its {what} has {} bytes; at most {MAX_ANSWERS} are read",
                    long.len()
                ));
            }
        }
        Ok(())
    }

    /// Its tokens, after those that every prompt begins with, if a model with that tokenizer and context can be asked on it.
    ///
    /// # Errors
    /// The first problem, in words.
    pub(super) fn read(
        &self,
        begins: &[u32],
        tokenizer: &Tokenizer,
        n_ctx: usize,
    ) -> Result<PairTokens, String> {
        self.check_size()?;
        let row = |what: &str, text: &str| {
            let tokens = tokenizer.encode(text).map_err(|error| error.to_string())?;
            match tokens.len() {
                0 => Err(format!(
                    "the {what} prompt is empty; it must have a token, after which the answer comes"
                )),
                _ => Ok([begins, &tokens].concat()),
            }
        };
        let (clean, corrupted) = (row("clean", &self.clean)?, row("corrupted", &self.corrupted)?);
        if clean.len() != corrupted.len() {
            return Err(format!(
                "the clean prompt has {} tokens and the corrupted one {}; they must have as many: {} and {}",
                clean.len(),
                corrupted.len(),
                tokenizer.spelled(&clean[begins.len()..]),
                tokenizer.spelled(&corrupted[begins.len()..])
            ));
        }
        if clean.len() > n_ctx {
            return Err(format!("it has {} tokens, but the model's context is {n_ctx}", clean.len()));
        }
        let answers = tokens_of("answer", &self.answers, tokenizer)?;
        let wrong_answers = tokens_of("wrong answer", &self.wrong_answers, tokenizer)?;
        if let Some(both) = answers.iter().position(|answer| wrong_answers.contains(answer)) {
            return Err(format!(
                "\"{}\" is an answer and a wrong answer as well",
                excerpt(&self.answers[both])
            ));
        }
        let differ = (0..clean.len()).filter(|&at| clean[at] != corrupted[at]).collect();
        Ok(PairTokens { clean, corrupted, differ, answers, wrong_answers })
    }
}

/// Each one token, and no token twice.
fn tokens_of(what: &str, answers: &[String], tokenizer: &Tokenizer) -> Result<Vec<u32>, String> {
    if answers.is_empty() {
        return Err(format!("it has no {what}; it must have one or more"));
    }
    let mut tokens = Vec::with_capacity(answers.len());
    for answer in answers {
        let shown = excerpt(answer);
        let read = tokenizer.encode(answer).map_err(|error| error.to_string())?;
        let &[token] = &read[..] else {
            let spelled = tokenizer.spelled(&read);
            return Err(match tokenizer.name(answer) {
                Ok(_) => format!(
                    "the {what} \"{shown}\" must be one token, and is {spelled}; \" {shown}\", with a space before it, is one"
                ),
                Err(_) => format!("the {what} \"{shown}\" must be one token, and is {spelled}"),
            });
        };
        if tokens.contains(&token) {
            return Err(format!("the {what} \"{shown}\" is there twice"));
        }
        tokens.push(token);
    }
    Ok(tokens)
}
