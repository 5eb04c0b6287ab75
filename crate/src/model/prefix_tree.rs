use std::collections::HashMap;

/// Sequences of tokens, with what they begin alike held once.
///
/// In a causal model an activation depends on the tokens up to its own, so the nodes of this tree are all that
/// has to be computed: no padding, and no beginning twice. Of the notebook's prompts and their flips, which
/// differ in the order of two names, 4 tokens in 7 are left.
#[derive(Debug, Default)]
pub struct PrefixTree {
    /// The token of each node.
    pub tokens: Vec<u32>,
    /// The nodes that each node sees, from its sequences' first token to itself. A node comes behind those.
    pub paths: Vec<Vec<usize>>,
    /// By the node before, and the token.
    children: HashMap<(Option<usize>, u32), usize>,
}

impl PrefixTree {
    /// The last node of a sequence, which is added if it is not there: its path is the sequence's nodes.
    ///
    /// # Panics
    /// If the sequence is empty.
    pub fn insert(&mut self, sequence: &[u32]) -> usize {
        let mut last = None;
        for &token in sequence {
            let node = *self.children.entry((last, token)).or_insert_with(|| {
                let mut path = last.map_or_else(Vec::new, |last: usize| self.paths[last].clone());
                path.push(self.tokens.len());
                self.paths.push(path);
                self.tokens.push(token);
                self.tokens.len() - 1
            });
            last = Some(node);
        }
        last.expect("a sequence has tokens")
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sequences_begin_alike_is_held_once() {
        let mut tree = PrefixTree::default();
        let ends =
            [&[7, 1, 2, 3][..], &[7, 1, 2, 4], &[7, 1], &[1, 7], &[7, 1, 2, 3]].map(|s| tree.insert(s));
        assert_eq!(tree.tokens, [7, 1, 2, 3, 4, 1, 7]);
        assert_eq!(ends, [3, 4, 1, 6, 3]);
        assert_eq!(tree.paths[4], [0, 1, 2, 4]);
        assert_eq!(tree.paths[6], [5, 6]);
    }
}
