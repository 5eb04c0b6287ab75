//! What an edit puts in place of an input. The same for one head under hooks, at every position, and for
//! all heads of a layer, at the positions that are read.

use burn::tensor::{Bool, Tensor, TensorData};

use super::batch::Batch;
use super::draws::Draws;
use super::pass::Stopped;
use super::{Edit, EditedPositions, Replacement, Span};
use crate::ioi::Positions;
use crate::model::Gpt2;
use crate::projection::project;

/// Some positions of each prompt at layer L, before its edits.
pub struct Rows<'a> {
    gpt2: &'a Gpt2,
    batch: &'a Batch,
    /// `resid_pre[L]` of the clean run. `[batch, rows, d_model]`
    pub clean: Tensor<3>,
    /// `resid_pre[L]` of the flipped run, where a case needs it. `[batch, rows, d_model]`
    flipped: Option<Tensor<3>>,
    /// `[batch, rows, 1]`
    is_end: Tensor<3, Bool>,
}

impl<'a> Rows<'a> {
    /// Every position that is read.
    pub fn all(at: &Stopped<'a>) -> Self {
        let Stopped { gpt2, batch, places, clean, flipped, .. } = at;
        let is_end = places.is_end(&clean.device());
        Self { gpt2, batch, clean: clean.clone(), flipped: flipped.clone(), is_end }
    }

    /// One position of each prompt.
    pub fn at(at: &Stopped<'a>, position: fn(&Positions) -> usize) -> Self {
        let pick = |stream: &Tensor<3>| at.places.rows_at(stream.clone(), position).unsqueeze_dim(1);
        let is_end: Vec<bool> = at.places.positions.iter().map(|p| position(p) == p.end).collect();
        let is_end = TensorData::new(is_end, [at.batch.len(), 1, 1]);
        Self {
            gpt2: at.gpt2,
            batch: at.batch,
            clean: pick(&at.clean),
            flipped: at.flipped.as_ref().map(pick),
            is_end: Tensor::from_data(is_end, &at.clean.device()),
        }
    }

    /// The input as an edit leaves it. `[batch, rows, d_model]`
    pub fn edited(&self, edit: &Edit, draws: &Draws) -> Tensor<3> {
        let input = self.clean.clone();
        let replaced = match edit.replacement {
            Replacement::Clean => input.clone(),
            Replacement::Flipped => self.flipped.clone().expect("the plan runs the flipped prompts"),
            Replacement::ProjectedOn(span) => self.projected(span, draws),
        };
        match edit.positions {
            EditedPositions::All => replaced,
            EditedPositions::End => {
                let is_end = self.is_end.clone().expand(input.shape());
                input.mask_where(is_end, replaced)
            }
        }
    }

    /// Every row's part inside its prompt's span. `[batch, rows, d_model]`
    fn projected(&self, span: Span, draws: &Draws) -> Tensor<3> {
        let [batch, rows, d_model] = self.clean.dims();
        // A prompt's direction, once for each of its rows. [batch · rows, d_model]
        let repeated = |direction: Tensor<2>| {
            let directions: Tensor<3> = direction.unsqueeze_dim(1);
            directions.expand([batch, rows, d_model]).reshape([batch * rows, d_model])
        };
        let directions: Vec<_> = self.directions(span, draws).into_iter().map(repeated).collect();
        let flat = self.clean.clone().reshape([batch * rows, d_model]);
        project(flat, &directions).reshape([batch, rows, d_model])
    }

    /// The directions of a span, one a prompt. `[batch, d_model]` each
    fn directions(&self, span: Span, draws: &Draws) -> Vec<Tensor<2>> {
        let w_u = |tokens: &[u32]| self.gpt2.w_u(tokens);
        let prompts = self.batch.prompts();
        match span {
            Span::IoAndS => vec![w_u(&self.batch.io), w_u(&self.batch.s)],
            Span::Io => vec![w_u(&self.batch.io)],
            Span::S => vec![w_u(&self.batch.s)],
            Span::RandomNames => {
                let names = |which: usize| -> Vec<u32> {
                    prompts.iter().map(|&prompt| draws.names(prompt)[which]).collect()
                };
                vec![w_u(&names(0)), w_u(&names(1))]
            }
            Span::RandomDirections => {
                let d_model = self.gpt2.config.n_embd;
                let drawn: Vec<f32> =
                    prompts.iter().flat_map(|&prompt| draws.directions(prompt, d_model)).collect();
                let drawn = TensorData::new(drawn, [prompts.len(), 2 * d_model]);
                let drawn = Tensor::<2>::from_data(drawn, &self.clean.device());
                vec![drawn.clone().narrow(1, 0, d_model), drawn.narrow(1, d_model, d_model)]
            }
        }
    }
}
