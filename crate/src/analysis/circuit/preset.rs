use serde::{Deserialize, Serialize};

use crate::patch::Node;

/// A circuit that somebody has published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// The 26 heads of GPT-2 small that Wang et al. 2022 find for indirect object identification.
    Ioi,
}

/// What some heads do, and where.
struct Class {
    name: &'static str,
    at: &'static str,
    heads: &'static [[usize; 2]],
}

/// Wang et al. 2022 (arXiv 2211.00593), figure 2; at the positions where section 3 finds each class at work.
const IOI: [Class; 7] = [
    Class { name: "name mover", at: "END", heads: &[[9, 9], [10, 0], [9, 6]] },
    Class {
        name: "backup name mover",
        at: "END",
        heads: &[[10, 10], [10, 6], [10, 2], [10, 1], [11, 2], [9, 7], [9, 0], [11, 9]],
    },
    Class { name: "negative name mover", at: "END", heads: &[[10, 7], [11, 10]] },
    Class { name: "S-inhibition", at: "END", heads: &[[7, 3], [7, 9], [8, 6], [8, 10]] },
    Class { name: "induction", at: "S2", heads: &[[5, 5], [5, 8], [5, 9], [6, 9]] },
    Class { name: "duplicate token", at: "S2", heads: &[[0, 1], [0, 10], [3, 0]] },
    Class { name: "previous token", at: "S1+1", heads: &[[2, 2], [4, 11]] },
];

impl Preset {
    /// As it is written in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ioi => "ioi",
        }
    }

    /// Its nodes, each with the name of its class.
    pub fn nodes(self) -> impl Iterator<Item = (Node, &'static str)> {
        let Self::Ioi = self;
        IOI.iter().flat_map(|Class { name, at, heads }| {
            heads.iter().map(|&[layer, head]| (Node { layer, head, at: (*at).into() }, *name))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_circuit_of_the_paper_has_26_heads() {
        let heads: BTreeSet<[usize; 2]> =
            Preset::Ioi.nodes().map(|(node, _)| [node.layer, node.head]).collect();
        assert_eq!((heads.len(), Preset::Ioi.nodes().count()), (26, 26));
        let (node, class) = Preset::Ioi.nodes().last().unwrap();
        assert_eq!((node.to_string().as_str(), class), ("4.11@S1+1", "previous token"));
    }
}
