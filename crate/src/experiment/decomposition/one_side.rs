//! One side taken apart, the other held fixed.

use burn::tensor::Tensor;

use super::spec::Intervention;
use super::terms::Terms;
use crate::experiment::Side;
use crate::experiment::qk::LinearFunction;
use crate::projection::project;

/// Which part of every component.
#[derive(Clone, Copy)]
enum PartOf {
    Whole,
    Along,
    Perpendicular,
}

impl Terms<'_> {
    /// What each component contributes, the bias first, by the parts of the held side and those of the decomposed
    /// one, and then what the rest of the held side gives. `[batch, component]` each
    pub fn one_side(&self, side: Side) -> Vec<Tensor<2>> {
        let other = match side {
            Side::Queries => Side::Keys,
            Side::Keys => Side::Queries,
        };
        let split = self.spec.on(side) == Intervention::Project;
        let of_held = self.spec.parts(other).len();
        let mut contributions = Vec::new();
        for (part, held) in self.held(other).into_iter().enumerate() {
            let function = self.qk.function_of(side, held);
            let parts: &[PartOf] = if split && part < of_held {
                &[PartOf::Along, PartOf::Perpendicular]
            } else {
                &[PartOf::Whole]
            };
            contributions.extend(parts.iter().map(|&part| self.contributions(side, &function, part)));
        }
        contributions
    }

    /// `[batch, component]`
    fn contributions(&self, side: Side, function: &LinearFunction, part: PartOf) -> Tensor<2> {
        // The keys' bias is the same at IO and at S1; it is no part of a projection.
        let mut times = 0.0;
        let mut sum: Option<Tensor<2>> = None;
        for &(sign, role) in self.roles(side) {
            let map = function.map.clone();
            // Projection is its own adjoint, so it may as well be the map that is projected: one vector instead of
            // all components.
            let along = |map| project(map, &self.span(side, role));
            let map = match part {
                PartOf::Whole => map,
                PartOf::Along => along(map),
                PartOf::Perpendicular => map.clone() - along(map),
            };
            if !matches!(part, PartOf::Along) {
                times += sign;
            }
            let map = map / self.scale(role) * sign;
            let products = self.written(role).dot(&map);
            sum = Some(match sum {
                None => products,
                Some(sum) => sum + products,
            });
        }
        let bias = function.bias.clone().unsqueeze_dim(1) * times;
        Tensor::cat(vec![bias, sum.expect("there are roles")], 1)
    }
}
