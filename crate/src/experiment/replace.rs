//! What an edit puts in place of an input. The same for one head under hooks, at every position, and for
//! all heads of a layer, at the positions that are read.

use burn::tensor::{Bool, Tensor, TensorData};

use super::pass::Stopped;
use super::places::Role;
use super::vectors::Vectors;
use super::{Edit, EditedPositions, Replacement, Span, Vector};
use crate::model::{center, scale, standardize};
use crate::projection::project;

/// Some positions of each prompt at layer L, before its edits.
pub struct Rows<'a> {
    at: &'a Stopped<'a>,
    /// `resid_pre[L]` of the clean run. `[batch, rows, d_model]`
    pub clean: Tensor<3>,
    /// `resid_pre[L]` of the flipped run, where a case needs it. `[batch, rows, d_model]`
    flipped: Option<Tensor<3>>,
    /// The position of each row. `[batch · rows]`
    positions: Vec<usize>,
}

impl<'a> Rows<'a> {
    /// Every position that is read.
    pub fn all(at: &'a Stopped<'a>) -> Self {
        let positions = (0..at.batch.len()).flat_map(|_| 0..at.places.pos).collect();
        Self { at, clean: at.clean.clone(), flipped: at.flipped.clone(), positions }
    }

    /// One position of each prompt.
    pub fn at(at: &'a Stopped<'a>, role: Role) -> Self {
        let pick = |stream: &Tensor<3>| at.places.at(stream.clone(), role).unsqueeze_dim(1);
        Self {
            at,
            clean: pick(&at.clean),
            flipped: at.flipped.as_ref().map(pick),
            positions: at.places.positions.iter().map(|p| role.position(p)).collect(),
        }
    }

    /// The input as an edit leaves it. `[batch, rows, d_model]`
    pub fn edited(&self, edit: &Edit, vectors: &Vectors) -> Tensor<3> {
        let replaced = |role| match edit.replacement {
            Replacement::Clean => self.clean.clone(),
            Replacement::Flipped => self.flipped.clone().expect("the plan runs the flipped prompts"),
            Replacement::ProjectedOn(span) => self.projected(span, vectors),
            Replacement::Normalized(vector) => self.scaled(vector, vectors, role),
        };
        let put = |input: Tensor<3>, role| {
            let is_there = self.is(role).expand(input.shape());
            input.mask_where(is_there, replaced(role))
        };
        match edit.positions {
            EditedPositions::All => replaced(Role::End),
            EditedPositions::End => put(self.clean.clone(), Role::End),
            EditedPositions::Names => put(put(self.clean.clone(), Role::Io), Role::S1),
        }
    }

    /// True where a row is at a role. `[batch, rows, 1]`
    fn is(&self, role: Role) -> Tensor<3, Bool> {
        let [batch, rows, _] = self.clean.dims();
        let of_prompts = self.positions.chunks_exact(rows).zip(&self.at.places.positions);
        let is: Vec<bool> =
            of_prompts.flat_map(|(at, p)| at.iter().map(|&at| at == role.position(p))).collect();
        Tensor::from_data(TensorData::new(is, [batch, rows, 1]), &self.clean.device())
    }

    /// A vector for every row, times the row's clean scale, by which LN will divide. `[batch, rows, d_model]`
    fn scaled(&self, vector: Vector, vectors: &Vectors, role: Role) -> Tensor<3> {
        let eps = self.at.gpt2.blocks[self.at.layer].eps;
        let scale = scale(center(self.clean.clone()), eps); // [batch, rows, 1]
        let vector: Tensor<3> = standardize(vectors.of(vector, self.at, role)).unsqueeze_dim(1);
        vector * scale
    }

    /// Every row's part inside its prompt's span. `[batch, rows, d_model]`
    fn projected(&self, span: Span, vectors: &Vectors) -> Tensor<3> {
        let [batch, rows, d_model] = self.clean.dims();
        // A prompt's direction, once for each of its rows. [batch · rows, d_model]
        let repeated = |direction: Tensor<2>| {
            let directions: Tensor<3> = direction.unsqueeze_dim(1);
            directions.expand([batch, rows, d_model]).reshape([batch * rows, d_model])
        };
        let directions: Vec<_> = self.directions(span, vectors).into_iter().map(repeated).collect();
        let flat = self.clean.clone().reshape([batch * rows, d_model]);
        project(flat, &directions).reshape([batch, rows, d_model])
    }

    /// The directions of a span, one a prompt. `[batch, d_model]` each
    fn directions(&self, span: Span, vectors: &Vectors) -> Vec<Tensor<2>> {
        let (gpt2, batch) = (self.at.gpt2, self.at.batch);
        let w_u = |tokens: &[u32]| gpt2.w_u(tokens);
        let (prompts, draws) = (batch.prompts(), &vectors.draws);
        match span {
            Span::IoAndS => vec![w_u(&batch.io), w_u(&batch.s)],
            Span::Io => vec![w_u(&batch.io)],
            Span::S => vec![w_u(&batch.s)],
            Span::RandomNames => {
                let names = |which: usize| -> Vec<u32> {
                    prompts.iter().map(|&prompt| draws.names(prompt)[which]).collect()
                };
                vec![w_u(&names(0)), w_u(&names(1))]
            }
            Span::RandomDirections => {
                let d_model = gpt2.config.n_embd;
                let drawn: Vec<f32> =
                    prompts.iter().flat_map(|&prompt| draws.directions(prompt, d_model)).collect();
                let drawn = TensorData::new(drawn, [prompts.len(), 2 * d_model]);
                let drawn = Tensor::<2>::from_data(drawn, &self.clean.device());
                vec![drawn.clone().narrow(1, 0, d_model), drawn.narrow(1, d_model, d_model)]
            }
        }
    }
}
