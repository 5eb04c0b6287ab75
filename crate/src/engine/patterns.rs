//! Changes of patterns. None is ever made by itself: attention gives what it weighs, and that is what is changed.

use std::collections::BTreeMap;

use burn::tensor::{Tensor, TensorData};

use super::change::Value;
use super::edited::{Edited, Put};
use super::rows::{Rows, Slot, in_parts};
use crate::model::fused::attention;
use crate::model::{Attention, rows_of};

impl Edited<'_> {
    /// Changes of patterns, in what they make: `z`. `[nodes, head · d_head]`
    pub fn apply_patterns(&self, z: &mut Rows, [q, k, v]: [&Rows; 3], attn: &Attention) {
        let puts: Vec<Put> = self.of_heads(attn.n_head).collect();
        let (of, rest): (Vec<Put>, Vec<Put>) =
            puts.into_iter().partition(|(_, value)| matches!(value, Value::Of(_)));
        if !of.is_empty() {
            let mut sources: Vec<(usize, usize)> = of
                .iter()
                .map(|(slot, value)| match value {
                    Value::Of(source) => (slot.node, *source),
                    _ => unreachable!("they were chosen by this"),
                })
                .collect();
            sources.dedup();
            let looked = self.with_patterns_of(&sources, [q, k, v], attn);
            let place = |(slot, value): &Put| {
                let is = |&(node, source): &(usize, usize)| node == slot.node && **value == Value::Of(source);
                sources.iter().position(is).expect("it is one of them") * attn.n_head + slot.part
            };
            let slots: Vec<Slot> = of.iter().map(|(slot, _)| *slot).collect();
            let places: Vec<usize> = of.iter().map(place).collect();
            let values = rows_of(in_parts(looked, attn.n_head), &places);
            z.put(self.forest, attn.n_head, &slots, values);
        }
        if !rest.is_empty() {
            let values: Vec<Tensor<2>> =
                rest.iter().map(|(slot, value)| self.weighed(*slot, value, v, attn.n_head)).collect();
            let slots: Vec<Slot> = rest.iter().map(|(slot, _)| *slot).collect();
            z.put(self.forest, attn.n_head, &slots, Tensor::cat(values, 0));
        }
    }

    /// Each node's values weighed by another's pattern: nodes and sources. `[nodes, head · d_head]`
    fn with_patterns_of(
        &self,
        sources: &[(usize, usize)],
        [q, k, v]: [&Rows; 3],
        attn: &Attention,
    ) -> Tensor<2> {
        // What is looked at with a key of one run and has the value of another, each pair once.
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        let mut known = BTreeMap::new();
        let mut seen: Vec<Vec<usize>> = Vec::new();
        for &(node, source) in sources {
            let (own, other) = (self.forest.path(node), self.forest.path(source));
            let both = other.iter().copied().zip(own.iter().copied());
            let places = both.map(|pair| {
                *known.entry(pair).or_insert_with(|| {
                    pairs.push(pair);
                    pairs.len() - 1
                })
            });
            seen.push(places.collect());
        }
        let (keys, values): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
        let queries: Vec<usize> = sources.iter().map(|&(_, source)| source).collect();
        let qkv = [q.at(self.forest, &queries), k.at(self.forest, &keys), v.at(self.forest, &values)];
        let seen: Vec<&[usize]> = seen.iter().map(Vec::as_slice).collect();
        attention(qkv, attn.n_head, attn.score_scale, &seen)
    }

    /// A head's values weighed by weights that are given, or by none. `[1, d_head]`
    fn weighed(&self, slot: Slot, value: &Value, v: &Rows, n_head: usize) -> Tensor<2> {
        let path = self.forest.path(slot.node);
        let slots: Vec<Slot> = path.iter().map(|&node| Slot { node, part: slot.part }).collect();
        let values = v.parts(self.forest, n_head, &slots); // [keys, d_head]
        let weights = match value {
            Value::Is(vector) => {
                let weights = in_parts(self.made.rows(&[*vector]), n_head); // [head, keys]
                rows_of(weights, &[slot.part])
            }
            _ => Tensor::from_data(
                TensorData::new(vec![0.0f32; path.len()], [1, path.len()]),
                &values.device(),
            ),
        };
        weights.matmul(values)
    }
}
