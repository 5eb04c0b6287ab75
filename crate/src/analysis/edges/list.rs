//! Which edges a circuit has, and the runs that tell what they carry.

use std::ops::Range;

use crate::Result;
use crate::analysis::branches::Pair;
use crate::analysis::circuit::{Members, keep};
use crate::analysis::paths::{INPUTS, Mlps, sent};
use crate::engine::{Forest, LnScale, Placed, Value};
use crate::metric::Metric;
use crate::site::Activation;
use crate::task::{Example, Examples};

pub struct Edges {
    pub members: Members,
    all: Vec<Edge>,
    receivers: Vec<Receiver>,
    n_layer: usize,
}

/// What reads: the logits, or what a node makes its query, keys or values of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    Logits,
    /// By its number among the members.
    Node {
        member: usize,
        input: usize,
    },
}

/// Both by their number.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    pub receiver: usize,
    pub sender: usize,
}

impl Edges {
    /// From every node to all above it that the metric can tell of.
    ///
    /// # Errors
    /// [`crate::Error::BadInput`] for `keep` if there is none.
    pub fn new(members: Members, metric: Metric, n_layer: usize, examples: &Examples) -> Result<Self> {
        let read = metric.layer(n_layer);
        let mut edges = Self { members, all: Vec::new(), receivers: Vec::new(), n_layer };
        let nodes = (0..edges.members.all().len()).filter(|&it| edges.members.all()[it].node.layer <= read);
        let inputs = |member| (0..INPUTS.len()).map(move |input| Receiver::Node { member, input });
        let logits = (read == n_layer).then_some(Receiver::Logits);
        let receivers: Vec<Receiver> = nodes.flat_map(inputs).chain(logits).collect();
        for receiver in receivers {
            let sends = |sender: &usize| {
                examples
                    .examples
                    .iter()
                    .any(|example| !edges.positions(receiver, *sender, example).is_empty())
            };
            let senders: Vec<usize> = (0..edges.members.all().len()).filter(sends).collect();
            if senders.is_empty() {
                continue;
            }
            let number = edges.receivers.len();
            edges.receivers.push(receiver);
            edges.all.extend(senders.into_iter().map(|sender| Edge { receiver: number, sender }));
        }
        if edges.all.is_empty() {
            return Err(keep("no node of this circuit sends another one anything, or the logits"));
        }
        Ok(edges)
    }

    pub fn all(&self) -> &[Edge] {
        &self.all
    }

    /// As "9.9.q@END".
    pub fn receivers(&self) -> Vec<String> {
        let name = |receiver: &Receiver| match *receiver {
            Receiver::Logits => "logits".to_owned(),
            Receiver::Node { member, input } => {
                let node = &self.members.all()[member].node;
                format!("{}.{}.{}@{}", node.layer, node.head, INPUTS[input].0, node.at)
            }
        };
        self.receivers.iter().map(name).collect()
    }

    /// Where a node sends what another one reads: its query at its own positions, keys and values up to the last of them.
    fn positions(&self, receiver: Receiver, sender: usize, example: &Example) -> Vec<usize> {
        let sender = &self.members.all()[sender];
        let mut positions = sender.positions(example);
        match receiver {
            Receiver::Logits => positions.retain(|&position| position == example.end()),
            Receiver::Node { member, input } => {
                let member = &self.members.all()[member];
                let own = member.positions(example);
                let is_query = INPUTS[input].1 == Activation::QInput;
                let reads = |position: &usize| match is_query {
                    true => own.contains(position),
                    false => own.last().is_some_and(|last| position <= last),
                };
                positions.retain(|position| sender.node.layer < member.node.layer && reads(position));
            }
        }
        positions
    }

    /// How many rows of its own an edge's runs have at most.
    pub fn rows(&self, edge: usize, example: &Example) -> usize {
        let Edge { receiver, sender } = self.all[edge];
        let receiver = self.receivers[receiver];
        let positions = self.positions(receiver, sender, example);
        let changed = match receiver {
            Receiver::Logits => 0,
            Receiver::Node { .. } => positions.first().map_or(0, |first| example.end() + 1 - first),
        };
        positions.len() + changed
    }

    /// The last node of the run of each of some edges, in which the receiver reads what the sender would have sent it in
    /// the corrupted run.
    pub fn runs(&self, edges: Range<usize>, pair: &Pair, forest: &mut Forest) -> Vec<usize> {
        // What a node sends is the same whoever reads it.
        let mut known: Vec<Option<Vec<usize>>> = vec![None; self.members.all().len()];
        let run = |&Edge { receiver, sender }: &Edge| {
            let sent = known[sender].get_or_insert_with(|| self.sent(sender, pair, forest)).clone();
            self.received(self.receivers[receiver], sender, &sent, pair, forest)
        };
        self.all[edges].iter().map(run).collect()
    }

    /// At all of its positions, up to the logits.
    fn sent(&self, sender: usize, pair: &Pair, forest: &mut Forest) -> Vec<usize> {
        let member = &self.members.all()[sender];
        let mut positions = member.positions(pair.example);
        // Where both runs begin alike there is nothing to send.
        positions.retain(|&position| pair.clean[position] != pair.corrupted[position]);
        let layers = member.node.layer..self.n_layer;
        sent(member.node.head, layers, &positions, Mlps::Recomputed, pair, forest)
    }

    fn received(
        &self,
        receiver: Receiver,
        sender: usize,
        sent: &[usize],
        pair: &Pair,
        forest: &mut Forest,
    ) -> usize {
        let (clean, end) = (&pair.clean, pair.example.end());
        let mut positions = self.positions(receiver, sender, pair.example);
        positions.retain(|&position| clean[position] != pair.corrupted[position]);
        let Receiver::Node { member, input } = receiver else {
            return if positions.is_empty() { clean[end] } else { sent[end] };
        };
        let member = &self.members.all()[member];
        let (layer, head) = (member.node.layer, member.node.head);
        let placed = |activation, position, value| Placed {
            layer,
            activation,
            head: Some(head),
            position,
            value,
            ln: LnScale::Live,
        };
        let mut edits: Vec<Placed> =
            positions.iter().map(|&at| placed(INPUTS[input].1, at, Value::Of(sent[at]))).collect();
        if let (Some(&first), true) = (positions.first(), INPUTS[input].1 != Activation::QInput) {
            // Keys and values are read by the head's other queries as well, which are no part of the node.
            let own = member.positions(pair.example);
            let others = (first..=end).filter(|position| !own.contains(position));
            edits.extend(others.map(|at| placed(Activation::Z, at, Value::Of(clean[at]))));
        }
        forest.branch(clean[end], edits)[end]
    }
}
