//! The nodes of a circuit, in a task's examples.

use super::spec::{Keep, keep};
use crate::Result;
use crate::patch::{Node, Places};
use crate::task::{Example, Examples};

pub struct Members(Vec<Member>);

pub struct Member {
    pub node: Node,
    /// The name of those of a preset that do the same.
    pub class: Option<&'static str>,
    places: Places,
}

impl Member {
    pub fn positions(&self, example: &Example) -> Vec<usize> {
        self.places.positions(example)
    }
}

impl Members {
    /// # Errors
    /// [`crate::Error::BadInput`] for `keep` if the task has no such role or position, or if two nodes are the same head
    /// at the same position.
    pub fn new(kept: &Keep, examples: &Examples) -> Result<Self> {
        let member = |(node, class): (Node, Option<&'static str>)| {
            let places = node.places(examples).map_err(|error| keep(error.to_string()))?;
            Ok(Member { node, class, places })
        };
        let members = Self(kept.nodes().into_iter().map(member).collect::<Result<_>>()?);
        members.check_apart(examples)?;
        Ok(members)
    }

    fn check_apart(&self, examples: &Examples) -> Result<()> {
        for (i, member) in self.0.iter().enumerate() {
            let head = |member: &Member| (member.node.layer, member.node.head);
            for other in self.0[..i].iter().filter(|other| head(other) == head(member)) {
                let overlap = |example: &Example| {
                    let positions = other.positions(example);
                    member.positions(example).iter().any(|position| positions.contains(position))
                };
                if let Some(prompt) = examples.examples.iter().position(overlap) {
                    return Err(keep(format!(
                        "\"{}\" and \"{}\" are the same head at the same position, in prompt {}; name each of a head's positions once",
                        other.node,
                        member.node,
                        prompt + 1
                    )));
                }
            }
        }
        Ok(())
    }

    pub fn all(&self) -> &[Member] {
        &self.0
    }

    /// The classes, each with its members by their numbers.
    pub fn classes(&self) -> Vec<(&'static str, Vec<usize>)> {
        let mut classes: Vec<(&str, Vec<usize>)> = Vec::new();
        for (i, member) in self.0.iter().enumerate() {
            let Some(class) = member.class else { continue };
            match classes.iter_mut().find(|(name, _)| *name == class) {
                Some((_, members)) => members.push(i),
                None => classes.push((class, vec![i])),
            }
        }
        classes
    }
}
