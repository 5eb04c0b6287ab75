//! The one way up of a row: a head's queries and keys, and what the last layer leaves.

use burn::tensor::Tensor;

use crate::analysis::pattern::AttentionTable;
use crate::engine::{Asked, Forest, Part, Probe, Read, Stop, Stopped};

pub struct Reading {
    tokens: Vec<u32>,
    n_layer: usize,
    layer: usize,
    head: usize,
    pub attention: AttentionTable,
    /// The last layer's. `[pos · d_model]`
    pub resid_post: Vec<f32>,
}

impl Reading {
    pub fn new(tokens: Vec<u32>, n_layer: usize, [layer, head]: [usize; 2]) -> Self {
        Self { tokens, n_layer, layer, head, attention: AttentionTable::default(), resid_post: Vec::new() }
    }
}

impl Probe for Reading {
    fn batches(&self) -> usize {
        1
    }

    fn stops(&self) -> Vec<Stop> {
        vec![Stop { layer: self.n_layer, what: "the head's attention" }]
    }

    fn ask(&self, _: usize) -> Asked {
        let mut forest = Forest::default();
        let end = forest.run(&self.tokens);
        let path = forest.path(end).to_vec();
        let read = |layer, part| Read { layer, part, nodes: path.clone() };
        let reads =
            vec![read(self.layer, Part::Q), read(self.layer, Part::K), read(self.n_layer, Part::ResidPre)];
        Asked { forest, reads, makers: Vec::new(), marked: vec![path] }
    }

    /// `[queries, then keys, pos · d_head each; then resid_post, pos · d_model]`
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let d_head = at.gpt2.config.d_head();
        let path = &at.marked[0];
        let of_head =
            |part| at.get(self.layer, part, path).narrow(1, self.head * d_head, d_head).flatten(0, 1);
        let resid_post = at.get(at.layer, Part::ResidPre, path).flatten(0, 1);
        Tensor::cat(vec![of_head(Part::Q), of_head(Part::K), resid_post], 0)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let d_head = at.gpt2.config.d_head();
        let width = self.tokens.len() * d_head;
        let (queries, rest) = values.split_at(width);
        let (keys, resid_post) = rest.split_at(width);
        let score_scale = at.gpt2.blocks[self.layer].attn.score_scale;
        self.attention = AttentionTable::new(queries, keys, d_head, score_scale);
        self.resid_post = resid_post.to_vec();
    }
}
