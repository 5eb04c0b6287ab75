//! The changes of a step, made.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use super::change::{Change, LnScale, Value};
use super::forest::Forest;
use super::rows::{Rows, Slot, in_parts};
use super::vectors::{Makers, in_order};
use crate::model::fused::{normalize, normalize_as};
use crate::model::{Attention, center, rows_of, scale, standardize};
use crate::projection::project;
use crate::site::Activation;

/// The changes of some activations of a layer, of nodes that are computed.
pub struct Edited<'a> {
    pub(super) made: &'a Makers<'a>,
    pub(super) forest: &'a Forest,
    changes: Vec<&'a Change>,
}

/// What is put where.
pub(super) type Put<'a> = (Slot, &'a Value);

impl<'a> Edited<'a> {
    pub fn new(made: &'a Makers<'a>, changes: &[usize], activations: &[Activation]) -> Self {
        let changes = changes.iter().map(|&i| &made.forest.changes[i]);
        let changes = changes.filter(|change| activations.contains(&change.activation)).collect();
        Self { made, forest: made.forest, changes }
    }

    /// To whole rows.
    pub fn apply(&self, rows: &mut Rows) {
        let puts = self.changes.iter().map(|change| (Slot { node: change.node, part: 0 }, &change.value));
        self.put(rows, 1, puts.collect());
    }

    /// To the heads of rows. `[nodes, head · d_head]`
    pub fn apply_to_heads(&self, rows: &mut Rows, n_head: usize) {
        self.put(rows, n_head, self.of_heads(n_head).collect());
    }

    fn put(&self, rows: &mut Rows, parts: usize, puts: Vec<Put>) {
        if !puts.is_empty() {
            let values = self.values(&puts, parts, |slots| rows.parts(self.forest, parts, slots));
            let slots: Vec<Slot> = puts.iter().map(|(slot, _)| *slot).collect();
            rows.put(self.forest, parts, &slots, values);
        }
    }

