//! What has to be computed: looked for backwards, from what is read.

use std::collections::HashMap;

use super::change::{Change, Point, Step, step_of};
use super::forest::Forest;
use crate::model::Gpt2Config;
use crate::site::Activation;

/// An activation to be kept for whoever reads it.
#[derive(Debug, Clone)]
pub struct Read {
    /// Where the number of layers stands for the last layer's `resid_post`, as `resid_pre`.
    pub layer: usize,
    pub part: Part,
    pub nodes: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `[nodes, d_model]`
    ResidPre,
    /// What queries are computed from, as it is edited; of at most one head. `[nodes, d_model]`
    QInput,
    /// What keys are computed from. `[nodes, d_model]`
    KInput,
    /// All heads' queries. `[nodes, head · d_head]`
    Q,
    /// `[nodes, head · d_head]`
    K,
    /// `[nodes, head · d_head]`
    V,
    /// `[nodes, head · d_head]`
    Z,
    /// `[nodes, d_model]`
    AttnOut,
    /// `[nodes, d_model]`
    ResidMid,
    /// `[nodes, d_model]`
    MlpOut,
    /// `[nodes, d_model]`
    ResidPost,
}

/// The nodes of a layer, by rank, step by step: those whose activation is computed there, changed, or a copy of the
/// origin's that is changed.
#[derive(Debug, Default)]
pub struct LayerPlan {
    pub pre: Vec<usize>,
    pub q: Vec<usize>,
    pub kv: Vec<usize>,
    /// Whether values are needed, and not only keys.
    pub values: bool,
    pub z: Vec<usize>,
    pub mid: Vec<usize>,
    /// Those of `mid` whose `attn_out` is not their origin's.
    pub attn: Vec<usize>,
    pub post: Vec<usize>,
    /// Those of `post` whose `mlp_out` is not their origin's.
    pub mlp: Vec<usize>,
    /// Whether what heads read is to be kept as it is edited.
    pub reads_inputs: bool,
    /// Whether what attention writes is needed by itself.
    pub attn_out: bool,
    /// Whether what the MLP writes is needed by itself.
    pub mlp_out: bool,
    /// Changes of nodes that are computed, by their number.
    pub changes: Vec<usize>,
}

#[derive(Debug)]
pub struct Plan {
    /// One for each layer, and one for what is read after the last.
    pub layers: Vec<LayerPlan>,
}

/// Marks nodes.
#[derive(Clone)]
struct Set(Vec<bool>);

impl Set {
    fn add(&mut self, node: usize) {
        self.0[node] = true;
    }

    fn has(&self, node: usize) -> bool {
        self.0[node]
    }

    fn len(&self) -> usize {
        self.nodes().count()
    }

    fn nodes(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len()).filter(|&node| self.0[node])
    }
}

impl Plan {
    pub fn new(forest: &Forest, reads: &[Read], n_layer: usize) -> Self {
        let top = reads.iter().map(|read| read.layer).max().unwrap_or(0);
        let mut changes: HashMap<usize, Vec<usize>> = HashMap::new();
        for (i, change) in forest.changes.iter().enumerate() {
            changes.entry(change.layer).or_default().push(i);
        }
        let mut after = Set(vec![false; forest.len()]);
        let mut layers = Vec::with_capacity(top + 1);
        for layer in (0..=top).rev() {
            debug_assert!(layer <= n_layer);
            let of_layer = changes.get(&layer).map_or(&[][..], Vec::as_slice);
            let reads: Vec<&Read> = reads.iter().filter(|read| read.layer == layer).collect();
            let (plan, before) = backwards(forest, layer, of_layer, &reads, after);
            layers.push(plan);
            after = before;
        }
        layers.reverse();
        Self { layers }
    }

