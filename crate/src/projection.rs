//! Orthogonal projection onto the span of a few directions, a span a row.

use burn::tensor::Tensor;

/// A direction whose remainder is no longer than this lies in the span of those before it.
const NEGLIGIBLE_NORM: f64 = 1e-4;

/// An orthonormal basis of each row's directions, in order; a direction that adds nothing becomes 0.
/// `[rows, d]` each
pub fn gram_schmidt(directions: &[Tensor<2>]) -> Vec<Tensor<2>> {
    let mut basis: Vec<Tensor<2>> = Vec::with_capacity(directions.len());
    for direction in directions {
        let remainder = direction.clone() - onto(direction.clone(), &basis);
        let norm = dot(remainder.clone(), remainder.clone()).sqrt(); // [rows, 1]
        let negligible = norm.clone().lower_equal_elem(NEGLIGIBLE_NORM);
        let unit = remainder.clone() / norm.mask_fill(negligible.clone(), 1.0);
        let negligible = negligible.expand(unit.shape());
        basis.push(unit.mask_fill(negligible, 0.0));
    }
    basis
}

/// The part of each row of `x` inside the span of its directions; the rest is perpendicular. `[rows, d]`
pub fn project(x: Tensor<2>, directions: &[Tensor<2>]) -> Tensor<2> {
    onto(x, &gram_schmidt(directions))
}

/// The sum of the components along an orthonormal basis. `[rows, d]`
fn onto(x: Tensor<2>, basis: &[Tensor<2>]) -> Tensor<2> {
    basis.iter().fold(x.zeros_like(), |sum, unit| sum + unit.clone() * dot(x.clone(), unit.clone()))
}

/// Row by row. `[rows, 1]`
fn dot(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    (a * b).sum_dim(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn rows<const R: usize, const D: usize>(values: [[f32; D]; R]) -> Tensor<2> {
        Tensor::from_data(values, &Device::flex())
    }

    fn values(tensor: Tensor<2>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    #[test]
    fn projects_each_row_onto_its_own_span() {
        let x = rows([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]);
        let first = rows([[2.0, 0.0, 0.0], [0.0, 0.0, 5.0]]);
        let second = rows([[1.0, 1.0, 0.0], [0.0, 0.5, 1.0]]);
        assert_eq!(values(project(x, &[first, second])), [1.0, 2.0, 0.0, 0.0, 2.0, 3.0]);
    }

    #[test]
    fn a_direction_inside_the_span_counts_as_zero() {
        let first = rows([[3.0, 0.0]]);
        let repeated = rows([[-2.0, 5e-5]]);
        let basis = gram_schmidt(&[first.clone(), repeated]);
        assert_eq!(values(basis[1].clone()), [0.0, 0.0]);
        assert_eq!(values(project(rows([[4.0, 4.0]]), &[first.clone(), first])), [4.0, 0.0]);
    }
}
