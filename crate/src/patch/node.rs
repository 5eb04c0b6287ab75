use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::Gpt2Config;
use crate::task::{Example, Examples};
use crate::{Error, Result};

/// A head at some positions, as "9.9@END", "5.5@S2+END", "0.3@all"; by itself, as "0.3", at all. What its positions are
/// depends on the task, and so is known only with examples.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(try_from = "String", into = "String")]
pub struct Node {
    pub layer: usize,
    pub head: usize,
    /// As it was written after the "@".
    pub at: String,
}

/// Positions, in any example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Places {
    All,
    These(Vec<Place>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// By its number among the roles.
    Role(usize),
    /// Counted from the first token.
    Index(usize),
}

impl Node {
    /// # Errors
    /// [`Error::BadInput`] for `node` if the model has no such head.
    pub fn check(&self, config: &Gpt2Config) -> Result<()> {
        let said = |error: Error| Error::input("node", format!("\"{self}\": {error}"));
        config.check_head(self.layer, self.head).map_err(said)
    }

    /// Where it is in a task's examples.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `node` if the task has no such role, or no example a position of such a number.
    pub fn places(&self, examples: &Examples) -> Result<Places> {
        if self.at == ALL {
            return Ok(Places::All);
        }
        let parts: Vec<&str> = self.at.split('+').map(str::trim).collect();
        let mut places = Vec::new();
        let mut rest = &parts[..];
        while !rest.is_empty() {
            let (place, length) = self.first_of(rest, examples)?;
            places.push(place);
            rest = &rest[length..];
        }
        Ok(Places::These(places))
    }

    /// The place that the parts begin with, and of how many parts it is made: there is a role that has a plus in it.
    fn first_of(&self, parts: &[&str], examples: &Examples) -> Result<(Place, usize)> {
        let named = |length: &usize| {
            let name = parts[..*length].join("+");
            examples.roles.iter().position(|role| *role == name)
        };
        if let Some(length) = (1..=parts.len()).rev().find(|length| named(length).is_some()) {
            return Ok((Place::Role(named(&length).expect("it was found")), length));
        }
        let longest = examples.examples.iter().map(Example::end).max().unwrap_or(0);
        match parts[0].parse() {
            Ok(index) if index <= longest => Ok((Place::Index(index), 1)),
            Ok(index) => Err(Error::input(
                "node",
                format!(
                    "\"{self}\": the longest prompt has positions 0 to {longest} up to END; there is no {index}"
                ),
            )),
            Err(_) => Err(Error::input(
                "node",
                format!(
                    "\"{self}\": there is no role \"{}\" in this task; there is {}, and all{}",
                    parts[0],
                    examples.roles.join(", "),
                    self.written(examples)
                ),
            )),
        }
    }

    /// "; write 9.9@END+S2, with + between roles", where something else than a plus stands between roles.
    fn written(&self, examples: &Examples) -> String {
        let between = |character: char| character.is_whitespace() || "+;&|/".contains(character);
        let parts: Vec<&str> = self.at.split(between).filter(|part| !part.is_empty()).collect();
        let mended = Self { at: parts.join("+"), ..*self };
        if mended == *self || parts.len() < 2 || mended.places(examples).is_err() {
            return String::new();
        }
        format!("; write {mended}, with + between roles")
    }
}

impl Places {
    /// In an example, upwards; none after its END.
    pub fn positions(&self, example: &Example) -> Vec<usize> {
        let mut positions: Vec<usize> = match self {
            Self::All => (0..=example.end()).collect(),
            Self::These(places) => places
                .iter()
                .map(|place| match *place {
                    Place::Role(role) => example.positions[role],
                    Place::Index(index) => index,
                })
                .filter(|&position| position <= example.end())
                .collect(),
        };
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

const ALL: &str = "all";

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}@{}", self.layer, self.head, self.at)
    }
}