    /// The floating point operations of the matrix products, layer by layer.
    pub fn flops(&self, forest: &Forest, config: &Gpt2Config) -> Vec<f64> {
        let of_layer = |(layer, plan): (usize, &LayerPlan)| {
            let point = |step| Point { layer, step };
            // Those that are there at a step are computed by it; the others come to be after it.
            let computed = |nodes: &[usize], step| {
                nodes.iter().filter(|&&node| forest.joins(node) <= point(step)).count() as f64
            };
            let (d, mlp) = (config.n_embd as f64, config.n_inner as f64);
            let inputs = plan.changes.iter().map(|&change| &forest.changes[change]);
            let inputs = inputs.filter(|change| change.activation.is_input()).count() as f64;
            let keys_and_values = if plan.values { 2.0 } else { 1.0 };
            let q_and_kv = computed(&plan.q, Step::ResidPre)
                + keys_and_values * computed(&plan.kv, Step::ResidPre)
                + inputs;
            let queries = plan.z.iter().filter(|&&node| forest.joins(node) <= point(Step::Attention));
            let seen: usize = queries.map(|&node| forest.path(node).len()).sum();
            let z = computed(&plan.attn, if plan.attn_out { Step::Mid } else { Step::Z });
            let inner = computed(&plan.mlp, if plan.mlp_out { Step::Post } else { Step::Mid });
            2.0 * d * d * (q_and_kv + z) + 4.0 * d * mlp * inner + 4.0 * d * seen as f64
        };
        self.layers.iter().enumerate().map(of_layer).collect()
    }
}

