//! An activation of some nodes.

use burn::tensor::Tensor;

use super::forest::Forest;
use crate::model::{rows_of, select_rows};

#[derive(Debug, Clone)]
pub struct Rows {
    /// By rank.
    pub nodes: Vec<usize>,
    /// `[nodes, width]`
    pub values: Tensor<2>,
}

impl Rows {
    /// A node's row: its own, or where there is none its origin's.
    fn row(&self, forest: &Forest, mut node: usize) -> usize {
        loop {
            let rank = forest.rank(node);
            if let Ok(row) = self.nodes.binary_search_by_key(&rank, |&node| forest.rank(node)) {
                return row;
            }
            let origin = forest.origin(node);
            assert_ne!(origin, node, "the plan has every node that is read");
            node = origin;
        }
    }

    pub fn rows(&self, forest: &Forest, nodes: &[usize]) -> Vec<usize> {
        nodes.iter().map(|&node| self.row(forest, node)).collect()
    }

    /// `[nodes, width]`
    pub fn at(&self, forest: &Forest, nodes: &[usize]) -> Tensor<2> {
        rows_of(self.values.clone(), &self.rows(forest, nodes))
    }

    /// The rows of other nodes, which may be copies.
    pub fn of(&self, forest: &Forest, nodes: &[usize]) -> Self {
        Self { nodes: nodes.to_vec(), values: self.at(forest, nodes) }
    }

    /// Parts of rows that are so many equal parts: of a node each, which one. `[slots, width / parts]`
    pub fn parts(&self, forest: &Forest, parts: usize, slots: &[Slot]) -> Tensor<2> {
        let places: Vec<usize> =
            slots.iter().map(|slot| self.row(forest, slot.node) * parts + slot.part).collect();
        rows_of(in_parts(self.values.clone(), parts), &places)
    }

    /// Puts other values in the place of parts. `[slots, width / parts]`
    pub fn put(&mut self, forest: &Forest, parts: usize, slots: &[Slot], values: Tensor<2>) {
        let [rows, width] = self.values.dims();
        let mut order: Vec<usize> = (0..rows * parts).collect();
        for (i, slot) in slots.iter().enumerate() {
            order[self.row(forest, slot.node) * parts + slot.part] = rows * parts + i;
        }
        let all = Tensor::cat(vec![in_parts(self.values.clone(), parts), values], 0);
        self.values = select_rows(all, &order).reshape([rows, width]);
    }
}

/// A part of a node's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot {
    pub node: usize,
    pub part: usize,
}

/// `[rows, width]` → `[rows · parts, width / parts]`
pub fn in_parts(values: Tensor<2>, parts: usize) -> Tensor<2> {
    let [rows, width] = values.dims();
    values.reshape([rows * parts, width / parts])
}
