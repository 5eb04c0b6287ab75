//! On the CPU. In WebAssembly Burn's operations, one a number, take as long as the products between them, and its
//! product is slower than ours; natively the product is Burn's, which knows wider registers and several cores.

use burn::backend::{Flex, flex::FlexTensor};
use burn::tensor::{Tensor, TensorData};
#[cfg(target_arch = "wasm32")]
use patchbay_kernels::add_product;
use patchbay_kernels::{Matrix, gelu_exact, gelu_new};

use super::{Gelu, Weights};

pub fn norm_linear_gelu(x: &Tensor<2>, weights: &Weights, eps: f64, gelu: Gelu) -> Option<Tensor<2>> {
    let mut out = normed(x, weights, eps)?;
    match gelu {
        Gelu::Tanh => gelu_new(&mut out),
        Gelu::Exact => gelu_exact(&mut out),
    }
    Some(matrix(out, weights.0.dims()[1]))
}

/// LN(x) · W + b.
fn normed(x: &Tensor<2>, weights: &Weights, eps: f64) -> Option<Vec<f32>> {
    let [x, weight] = [OnCpu::of(x)?, OnCpu::of(&weights.0)?];
    let mut normalized = x.to_vec();
    patchbay_kernels::normalize(&mut normalized, x.width, eps);
    Some(plus_product(of_rows(&weights.1, x.rows), normalized, &weight))
}

pub fn normalize(x: &Tensor<2>, eps: f64) -> Option<Tensor<2>> {
    let x = OnCpu::of(x)?;
    let mut normalized = x.to_vec();
    patchbay_kernels::normalize(&mut normalized, x.width, eps);
    Some(matrix(normalized, x.width))
}

pub fn normalize_as(x: &Tensor<2>, scaled_as: &Tensor<2>, eps: f64) -> Option<Tensor<2>> {
    let [x, scaled_as] = [OnCpu::of(x)?, OnCpu::of(scaled_as)?];
    let mut normalized = x.to_vec();
    patchbay_kernels::normalize_as(&mut normalized, &scaled_as.to_vec(), x.width, eps);
    Some(matrix(normalized, x.width))
}

pub fn linear(x: &Tensor<2>, weights: &Weights) -> Option<Tensor<2>> {
    let [x, weight] = [OnCpu::of(x)?, OnCpu::of(&weights.0)?];
    Some(matrix(plus_product(of_rows(&weights.1, x.rows), x.to_vec(), &weight), weight.width))
}

pub fn linear_add(x: &Tensor<2>, weights: &Weights, residual: &Tensor<2>) -> Option<Tensor<2>> {
    let [x, weight, residual] = [OnCpu::of(x)?, OnCpu::of(&weights.0)?, OnCpu::of(residual)?];
    let mut out = of_rows(&weights.1, x.rows);
    for (out, residual) in out.iter_mut().zip(residual.to_vec()) {
        *out += residual;
    }
    Some(matrix(plus_product(out, x.to_vec(), &weight), weight.width))
}

pub fn attention(
    qkv: [&Tensor<2>; 3],
    n_head: usize,
    score_scale: f64,
    seen: &[&[usize]],
) -> Option<Tensor<2>> {
    let [q, k, v] = qkv.map(OnCpu::of);
    let qkv = [q?, k?, v?];
    let matrices = qkv.each_ref().map(OnCpu::matrix);
    let z = patchbay_kernels::attention(matrices, n_head, score_scale as f32, seen);
    Some(matrix(z, qkv[0].width))
}

/// The biases, once a row.
fn of_rows(bias: &Tensor<1>, rows: usize) -> Vec<f32> {
    bias.clone().into_data().iter::<f32>().collect::<Vec<_>>().repeat(rows)
}

/// out + x · weight. `x` is `[rows, d_in]`, `out` `[rows, d_out]`.
#[cfg(target_arch = "wasm32")]
fn plus_product(mut out: Vec<f32>, x: Vec<f32>, weight: &OnCpu) -> Vec<f32> {
    add_product(&x, weight.matrix(), &mut out);
    out
}

#[cfg(not(target_arch = "wasm32"))]
fn plus_product(mut out: Vec<f32>, x: Vec<f32>, weight: &OnCpu) -> Vec<f32> {
    let product = matrix(x, weight.rows).matmul(Tensor::from_primitive::<Flex>(weight.tensor.clone()));
    for (out, product) in out.iter_mut().zip(product.into_data().iter::<f32>()) {
        *out += product;
    }
    out
}

/// `[rows, width]`
fn matrix(values: Vec<f32>, width: usize) -> Tensor<2> {
    let rows = values.len() / width;
    Tensor::from_primitive::<Flex>(FlexTensor::from_data(TensorData::new(values, [rows, width])))
}

/// A matrix in the CPU's memory.
struct OnCpu {
    tensor: FlexTensor,
    rows: usize,
    width: usize,
}

impl OnCpu {
    /// Nothing, if it is elsewhere, or part of a computation that is differentiated.
    fn of(tensor: &Tensor<2>) -> Option<Self> {
        let [rows, width] = tensor.dims();
        let tensor = tensor.clone().try_into_primitive::<Flex>().ok()?;
        // Some columns of a matrix have their rows apart, which is as good.
        let tensor = if tensor.layout().strides()[1] == 1 { tensor } else { tensor.to_contiguous() };
        Some(Self { tensor, rows, width })
    }

    fn matrix(&self) -> Matrix<'_> {
        let layout = self.tensor.layout();
        Matrix {
            values: &self.tensor.storage()[layout.start_offset()..],
            rows: self.rows,
            width: self.width,
            stride: layout.strides()[0] as usize,
        }
    }

    /// Row by row, without gaps.
    fn to_vec(&self) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.rows * self.width);
        for row in 0..self.rows {
            values.extend_from_slice(self.matrix().row(row));
        }
        values
    }
}
