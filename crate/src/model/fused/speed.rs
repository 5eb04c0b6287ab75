use burn::tensor::{Tensor, TensorData};
use serde::Serialize;

use super::{Weights, linear, plain};
use crate::Result;
use crate::device::{ComputeDevice, read_back};

/// A layer's inputs and outputs in GPT-2 small: c_attn, attention's c_proj, c_fc, the MLP's c_proj.
const SHAPES: [[usize; 2]; 4] = [[768, 2304], [768, 768], [768, 3072], [3072, 768]];
const REPEATS: usize = 3;

/// How fast a device multiplies, in GFLOP/s, with what a layer uses there and with Burn's own product.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinearSpeed {
    pub rows: usize,
    pub d_in: usize,
    pub d_out: usize,
    pub ours: f64,
    pub burn: f64,
    /// The most that the two are apart, of outputs around 1.
    pub difference: f32,
}

/// A linear layer at each of GPT-2 small's shapes, in turn with Burn's, each compiled beforehand.
///
/// `seconds` is a clock: there is none for both a browser and native code.
///
/// # Errors
/// [`crate::Error::Device`] if the device fails.
pub async fn linear_speeds(
    device: &ComputeDevice,
    rows: usize,
    seconds: impl Fn() -> f64,
) -> Result<Vec<LinearSpeed>> {
    let mut speeds = Vec::new();
    for [d_in, d_out] in SHAPES {
        let x = numbers(device, [rows, d_in]);
        let weight = numbers(device, [d_in, d_out]) / (d_in as f64).sqrt();
        let weights = (weight, Tensor::zeros([d_out], &device.burn));
        let result = |product: Product| product(x.clone(), weights.clone());
        let difference = (result(linear) - result(plain::linear)).abs().max();
        let difference = read_back(difference).await?[0];
        let work = 2e-9 * (REPEATS * rows * d_in * d_out) as f64;
        let mut speed = [0.0; 2];
        for (speed, product) in speed.iter_mut().zip([linear as Product, plain::linear]) {
            let begun = seconds();
            for _ in 1..REPEATS {
                result(product);
            }
            // The last is there when all are.
            read_back(result(product).slice([0..1, 0..1]).flatten(0, 1)).await?;
            *speed = work / (seconds() - begun);
        }
        device.check()?;
        let [ours, burn] = speed;
        speeds.push(LinearSpeed { rows, d_in, d_out, ours, burn, difference });
    }
    Ok(speeds)
}

type Product = fn(Tensor<2>, Weights) -> Tensor<2>;

/// From -1.7 to 1.7 without a pattern, of variance 1.
fn numbers(device: &ComputeDevice, shape: [usize; 2]) -> Tensor<2> {
    let number = |i: u32| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 24) as f32;
    let numbers: Vec<f32> = (0..(shape[0] * shape[1]) as u32).map(|i| (number(i) - 0.5) * 3.46).collect();
    Tensor::from_data(TensorData::new(numbers, shape), &device.burn)
}
