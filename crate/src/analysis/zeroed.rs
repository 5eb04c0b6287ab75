//! Heads whose z is zero at some positions of a run; everything after is computed from it.

use std::collections::BTreeSet;

use crate::engine::{LnScale, Placed, Value};
use crate::model::Gpt2Config;
use crate::patch::{Node, Places};
use crate::report::words::list;
use crate::site::Activation;
use crate::task::{Example, Examples};
use crate::{Error, Result};

/// Heads, and where in an example.
#[derive(Default)]
pub struct Zeroed(Vec<([usize; 2], Places)>);

impl Zeroed {
    /// # Errors
    /// [`Error::BadInput`] for `zero` if the model has no such head, or the examples no such positions.
    pub fn new(nodes: &[Node], examples: &Examples, config: &Gpt2Config) -> Result<Self> {
        let place = |node: &Node| {
            node.check(config)?;
            Ok(([node.layer, node.head], node.places(examples)?))
        };
        let zeroed = nodes.iter().map(place).collect::<Result<_>>();
        zeroed.map(Self).map_err(|error| Error::input("zero", error.to_string()))
    }

    /// The edits of an example's run: each place once, also where nodes share it.
    pub fn placed(&self, example: &Example) -> Vec<Placed> {
        let of_node = |([layer, head], places): &([usize; 2], Places)| {
            let (layer, head) = (*layer, *head);
            places.positions(example).into_iter().map(move |position| (layer, head, position))
        };
        let places: BTreeSet<(usize, usize, usize)> = self.0.iter().flat_map(of_node).collect();
        let placed = |(layer, head, position)| Placed {
            layer,
            activation: Activation::Z,
            head: Some(head),
            position,
            value: Value::Zero,
            ln: LnScale::Live,
        };
        places.into_iter().map(placed).collect()
    }
}

/// After what a run is of: ", without 9.9@END and 5.5@all"; nothing where no head is zeroed.
pub fn without(nodes: &[Node]) -> String {
    let nodes: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    if nodes.is_empty() { String::new() } else { format!(", without {}", list(&nodes)) }
}
