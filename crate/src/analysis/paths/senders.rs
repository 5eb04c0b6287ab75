//! What is sent, and the runs that it makes: of a sender a run in which only its paths are other than in the clean run, and
//! one in which only what the receivers read is that of the first.

use std::ops::Range;

use super::spec::{Mlps, PathSpec, Receiver};
use crate::analysis::branches::Pair;
use crate::engine::{Forest, LnScale, Placed, Value};
use crate::model::Gpt2Config;
use crate::patch::{Node, Places};
use crate::site::Activation;
use crate::task::{Example, Examples};
use crate::{Error, Result};

pub struct Senders {
    spec: PathSpec,
    n_layer: usize,
    all: Vec<Sender>,
}

struct Sender {
    layer: usize,
    head: usize,
    places: Places,
    /// Whether anything that it writes is read by a receiver along a path.
    has_way: bool,
}

impl Senders {
    /// # Errors
    /// [`Error::BadInput`] for `senders` if the task has no such role, or there is no path from any of them.
    pub fn new(spec: &PathSpec, examples: &Examples, config: &Gpt2Config) -> Result<Self> {
        let of_node = |node: &Node| {
            let places = node.places(examples).map_err(|error| Error::input("senders", error.to_string()))?;
            Ok(Sender { layer: node.layer, head: node.head, places, has_way: false })
        };
        let of_head = |layer| move |head| Sender { layer, head, places: Places::All, has_way: false };
        let all = match spec.senders.as_slice() {
            [] => (0..config.n_layer).flat_map(|layer| (0..config.n_head).map(of_head(layer))).collect(),
            named => named.iter().map(of_node).collect::<Result<_>>()?,
        };
        let mut senders = Self { spec: spec.clone(), n_layer: config.n_layer, all };
        for sender in 0..senders.len() {
            let sends = |example: &Example| !senders.positions(sender, example).is_empty();
            senders.all[sender].has_way = examples.examples.iter().any(sends);
        }
        if senders.with_way().next().is_none() {
            return Err(Error::input(
                "senders",
                "there is no path: queries and logits are read at END, so a sender must be there too; other positions reach keys and values",
            ));
        }
        Ok(senders)
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Those from which there is a path.
    pub fn with_way(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).filter(|&sender| self.all[sender].has_way)
    }

    /// How many rows of their own a sender's runs have at most.
    pub fn rows(&self, example: &Example) -> usize {
        if self.spec.reads_end_alone() { 2 } else { 2 * (example.end() + 1) }
    }

    /// Where it sends what is read.
    fn positions(&self, sender: usize, example: &Example) -> Vec<usize> {
        let sender = &self.all[sender];
        let receivers = || self.spec.receivers.iter().filter(|of| of.layer(self.n_layer) > sender.layer);
        let mut positions = sender.places.positions(example);
        positions.retain(|&position| {
            receivers().any(|receiver| receiver.reads_everywhere() || position == example.end())
        });
        positions
    }

    /// The last node of the run that is judged.
    pub fn run(&self, sender: usize, pair: &Pair, forest: &mut Forest) -> usize {
        let Pair { example, clean, corrupted } = pair;
        let end = example.end();
        let mut positions = self.positions(sender, example);
        // Where both runs begin alike there is nothing to send.
        positions.retain(|&position| clean[position] != corrupted[position]);
        let Sender { layer, head, .. } = self.all[sender];
        let layers = layer..self.spec.highest(self.n_layer);
        let sent = sent(head, layers, &positions, self.spec.mlps, pair, forest);
        if self.spec.receivers.contains(&Receiver::Logits) {
            return sent[end];
        }
        let mut edits = Vec::new();
        for receiver in &self.spec.receivers {
            let Receiver::Head { layer: above, head, input } = *receiver else { continue };
            let read = positions.iter().filter(|&&position| receiver.reads_everywhere() || position == end);
            for &position in read.filter(|_| above > layer) {
                let value = Value::Of(sent[position]);
                let ln = LnScale::Live;
                edits.push(Placed { layer: above, activation: input, head: Some(head), position, value, ln });
            }
        }
        forest.branch(clean[end], edits)[end]
    }
}

/// The path of a run in which only what a head of the first of these layers sends at some positions is the corrupted run's. No
/// head above sees it, so that positions do not mix, and those alone that send differ.
pub fn sent(
    head: usize,
    layers: Range<usize>,
    positions: &[usize],
    mlps: Mlps,
    pair: &Pair,
    forest: &mut Forest,
) -> Vec<usize> {
    let Pair { example, clean, corrupted } = pair;
    let sender = layers.start;
    let mut edits = Vec::new();
    for &position in positions {
        let placed = |layer, activation, head, value| Placed {
            layer,
            activation,
            head,
            position,
            value,
            ln: LnScale::Live,
        };
        edits.push(placed(sender, Activation::Z, Some(head), Value::Of(corrupted[position])));
        for layer in layers.clone() {
            let unedited = Value::Of(clean[position]);
            if layer > sender {
                edits.push(placed(layer, Activation::AttnOut, None, unedited.clone()));
            }
            if mlps == Mlps::Frozen {
                edits.push(placed(layer, Activation::MlpOut, None, unedited));
            }
        }
    }
    forest.branch(clean[example.end()], edits)
}
