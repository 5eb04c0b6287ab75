//! What the layers below a stop wrote to the residual stream, at the roles of a batch's prompts.
//!
//! Of attention it is z that is kept: what heads write, `[batch, heads, d_model]`, is never made. A component's
//! product with a map is z · (W_O · map) for a head, so one matmul of the map serves all heads of a layer.

use burn::tensor::Tensor;

use super::batch::Batch;
use super::places::Role;
use super::plan::Reads;
use crate::model::{Block, Gpt2, LayerParts, select_rows};

/// Of one batch, layer by layer.
pub struct Written {
    /// The node of each role of each prompt. `[role][batch]`
    nodes: [Vec<usize>; 3],
    /// `[role]`, each `[batch, d_model]`
    w_e: Vec<Tensor<2>>,
    w_pos: Vec<Tensor<2>>,
    layers: Vec<OfLayer>,
}

/// `[role]` each
struct OfLayer {
    /// `[batch, head · d_head]`
    z: Vec<Tensor<2>>,
    /// `[batch, d_model]`
    mlp_out: Vec<Tensor<2>>,
}

impl Written {
    pub fn new(gpt2: &Gpt2, batch: &Batch) -> Self {
        let (nodes, _, places) = batch.read(Reads::Roles);
        let of_role = |role: Role| -> Vec<usize> {
            let rows = nodes.chunks_exact(places.pos).zip(&places.positions);
            rows.map(|(row, p)| row[role.position(p)]).collect()
        };
        let nodes = Role::ALL.map(of_role);
        let tokens =
            |nodes: &Vec<usize>| nodes.iter().map(|&node| batch.tree.tokens[node]).collect::<Vec<_>>();
        let position = |&node: &usize| batch.tree.paths[node].len() - 1;
        let positions = |nodes: &Vec<usize>| nodes.iter().map(position).collect::<Vec<_>>();
        Self {
            w_e: nodes.iter().map(|nodes| gpt2.wte.embed(&tokens(nodes))).collect(),
            w_pos: nodes.iter().map(|nodes| select_rows(gpt2.wpe.val(), &positions(nodes))).collect(),
            nodes,
            layers: Vec::new(),
        }
    }

    /// Takes what the next layer wrote at some nodes, upwards, the roles' among them.
    pub fn push(&mut self, parts: &LayerParts, nodes: &[usize]) {
        let row = |node| nodes.binary_search(node).expect("the roles' nodes are computed");
        let rows: Vec<Vec<usize>> = self.nodes.iter().map(|nodes| nodes.iter().map(row).collect()).collect();
        let pick = |x: &Tensor<2>| rows.iter().map(|rows| select_rows(x.clone(), rows)).collect();
        self.layers.push(OfLayer { z: pick(&parts.z), mlp_out: pick(&parts.mlp_out) });
    }

    /// What an MLP wrote at a role. `[batch, d_model]`
    pub fn mlp_out(&self, layer: usize, role: Role) -> Tensor<2> {
        self.layers[layer].mlp_out[role as usize].clone()
    }

    /// What a head wrote at a role. `[batch, d_model]`
    pub fn result(&self, gpt2: &Gpt2, [layer, head]: [usize; 2], role: Role) -> Tensor<2> {
        let d_head = gpt2.config.d_head();
        let (w_o, _) = gpt2.blocks[layer].attn.output();
        let of_head = |x: Tensor<2>, dim| x.narrow(dim, head * d_head, d_head);
        of_head(self.layers[layer].z[role as usize].clone(), 1).matmul(of_head(w_o, 0))
    }

    /// The products of every component at a role with a map a prompt, `[batch, d_model]`; in [`labels`]' order.
    /// `[batch, component]`
    pub fn dot(&self, gpt2: &Gpt2, role: Role, map: &Tensor<2>) -> Tensor<2> {
        let [batch, _] = map.dims();
        let (n_head, d_head) = (gpt2.config.n_head, gpt2.config.d_head());
        let product = |x: &Tensor<2>| (x.clone() * map.clone()).sum_dim(1); // [batch, 1]
        let role = role as usize;
        let (mut mlps, mut heads, mut biases) = (Vec::new(), Vec::new(), Vec::new());
        for (layer, block) in self.layers.iter().zip(&gpt2.blocks) {
            let (w_o, b_o) = block.attn.output();
            mlps.push(product(&layer.mlp_out[role]));
            let z = layer.z[role].clone() * map.clone().matmul(w_o.transpose()); // [batch, head · d_head]
            heads.push(z.reshape([batch, n_head, d_head]).sum_dim(2).squeeze_dim(2)); // [batch, head]
            biases.push(map.clone().matmul(b_o.unsqueeze_dim(1)));
        }
        let embeddings = vec![product(&self.w_e[role]), product(&self.w_pos[role])];
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

impl Written {
    /// What one side of a head reads of every component at a role, in [`labels`]' order. `[batch, component, d_head]`
    pub fn through(&self, gpt2: &Gpt2, role: Role, through: &Through) -> Tensor<3> {
        let (n_head, d_head) = (gpt2.config.n_head, gpt2.config.d_head());
        let read = |x: &Tensor<2>| x.clone().matmul(through.weight.clone()).unsqueeze_dim(1); // [batch, 1, d_head]
        let role = role as usize;
        let [batch, _] = self.w_e[role].dims();
        let (mut mlps, mut heads, mut biases) = (Vec::new(), Vec::new(), Vec::new());
        for ((layer, block), of_heads) in self.layers.iter().zip(&gpt2.blocks).zip(&through.heads) {
            mlps.push(read(&layer.mlp_out[role]));
            let z = layer.z[role].clone().reshape([batch, n_head, d_head]).swap_dims(0, 1); // [head, batch, d_head]
            heads.push(z.matmul(of_heads.clone()).swap_dims(0, 1));
            let (_, b_o) = block.attn.output();
            biases.push(read(&b_o.unsqueeze()).expand([batch, 1, d_head]));
        }
        let embeddings = vec![read(&self.w_e[role]), read(&self.w_pos[role])];
        Tensor::cat([embeddings, mlps, heads, biases].concat(), 1)
    }
}
