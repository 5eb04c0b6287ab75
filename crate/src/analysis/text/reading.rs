//! The one way up of a row: a head's queries, keys and values, and what the last layer leaves.

use burn::tensor::Tensor;

use crate::analysis::pattern::AttentionTable;
use crate::engine::{Asked, Forest, Part, Placed, Probe, Read, Stop, Stopped};

pub struct Reading {
    tokens: Vec<u32>,
    edits: Vec<Placed>,
    n_layer: usize,
    layer: usize,
    head: usize,
    pub attention: AttentionTable,
    /// The norm of each token's value vector.
    pub value_norms: Vec<f32>,
    /// The last layer's. `[pos · d_model]`
    pub resid_post: Vec<f32>,
}

/// What is read of the head.
const PARTS: [Part; 3] = [Part::Q, Part::K, Part::V];

impl Reading {
    pub fn new(tokens: Vec<u32>, edits: Vec<Placed>, n_layer: usize, [layer, head]: [usize; 2]) -> Self {
        Self {
            tokens,
            edits,
            n_layer,
            layer,
            head,
            attention: AttentionTable::default(),
            value_norms: Vec::new(),
            resid_post: Vec::new(),
        }
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
        let path = forest.branch(end, self.edits.clone());
        let read = |layer, part| Read { layer, part, nodes: path.clone() };
        let of_head = PARTS.map(|part| read(self.layer, part));
        let reads = of_head.into_iter().chain([read(self.n_layer, Part::ResidPre)]).collect();
        Asked { forest, reads, makers: Vec::new(), marked: vec![path] }
    }

    /// `[queries, keys, then values, pos · d_head each; then resid_post, pos · d_model]`
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let d_head = at.gpt2.config.d_head();
        let path = &at.marked[0];
        let of_head =
            |part| at.get(self.layer, part, path).narrow(1, self.head * d_head, d_head).flatten(0, 1);
        let resid_post = at.get(at.layer, Part::ResidPre, path).flatten(0, 1);
        Tensor::cat(PARTS.map(of_head).into_iter().chain([resid_post]).collect(), 0)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let d_head = at.gpt2.config.d_head();
        let width = self.tokens.len() * d_head;
        let (of_head, resid_post) = values.split_at(PARTS.len() * width);
        let score_scale = at.gpt2.blocks[self.layer].attn.score_scale;
        let norm = |value: &[f32]| value.iter().map(|x| x * x).sum::<f32>().sqrt();
        self.attention =
            AttentionTable::new(&of_head[..width], &of_head[width..2 * width], d_head, score_scale);
        self.value_norms = of_head[2 * width..].chunks_exact(d_head).map(norm).collect();
        self.resid_post = resid_post.to_vec();
    }
}
