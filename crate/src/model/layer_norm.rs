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

/// Mean 0 and (unbiased) standard deviation 1: what a vector that stands in for what a head reads is brought to.
pub fn standardize(x: Tensor<2>) -> Tensor<2> {
    let [_, width] = x.dims();
    let centered = center(x);
    let variance = (centered.clone() * centered.clone()).sum_dim(1) / (width - 1) as f64;
    // What is 0 stays 0.
    centered / variance.clamp_min(1e-30).sqrt()
}
