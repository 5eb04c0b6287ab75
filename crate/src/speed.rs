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
    let seconds = seconds_of(0.05, async |times| {
        // What is not the last is only queued on a GPU, as most of a run is.
        (1..times).for_each(|_| drop(linear(x.clone(), c_fc.clone())));
        read_back(linear(x.clone(), c_fc.clone()).slice([0..1, 0..1]).flatten(0, 1)).await.map(drop)
    });
    Ok(2.0 * (rows * d_model * d_mlp) as f64 / seconds.await?)
}

/// Seconds that a piece of work takes once it has been done before. `work` does it so many times and waits for the end: as
/// many as take `least` seconds together, since a clock may tell no more than milliseconds.
pub(crate) async fn seconds_of(least: f64, work: impl AsyncFn(usize) -> Result<()>) -> Result<f64> {
    work(1).await?;
    let mut times = 1;
    loop {
        let start = now();
        work(times).await?;
        let seconds = now() - start;
        if seconds >= least {
            return Ok(seconds / times as f64);
        }
        times *= 2;
    }
}

#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
extern "C" {
    /// In windows, workers and Node alike.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn milliseconds() -> f64;
}

/// In seconds.
#[cfg(target_arch = "wasm32")]
fn now() -> f64 {
    milliseconds() / 1000.0
}

#[cfg(not(target_arch = "wasm32"))]
fn now() -> f64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed().as_secs_f64()
}