    /// Head by head, where a change is of all.
    pub(super) fn of_heads(&self, n_head: usize) -> impl Iterator<Item = Put<'_>> {
        self.changes.iter().flat_map(move |change| {
            let heads = change.head.map_or(0..n_head, |head| head..head + 1);
            heads.map(|part| (Slot { node: change.node, part }, &change.value))
        })
    }

    /// The values to put. `old` reads what is there. `[puts, width / parts]`
    fn values(&self, puts: &[Put], parts: usize, old: impl Fn(&[Slot]) -> Tensor<2>) -> Tensor<2> {
        let mut kinds: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (i, (_, value)) in puts.iter().enumerate() {
            let kind = match value {
                Value::Of(_) => (0, 0),
                Value::Zero => (1, 0),
                Value::Is(_) => (2, 0),
                Value::Added(_) => (3, 0),
                Value::Projected(span) => (4, span.len()),
                Value::Normalized(_) => (5, 0),
                Value::ProjectedOut(span) => (6, span.len()),
            };
            kinds.entry(kind).or_default().push(i);
        }
        let (mut made, mut places) = (Vec::new(), Vec::new());
        for of_kind in kinds.into_values() {
            let slots: Vec<Slot> = of_kind.iter().map(|&i| puts[i].0).collect();
            let vectors = |number: &dyn Fn(&Value) -> usize| {
                let numbers: Vec<usize> = of_kind.iter().map(|&i| number(puts[i].1)).collect();
                self.vectors(&numbers, parts, &slots)
            };
            let one = |value: &Value| match value {
                Value::Is(vector) | Value::Added(vector) | Value::Normalized(vector) => *vector,
                _ => unreachable!("these kinds have a vector"),
            };
            made.push(match puts[of_kind[0]].1 {
                Value::Of(_) => {
                    let source = |&i: &usize| match puts[i] {
                        (Slot { part, .. }, &Value::Of(node)) => Slot { node, part },
                        _ => unreachable!("this kind has a source"),
                    };
                    old(&of_kind.iter().map(source).collect::<Vec<_>>())
                }
                Value::Zero => old(&slots).zeros_like(),
                Value::Is(_) => vectors(&one),
                Value::Added(_) => old(&slots) + vectors(&one),
                Value::Projected(span) | Value::ProjectedOut(span) => {
                    let direction = |at: usize| {
                        vectors(&|value| match value {
                            Value::Projected(span) | Value::ProjectedOut(span) => span[at],
                            _ => unreachable!("this kind has a span"),
                        })
                    };
                    let directions: Vec<_> = (0..span.len()).map(direction).collect();
                    let inside = project(old(&slots), &directions);
                    match puts[of_kind[0]].1 {
                        Value::ProjectedOut(_) => old(&slots) - inside,
                        _ => inside,
                    }
                }
                Value::Normalized(_) => {
                    // Times the scale by which LayerNorm will divide.
                    let unedited = |slot: &Slot| Slot { node: self.forest.unedited(slot.node), ..*slot };
                    let unedited = old(&slots.iter().map(unedited).collect::<Vec<_>>());
                    let eps = self.made.gpt2.config.layer_norm_epsilon;
                    standardize(vectors(&one)) * scale(center(unedited), eps)
                }
            });
            places.extend(of_kind);
        }
        in_order(made, &places)
    }

    /// The parts of vectors that are as wide as whole rows, at slots. `[slots, width / parts]`
    fn vectors(&self, numbers: &[usize], parts: usize, slots: &[Slot]) -> Tensor<2> {
        // Each once, however many parts of it are put in.
        let mut unique: Vec<usize> = numbers.to_vec();
        unique.sort_unstable();
        unique.dedup();
        let rows = in_parts(self.made.rows(&unique), parts);
        let row = |(number, slot): (&usize, &Slot)| {
            unique.binary_search(number).expect("it is one of them") * parts + slot.part
        };
        rows_of(rows, &numbers.iter().zip(slots).map(row).collect::<Vec<_>>())
    }

    /// What heads read of nodes, as it is edited. `[nodes, d_model]`
    pub fn read(&self, pre: &Rows, nodes: &[usize]) -> Rows {
        let mut rows = pre.of(self.forest, nodes);
        if let Some((slots, values)) = self.read_values(pre) {
            rows.put(self.forest, 1, &slots, values);
        }
        rows
    }

    /// What changes of what heads read put in, and where. `[changes, d_model]`
    fn read_values(&self, pre: &Rows) -> Option<(Vec<Slot>, Tensor<2>)> {
        let puts: Vec<Put> =
            self.changes.iter().map(|change| (Slot { node: change.node, part: 0 }, &change.value)).collect();
        let slots: Vec<Slot> = puts.iter().map(|(slot, _)| *slot).collect();
        (!puts.is_empty()).then(|| (slots, self.values(&puts, 1, |slots| pre.parts(self.forest, 1, slots))))
    }

    /// What changes of what heads read put in, normalized: a row for each of those whose nodes are computed.
    /// `[changes, d_model]`
    pub fn inputs(&self, pre: &Rows, nodes: &[usize], eps: f64) -> Option<Tensor<2>> {
        debug_assert!(self.changes.iter().all(|change| nodes.contains(&change.node)));
        let (_, values) = self.read_values(pre)?;
        let of = |ln: LnScale| -> Vec<usize> {
            (0..self.changes.len()).filter(|&i| self.changes[i].ln == ln).collect()
        };
        let [live, frozen] = [LnScale::Live, LnScale::Frozen].map(of);
        let (mut made, mut places) = (Vec::new(), Vec::new());
        if !live.is_empty() {
            made.push(normalize(rows_of(values.clone(), &live), eps));
        }
        if !frozen.is_empty() {
            let unedited: Vec<usize> =
                frozen.iter().map(|&i| self.forest.unedited(self.changes[i].node)).collect();
            let unedited = pre.at(self.forest, &unedited);
            made.push(normalize_as(rows_of(values, &frozen), unedited, eps));
        }
        for of_kind in [live, frozen] {
            places.extend(of_kind);
        }
        Some(in_order(made, &places))
    }

    /// Puts in what heads make of [`Edited::inputs`]. `[changes, head · d_head]`
    pub fn heads_of_inputs(&self, mut rows: Rows, of_inputs: Tensor<2>, n_head: usize) -> Rows {
        let (mut slots, mut places) = (Vec::new(), Vec::new());
        for (i, change) in self.changes.iter().enumerate() {
            for part in change.head.map_or(0..n_head, |head| head..head + 1) {
                slots.push(Slot { node: change.node, part });
                places.push(i * n_head + part);
            }
        }
        let values = rows_of(in_parts(of_inputs, n_head), &places);
        rows.put(self.forest, n_head, &slots, values);
        rows
    }

    /// Changes of what heads write, in what attention writes. `[nodes, d_model]`
    pub fn apply_to_results(&self, attn_out: &mut Rows, z: &Rows, attn: &Attention) {
        let (w_o, _) = attn.output();
        let [width, _] = w_o.dims();
        let d_head = width / attn.n_head;
        let mut by_head: BTreeMap<usize, Vec<Put>> = BTreeMap::new();
        for put in self.of_heads(attn.n_head) {
            by_head.entry(put.0.part).or_default().push(put);
        }
        for (head, puts) in by_head {
            let w_o = w_o.clone().narrow(0, head * d_head, d_head);
            let results = |slots: &[Slot]| {
                let of_head: Vec<Slot> = slots.iter().map(|slot| Slot { part: head, ..*slot }).collect();
                z.parts(self.forest, attn.n_head, &of_head).matmul(w_o.clone())
            };
            let slots: Vec<Slot> = puts.iter().map(|(slot, _)| Slot { part: 0, ..*slot }).collect();
            let whole: Vec<Put> = slots.iter().copied().zip(puts.iter().map(|(_, value)| *value)).collect();
            let change = self.values(&whole, 1, results) - results(&slots);
            let before = attn_out.parts(self.forest, 1, &slots);
            attn_out.put(self.forest, 1, &slots, before + change);
        }
    }
}
