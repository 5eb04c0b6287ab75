//! One way up the layers, of unedited and edited runs together: the one place where a layer runs fast.

use burn::tensor::Tensor;

use super::change::{Point, Step};
use super::edited::Edited;
use super::forest::Forest;
use super::plan::{LayerPlan, Part, Plan, Read};
use super::rows::Rows;
use super::vectors::{Kept, Maker, Makers};
use crate::Result;
use crate::model::fused::{attention, linear, linear_add, normalize, weights};
use crate::model::{Block, Gpt2};
use crate::site::Activation;

/// What a batch asks for.
#[derive(Default)]
pub struct Asked {
    pub forest: Forest,
    pub reads: Vec<Read>,
    pub makers: Vec<Maker>,
    /// Nodes for whoever measures, list by list.
    pub marked: Vec<Vec<usize>>,
}

pub struct Forward {
    pub forest: Forest,
    pub kept: Kept,
    pub marked: Vec<Vec<usize>>,
    plan: Plan,
    reads: Vec<Read>,
    makers: Vec<Maker>,
    /// `resid_pre` of the next layer.
    resid: Option<Rows>,
}

impl Forward {
    pub fn new(asked: Asked, n_layer: usize) -> Self {
        let Asked { mut forest, reads, makers, marked } = asked;
        forest.order();
        let plan = Plan::new(&forest, &reads, n_layer);
        Self { forest, kept: Kept::default(), marked, plan, reads, makers, resid: None }
    }

    /// The floating point operations of each of its layers.
    pub fn flops(&self, gpt2: &Gpt2) -> Vec<f64> {
        self.plan.flops(&self.forest, &gpt2.config)
    }

    /// How many edits can change what is read.
    pub fn changes(&self) -> usize {
        self.plan.layers.iter().map(|layer| layer.changes.len()).sum()
    }

    /// # Errors
    /// [`crate::Error::BadModel`] if a prompt is longer than the context, or a token is not in the vocabulary.
    pub fn embed(&mut self, gpt2: &Gpt2) -> Result<()> {
        let tree = &self.forest.tree;
        let nodes: Vec<usize> =
            self.plan.layers[0].pre.iter().copied().filter(|&node| node < tree.len()).collect();
        let tokens: Vec<u32> = nodes.iter().map(|&node| tree.tokens[node]).collect();
        let positions: Vec<usize> = nodes.iter().map(|&node| tree.paths[node].len() - 1).collect();
        self.resid = Some(Rows { values: gpt2.embed_at(&tokens, &positions)?, nodes });
        Ok(())
    }

    /// Begins at a layer, with its `resid_pre` of the unedited runs' nodes. `[nodes, d_model]`
    pub fn begin(&mut self, resid_pre: Tensor<2>) {
        let nodes = (0..self.forest.tree.len()).collect();
        self.resid = Some(Rows { nodes, values: resid_pre });
    }

    /// A number of the residual stream, to wait for it.
    pub fn first_number(&self) -> Option<Tensor<1>> {
        let rows = self.resid.as_ref()?;
        Some(rows.values.clone().slice([0..1, 0..1]).flatten(0, 1))
    }

    /// A layer as far as it is needed, upwards; and after the last what is read there.
    pub fn layer(&mut self, gpt2: &Gpt2, layer: usize) {
        let below = self.resid.take().expect("the tokens are embedded first");
        let kept = std::mem::take(&mut self.kept);
        let made = Makers { gpt2, forest: &self.forest, kept: &kept, makers: &self.makers };
        let plan = &self.plan.layers[layer];
        let mut rows = Vec::new();
        let resid = {
            let mut keep = |part, of: &Rows| {
                let reads = self.reads.iter().filter(|read| (read.layer, read.part) == (layer, part));
                let mut nodes: Vec<usize> = reads.flat_map(|read| read.nodes.iter().copied()).collect();
                if !nodes.is_empty() {
                    nodes.sort_by_key(|&node| self.forest.rank(node));
                    nodes.dedup();
                    rows.push((part, of.of(&self.forest, &nodes)));
                }
            };
            Layer::new(&made, plan, layer).run(&below, &mut keep)
        };
        self.kept = kept;
        for (part, rows) in rows {
            self.kept.keep(layer, part, rows);
        }
        self.resid = resid;
    }
}

