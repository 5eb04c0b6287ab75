//! Mean attention between positions of rows of tokens, at every head.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use burn::tensor::Tensor;

use super::batch::whole;
use super::pattern::pattern;
use crate::engine::{Asked, Forest, Part, Placed, Probe, Read, Stop, Stopped};
use crate::job::Measures;
use crate::loader::LoadedModel;

/// A row of tokens, and what is looked at in its run.
pub struct Row {
    pub tokens: Vec<u32>,
    /// What is edited in the run.
    pub edits: Vec<Placed>,
    pub pairs: Vec<Pair>,
}

/// A query and a key not after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The figure that this attention is part of, by its number.
    pub figure: usize,
    pub query: usize,
    pub key: usize,
}

/// Each row's mean over a figure's pairs. Only queries of pairs are read, and the keys that these see.
pub struct Attention {
    model: Rc<LoadedModel>,
    rows: Vec<Row>,
    batches: Vec<Vec<usize>>,
    /// Sums over pairs. `[figure][row · layer · head]`
    sums: Vec<Vec<f64>>,
}

impl Row {
    /// Unedited, without pairs.
    pub fn of(tokens: Vec<u32>) -> Self {
        Self { tokens, edits: Vec::new(), pairs: Vec::new() }
    }
}

impl Attention {
    /// `figures`: how many there are.
    pub fn new(model: Rc<LoadedModel>, rows: Vec<Row>, figures: usize) -> Self {
        let sums = vec![vec![0.0; rows.len() * model.gpt2.config.heads()]; figures];
        let of_rows = rows.iter().map(|row| row.tokens.len());
        let batches = whole(of_rows, model.device.rows_per_batch());
        // Where nothing is looked at, nothing is run.
        let looked_at = |batch: &Vec<usize>| batch.iter().any(|&row| !rows[row].pairs.is_empty());
        let batches = batches.into_iter().filter(looked_at).collect();
        Self { model, rows, batches, sums }
    }

    fn nodes(&self, batch: usize, forest: &Forest, ends: &[usize]) -> Nodes {
        let mut queries = BTreeMap::<usize, Vec<(usize, Pair)>>::new();
        for (&row, &end) in self.batches[batch].iter().zip(ends) {
            for &pair in &self.rows[row].pairs {
                queries.entry(forest.path(end)[pair.query]).or_default().push((row, pair));
            }
        }
        let keys: BTreeSet<usize> =
            queries.keys().flat_map(|&query| forest.path(query).iter().copied()).collect();
        Nodes { queries, keys: keys.into_iter().collect() }
    }
}

/// What is read of a batch, at each layer.
struct Nodes {
    /// The pairs of each node that is a query, each with its row.
    queries: BTreeMap<usize, Vec<(usize, Pair)>>,
    /// All that queries see.
    keys: Vec<usize>,
}

impl Probe for Attention {
    fn batches(&self) -> usize {
        self.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        (0..self.model.gpt2.config.n_layer).map(|layer| Stop { layer, what: "attention" }).collect()
    }

    fn ask(&self, batch: usize) -> Asked {
        let mut asked = Asked::default();
        let rows = || self.batches[batch].iter().map(|&row| &self.rows[row]);
        let mut ends: Vec<usize> = rows().map(|row| asked.forest.run(&row.tokens)).collect();
        for (end, row) in ends.iter_mut().zip(rows()) {
            *end = *asked.forest.branch(*end, row.edits.clone()).last().expect("a run has tokens");
        }
        let Nodes { queries, keys } = self.nodes(batch, &asked.forest, &ends);
        for layer in 0..self.model.gpt2.config.n_layer {
            let queries = queries.keys().copied().collect();
            asked.reads.push(Read { layer, part: Part::Q, nodes: queries });
            asked.reads.push(Read { layer, part: Part::K, nodes: keys.clone() });
        }
        asked.marked = vec![ends];
        asked
    }

    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let Nodes { queries, keys } = self.nodes(at.batch, at.forest, &at.marked[0]);
        let queries: Vec<usize> = queries.into_keys().collect();
        let q = at.get(at.layer, Part::Q, &queries); // [queries, head · d_head]
        let k = at.get(at.layer, Part::K, &keys); // [keys, head · d_head]
        Tensor::cat(vec![q, k], 0).flatten(0, 1)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let Nodes { queries, keys } = self.nodes(at.batch, at.forest, &at.marked[0]);
        let config = &self.model.gpt2.config;
        let width = values.len() / (queries.len() + keys.len());
        let (of_queries, of_keys) = values.split_at(queries.len() * width);
        let of_keys: BTreeMap<usize, &[f32]> = keys.into_iter().zip(of_keys.chunks_exact(width)).collect();
        let score_scale = at.gpt2.blocks[at.layer].attn.score_scale;
        for ((query, pairs), of_query) in queries.into_iter().zip(of_queries.chunks_exact(width)) {
            let seen: Vec<&[f32]> = at.forest.path(query).iter().map(|node| of_keys[node]).collect();
            let pattern = pattern(of_query, &seen, config.n_head, score_scale); // [head · key]
            for (row, Pair { figure, key, .. }) in pairs {
                let first = row * config.heads() + at.layer * config.n_head;
                let sums = &mut self.sums[figure][first..first + config.n_head];
                for (sum, of_head) in sums.iter_mut().zip(pattern.chunks_exact(seen.len())) {
                    *sum += of_head[key];
                }
            }
        }
    }
}

impl Measures for Attention {
    /// The rows' means for each figure, none where a row has no such pair. `[figure][row · layer · head]`
    type Result = Vec<Vec<Option<f64>>>;

    fn result(&self) -> Self::Result {
        let of_figure = |(figure, sums): (usize, &Vec<f64>)| {
            let of_rows = self.rows.iter().zip(sums.chunks_exact(self.model.gpt2.config.heads()));
            let of_row = |(row, sums): (&Row, &[f64])| {
                let pairs = row.pairs.iter().filter(|pair| pair.figure == figure).count();
                sums.iter().map(|sum| (pairs > 0).then(|| sum / pairs as f64)).collect::<Vec<_>>()
            };
            of_rows.flat_map(of_row).collect()
        };
        self.sums.iter().enumerate().map(of_figure).collect()
    }

    fn needed(&self) -> f64 {
        let config = &self.model.gpt2.config;
        self.rows.iter().map(|row| config.forward_flops(row.tokens.len())).sum()
    }
}
