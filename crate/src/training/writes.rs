use std::collections::HashSet;

use burn::nn::loss::CrossEntropyLoss;
use burn::tensor::{Int, Tensor, TensorData};

use super::corpus::Row;
use super::guide::{Guide, Looks};
use crate::model::{Gpt2, fused};

/// Names that heads are guided to write of: queries in all rows one after another, and the place of each one's name in a list.
pub struct Writes {
    queries: Vec<i32>,
    names: Vec<i32>,
    /// Every name's token.
    tokens: Vec<u32>,
}

impl Writes {
    /// What a guide asks where its heads look so, in rows of `pos` tokens.
    pub fn of(guide: Guide, rows: &[Row], looks: &[Looks], pos: usize, names: &HashSet<u32>) -> Self {
        let mut tokens: Vec<u32> = names.iter().copied().collect();
        tokens.sort_unstable();
        let mut writes = Self { queries: Vec::new(), names: Vec::new(), tokens };
        for (i, (row, looks)) in rows.iter().zip(looks).enumerate() {
            for (query, keys) in looks {
                let name = guide.name(&row.tokens, *query, keys);
                writes.queries.push((i * pos + query) as i32);
                writes.names.push(writes.tokens.binary_search(&name).expect("it is a name") as i32);
            }
        }
        writes
    }

    /// How far what a head writes by itself, or with a negative sign takes away, is from being that name and no other: the
    /// cross-entropy of the names' logits, mean over queries. None where nothing is asked. `[1]`
    pub fn missed(
        &self,
        model: &Gpt2,
        (layer, head): (usize, usize),
        z: Tensor<3>,
        sign: f32,
        loss: &CrossEntropyLoss,
    ) -> Option<Tensor<1>> {
        if self.queries.is_empty() {
            return None;
        }
        let device = z.device();
        let numbers =
            |of: &[i32]| Tensor::<1, Int>::from_data(TensorData::new(of.to_vec(), [of.len()]), &device);
        let z = z.flatten::<2>(0, 1).select(0, numbers(&self.queries)); // [queries, d_head]
        let d_head = z.dims()[1];
        let w_o = model.blocks[layer].attn.c_proj.weight.val().narrow(0, head * d_head, d_head);
        let written = fused::normalize(z.matmul(w_o), model.ln_f.eps); // [queries, d_model]
        let columns = model.ln_f.columns(&model.wte, &self.tokens); // [names, d_model]
        let logits = written.matmul(columns.transpose()) * sign;
        Some(loss.forward(logits, numbers(&self.names)))
    }
}
