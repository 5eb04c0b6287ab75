//! Which way of a product is the faster for a model on the GPU that is there: a short measurement.

use burn::tensor::{Distribution, Tensor};

use super::product::Product;
use crate::Result;
use crate::device::read_back;
use crate::model::fused::Weights;
use crate::speed::seconds_of;

/// How long one way is measured, in seconds, unless a single product takes longer.
const LEAST: f64 = 0.02;
/// Each way is measured so often, in turns, and the shortest time counts: what else a machine does only adds to it.
const TURNS: usize = 2;
/// Registers are kept where tiles gain less than this, which may be chance.
const GAIN: f64 = 0.95;

/// Measures products of `rows` with these weights. A model of other shapes may want another way, so each is measured.
pub async fn choose_product(weights: &Weights, rows: usize) -> Result<()> {
    let mut seconds = [f64::INFINITY; 2];
    for _ in 0..TURNS {
        for (product, seconds) in Product::ALL.into_iter().zip(&mut seconds) {
            *seconds = seconds.min(seconds_of_product(product, weights, rows).await?);
        }
    }
    let [registers, tiles] = seconds;
    let faster = if tiles < GAIN * registers { Product::Tiles } else { Product::Registers };
    faster.choose();
    Ok(())
}

/// Infinite where it cannot be computed so.
async fn seconds_of_product(product: Product, weights: &Weights, rows: usize) -> Result<f64> {
    let [d_in, _] = weights.0.dims();
    let x = Tensor::<2>::random([rows, d_in], Distribution::Normal(0.0, 1.0), &weights.0.device());
    if product.linear(&x, weights).is_none() {
        return Ok(f64::INFINITY);
    }
    seconds_of(LEAST, async |times| {
        let mut last = None;
        for _ in 0..times {
            last = product.linear(&x, weights);
        }
        // The device does them in turn: the last has waited for all.
        match last {
            Some(last) => read_back(last.slice([0..1, 0..1]).flatten(0, 1)).await.map(drop),
            None => Ok(()),
        }
    })
    .await
}
