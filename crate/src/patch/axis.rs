use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What a grid's cells differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// The first axis of a grid of several sites, and of no other.
    #[serde(skip)]
    Site,
    Layer,
    Head,
    Role,
    /// From a prompt's first token, which is 0.
    Position,
}

impl Over {
    /// Those that may be chosen.
    pub const ALL: [Self; 4] = [Self::Layer, Self::Head, Self::Role, Self::Position];

    pub fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Layer => "layer",
            Self::Head => "head",
            Self::Role => "role",
            Self::Position => "position",
        }
    }
}

impl FromStr for Over {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|axis| axis.name() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Error::input("over", format!("there is no axis \"{text}\"; there is {known}"))
        })
    }
}

/// The positions of an edit, where they are no axis.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(from = "String", into = "String")]
pub enum At {
    /// From a prompt's first token to END.
    #[default]
    All,
    Role(String),
    /// Counted from a prompt's first token, which is 0.
    Index(usize),
}

impl From<String> for At {
    fn from(text: String) -> Self {
        match text.parse() {
            Ok(index) => Self::Index(index),
            Err(_) if text == "all" => Self::All,
            Err(_) => Self::Role(text),
        }
    }
}

impl From<At> for String {
    fn from(at: At) -> Self {
        at.to_string()
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Role(role) => f.write_str(role),
            Self::Index(index) => index.fmt(f),
        }
    }
}
