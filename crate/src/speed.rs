//! How fast a model's device is at its products, to say beforehand how long something takes.

use burn::tensor::{Distribution, Tensor};

use crate::Result;
use crate::device::read_back;
use crate::loader::LoadedModel;
use crate::model::fused::{linear, weights};

/// The floating point operations a second of the model's first MLP, with as many rows as a run has.
///
/// # Errors
/// [`crate::Error::Device`] if the device does not answer.
pub async fn flops_per_second(model: &LoadedModel) -> Result<f64> {
    let (gpt2, rows) = (&model.gpt2, model.device.tokens_per_batch());
    let c_fc = weights(&gpt2.blocks[0].mlp.c_fc);
    let [d_model, d_mlp] = c_fc.0.dims();
    let x = Tensor::<2>::random([rows, d_model], Distribution::Normal(0.0, 1.0), &gpt2.device());
    let product = async || read_back(linear(x.clone(), c_fc.clone()).slice([0..1, 0..1]).flatten(0, 1)).await;
    product().await?;
    let start = now();
    // A clock may tell no more than milliseconds.
    let mut times = 0.0;
    while now() - start < 0.05 {
        product().await?;
        times += 1.0;
    }
    Ok(times * 2.0 * (rows * d_model * d_mlp) as f64 / (now() - start))
}

/// In seconds.
#[cfg(target_arch = "wasm32")]
fn now() -> f64 {
    js_sys::Date::now() / 1000.0
}

#[cfg(not(target_arch = "wasm32"))]
fn now() -> f64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed().as_secs_f64()
}
