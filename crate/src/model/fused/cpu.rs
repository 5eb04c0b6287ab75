//! On the CPU. In WebAssembly Burn's operations, one a number, take as long as the products between them, and its
//! product is slower than [`product`]; natively the product is Burn's, which knows wider registers and several cores.

mod attention;
#[cfg(any(test, target_arch = "wasm32"))]
mod product;
mod rows;

use burn::backend::{Flex, flex::FlexTensor};
use burn::tensor::{Tensor, TensorData};

use super::Weights;

pub fn norm_linear(x: &Tensor<2>, weights: &Weights, eps: f64) -> Option<Tensor<2>> {
    Some(matrix(normed(x, weights, eps)?, weights.0.dims()[1]))
}

pub fn norm_linear_gelu(x: &Tensor<2>, weights: &Weights, eps: f64) -> Option<Tensor<2>> {
    let mut out = normed(x, weights, eps)?;
    rows::gelu_new(&mut out);
    Some(matrix(out, weights.0.dims()[1]))
}

/// LN(x) · W + b.
fn normed(x: &Tensor<2>, weights: &Weights, eps: f64) -> Option<Vec<f32>> {
    let [x, weight] = [Matrix::of(x)?, Matrix::of(&weights.0)?];
    let mut normalized = x.to_vec();
    rows::normalize(&mut normalized, x.width, eps);
    Some(add_product(normalized, &weight, of_rows(&weights.1, x.rows)))
}

pub fn linear_add(x: &Tensor<2>, weights: &Weights, residual: &Tensor<2>) -> Option<Tensor<2>> {
    let [x, weight, residual] = [Matrix::of(x)?, Matrix::of(&weights.0)?, Matrix::of(residual)?];
    let mut out = of_rows(&weights.1, x.rows);
    for (out, residual) in out.iter_mut().zip(residual.to_vec()) {
        *out += residual;
    }
    Some(matrix(add_product(x.to_vec(), &weight, out), weight.width))
}

pub fn attention(qkv: [&Tensor<2>; 3], n_head: usize, seen: &[&[usize]]) -> Option<Tensor<2>> {
    let [q, k, v] = qkv.map(Matrix::of);
    let (q, k, v) = (q?, k?, v?);
    Some(matrix(attention::attention(&q, &k, &v, n_head, seen), q.width))
}

/// The biases, once a row.
fn of_rows(bias: &Tensor<1>, rows: usize) -> Vec<f32> {
    bias.clone().into_data().iter::<f32>().collect::<Vec<_>>().repeat(rows)
}

/// out + x · weight. `x` is `[rows, d_in]`, `out` `[rows, d_out]`.
#[cfg(target_arch = "wasm32")]
fn add_product(x: Vec<f32>, weight: &Matrix, mut out: Vec<f32>) -> Vec<f32> {
    product::add_product(&x, weight.values(), weight.stride(), weight.width, &mut out);
    out
}

#[cfg(not(target_arch = "wasm32"))]
fn add_product(x: Vec<f32>, weight: &Matrix, mut out: Vec<f32>) -> Vec<f32> {
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
struct Matrix {
    tensor: FlexTensor,
    rows: usize,
    width: usize,
}

impl Matrix {
    /// Nothing, if it is elsewhere, or part of a computation that is differentiated.
    fn of(tensor: &Tensor<2>) -> Option<Self> {
        let [rows, width] = tensor.dims();
        let tensor = tensor.clone().try_into_primitive::<Flex>().ok()?;
        // Some columns of a matrix have their rows apart, which is as good.
        let tensor = if tensor.layout().strides()[1] == 1 { tensor } else { tensor.to_contiguous() };
        Some(Self { tensor, rows, width })
    }

    /// From its first number on; a row starts every `stride`.
    fn values(&self) -> &[f32] {
        &self.tensor.storage()[self.tensor.layout().start_offset()..]
    }

    fn stride(&self) -> usize {
        self.tensor.layout().strides()[0] as usize
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.values()[row * self.stride()..][..self.width]
    }

    /// Row by row, without gaps.
    fn to_vec(&self) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.rows * self.width);
        for row in 0..self.rows {
            values.extend_from_slice(self.row(row));
        }
        values
    }
}
