//! One side taken apart, the other held fixed.

use burn::tensor::Tensor;

use super::spec::Intervention;
use super::terms::Terms;
use crate::experiment::Side;
use crate::experiment::qk::LinearFunction;
use crate::projection::project;

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
            if split && part < of_held {
                contributions.extend(self.along_and_perpendicular(side, &function));
            } else {
                contributions.push(self.contributions(side, &function, |_, map| map));
            }
        }
        contributions
    }

    /// Of the components' parts inside the span and outside it. Projection is its own adjoint, so it may as well be
    /// the map that is projected: one vector instead of all components.
    fn along_and_perpendicular(&self, side: Side, function: &LinearFunction) -> [Tensor<2>; 2] {
        let LinearFunction { map, bias } = function;
        let nothing = LinearFunction { map: map.clone(), bias: bias.zeros_like() };
        let onto = |role, map| project(map, &self.span(side, role));
        [
            self.contributions(side, &nothing, onto),
            self.contributions(side, function, |role, map: Tensor<2>| map.clone() - onto(role, map)),
        ]
    }

    /// `[batch, component]`
    fn contributions(
        &self,
        side: Side,
        function: &LinearFunction,
        part: impl Fn(crate::experiment::places::Role, Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        let roles = self.roles(side);
        let mut sum: Option<Tensor<2>> = None;
        for &(sign, role) in roles {
            let map = part(role, function.map.clone()) / self.scale(role) * sign;
            let products = self.at.written().dot(self.at.gpt2, role, &map);
            sum = Some(match sum {
                None => products,
                Some(sum) => sum + products,
            });
        }
        // The keys' bias is the same at IO and at S1.
        let times: f64 = roles.iter().map(|&(sign, _)| sign).sum();
        let bias = function.bias.clone().unsqueeze_dim(1) * times;
        Tensor::cat(vec![bias, sum.expect("there are roles")], 1)
    }
}
