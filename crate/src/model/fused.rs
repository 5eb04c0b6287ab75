//! The steps of a layer, each in one piece, and once more in Burn's own operations: what they mean, what they are tested
//! against, and what runs where there is no better.

mod cpu;
#[cfg_attr(not(feature = "gpu"), path = "fused/no_gpu.rs")]
mod gpu;

use burn::nn::Linear;
use burn::tensor::{Bool, Tensor, TensorData, activation};

use super::attention::MASKED_SCORE;
use super::embedding::select_rows;
pub use super::gelu::Gelu;
use super::layer_norm::{self, center, scale};

/// A layer's weights and biases, or some columns of them: `[d_in, d_out]` and `[d_out]`.
pub type Weights = (Tensor<2>, Tensor<1>);

/// Those of a whole layer.
pub fn weights(linear: &Linear) -> Weights {
    (linear.weight.val(), linear.bias.as_ref().expect("GPT-2's linear layers have biases").val())
}

pub use gpu::choose_product;
#[cfg(feature = "gpu")]
pub use gpu::product::Product;

/// GELU(LN(x) · W + b). `[rows, d_in]` → `[rows, d_out]`
pub fn norm_linear_gelu(x: Tensor<2>, weights: Weights, eps: f64, gelu: Gelu) -> Tensor<2> {
    cpu::norm_linear_gelu(&x, &weights, eps, gelu)
        .or_else(|| gpu::norm_linear_gelu(&x, &weights, eps, gelu))
        .unwrap_or_else(|| gelu.of(plain::linear(layer_norm::normalize(x, eps), weights)))
}

/// LN(x) without parameters. `[rows, width]`
pub fn normalize(x: Tensor<2>, eps: f64) -> Tensor<2> {
    cpu::normalize(&x, eps)
        .or_else(|| gpu::normalize_as(&x, &x, eps))
        .unwrap_or_else(|| layer_norm::normalize(x, eps))
}

/// LN(x) with the scale of other rows. `[rows, width]` each
pub fn normalize_as(x: Tensor<2>, scaled_as: Tensor<2>, eps: f64) -> Tensor<2> {
    cpu::normalize_as(&x, &scaled_as, eps)
        .or_else(|| gpu::normalize_as(&x, &scaled_as, eps))
        .unwrap_or_else(|| center(x) / scale(center(scaled_as), eps))
}

/// x · W + b. `[rows, d_in]` → `[rows, d_out]`
pub fn linear(x: Tensor<2>, weights: Weights) -> Tensor<2> {
    cpu::linear(&x, &weights)
        .or_else(|| gpu::linear(&x, &weights))
        .unwrap_or_else(|| plain::linear(x, weights))
}

/// residual + x · W + b. `[rows, d_in]`, `[rows, d_out]` → `[rows, d_out]`
pub fn linear_add(x: Tensor<2>, weights: Weights, residual: Tensor<2>) -> Tensor<2> {
    cpu::linear_add(&x, &weights, &residual)
        .or_else(|| gpu::linear_add(&x, &weights, &residual))
        .unwrap_or_else(|| plain::linear_add(x, weights, residual))
}

/// `z` of all heads: the values that each query sees, weighed by the softmax of its scores.
///
/// `q`: `[queries, head · d_head]`; `k` and `v`: `[nodes, head · d_head]`; `seen`: the nodes that each query sees.
/// `[queries, head · d_head]`
pub fn attention(qkv: [Tensor<2>; 3], n_head: usize, score_scale: f64, seen: &[&[usize]]) -> Tensor<2> {
    cpu::attention(qkv.each_ref(), n_head, score_scale, seen)
        .or_else(|| gpu::attention(qkv.each_ref(), n_head, score_scale, seen))
        .unwrap_or_else(|| plain::attention(qkv, n_head, score_scale, seen))
}

/// Burn's own operations.
mod plain {
    use super::*;

    pub fn linear(x: Tensor<2>, (weight, bias): Weights) -> Tensor<2> {
        x.matmul(weight) + bias.unsqueeze()
    }

