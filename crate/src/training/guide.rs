use std::collections::HashSet;
use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use super::corpus::Row;

/// What heads are guided to, by small terms besides the loss (guided attention, Mi et al. 2016): where to look, and what to write
/// there. By the loss alone this small a model copies both names and takes the subject's away again, and no head tells IO from S1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guide {
    /// Where the coming token is a name that has occurred, it looks at where that stood, and writes it: the first head of the last
    /// layer.
    Mover,
    /// There they look at the last name, where that is another which has occurred twice, and take it away: the first two heads
    /// of the layer before. They find S2 where the mover can read of it.
    Reader,
    /// At a name that has occurred it looks at where that stood: the first head below the readers' layer. What the readers
    /// find at S2 is then where S1 stands, too. It is guided a little later: the sooner it is told where S1 stands, the
    /// more the mover goes by that and the less by the name.
    Duplicate,
    /// It looks at the token before, whatever is read: the first head of the layer below that.
    Previous,
}

/// The queries of one row that are guided, and the keys that each is to look at.
pub type Looks = Vec<(usize, Vec<usize>)>;

impl Guide {
    pub const ALL: [Self; 4] = [Self::Mover, Self::Reader, Self::Duplicate, Self::Previous];

    /// The layer of its heads, in a model of so many layers; of fewer than four layers some have the same.
    pub fn layer(self, n_layer: usize) -> usize {
        let from_last = match self {
            Self::Mover => 1,
            Self::Reader => 2,
            Self::Duplicate => 3,
            Self::Previous => 4,
        };
        n_layer.saturating_sub(from_last)
    }

    /// Its heads, in a model of so many a layer.
    pub fn heads(self, n_head: usize) -> Range<usize> {
        if self == Self::Reader { 0..n_head.min(2) } else { 0..1 }
    }

    /// The weight of where one of its heads looks, when so many steps are done.
    pub fn weight(self, steps: usize) -> f64 {
        match self {
            Self::Reader => 0.5,
            Self::Duplicate if steps < LATE => 0.0,
            _ => 1.0,
        }
    }

    /// The weight of what one of its heads writes, and whether it adds the name or takes it away.
    pub fn writes(self) -> Option<(f64, f32)> {
        match self {
            Self::Mover => Some((MOVED, 1.0)),
            Self::Reader => Some((PASSED_OVER, -1.0)),
            _ => None,
        }
    }

    /// What is asked of each row.
    pub fn looks(self, rows: &[Row], names: &HashSet<u32>) -> Vec<Looks> {
        let of_row = |row: &Row| -> Looks {
            if !row.is_text && self != Self::Previous {
                return Looks::new();
            }
            let queries = 0..row.tokens.len() - 1;
            let all = queries.map(|query| (query, self.keys(&row.tokens, query, names)));
            all.filter(|(_, keys)| !keys.is_empty()).collect()
        };
        rows.iter().map(of_row).collect()
    }

    /// The name that a head which looks there is to write of.
    pub fn name(self, tokens: &[u32], query: usize, keys: &[usize]) -> u32 {
        if self == Self::Mover { tokens[query + 1] } else { tokens[keys[0]] }
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

/// How many steps the duplicate-token head is not guided for.
const LATE: usize = 60;

/// The weight of what the mover writes, and that of what the readers take away.
const MOVED: f64 = 0.33;
const PASSED_OVER: f64 = 0.67;

/// −ln of what a pattern has where its head is to look, mean over the queries that are guided. `[1]`
pub fn astray(pattern: Tensor<3>, looks: &[Looks]) -> Tensor<1> {
    let ([batch, pos, _], device) = (pattern.dims(), pattern.device());
    let mut is_target = vec![0.0_f32; batch * pos * pos];
    let mut is_guided = vec![0.0_f32; batch * pos];
    for (i, looks) in looks.iter().enumerate() {
        for (query, keys) in looks {
            is_guided[i * pos + query] = 1.0;
            keys.iter().for_each(|key| is_target[(i * pos + query) * pos + key] = 1.0);
        }
    }
    let tensor = |of: Vec<f32>, keys: usize, device: &Device| -> Tensor<3> {
        Tensor::from_data(TensorData::new(of, [batch, pos, keys]), device)
    };
    let is_guided = tensor(is_guided, 1, &device);
    let on_target = (pattern * tensor(is_target, pos, &device)).sum_dim(2);
    ((on_target + 1e-6).log().neg() * is_guided.clone()).sum() / (is_guided.sum() + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::read_back;

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
        // The mover is to write IO, which it finds, and the readers are to take away S.
        assert_eq!((Guide::Mover.name(&tokens, 6, &[1]), Guide::Reader.name(&tokens, 6, &[5])), (1, 2));
        // No name has stood there, or no name comes.
        assert!(Guide::Mover.keys(&tokens, 0, &names).is_empty());
        assert!(Guide::Mover.keys(&tokens, 1, &names).is_empty());
    }

    #[test]
    fn only_where_s1_stands_is_told_later() {
        for guide in Guide::ALL {
            assert_eq!(guide.weight(0) > 0.0, guide != Guide::Duplicate);
            assert!(guide.weight(LATE) > 0.0);
        }
    }

    #[test]
    fn what_is_astray_is_the_mean_of_the_guided_queries() {
        let pattern = TensorData::new(vec![1.0_f32, 0.0, 0.25, 0.75], [1, 2, 2]);
        let pattern = Tensor::from_data(pattern, &Device::flex());
        let looks = [vec![(1, vec![0])]];
        let found = pollster::block_on(read_back(astray(pattern, &looks))).unwrap()[0];
        // The sum over queries is taken by one more than there are.
        assert!((found - 4.0_f32.ln() / 2.0).abs() < 1e-5, "{found}");
    }
}
