//! A decomposition by layers: what the heads of a layer and its attention bias contribute is summed up.

use super::super::result::{DecompositionResult, Part};
use super::super::spec::DecomposeBy;

impl DecompositionResult {
    /// bias, W_E, W_pos, and then layer by layer attn_0, MLP_0, …; and each part's sums by them, or by pairs of them.
    pub(super) fn by_layer(&self) -> (Vec<String>, Vec<Vec<f64>>) {
        let [layers, _] = self.head;
        let of_layer = |layer| [format!("attn_{layer}"), format!("MLP_{layer}")];
        let names: Vec<String> =
            self.components[..3].iter().cloned().chain((0..layers).flat_map(of_layer)).collect();
        let places: Vec<usize> = (0..self.components.len()).map(|i| self.place_by_layer(i)).collect();
        let (from, to) = (places.len(), names.len());
        let sums = |part: &Part| match self.spec.decompose_by {
            DecomposeBy::Both => {
                let mut sums = vec![0.0; to * to];
                for (place, value) in part.values.iter().enumerate() {
                    sums[places[place / from] * to + places[place % from]] += value;
                }
                sums
            }
            _ => {
                let mut sums = vec![0.0; to];
                for (&place, value) in places.iter().zip(&part.values) {
                    sums[place] += value;
                }
                sums
            }
        };
        let sums = self.parts.iter().map(sums).collect();
        (names, sums)
    }

    /// Components are bias, W_E, W_pos, the MLPs, the heads layer by layer, and the attention biases.
    fn place_by_layer(&self, component: usize) -> usize {
        let ([layers, _], heads) = (self.head, self.n_head);
        let attention = |layer: usize| 3 + 2 * layer;
        let Some(mlp) = component.checked_sub(3) else { return component };
        let Some(head) = mlp.checked_sub(layers) else { return attention(mlp) + 1 };
        let Some(bias) = head.checked_sub(layers * heads) else { return attention(head / heads) };
        attention(bias)
    }
}
