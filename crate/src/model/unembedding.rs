use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData};

use super::{
    Embedding,
    layer_norm::{center, normalize},
};

/// ln_f and the unembedding, of rows that are wte's in a tied model and lm_head's in another.
///
/// With ln_f folded in and the vocabulary centred, `W_U[:,t]` = centre(ln_f.w ⊙ row[t]) − its mean over
/// tokens. It is not stored: columns are computed from the rows as they are needed.
#[derive(Module, Debug)]
pub struct Unembedding {
    /// ln_f.weight. `[d_model]`
    pub weight: Param<Tensor<1>>,
    /// ln_f.bias. `[d_model]`
    pub bias: Param<Tensor<1>>,
    /// The rows' mean over tokens. `[d_model]`
    pub mean_row: Param<Tensor<1>>,
    pub eps: f64,
}

impl Unembedding {
    /// `W_U[:, tokens]`. `[tokens, d_model]`
    pub fn columns(&self, unembedded: &Embedding, tokens: &[u32]) -> Tensor<2> {
        // Centring is linear, so the mean over tokens can be taken off first.
        let rows = unembedded.rows(tokens) - self.mean_row.val().unsqueeze();
        center(rows * self.weight.val().unsqueeze())
    }

    /// Logits of the whole vocabulary. `[rows, vocab]`
    pub fn logits(&self, unembedded: &Embedding, resid_post: Tensor<2>) -> Tensor<2> {
        self.unembed(unembedded, self.read(resid_post))
    }

    /// [`Unembedding::logits`] without b_U, which is what ln_f.b becomes in them. `[rows, vocab]`
    pub fn logits_without_bias(&self, unembedded: &Embedding, rows: Tensor<2>) -> Tensor<2> {
        self.unembed(unembedded, normalize(rows, self.eps) * self.weight.val().unsqueeze())
    }

    fn unembed(&self, unembedded: &Embedding, y: Tensor<2>) -> Tensor<2> {
        let mean = y.clone().matmul(self.mean_row.val().unsqueeze_dim(1)); // [rows, 1]
        let chunks = unembedded.chunks.iter().map(|chunk| y.clone().matmul(chunk.val().transpose()));
        Tensor::cat(chunks.collect(), 1) - mean
    }

    /// What tells answers from wrong ones: the mean of the answers' rows minus the mean of the wrong ones', for each of
    /// some pairs of them. `[pairs, d_model]`
    pub fn directions(&self, unembedded: &Embedding, pairs: &[[&[u32]; 2]]) -> Tensor<2> {
        let tokens: Vec<u32> = pairs.iter().flat_map(|sides| sides.concat()).collect();
        let rows = unembedded.rows(&tokens); // [tokens, d_model]
        let mut weights = vec![0.0_f32; pairs.len() * tokens.len()];
        let mut at = 0;
        for (weights, sides) in weights.chunks_exact_mut(tokens.len()).zip(pairs) {
            for (side, sign) in sides.iter().zip([1.0, -1.0]) {
                weights[at..at + side.len()].fill(sign / side.len() as f32);
                at += side.len();
            }
        }
        let weights = TensorData::new(weights, [pairs.len(), tokens.len()]);
        Tensor::<2>::from_data(weights, &rows.device()).matmul(rows)
    }

    /// The logit differences of rows along [`Unembedding::directions`], one a row. `[rows]`
    pub fn logit_diff(&self, resid_post: Tensor<2>, directions: Tensor<2>) -> Tensor<1> {
        (self.read(resid_post) * directions).sum_dim(1).squeeze_dim(1)
    }

    /// The same as a linear function of a row that ln_f's scale divides: what it is multiplied with, and `b_U`'s part,
    /// which is added. `[pairs, d_model]` and `[pairs]`
    pub fn linear(&self, directions: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        let bias = (directions.clone() * self.bias.val().unsqueeze()).sum_dim(1).squeeze_dim(1);
        // A product with what is centred is the same with and without a row's mean.
        (center(directions * self.weight.val().unsqueeze()), bias)
    }

    /// What the rows are multiplied with: LN(x) ⊙ ln_f.w + ln_f.b. `[rows, d_model]`
    fn read(&self, resid_post: Tensor<2>) -> Tensor<2> {
        normalize(resid_post, self.eps) * self.weight.val().unsqueeze() + self.bias.val().unsqueeze()
    }
}
