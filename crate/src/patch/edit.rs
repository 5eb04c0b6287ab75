use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::FileVector;

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
    /// Its part outside that span.
    ProjectOut(Vec<Direction>),
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
    /// The same of a file.
    #[serde(rename = "vector")]
    Vector(FileVector),
}

impl Direction {
    /// Those that are the same for every prompt.
    pub fn numbers(&self) -> Option<&[f32]> {
        match self {
            Self::Numbers(numbers) | Self::Vector(FileVector { numbers, .. }) => Some(numbers),
            _ => None,
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answers => f.write_str("W_U[answers]"),
            Self::Wrong => f.write_str("W_U[wrong]"),
            Self::AnswersMinusWrong => f.write_str("W_U[answers-wrong]"),
            Self::Numbers(numbers) => write!(f, "a vector of {} numbers", numbers.len()),
            Self::Vector(vector) => vector.fmt(f),
        }
    }
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
                    "there is no direction \"{text}\"; there is W_U[answers], W_U[wrong], W_U[answers-wrong], and a file: .safetensors, .npy, or .json with an array of numbers"
                ),
            )),
        }
    }
}