    pub fn linear_add(x: Tensor<2>, weights: Weights, residual: Tensor<2>) -> Tensor<2> {
        residual + linear(x, weights)
    }

    pub fn attention(
        [q, k, v]: [Tensor<2>; 3],
        n_head: usize,
        score_scale: f64,
        seen: &[&[usize]],
    ) -> Tensor<2> {
        let [queries, width] = q.dims();
        let d_head = width / n_head;
        // What each query sees, padded behind to one length.
        let pos = seen.iter().map(|nodes| nodes.len()).max().unwrap_or(0);
        let padded =
            |nodes: &&[usize]| (0..pos).map(|at| nodes.get(at).copied().unwrap_or(0)).collect::<Vec<_>>();
        let nodes: Vec<usize> = seen.iter().flat_map(padded).collect();
        let behind: Vec<bool> = seen.iter().flat_map(|nodes| (0..pos).map(|at| at >= nodes.len())).collect();
        let [k, v] = [k, v].map(|part| {
            let part = select_rows(part, &nodes).reshape([queries, pos, n_head, d_head]);
            part.swap_dims(1, 2) // [queries, head, key, d_head]
        });
        let q = q.reshape([queries, n_head, 1, d_head]);
        let scores = q.matmul(k.swap_dims(2, 3)) * score_scale; // [queries, head, 1, key]
        let behind = TensorData::new(behind, [queries, 1, 1, pos]);
        let behind = Tensor::<4, Bool>::from_data(behind, &scores.device()).expand(scores.shape());
        let pattern = activation::softmax(scores.mask_fill(behind, MASKED_SCORE), 3);
        pattern.matmul(v).reshape([queries, width])
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};

    use super::*;

    fn random<const D: usize>(dims: [usize; D]) -> Tensor<D> {
        Tensor::random(dims, Distribution::Normal(0.0, 0.5), &Device::flex())
    }

    fn assert_near(found: Tensor<2>, expected: Tensor<2>) {
        assert_eq!(found.dims(), expected.dims());
        let most = (found - expected).abs().max().into_scalar::<f32>();
        // Sums of 24 products below 10, in another order.
        assert!(most < 1e-5, "{most}");
    }

    #[test]
    fn in_one_piece_is_as_in_burns_operations() {
        let whole = random([24, 40]);
        // Some columns of a matrix, whose rows are apart.
        let weights = (whole.narrow(1, 7, 31), random([40]).narrow(0, 7, 31));
        let (x, residual) = (random([7, 24]), random([7, 31]));
        let normed = plain::linear(layer_norm::normalize(x.clone(), 1e-5), weights.clone());
        let normalized = normalize(x.clone(), 1e-5);
        assert_near(normalized.clone(), layer_norm::normalize(x.clone(), 1e-5));
        let other = random([7, 24]);
        let scaled = center(x.clone()) / scale(center(other.clone()), 1e-5);
        assert_near(normalize_as(x.clone(), other, 1e-5), scaled);
        assert_near(linear(normalized, weights.clone()), normed.clone());
        for gelu in [Gelu::Tanh, Gelu::Exact] {
            let found = norm_linear_gelu(x.clone(), weights.clone(), 1e-5, gelu);
            assert_near(found, gelu.of(normed.clone()));
        }
        let product = plain::linear(x.clone(), weights.clone());
        assert_near(linear(x.clone(), weights.clone()), product);
        let added = plain::linear_add(x.clone(), weights.clone(), residual.clone());
        assert_near(linear_add(x, weights, residual), added);

        let qkv = random([5, 36]);
        let [k, v] = [1, 2].map(|part| qkv.clone().narrow(1, part * 12, 12));
        let qkv = [qkv.narrow(0, 0, 3).narrow(1, 0, 12), k, v];
        let seen: [&[usize]; 3] = [&[0], &[0, 2], &[0, 1, 3, 4]];
        for scale in [0.5, 0.1] {
            let found = attention(qkv.clone(), 3, scale, &seen);
            assert_near(found, plain::attention(qkv.clone(), 3, scale, &seen));
        }
    }
}
