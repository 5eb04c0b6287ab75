//! What is put in the place of heads that are left out.

use std::collections::{BTreeMap, HashMap};

use super::members::Members;
use super::spec::Ablation;
use crate::analysis::branches::Pair;
use crate::analysis::means::{MeanAt, Means};
use crate::engine::{Forest, LnScale, Placed, Value, Vector};
use crate::site::Activation;

/// A batch's forest while it is made.
pub struct Fills<'a> {
    pub forest: &'a mut Forest,
    pub fill: Ablation,
    pub members: &'a Members,
    /// They are there for a mean ablation.
    pub means: Option<&'a Means>,
    pub n_head: usize,
    /// The layers that can change what is measured, from 0 up to this one.
    pub layers: usize,
    /// The numbers of means among the forest's vectors, by layer, group and position.
    pub known: HashMap<(usize, usize, usize), usize>,
}

impl Fills<'_> {
    /// The edits of all heads that are not the circuit's, at every position.
    pub fn outside(&mut self, pair: &Pair) -> Vec<Placed> {
        let mut kept: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for member in self.members.all() {
            for position in member.positions(pair.example) {
                kept.entry((member.node.layer, position)).or_default().push(member.node.head);
            }
        }
        let mut placed = Vec::new();
        for layer in 0..self.layers {
            for position in 0..=pair.example.end() {
                let Some(value) = self.value(layer, position, pair) else { continue };
                match kept.get(&(layer, position)) {
                    None => placed.push(z(layer, None, position, value)),
                    Some(kept) => {
                        let others = (0..self.n_head).filter(|head| !kept.contains(head));
                        placed.extend(others.map(|head| z(layer, Some(head), position, value.clone())));
                    }
                }
            }
        }
        placed
    }

    /// The edits of some of the circuit's nodes.
    pub fn of_members(&mut self, members: &[usize], pair: &Pair) -> Vec<Placed> {
        let mut placed = Vec::new();
        for &member in members {
            let member = &self.members.all()[member];
            let layer = member.node.layer;
            for position in member.positions(pair.example) {
                let Some(value) = self.value(layer, position, pair) else { continue };
                placed.push(z(layer, Some(member.node.head), position, value));
            }
        }
        placed
    }

    /// What all heads of a layer are filled with at a position; nothing where that changes nothing: above what is
    /// measured, and where both runs begin alike.
    fn value(&mut self, layer: usize, position: usize, pair: &Pair) -> Option<Value> {
        if layer >= self.layers {
            return None;
        }
        match self.fill {
            Ablation::Zero => Some(Value::Zero),
            Ablation::Mean => {
                let Self { forest, known, means, .. } = self;
                let means = means.expect("the means are taken where they are put in");
                let group = pair.example.group;
                let vector = known.entry((layer, group, position)).or_insert_with(|| {
                    forest.vector(Vector::Numbers(means.get(MeanAt {
                        site: Activation::Z,
                        layer,
                        group,
                        position,
                    })))
                });
                Some(Value::Is(*vector))
            }
            Ablation::Patch => {
                let node = pair.corrupted[position];
                (node != pair.clean[position]).then_some(Value::Of(node))
            }
        }
    }
}

fn z(layer: usize, head: Option<usize>, position: usize, value: Value) -> Placed {
    Placed { layer, activation: Activation::Z, head, position, value, ln: LnScale::Live }
}
