use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor, TensorData};

use super::layer_norm::center;
use crate::Result;
use crate::device::read_back;

/// wte, the token embedding, or lm_head, as the checkpoint has it.
///
/// It is held in row chunks, because one buffer binding of a GPU may be limited to 128 MiB and GPT-2
/// small's wte is 154 MB. All chunks but the last have the same number of rows.
#[derive(Module, Debug)]
pub struct Embedding {
    /// `[rows, d_model]` each
    pub chunks: Vec<Param<Tensor<2>>>,
}

impl Embedding {
    /// The tokens' rows. `[tokens, d_model]`
    pub fn rows(&self, tokens: &[u32]) -> Tensor<2> {
        let rows_per_chunk = self.chunks[0].dims()[0];
        // Gather from each chunk the rows it has, then put them in the tokens' order.
        let mut order = vec![0; tokens.len()];
        let mut gathered = Vec::new();
        let mut done = 0;
        for (i, chunk) in self.chunks.iter().enumerate() {
            let chunk = chunk.val();
            let mut rows = Vec::new();
            for (place, &token) in tokens.iter().enumerate() {
                if token as usize / rows_per_chunk == i {
                    order[place] = done + rows.len();
                    rows.push(token as usize % rows_per_chunk);
                }
            }
            if !rows.is_empty() {
                done += rows.len();
                gathered.push(select_rows(chunk, &rows));
            }
        }
        if gathered.len() == 1 { gathered.remove(0) } else { select_rows(Tensor::cat(gathered, 0), &order) }
    }

    /// Whether another has the same numbers, in the same chunks.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device does not answer.
    pub async fn equals(&self, other: &Self) -> Result<bool> {
        /// Few enough that their differences take no memory to speak of.
        const ROWS: usize = 2048;
        for (a, b) in self.chunks.iter().zip(&other.chunks) {
            let rows = a.dims()[0];
            for first in (0..rows).step_by(ROWS) {
                let some = |chunk: &Param<Tensor<2>>| chunk.val().narrow(0, first, ROWS.min(rows - first));
                if read_back((some(a) - some(b)).abs().max()).await? != [0.0] {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// `W_E` of the tokens: rows of wte, each centred. `[tokens, d_model]`
    pub fn embed(&self, tokens: &[u32]) -> Tensor<2> {
        center(self.rows(tokens))
    }
}

/// The named rows of a matrix, in that order. `[rows, _]`
pub fn select_rows(matrix: Tensor<2>, rows: &[usize]) -> Tensor<2> {
    let indices: Vec<i32> = rows.iter().map(|&row| row as i32).collect();
    let indices = TensorData::new(indices, [rows.len()]);
    let indices = Tensor::<1, Int>::from_data(indices, &matrix.device());
    matrix.select(0, indices)
}

/// [`select_rows`], at no cost where all rows are named in order.
pub fn rows_of(matrix: Tensor<2>, rows: &[usize]) -> Tensor<2> {
    let all = rows.len() == matrix.dims()[0] && rows.iter().enumerate().all(|(i, &row)| i == row);
    if all { matrix } else { select_rows(matrix, rows) }
}
