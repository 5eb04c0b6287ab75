use std::collections::HashSet;

use burn::tensor::{Device, Tensor, TensorData};

use super::corpus::Row;
use crate::hooks::{Activation, HookPoint};

/// A head that is guided to look somewhere, by a small term besides the loss (guided attention, Mi et al. 2016). By the loss
/// alone this small a model copies both names and takes the subject's away again, and no head tells IO from S1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guide {
    /// Where the coming token is a name that has occurred, it looks at where that stood: the first head of the last layer.
    Mover,
    /// There it looks at the last name, where that is another which has occurred twice: the first head of the layer before.
    /// It finds S2 where the mover can read of it.
    Reader,
    /// At a name that has occurred it looks at where that stood: the first head below the reader's layer. What the reader
    /// finds at S2 is then where S1 stands, too.
    Duplicate,
    /// It looks at the token before, whatever is read: the first head of the layer below that.
    Previous,
}

impl Guide {
    pub const ALL: [Self; 4] = [Self::Mover, Self::Reader, Self::Duplicate, Self::Previous];

    /// The pattern of its head, in a model of so many layers; of fewer than four layers some have the same.
    pub fn pattern(self, n_layer: usize) -> HookPoint {
        let from_last = match self {
            Self::Mover => 1,
            Self::Reader => 2,
            Self::Duplicate => 3,
            Self::Previous => 4,
        };
        Activation::Pattern.at_head(n_layer.saturating_sub(from_last), 0)
    }

    /// −ln of what its head's pattern has where it is to look, mean over the queries that are guided. `[1]`
    pub fn astray(self, pattern: Tensor<3>, rows: &[Row], names: &HashSet<u32>) -> Tensor<1> {
        let (is_target, is_guided) = self.targets(rows, pattern.dims()[1], names, &pattern.device());
        let on_target = (pattern * is_target).sum_dim(2);
        ((on_target + 1e-6).log().neg() * is_guided.clone()).sum() / (is_guided.sum() + 1.0)
    }

    /// Which keys it is to look at, `[batch, query, key]`, and which queries have such keys, `[batch, query, 1]`.
    fn targets(
        self,
        rows: &[Row],
        pos: usize,
        names: &HashSet<u32>,
        device: &Device,
    ) -> (Tensor<3>, Tensor<3>) {
        let batch = rows.len();
        let mut is_target = vec![0.0_f32; batch * pos * pos];
        let mut is_guided = vec![0.0_f32; batch * pos];
        for (i, row) in rows.iter().enumerate().filter(|(_, row)| row.is_text || self == Self::Previous) {
            for query in 0..row.tokens.len() - 1 {
                for key in self.keys(&row.tokens, query, names) {
                    is_target[(i * pos + query) * pos + key] = 1.0;
                    is_guided[i * pos + query] = 1.0;
                }
            }
        }
        (
            Tensor::from_data(TensorData::new(is_target, [batch, pos, pos]), device),
            Tensor::from_data(TensorData::new(is_guided, [batch, pos, 1]), device),
        )
    }

    /// The keys that a query is to look at.
    fn keys(self, tokens: &[u32], query: usize, names: &HashSet<u32>) -> Vec<usize> {
        let (seen, next) = (&tokens[..=query], tokens[query + 1]);
        let places = |token: u32| -> Vec<usize> { (0..=query).filter(|&at| seen[at] == token).collect() };
        let stood = places(next);
        let guides_what_comes = names.contains(&next) && !stood.is_empty();
        match self {
            Self::Mover if guides_what_comes => stood,
            Self::Reader if guides_what_comes => {
                let last =
                    seen.iter().rposition(|token| names.contains(token)).expect("a name has stood there");
                if seen[last] != next && places(seen[last]).len() > 1 { vec![last] } else { Vec::new() }
            }
            Self::Duplicate if names.contains(&seen[query]) => {
                let mut before = places(seen[query]);
                before.pop();
                before
            }
            Self::Previous if query > 0 => vec![query - 1],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_end_the_mover_is_to_look_at_io_and_the_reader_at_s2() {
        let names = HashSet::from([1, 2, 3]);
        // Then, Alex and Anthony went. Anthony gave a ring to Alex
        let tokens = [9, 1, 8, 2, 7, 2, 6, 1];
        assert_eq!(Guide::Mover.keys(&tokens, 6, &names), [1]);
        assert_eq!(Guide::Reader.keys(&tokens, 6, &names), [5]);
        // The coming name is S2 itself, which the reader is not guided to.
        assert_eq!(Guide::Mover.keys(&tokens, 4, &names), [3]);
        assert!(Guide::Reader.keys(&tokens, 4, &names).is_empty());
        // At S2 there is S1.
        assert_eq!(Guide::Duplicate.keys(&tokens, 5, &names), [3]);
        assert!(Guide::Duplicate.keys(&tokens, 3, &names).is_empty());
        assert_eq!(Guide::Previous.keys(&tokens, 5, &names), [4]);
        assert!(Guide::Previous.keys(&tokens, 0, &names).is_empty());
        // No name has stood there, or no name comes.
        assert!(Guide::Mover.keys(&tokens, 0, &names).is_empty());
        assert!(Guide::Mover.keys(&tokens, 1, &names).is_empty());
    }
}
