//! What decompositions are made of: one head on one batch, at the roles.

use burn::tensor::Tensor;

use super::spec::{DecompositionSpec, Intervention};
use crate::analysis::written::Written;
use crate::engine::Stopped;
use crate::experiment::Side;
use crate::experiment::qk::QkWeights;
use crate::experiment::runs::{Role, Runs};
use crate::experiment::vectors::Vectors;
use crate::model::{center, normalize, scale, standardize};
use crate::projection::project;

pub struct Terms<'a> {
    pub at: &'a Stopped<'a>,
    pub runs: &'a Runs,
    pub spec: &'a DecompositionSpec,
    pub qk: &'a QkWeights,
    pub vectors: &'a Vectors,
}

impl Terms<'_> {
    /// Where a side is read, and with which sign it counts.
    pub fn roles(&self, side: Side) -> &'static [(f64, Role)] {
        match side {
            Side::Queries => &[(1.0, Role::End)],
            Side::Keys if self.spec.subtract_s1 => &[(1.0, Role::Io), (-1.0, Role::S1)],
            Side::Keys => &[(1.0, Role::Io)],
        }
    }

    /// `resid_pre[L]` at a role. `[batch, d_model]`
    pub fn resid_pre(&self, role: Role) -> Tensor<2> {
        self.runs.resid_pre(self.at, role)
    }

    /// ln1's scale there. `[batch, 1]`
    pub fn scale(&self, role: Role) -> Tensor<2> {
        scale(center(self.resid_pre(role)), self.eps())
    }

    /// What the layers below wrote there.
    pub fn written(&self, role: Role) -> Written<'_> {
        Written::new(self.at, self.runs.at(self.at.forest, &self.runs.clean, role))
    }

    fn all(&self) -> Vec<usize> {
        (0..self.runs.len()).collect()
    }

    fn eps(&self) -> f64 {
        self.at.gpt2.blocks[self.at.layer].eps
    }

    /// What a side is projected on at a role. `[batch, d_model]` each
    pub fn span(&self, side: Side, role: Role) -> Vec<Tensor<2>> {
        let spec = self.spec;
        match side {
            Side::Queries => {
                let which =
                    [spec.include_s1_in_unembed_projection, spec.include_name_forms_in_unembed_projection];
                self.vectors.unembedded_names(self.at.gpt2, self.runs, &self.all(), which)
            }
            Side::Keys => vec![self.written(role).mlp_out(0)],
        }
    }

    /// The parts of the side that is held fixed, each as the head reads it: [`DecompositionSpec::parts`], and
    /// where it is projected the rest up to the whole. `[batch, d_head]` each
    pub fn held(&self, side: Side) -> Vec<Tensor<2>> {
        let at_roles = self.roles(side).iter().map(|&(sign, role)| {
            let parts = self.held_at(side, role);
            parts.into_iter().map(|part| part * sign).collect::<Vec<_>>()
        });
        let add = |sum: Vec<Tensor<2>>, parts: Vec<Tensor<2>>| {
            sum.into_iter().zip(parts).map(|(sum, part)| sum + part).collect()
        };
        at_roles.reduce(add).expect("there are roles")
    }

    fn held_at(&self, side: Side, role: Role) -> Vec<Tensor<2>> {
        let resid_pre = self.resid_pre(role);
        let normalized = normalize(resid_pre.clone(), self.eps());
        match self.spec.on(side) {
            Intervention::Nothing => vec![self.qk.read(side, normalized)],
            Intervention::Substitute(vector) => {
                let vector = standardize(self.vectors.of(
                    vector,
                    role,
                    self.runs,
                    &self.all(),
                    (self.at.gpt2, self.at.forest, self.at.kept),
                ));
                vec![self.qk.read(side, vector)]
            }
            Intervention::Project => {
                // The reference divides what it projects by its standard deviation, unbiased and without eps. LN
                // divides by a little more: the rest.
                let whole = standardize(resid_pre);
                let inside = project(whole.clone(), &self.span(side, role));
                vec![
                    self.qk.read_part(side, inside.clone()),
                    self.qk.read(side, whole.clone() - inside),
                    self.qk.read_part(side, normalized - whole),
                ]
            }
        }
    }
}
