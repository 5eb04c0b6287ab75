//! Whether a GPU computes a batch as it computes a few of its runs by themselves. At load it was held against the CPU in
//! both sizes, but on a prompt that is no run's.

use super::forward::{Asked, Forward};
use super::plan::{Part, Read};
use crate::device::read_back;
use crate::model::Gpt2;
use crate::self_check::{TOLERANCE, max_difference};
use crate::{Error, Result};

/// The first and the last unedited run of a job's first batch, which take the batch's way once more.
pub struct Sample {
    /// Their last nodes in the whole batch, and by themselves.
    ends: [Vec<usize>; 2],
    alone: Forward,
}

impl Sample {
    /// Nothing of a batch that is hardly larger. The batch is to keep what it is held against at the layers of its stops.
    ///
    /// # Errors
    /// [`Error::BadModel`] as of the whole batch.
    pub fn of(whole: &mut Asked, layers: &[usize], gpt2: &Gpt2) -> Result<Option<Self>> {
        let runs = whole.forest.ends();
        let (Some(&first), Some(&last)) = (runs.first(), runs.last()) else {
            return Ok(None);
        };
        let ends = vec![first, last];
        if whole.forest.len() < 2 * ends.iter().map(|&end| whole.forest.path(end).len()).sum::<usize>() {
            return Ok(None);
        }
        let reads = |nodes: &[usize]| -> Vec<Read> {
            let read = |&layer| Read { layer, part: Part::ResidPre, nodes: nodes.to_vec() };
            layers.iter().map(read).collect()
        };
        whole.reads.extend(reads(&ends));
        let (forest, alone) = whole.forest.runs(&ends);
        let asked = Asked { forest, reads: reads(&alone), ..Asked::default() };
        let mut forward = Forward::new(asked, gpt2.config.n_layer);
        forward.embed(gpt2)?;
        Ok(Some(Self { ends: [ends, alone], alone: forward }))
    }

    pub fn layer(&mut self, gpt2: &Gpt2, layer: usize) {
        self.alone.layer(gpt2, layer);
    }

    /// Holds the residual stream before a layer at the runs' ends, which depends on every position before, against the
    /// whole batch's.
    ///
    /// # Errors
    /// [`Error::Device`] if they differ by more than rounding, or the device does not answer.
    pub async fn check(&self, whole: &Forward, layer: usize, adapter: &str) -> Result<()> {
        let at = |forward: &Forward, ends: &[usize]| {
            forward.kept.get(&forward.forest, layer, Part::ResidPre, ends)
        };
        let [ends, alone] = &self.ends;
        let found = at(whole, ends); // [runs, d_model]
        let [_, d_model] = found.dims();
        let expected = read_back(at(&self.alone, alone).flatten(0, 1)).await?;
        let difference = max_difference(&expected, &read_back(found.flatten(0, 1)).await?, d_model);
        if difference <= TOLERANCE {
            return Ok(());
        }
        Err(Error::Device(format!(
            "{adapter} computes two prompts otherwise by themselves than in a batch of many, by {difference:.1e} of the largest activation; at most {TOLERANCE:.0e} is allowed. No result of it is shown. Use the CPU"
        )))
    }
}
