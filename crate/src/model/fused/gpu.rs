//! On the GPU: kernels of our own in WGSL. A GPU's time goes by operations as long as matrices are small, and Burn's need
//! some fifty for a layer; here it is seven. Nothing is returned for tensors elsewhere, or of shapes that are no
//! multiples of the four numbers that a kernel reads at once.

mod choice;
pub mod product;
mod shader;

use burn::tensor::{Int, Tensor, TensorData};
use burn_cubecl::kernel::into_contiguous;
use burn_wgpu::{CubeTensor, Wgpu};

pub use self::choice::choose_product;
use self::product::Product;
use self::shader::{Part, Shader};
use super::{Gelu, Weights};

pub fn norm_linear_gelu(x: &Tensor<2>, weights: &Weights, eps: f64, gelu: Gelu) -> Option<Tensor<2>> {
    Product::chosen().linear_gelu(&normalize_as(x, x, eps)?, weights, gelu)
}

pub fn linear(x: &Tensor<2>, weights: &Weights) -> Option<Tensor<2>> {
    Product::chosen().linear(x, weights)
}

pub fn linear_add(x: &Tensor<2>, weights: &Weights, residual: &Tensor<2>) -> Option<Tensor<2>> {
    Product::chosen().linear_add(x, weights, residual)
}

/// The scale may be that of the same rows. `[rows, width]`
pub fn normalize_as(x: &Tensor<2>, scaled_as: &Tensor<2>, eps: f64) -> Option<Tensor<2>> {
    let [x, scaled_as] = [Matrix::of(x)?, Matrix::of(scaled_as)?];
    let shader = Shader {
        parts: vec![Part { name: "normalize", source: include_str!("gpu/normalize.wgsl") }],
        constants: vec![("WIDTH", x.width), ("X_STRIDE", x.stride), ("S_STRIDE", scaled_as.stride)],
    };
    let numbers = [x.rows, bits(eps)];
    let inputs = vec![x.tensor, scaled_as.tensor];
    Some(tensor(shader.launch(inputs, [x.rows, x.width], [1, x.rows.div_ceil(4)], &numbers)))
}

pub fn attention(
    qkv: [&Tensor<2>; 3],
    n_head: usize,
    score_scale: f64,
    seen: &[&[usize]],
) -> Option<Tensor<2>> {
    let [q, k, v] = qkv.map(Matrix::of);
    let (q, k, v) = (q?, k?, v?);
    let d_head = q.width / n_head;
    if !d_head.is_multiple_of(4) {
        return None;
    }
    // How many nodes a query sees, then which, padded at the end to one length.
    let stride = 1 + seen.iter().map(|nodes| nodes.len()).max().unwrap_or(0);
    let padded = |nodes: &&[usize]| {
        let mut padded = vec![0; stride];
        for (padded, &number) in padded.iter_mut().zip([&nodes.len()].into_iter().chain(*nodes)) {
            *padded = number as i32;
        }
        padded
    };
    let table: Vec<i32> = seen.iter().flat_map(padded).collect();
    let table = TensorData::new(table, [seen.len(), stride]);
    let table = Tensor::<2, Int>::from_data(table, &qkv[0].device()).try_into_primitive::<Wgpu>().ok()?;
    let shader = Shader {
        parts: vec![Part { name: "attention", source: include_str!("gpu/attention.wgsl") }],
        constants: vec![
            ("HEADS", n_head),
            ("D_HEAD", d_head),
            ("Q_STRIDE", q.stride),
            ("K_STRIDE", k.stride),
            ("V_STRIDE", v.stride),
        ],
    };
    let groups = [(q.rows * n_head).div_ceil(64), 1];
    let inputs = vec![q.tensor, k.tensor, v.tensor, table];
    let numbers = [q.rows, stride, bits(score_scale)];
    Some(tensor(shader.launch(inputs, [q.rows, q.width], groups, &numbers)))
}

/// A number for a kernel's uniform, in float32.
fn bits(number: f64) -> usize {
    (number as f32).to_bits() as usize
}

/// A matrix on the GPU, of any number of rows with gaps between them.
struct Matrix {
    tensor: CubeTensor,
    rows: usize,
    width: usize,
    /// From one row's first number to the next's.
    stride: usize,
}

impl Matrix {
    fn of(tensor: &Tensor<2>) -> Option<Self> {
        let [rows, width] = tensor.dims();
        let mut tensor = primitive(tensor)?;
        let is_readable = |strides: &[usize]| strides[1] == 1 && strides[0].is_multiple_of(4);
        if !is_readable(tensor.meta.strides()) {
            tensor = into_contiguous(tensor);
        }
        let stride = tensor.meta.strides()[0];
        width.is_multiple_of(4).then_some(Self { tensor, rows, width, stride })
    }
}

fn primitive<const D: usize>(tensor: &Tensor<D>) -> Option<CubeTensor> {
    tensor.clone().try_into_primitive::<Wgpu>().ok()
}

fn contiguous<const D: usize>(tensor: &Tensor<D>) -> Option<CubeTensor> {
    primitive(tensor).map(into_contiguous)
}

fn tensor(tensor: CubeTensor) -> Tensor<2> {
    Tensor::from_primitive::<Wgpu>(tensor)
}
