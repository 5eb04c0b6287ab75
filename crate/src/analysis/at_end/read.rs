//! What is read of a batch's runs: what each component adds to the logit difference at END, and the difference that the
//! residual stream would give at every role, were it the last layer's.

use burn::tensor::Tensor;

use crate::analysis::written::Written;
use crate::engine::{Part, Stopped};
use crate::model::{center, scale};

/// Where the stream is looked at, upwards: before each layer and in its middle, and after the last.
pub fn streams(n_layer: usize) -> impl Iterator<Item = (usize, Part)> {
    let of_layer = |layer| [(layer, Part::ResidPre), (layer, Part::ResidMid)];
    (0..n_layer).flat_map(of_layer).chain([(n_layer, Part::ResidPre)])
}

/// Each prompt's logit difference, the contributions of the components in [`crate::analysis::written::labels`]' order,
/// and b_U's. `directions`: what tells each prompt's answers from its wrong ones. `[batch, number]`
pub fn contributions(at: &Stopped, ends: &[usize], directions: Tensor<2>) -> Tensor<2> {
    let last = at.get(at.layer, Part::ResidPre, ends); // [batch, d_model]
    let logit_diff = at.gpt2.logit_diff(last.clone(), directions.clone());
    let (map, b_u) = at.gpt2.logit_diff_map(directions);
    let map = map / scale(center(last), at.gpt2.ln_f.eps);
    let parts = Written::new(at, ends.to_vec()).dot(&map); // [batch, component]
    Tensor::cat(vec![logit_diff.unsqueeze_dim(1), parts, b_u.unsqueeze_dim(1)], 1)
}

/// The logit difference of each of the [`streams`] at a node of each prompt, divided by the last one's scale; and after
/// them by their own. `[batch, 2 · stream]`
pub fn lens(at: &Stopped, nodes: &[usize], directions: Tensor<2>) -> Tensor<2> {
    let (map, b_u) = at.gpt2.logit_diff_map(directions);
    let b_u = b_u.unsqueeze_dim(1); // [batch, 1]
    let scale_of = |stream| scale(center(stream), at.gpt2.ln_f.eps); // [batch, 1]
    let last = scale_of(at.get(at.layer, Part::ResidPre, nodes));
    let values = streams(at.layer).map(|(layer, part)| {
        let stream = at.get(layer, part, nodes); // [batch, d_model]
        let product = (stream.clone() * map.clone()).sum_dim(1);
        [last.clone(), scale_of(stream)].map(|scale| product.clone() / scale + b_u.clone())
    });
    let (frozen, live): (Vec<_>, Vec<_>) = values.map(|[frozen, live]| (frozen, live)).unzip();
    Tensor::cat([frozen, live].concat(), 1)
}
