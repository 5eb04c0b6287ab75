//! Whether a GPU computes a batch as it computes a few of its prompts by themselves. At load it was held against the CPU
//! in both sizes, but on a prompt that is no run's.

use burn::tensor::Tensor;

use super::batch::Batch;
use crate::device::read_back;
use crate::model::{Gpt2, select_rows};
use crate::self_check::{TOLERANCE, max_difference};
use crate::{Error, Result};

/// The first and the last prompt of a run's first batch, which take the batch's way once more. With its 40 prompts or so
/// that is a twentieth of its work.
pub struct Sample {
    /// Their places in the whole batch.
    places: Vec<usize>,
    batch: Batch,
    /// The residual stream of all its nodes. `[nodes, d_model]`
    resid: Option<Tensor<2>>,
}

impl Sample {
    /// Nothing of a batch that is hardly larger.
    pub fn of(whole: &Batch) -> Option<Self> {
        let places = vec![0, whole.len() - 1];
        (whole.len() >= 2 * places.len()).then(|| Self { batch: whole.part(&places), places, resid: None })
    }

    /// # Errors
    /// [`Error::BadModel`] as of the whole batch.
    pub fn embed(&mut self, gpt2: &Gpt2) -> Result<()> {
        self.resid = Some(gpt2.embed_tree(&self.batch.tree)?);
        Ok(())
    }

    pub fn layer(&mut self, gpt2: &Gpt2, layer: usize) {
        let nodes: Vec<usize> = (0..self.batch.tree.len()).collect();
        self.resid = self.resid.take().map(|resid| gpt2.layer(layer, resid, &self.batch.tree, &nodes));
    }

    /// Holds the residual stream at END, which depends on every position before, against the whole batch's: of the
    /// clean run and, where it is there, of the flipped one. `[batch, d_model]` each
    ///
    /// # Errors
    /// [`Error::Device`] if they differ by more than rounding, or the device does not answer.
    pub async fn check(&self, clean: Tensor<2>, flipped: Option<Tensor<2>>, adapter: &str) -> Result<()> {
        let Some(resid) = &self.resid else { return Ok(()) };
        let [clean_ends, flipped_ends] = self.batch.ends();
        for (ends, whole) in [(clean_ends, Some(clean)), (flipped_ends, flipped)] {
            let Some(whole) = whole else { continue };
            let width = whole.dims()[1];
            let alone = read_back(select_rows(resid.clone(), ends).flatten(0, 1)).await?;
            let among = read_back(select_rows(whole, &self.places).flatten(0, 1)).await?;
            let difference = max_difference(&alone, &among, width);
            if difference > TOLERANCE {
                return Err(Error::Device(format!(
                    "{adapter} computes two prompts otherwise by themselves than in a batch of many, by {difference:.1e} of the largest activation; at most {TOLERANCE:.0e} is allowed. No result of it is shown. Use the CPU"
                )));
            }
        }
        Ok(())
    }
}
