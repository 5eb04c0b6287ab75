use burn::tensor::Tensor;

/// x − mean over the last dimension.
pub fn center<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let mean = x.clone().mean_dim(D - 1);
    x - mean
}

/// LayerNorm's scale of something centred: sqrt(variance + eps). `[.., 1]`
pub fn scale<const D: usize>(centered: Tensor<D>, eps: f64) -> Tensor<D> {
    (centered.clone() * centered).mean_dim(D - 1).add_scalar(eps).sqrt()
}

/// LayerNorm without parameters: (x − mean)/scale.
pub fn normalize<const D: usize>(x: Tensor<D>, eps: f64) -> Tensor<D> {
    let centered = center(x);
    let scale = scale(centered.clone(), eps);
    centered / scale
}