/// A layer of a forest.
struct Layer<'a> {
    made: &'a Makers<'a>,
    forest: &'a Forest,
    plan: &'a LayerPlan,
    layer: usize,
}

type Keep<'a> = &'a mut dyn FnMut(Part, &Rows);

impl<'a> Layer<'a> {
    fn new(made: &'a Makers<'a>, plan: &'a LayerPlan, layer: usize) -> Self {
        Self { made, forest: made.forest, plan, layer }
    }

    fn edited(&self, activations: &[Activation]) -> Edited<'a> {
        Edited::new(self.made, &self.plan.changes, activations)
    }

    /// Those of some nodes that are there already at a step; the others are their origins' copies.
    fn computed(&self, nodes: &[usize], step: Step) -> Vec<usize> {
        let point = Point { layer: self.layer, step };
        nodes.iter().copied().filter(|&node| self.forest.joins(node) <= point).collect()
    }

    /// `resid_post`, if any is needed.
    fn run(&self, below: &Rows, keep: Keep) -> Option<Rows> {
        let mut pre = below.of(self.forest, &self.plan.pre);
        self.edited(&[Activation::ResidPre]).apply(&mut pre);
        keep(Part::ResidPre, &pre);
        let block = self.made.gpt2.blocks.get(self.layer)?;
        let [q, k, v] = self.inputs(block, &pre, keep);
        for (part, rows) in [(Part::Q, &q), (Part::K, &k), (Part::V, &v)] {
            if let Some(rows) = rows {
                keep(part, rows);
            }
        }
        if self.plan.z.is_empty() {
            return None;
        }
        let [q, k, v] = [q?, k?, v?];
        let z = self.attention(block, &q, &k, &v);
        keep(Part::Z, &z);
        if self.plan.mid.is_empty() {
            return None;
        }
        let mid = self.resid_mid(block, &pre, &z, keep);
        keep(Part::ResidMid, &mid);
        if self.plan.post.is_empty() {
            return None;
        }
        let post = self.resid_post(block, &mid, keep);
        keep(Part::ResidPost, &post);
        Some(post)
    }

    /// Queries, keys and values, as far as they are needed. `[nodes, head · d_head]` each
    fn inputs(&self, block: &Block, pre: &Rows, keep: Keep) -> [Option<Rows>; 3] {
        let LayerPlan { q, kv, values, .. } = self.plan;
        let [_, d_model] = pre.values.dims();
        let is_changed = |step| self.plan.changes.iter().any(|&i| self.forest.changes[i].step() == step);
        if *values && q == kv && !is_changed(Step::Inputs) && !self.plan.reads_inputs {
            let nodes = self.computed(q, Step::ResidPre);
            let normalized = normalize(pre.at(self.forest, &nodes), block.eps);
            let qkv = linear(normalized, block.attn.columns(0, 3 * d_model)); // [nodes, 3 · d_model]
            return [0, 1, 2].map(|part| {
                let values = qkv.clone().narrow(1, part * d_model, d_model);
                Some(Rows { nodes: nodes.clone(), values })
            });
        }
        let parts = [
            (q, Activation::QInput, Activation::Q),
            (kv, Activation::KInput, Activation::K),
            (kv, Activation::VInput, Activation::V),
        ];
        let mut part = 0;
        parts.map(|(nodes, input, output)| {
            let columns = block.attn.columns(part * d_model, d_model);
            part += 1;
            if nodes.is_empty() || (input == Activation::VInput && !values) {
                return None;
            }
            let computed = self.computed(nodes, Step::ResidPre);
            let normalized = normalize(pre.at(self.forest, &computed), block.eps);
            let edited = self.edited(&[input]);
            match input {
                Activation::QInput if self.plan.reads_inputs => keep(Part::QInput, &edited.read(pre, nodes)),
                Activation::KInput if self.plan.reads_inputs => keep(Part::KInput, &edited.read(pre, nodes)),
                _ => {}
            }
            // In one product, so that what is put in unchanged gives the same to the last bit.
            // All of the nodes, keys and values alike: a query sees both by one number.
            let mut rows = match edited.inputs(pre, nodes, block.eps) {
                None => Rows { nodes: computed, values: linear(normalized, columns) }.of(self.forest, nodes),
                Some(inputs) => {
                    let of_all = linear(Tensor::cat(vec![normalized, inputs], 0), columns);
                    let [all, _] = of_all.dims();
                    let own = computed.len();
                    let rows = Rows { values: of_all.clone().narrow(0, 0, own), nodes: computed };
                    let of_inputs = of_all.narrow(0, own, all - own);
                    edited.heads_of_inputs(rows.of(self.forest, nodes), of_inputs, block.attn.n_head)
                }
            };
            self.edited(&[output]).apply_to_heads(&mut rows, block.attn.n_head);
            Some(rows)
        })
    }

    /// `z` of all heads. `[nodes, head · d_head]`
    fn attention(&self, block: &Block, q: &Rows, k: &Rows, v: &Rows) -> Rows {
        let computed = self.computed(&self.plan.z, Step::Attention);
        let seen: Vec<Vec<usize>> =
            computed.iter().map(|&node| k.rows(self.forest, self.forest.path(node))).collect();
        let seen: Vec<&[usize]> = seen.iter().map(Vec::as_slice).collect();
        let qkv = [q.at(self.forest, &computed), k.values.clone(), v.values.clone()];
        let values = attention(qkv, block.attn.n_head, block.attn.score_scale, &seen);
        let mut z = Rows { nodes: computed, values };
        self.edited(&[Activation::Pattern]).apply_patterns(&mut z, [q, k, v], &block.attn);
        let mut z = if z.nodes == self.plan.z { z } else { z.of(self.forest, &self.plan.z) };
        self.edited(&[Activation::Z]).apply_to_heads(&mut z, block.attn.n_head);
        z
    }

    /// `[nodes, d_model]`
    fn resid_mid(&self, block: &Block, pre: &Rows, z: &Rows, keep: Keep) -> Rows {
        let nodes = &self.plan.mid;
        let mut mid = if self.plan.attn_out {
            let attn = &self.plan.attn;
            let values = linear(z.at(self.forest, attn), block.attn.output());
            let mut attn_out = Rows { nodes: attn.clone(), values };
            self.edited(&[Activation::Result]).apply_to_results(&mut attn_out, z, &block.attn);
            self.edited(&[Activation::AttnOut]).apply(&mut attn_out);
            keep(Part::AttnOut, &attn_out);
            let values = pre.at(self.forest, nodes) + attn_out.at(self.forest, nodes);
            Rows { nodes: nodes.clone(), values }
        } else {
            let computed = self.computed(nodes, Step::Z);
            let resid = pre.at(self.forest, &computed);
            let values = linear_add(z.at(self.forest, &computed), block.attn.output(), resid);
            Rows { nodes: computed, values }.of(self.forest, nodes)
        };
        self.edited(&[Activation::ResidMid]).apply(&mut mid);
        mid
    }

    /// `[nodes, d_model]`
    fn resid_post(&self, block: &Block, mid: &Rows, keep: Keep) -> Rows {
        let nodes = &self.plan.post;
        let c_proj = weights(&block.mlp.c_proj);
        let mut post = if self.plan.mlp_out {
            // By itself: from the sum with a much longer residual stream it could not be taken out again.
            let inner = block.mlp.inner(mid.at(self.forest, &self.plan.mlp), block.eps); // [nodes, d_mlp]
            let mut mlp_out = Rows { values: linear(inner, c_proj), nodes: self.plan.mlp.clone() };
            self.edited(&[Activation::MlpOut]).apply(&mut mlp_out);
            keep(Part::MlpOut, &mlp_out);
            let values = mid.at(self.forest, nodes) + mlp_out.at(self.forest, nodes);
            Rows { values, nodes: nodes.clone() }
        } else {
            let computed = self.computed(nodes, Step::Mid);
            let resid_mid = mid.at(self.forest, &computed);
            let inner = block.mlp.inner(resid_mid.clone(), block.eps); // [nodes, d_mlp]
            Rows { values: linear_add(inner, c_proj, resid_mid), nodes: computed }.of(self.forest, nodes)
        };
        self.edited(&[Activation::ResidPost]).apply(&mut post);
        post
    }
}
