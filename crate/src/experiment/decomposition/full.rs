//! Both sides taken apart: every component of the query with every one of the key.

use burn::tensor::Tensor;

use super::terms::Terms;
use crate::analysis::written::Through;
use crate::experiment::Side;
use crate::experiment::runs::Role;
use crate::projection::gram_schmidt;

impl Terms<'_> {
    /// The four planes, (along, along), (along, perpendicular), … of query and key, summed over the batch.
    /// `[component, component]` each
    pub fn full(&self, through: &[Through; 2]) -> Vec<Tensor<2>> {
        let queries = self.parts_of_components(Side::Queries, through);
        let keys = self.parts_of_components(Side::Keys, through);
        // [component, batch · d_head]: the product with another's transpose is summed over the batch.
        let rows = |x: &Tensor<3>| -> Tensor<2> {
            let [_, components, _] = x.dims();
            x.clone().swap_dims(0, 1).reshape([components as i32, -1])
        };
        let planes = queries.iter().flat_map(|query| {
            keys.iter().map(|key| rows(query).matmul(rows(key).transpose()) * self.qk.score_scale)
        });
        planes.collect()
    }

    /// What the head reads of each component, the bias first: of its part inside the span, and outside.
    /// `[batch, component, d_head]` each
    fn parts_of_components(&self, side: Side, through: &[Through; 2]) -> [Tensor<3>; 2] {
        let at_roles = self
            .roles(side)
            .iter()
            .map(|&(sign, role)| self.parts_at(side, role, &through[side as usize]).map(|part| part * sign));
        at_roles.reduce(|[a, b], [c, d]| [a + c, b + d]).expect("there are roles")
    }

    fn parts_at(&self, side: Side, role: Role, through: &Through) -> [Tensor<3>; 2] {
        let (written, scale) = (self.written(role), self.scale(role));
        let whole = written.through(through) / scale.clone().unsqueeze_dim(2);
        let mut inside = whole.zeros_like();
        for unit in gram_schmidt(&self.span(side, role)) {
            let along = written.dot(&(unit.clone() / scale.clone())); // [batch, component]
            let read: Tensor<3> = self.qk.read_part(side, unit).unsqueeze_dim(1); // [batch, 1, d_head]
            inside = inside + along.unsqueeze_dim(2) * read;
        }
        let [batch, _, d_head] = whole.dims();
        let bias = self.qk.bias(side).unsqueeze::<3>().expand([batch, 1, d_head]);
        let outside = whole - inside.clone();
        [Tensor::cat(vec![bias.zeros_like(), inside], 1), Tensor::cat(vec![bias, outside], 1)]
    }
}