impl FromStr for Node {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (head, at) = text.split_once('@').unwrap_or((text, ALL));
        let numbers =
            head.split_once('.').and_then(|(layer, head)| Some((layer.parse().ok()?, head.parse().ok()?)));
        match numbers {
            // A second head belongs after a comma.
            Some((layer, head)) if !at.is_empty() && !at.contains('@') => {
                Ok(Self { layer, head, at: at.into() })
            }
            _ => Err(Error::input(
                "node",
                format!(
                    "expected a head and its positions, as 0.0@END, 0.0@END+3 or 0.0@all, found \"{text}\""
                ),
            )),
        }
    }
}

impl TryFrom<String> for Node {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Node> for String {
    fn from(node: Node) -> Self {
        node.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples() -> Examples {
        let example = Example {
            clean: vec![0; 12],
            corrupted: vec![0; 12],
            positions: vec![2, 3, 4, 8, 10],
            answers: vec![1],
            wrong_answers: vec![2],
            group: 0,
        };
        let roles = ["IO", "S1", "S1+1", "S2", "END"].map(String::from).into();
        Examples { roles, examples: vec![example] }
    }

    fn positions(text: &str) -> Result<Vec<usize>> {
        let examples = examples();
        Ok(text.parse::<Node>()?.places(&examples)?.positions(&examples.examples[0]))
    }

    #[test]
    fn positions_are_roles_numbers_or_all() {
        assert_eq!(positions("9.9@END"), Ok(vec![10]));
        assert_eq!(positions("5.5@END+S2"), Ok(vec![8, 10]));
        // The role, and not two places.
        assert_eq!(positions("2.2@S1+1"), Ok(vec![4]));
        assert_eq!(positions("2.2@S1+S1+1+END"), Ok(vec![3, 4, 10]));
        assert_eq!(positions("2.2@7+S2+8"), Ok(vec![7, 8]));
        assert_eq!(positions("0.3@all"), Ok((0..=10).collect()));
        assert_eq!(positions("0.3"), Ok((0..=10).collect()));
    }

    #[test]
    fn what_is_no_node_is_told_with_what_is() {
        for (text, message) in [
            ("9@END", "expected a head and its positions, as 0.0@END, 0.0@END+3 or 0.0@all, found \"9@END\""),
            ("9.9@", "expected a head and its positions, as 0.0@END, 0.0@END+3 or 0.0@all, found \"9.9@\""),
            (
                "9.9@S2+",
                "\"9.9@S2+\": there is no role \"\" in this task; there is IO, S1, S1+1, S2, END, and all",
            ),
            (
                "9.9@S3",
                "\"9.9@S3\": there is no role \"S3\" in this task; there is IO, S1, S1+1, S2, END, and all",
            ),
            (
                "9.9@END S2",
                "\"9.9@END S2\": there is no role \"END S2\" in this task; there is IO, S1, S1+1, S2, END, and all; write 9.9@END+S2, with + between roles",
            ),
            (
                "9.9@END+S9",
                "\"9.9@END+S9\": there is no role \"S9\" in this task; there is IO, S1, S1+1, S2, END, and all",
            ),
            (
                "1.0@END 0.2@END",
                "expected a head and its positions, as 0.0@END, 0.0@END+3 or 0.0@all, found \"1.0@END 0.2@END\"",
            ),
            ("9.9@11", "\"9.9@11\": the longest prompt has positions 0 to 10 up to END; there is no 11"),
        ] {
            let error = positions(text).unwrap_err();
            assert_eq!((error.field(), error.to_string().as_str()), (Some("node"), message));
        }
    }

    #[test]
    fn it_is_written_as_it_is_read() {
        for text in ["9.9@END", "2.2@S1+1", "0.3@all"] {
            assert_eq!(text.parse::<Node>().unwrap().to_string(), text);
        }
        assert_eq!("0.3".parse::<Node>().unwrap().to_string(), "0.3@all");
    }
}