/// What a layer computes so that `after` has its `resid_post` and the reads are there; and the nodes whose
/// `resid_post` it needs of the layer before.
fn backwards(
    forest: &Forest,
    layer: usize,
    changes: &[usize],
    reads: &[&Read],
    after: Set,
) -> (LayerPlan, Set) {
    let at = |node, step| forest.at(node, Point { layer, step });
    let joins_at = |node, step| forest.joins(node) == Point { layer, step };
    let nothing = || Set(vec![false; forest.len()]);
    let read = |set: &mut Set, parts: &[Part], step| {
        for read in reads.iter().filter(|read| parts.contains(&read.part)) {
            read.nodes.iter().for_each(|&node| set.add(at(node, step)));
        }
    };
    let has_read = |part| reads.iter().any(|read| read.part == part);
    // A step's nodes, with the origins of those that come to be here and with what changes take from other nodes: these may
    // come to be here too, or be changed, so it goes on until there are no more. Gives the changes of all of them.
    let close = |set: &mut Set, step: Step, is_its: &dyn Fn(&Change) -> bool| -> Vec<usize> {
        loop {
            let before = set.len();
            let all: Vec<usize> = set.nodes().collect();
            let joining = all.iter().filter(|&&node| joins_at(node, step));
            joining.for_each(|&node| set.add(at(forest.origin(node), step)));
            let its = |&i: &usize| is_its(&forest.changes[i]) && set.has(forest.changes[i].node);
            let its: Vec<usize> = changes.iter().copied().filter(its).collect();
            let sources =
                its.iter().map(|&i| &forest.changes[i]).filter(|change| !change.activation.is_input());
            sources.filter_map(Change::source).for_each(|source| set.add(at(source, step)));
            if set.len() == before {
                return its;
            }
        }
    };
    let close_step = |set: &mut Set, step: Step| close(set, step, &|change| change.step() == step);
    let mut done: Vec<usize> = Vec::new();
    let mut plan = LayerPlan::default();
    let edits = |activations: &[Activation]| {
        changes.iter().any(|&i| activations.contains(&forest.changes[i].activation))
    };

    // Those that do not have the unedited run's activation put back, where nobody reads what they have otherwise.
    let without_restored = |set: &Set, activation: Activation| {
        let mut rest = set.clone();
        let its = |change: &&Change| change.activation == activation && set.has(change.node);
        let its = || changes.iter().map(|&i| &forest.changes[i]).filter(its);
        its().for_each(|change| rest.0[change.node] = !forest.restores(change));
        its().filter_map(Change::source).for_each(|source| rest.add(at(source, step_of(activation))));
        rest
    };

    let mut post = after;
    read(&mut post, &[Part::MlpOut, Part::ResidPost], Step::Post);
    done.extend(close_step(&mut post, Step::Post));
    let mlp = without_restored(&post, Activation::MlpOut);
    let mut mid = nothing();
    read(&mut mid, &[Part::AttnOut, Part::ResidMid], Step::Mid);
    post.nodes().for_each(|node| mid.add(at(node, Step::Mid)));
    done.extend(close_step(&mut mid, Step::Mid));
    let attn = without_restored(&mid, Activation::AttnOut);
    let mut z = nothing();
    read(&mut z, &[Part::Z], Step::Z);
    attn.nodes().for_each(|node| z.add(at(node, Step::Z)));
    done.extend(close_step(&mut z, Step::Z));

    let (mut q, mut kv) = (nothing(), nothing());
    read(&mut q, &[Part::Q, Part::QInput], Step::Inputs);
    read(&mut kv, &[Part::K, Part::V, Part::KInput], Step::Inputs);
    let sees = |kv: &mut Set, node: usize| {
        forest.path(node).iter().for_each(|&node| kv.add(at(node, Step::Inputs)));
    };
    for node in z.nodes().filter(|&node| at(node, Step::Attention) == node) {
        q.add(at(node, Step::Inputs));
        sees(&mut kv, node);
    }
    let patterns = |&i: &usize| {
        let change = &forest.changes[i];
        change.step() == Step::Attention && z.has(change.node)
    };
    for i in changes.iter().copied().filter(patterns) {
        done.push(i);
        if let Some(source) = forest.changes[i].source() {
            q.add(at(source, Step::Inputs));
            sees(&mut kv, source);
        }
    }

    let mut pre = nothing();
    read(&mut pre, &[Part::ResidPre], Step::ResidPre);
    mid.nodes().for_each(|node| pre.add(at(node, Step::ResidPre)));
    for (set, activations) in [
        (&mut q, &[Activation::QInput, Activation::Q][..]),
        (&mut kv, &[Activation::KInput, Activation::VInput, Activation::K, Activation::V]),
    ] {
        let its = close(set, Step::Inputs, &|change| activations.contains(&change.activation));
        for change in its.iter().map(|&i| &forest.changes[i]).filter(|change| change.activation.is_input()) {
            pre.add(forest.unedited(change.node));
            change.source().into_iter().for_each(|source| pre.add(at(source, Step::ResidPre)));
        }
        done.extend(its);
        set.nodes().for_each(|node| pre.add(at(node, Step::ResidPre)));
    }
    done.extend(close_step(&mut pre, Step::ResidPre));
    let before = pre.nodes().filter(|&node| forest.joins(node) < Point { layer, step: Step::ResidPre });
    let mut below = nothing();
    before.for_each(|node| below.add(node));
    // The tokens' own.
    if layer == 0 {
        pre.nodes().filter(|&node| node < forest.tree.len()).for_each(|node| below.add(node));
    }

    let ranked = |set: &Set| {
        let mut nodes: Vec<usize> = set.nodes().collect();
        nodes.sort_by_key(|&node| forest.rank(node));
        nodes
    };
    plan.values = z.nodes().next().is_some() || has_read(Part::V);
    plan.reads_inputs = has_read(Part::QInput) || has_read(Part::KInput);
    plan.attn_out = has_read(Part::AttnOut) || edits(&[Activation::Result, Activation::AttnOut]);
    plan.mlp_out = has_read(Part::MlpOut) || edits(&[Activation::MlpOut]);
    [plan.pre, plan.q, plan.kv, plan.z] = [&pre, &q, &kv, &z].map(ranked);
    [plan.mid, plan.attn, plan.post, plan.mlp] = [&mid, &attn, &post, &mlp].map(ranked);
    // What is put back is not computed, and so not changed.
    done.retain(|&i| match forest.changes[i].activation {
        Activation::Result | Activation::AttnOut => attn.has(forest.changes[i].node),
        Activation::MlpOut => mlp.has(forest.changes[i].node),
        _ => true,
    });
    done.sort_unstable();
    plan.changes = done;
    (plan, below)
}
