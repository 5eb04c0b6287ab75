//! The cases of an experiment at one head: each a run of layer L under hooks, started from the clean
//! `resid_pre[L]`.

use burn::tensor::Tensor;

use super::batch::Batch;
use super::{Case, Edit, EditedPositions, Experiment, ExperimentSpec, Replacement};
use crate::Result;
use crate::hooks::{Activation, Hooks};
use crate::model::Gpt2;
use crate::projection::project;

/// A batch at layer L.
pub struct AtLayer<'a> {
    pub gpt2: &'a Gpt2,
    pub spec: &'a ExperimentSpec,
    pub batch: &'a Batch,
    /// `resid_pre[L]` of the clean run. `[batch, pos, d_model]`
    pub clean: Tensor<3>,
    /// `resid_pre[L]` of the flipped run, where a case needs it. `[batch, pos, d_model]`
    pub flipped: Option<Tensor<3>>,
}

impl AtLayer<'_> {
    /// What every case gives: for each, END's score for IO and for S1, and how far END's `q_input` and `q`
    /// are from the clean run's. `[case · quantity · prompt]`
    ///
    /// # Errors
    /// [`crate::Error::BadHook`] if the model has no such layer or head.
    pub fn measure(&self, experiment: &Experiment) -> Result<Tensor<1>> {
        let (layer, head) = (self.spec.layer, self.spec.head);
        let q_input = Activation::QInput.at_head(layer, head);
        let ln1_scale = Activation::Ln1Scale.at_head(layer, head);
        let q = Activation::Q.at_head(layer, head);
        let attn_scores = Activation::AttnScores.at_head(layer, head);
        let run = |hooks: Hooks| {
            let hooks = hooks.read(q_input).read(q).read(attn_scores);
            self.gpt2.run_from(layer, self.clean.clone(), &hooks)
        };

        let clean = run(Hooks::new().read(ln1_scale))?;
        let mut columns = Vec::new();
        for Case { edit, .. } in experiment.cases {
            let mut hooks = Hooks::new();
            if let Some(edit) = edit {
                let replaced = self.edited(edit, clean.get(q_input)?);
                hooks = hooks.edit(q_input, move |_| replaced.clone());
                if self.spec.freeze_ln {
                    let scale = clean.get(ln1_scale)?;
                    hooks = hooks.edit(ln1_scale, move |_| scale.clone());
                }
            }
            let cache = run(hooks)?;
            let scores = cache.get(attn_scores)?;
            columns.push(self.batch.score(scores.clone(), |p| p.io));
            columns.push(self.batch.score(scores, |p| p.s1));
            for point in [q_input, q] {
                let change = self.batch.at_end(cache.get(point)? - clean.get(point)?);
                columns.push((change.clone() * change).sum_dim(1).sqrt().squeeze_dim(1));
            }
        }
        Ok(Tensor::cat(columns, 0))
    }

    /// `q_input` as an edit leaves it. `[batch, pos, d_model]`
    fn edited(&self, edit: &Edit, q_input: Tensor<3>) -> Tensor<3> {
        let shape = q_input.shape();
        let replaced = match edit.replacement {
            Replacement::Clean => self.clean.clone(),
            Replacement::Flipped => self.flipped.clone().expect("the plan runs the flipped prompts"),
            Replacement::ProjectedOnUnembeddings => self.projected(q_input.clone()),
        };
        match edit.positions {
            EditedPositions::All => replaced,
            EditedPositions::End => {
                let is_end = self.batch.is_end(&q_input.device()).expand(shape);
                q_input.mask_where(is_end, replaced)
            }
        }
    }

    /// Every position's part inside its prompt's span{W_U[:,IO], W_U[:,S]}. `[batch, pos, d_model]`
    fn projected(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, pos, d_model] = x.dims();
        // A prompt's direction, once for each of its positions. [batch · pos, d_model]
        let direction = |tokens: &[u32]| {
            let columns: Tensor<3> = self.gpt2.w_u(tokens).unsqueeze_dim(1);
            columns.expand([batch, pos, d_model]).reshape([batch * pos, d_model])
        };
        let span = [direction(&self.batch.io), direction(&self.batch.s)];
        project(x.reshape([batch * pos, d_model]), &span).reshape([batch, pos, d_model])
    }
}
