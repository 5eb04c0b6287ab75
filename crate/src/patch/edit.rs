use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Which of an example's two runs is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum Run {
    /// The corrupted one; what is patched comes from the clean one.
    Denoise,
    /// The clean one; what is patched comes from the corrupted one.
    Noise,
}

/// What is put in the place of an activation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// The other run's.
    #[default]
    Patch,
    Zero,
    /// The mean of the corrupted run over the prompt's group, position by position.
    Mean,
    /// Its part inside the span of directions.
    Project(Vec<Direction>),
    /// Itself and so many times a direction.
    Add(Direction, f32),
}

/// A vector as wide as the activation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Direction {
    /// The mean of the answers' unembeddings, prompt by prompt.
    #[serde(rename = "W_U[answers]")]
    Answers,
    /// The mean of the wrong answers' unembeddings.
    #[serde(rename = "W_U[wrong]")]
    Wrong,
    /// The first minus the second, along which the logit difference is read.
    #[serde(rename = "W_U[answers-wrong]")]
    AnswersMinusWrong,
    /// Numbers of one's own, the same for every prompt.
    #[serde(rename = "numbers")]
    Numbers(Vec<f32>),
}

impl FromStr for Direction {
    type Err = Error;

    /// One with a name.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "W_U[answers]" => Ok(Self::Answers),
            "W_U[wrong]" => Ok(Self::Wrong),
            "W_U[answers-wrong]" => Ok(Self::AnswersMinusWrong),
            _ => Err(Error::input(
                "fill",
                format!(
                    "there is no direction \"{text}\"; there is W_U[answers], W_U[wrong], W_U[answers-wrong], and a file with a JSON array of numbers"
                ),
            )),
        }
    }
}
