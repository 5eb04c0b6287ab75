//! What a batch computes: what its prompts begin alike once, and of edited runs only what an edit changes.
//!
//! In a causal model an activation depends on the tokens up to its own. So a run is a path of nodes through a prefix
//! tree, and an edited run is a branch of it: at the positions before its edit it has the nodes of the run that is
//! edited, and from there on nodes of its own. A node of a branch is there only from the point on where something of
//! it first differs; until then it is its origin, the node of the run that is edited. That may be a branch too: then
//! what was edited there is edited here, and only what is edited further is computed again.

use super::change::{Change, Placed, Point, Step};
use super::vectors::Vector;
use crate::model::PrefixTree;

#[derive(Debug, Default)]
pub struct Forest {
    /// The unedited runs, whose nodes come first.
    pub tree: PrefixTree,
    /// Their last nodes.
    ends: Vec<usize>,
    branches: Vec<Branch>,
    /// In the order in which they were made.
    pub changes: Vec<Change>,
    /// What changes put in, by their number.
    pub vectors: Vec<Vector>,
    /// Each node's place in the order in which they come to be. `[nodes]`
    rank: Vec<usize>,
}

/// A node of an edited run.
#[derive(Debug)]
struct Branch {
    /// The node at the same position of the run that was edited, which may be an edited run itself.
    origin: usize,
    /// What it sees, from its run's first node to itself.
    path: Vec<usize>,
    /// From where on it differs from its origin.
    joins: Point,
}

impl Forest {
    /// The last node of an unedited run. To be added before the first branch.
    pub fn run(&mut self, tokens: &[u32]) -> usize {
        debug_assert!(self.branches.is_empty(), "runs come before branches");
        let end = self.tree.insert(tokens);
        self.ends.push(end);
        end
    }

    /// The last nodes of the unedited runs, in their order.
    pub fn ends(&self) -> &[usize] {
        &self.ends
    }

    /// The path of a run under edits: nodes of its own where it may differ from the run that ends in `end`, whose edits
    /// it has as well. Where both edit the same, the last edit counts.
    pub fn branch(&mut self, end: usize, edits: Vec<Placed>) -> Vec<usize> {
        let origin = self.path(end).to_vec();
        let mut joins: Vec<Option<Point>> = vec![None; origin.len()];
        let earlier = |joins: &mut Option<Point>, point| {
            *joins = Some(joins.map_or(point, |before| before.min(point)));
        };
        for edit in &edits {
            earlier(&mut joins[edit.position], edit.point());
            for later in &mut joins[edit.position + 1..] {
                earlier(later, edit.spreads());
            }
        }
        let mut path: Vec<usize> = Vec::with_capacity(origin.len());
        for (&origin, joins) in origin.iter().zip(joins) {
            let node = match joins {
                None => origin,
                Some(joins) => {
                    let node = self.len();
                    let path = path.iter().copied().chain([node]).collect();
                    self.branches.push(Branch { origin, path, joins });
                    self.inherit(origin, node, joins);
                    node
                }
            };
            path.push(node);
        }
        let changes = edits.into_iter().map(|Placed { layer, activation, head, position, value, ln }| {
            Change { node: path[position], layer, activation, head, value, ln }
        });
        self.changes.extend(changes);
        path
    }

    /// Until a node joins it is its origin, or what that is until it joins, and has been changed as that; from there on
    /// it is changed by itself.
    fn inherit(&mut self, mut origin: usize, node: usize, joins: Point) {
        let mut until = None;
        while let Some(branch) = self.of(origin) {
            let is_inherited = |change: &&Change| {
                change.node == origin
                    && joins <= change.point()
                    && until.is_none_or(|until| change.point() < until)
            };
            let inherited = self.changes.iter().filter(is_inherited);
            let inherited: Vec<Change> = inherited.map(|change| Change { node, ..change.clone() }).collect();
            (until, origin) = (Some(branch.joins), branch.origin);
            self.changes.extend(inherited);
        }
    }

    /// The number of a vector that changes can name.
    pub fn vector(&mut self, vector: Vector) -> usize {
        self.vectors.push(vector);
        self.vectors.len() - 1
    }

    /// Numbers the nodes in the order in which they come to be. To be called when all are there.
    pub fn order(&mut self) {
        let mut nodes: Vec<usize> = (0..self.len()).collect();
        nodes.sort_by_key(|&node| self.joins(node));
        self.rank = vec![0; nodes.len()];
        for (rank, node) in nodes.into_iter().enumerate() {
            self.rank[node] = rank;
        }
    }

    pub fn rank(&self, node: usize) -> usize {
        self.rank[node]
    }

    pub fn len(&self) -> usize {
        self.tree.len() + self.branches.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn of(&self, node: usize) -> Option<&Branch> {
        node.checked_sub(self.tree.len()).map(|at| &self.branches[at])
    }

    /// What a node sees, itself last.
    pub fn path(&self, node: usize) -> &[usize] {
        self.of(node).map_or_else(|| &self.tree.paths[node], |branch| &branch.path)
    }

    /// The node of the run that was edited; an unedited run's is its own.
    pub fn origin(&self, node: usize) -> usize {
        self.of(node).map_or(node, |branch| branch.origin)
    }

    /// The node of the unedited run.
    pub fn unedited(&self, node: usize) -> usize {
        self.of(node).map_or(node, |branch| self.unedited(branch.origin))
    }

    pub fn joins(&self, node: usize) -> Point {
        self.of(node).map_or(Point { layer: 0, step: Step::ResidPre }, |branch| branch.joins)
    }

    /// Whether a change puts back what attention or the MLP writes in the unedited run: then it need not be computed, since
    /// a node that has no row of its own reads its origin's.
    pub fn restores(&self, change: &Change) -> bool {
        let origin = self.origin(change.node);
        origin < self.tree.len() && change.source() == Some(origin)
    }

    /// The node that stands for another at a point: itself, or as long as it is no other its origin.
    pub fn at(&self, node: usize, point: Point) -> usize {
        match self.of(node) {
            Some(branch) if branch.joins > point => self.at(branch.origin, point),
            _ => node,
        }
    }

    /// The same unedited runs by themselves, by their last nodes; and theirs there.
    pub fn runs(&self, ends: &[usize]) -> (Self, Vec<usize>) {
        let mut alone = Self::default();
        let mut run = |&end: &usize| {
            let tokens: Vec<u32> = self.path(end).iter().map(|&node| self.tree.tokens[node]).collect();
            alone.run(&tokens)
        };
        let ends = ends.iter().map(&mut run).collect();
        alone.order();
        (alone, ends)
    }
}
