//! What the layers below a stop wrote to the residual stream, at some nodes of a batch.
//!
//! What is kept of attention is z: what heads write, `[batch, heads, d_model]`, is never made. A component's
//! product with a map is z · (W_O · map) for a head, so one matmul of the map serves all heads of a layer.

use burn::tensor::Tensor;

use crate::engine::{Part, Read, Stopped};
use crate::model::{Block, Gpt2, select_rows};

/// The largest `relative_miss` that rounding explains.
pub const MOST_RELATIVE_MISS: f64 = 1e-4;

/// What is read for it, of some nodes.
pub fn reads(layer: usize, nodes: &[usize]) -> Vec<Read> {
    let read = |layer, part| Read { layer, part, nodes: nodes.to_vec() };
    (0..layer).flat_map(|layer| [read(layer, Part::Z), read(layer, Part::MlpOut)]).collect()
}

/// At a node of each prompt. Written by the layers below the stop.
pub struct Written<'a> {
    at: &'a Stopped<'a>,
    /// One per prompt.
    nodes: Vec<usize>,
}

impl<'a> Written<'a> {
    pub fn new(at: &'a Stopped<'a>, nodes: Vec<usize>) -> Self {
        Self { at, nodes }
    }

    fn blocks(&self) -> impl Iterator<Item = (usize, &'a Block)> {
        self.at.gpt2.blocks[..self.at.layer].iter().enumerate()
    }

    fn get(&self, layer: usize, part: Part) -> Tensor<2> {
        self.at.get(layer, part, &self.nodes)
    }

    /// What an MLP wrote. `[batch, d_model]`
    pub fn mlp_out(&self, layer: usize) -> Tensor<2> {
        self.get(layer, Part::MlpOut)
    }

    /// W_E and W_pos. `[batch, d_model]` each
    fn embeddings(&self) -> [Tensor<2>; 2] {
        let forest = self.at.forest;
        // No edit has another token.
        let tokens: Vec<u32> =
            self.nodes.iter().map(|&node| forest.tree.tokens[forest.unedited(node)]).collect();
        let positions: Vec<usize> = self.nodes.iter().map(|&node| forest.path(node).len() - 1).collect();
        let gpt2 = self.at.gpt2;
        [gpt2.wte.embed(&tokens), select_rows(gpt2.wpe.val(), &positions)]
    }

    /// The products of every component with a map per prompt, `[batch, d_model]`; in [`labels`]' order.
    /// `[batch, component]`
    pub fn dot(&self, map: &Tensor<2>) -> Tensor<2> {
        let [batch, _] = map.dims();
        let (n_head, d_head) = (self.at.gpt2.config.n_head, self.at.gpt2.config.d_head());
        let product = |x: Tensor<2>| (x * map.clone()).sum_dim(1); // [batch, 1]
        let (mut mlps, mut heads, mut biases) = (Vec::new(), Vec::new(), Vec::new());
        for (layer, block) in self.blocks() {
            let (w_o, b_o) = block.attn.output();
            mlps.push(product(self.mlp_out(layer)));
            let z = self.get(layer, Part::Z) * map.clone().matmul(w_o.transpose()); // [batch, head · d_head]
            heads.push(z.reshape([batch, n_head, d_head]).sum_dim(2).squeeze_dim(2)); // [batch, head]
            biases.push(map.clone().matmul(b_o.unsqueeze_dim(1)));
        }
        let embeddings = self.embeddings().map(product).to_vec();
        Tensor::cat([embeddings, mlps, heads, biases].concat(), 1)
    }

    /// What one side of a head reads of every component, in [`labels`]' order. `[batch, component, d_head]`
    pub fn through(&self, through: &Through) -> Tensor<3> {
        let (n_head, d_head) = (self.at.gpt2.config.n_head, self.at.gpt2.config.d_head());
        let batch = self.nodes.len();
        let read = |x: Tensor<2>| x.matmul(through.weight.clone()).unsqueeze_dim(1); // [batch, 1, d_head]
        let (mut mlps, mut heads, mut biases) = (Vec::new(), Vec::new(), Vec::new());
        for ((layer, block), of_heads) in self.blocks().zip(&through.heads) {
            mlps.push(read(self.mlp_out(layer)));
            let z = self.get(layer, Part::Z).reshape([batch, n_head, d_head]).swap_dims(0, 1); // [head, batch, d_head]
            heads.push(z.matmul(of_heads.clone()).swap_dims(0, 1));
            let (_, b_o) = block.attn.output();
            biases.push(read(b_o.unsqueeze()).expand([batch, 1, d_head]));
        }
        let embeddings = self.embeddings().map(read).to_vec();
        Tensor::cat([embeddings, mlps, heads, biases].concat(), 1)
    }
}

/// The components of `resid_pre[layer]`: W_E, W_pos, MLP_0…, the heads 0.0, 0.1, …, and the attention biases b_O_0….
pub fn labels(layer: usize, n_head: usize) -> Vec<String> {
    let mut labels = vec!["W_E".to_owned(), "W_pos".to_owned()];
    labels.extend((0..layer).map(|layer| format!("MLP_{layer}")));
    labels.extend((0..layer).flat_map(|layer| (0..n_head).map(move |head| format!("{layer}.{head}"))));
    labels.extend((0..layer).map(|layer| format!("b_O_{layer}")));
    labels
}

/// How one side of a head reads each component: its W_Q or W_K behind what the layers below write with.
pub struct Through {
    /// `[d_model, d_head]`
    weight: Tensor<2>,
    /// By layer: W_O · weight. `[head, d_head, d_head]`
    heads: Vec<Tensor<3>>,
}

impl Through {
    /// For a head of a layer.
    pub fn new(gpt2: &Gpt2, layer: usize, weight: Tensor<2>) -> Self {
        let (n_head, d_head) = (gpt2.config.n_head, gpt2.config.d_head());
        let of_layer = |block: &Block| {
            let (w_o, _) = block.attn.output();
            w_o.matmul(weight.clone()).reshape([n_head, d_head, d_head])
        };
        Self { heads: gpt2.blocks[..layer].iter().map(of_layer).collect(), weight }
    }
}
