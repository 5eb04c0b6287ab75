//! Which prompts are not independent of each other.

use std::collections::BTreeMap;

/// Prompts that are variants of one say what one says: they are drawn together, and count once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Together {
    /// So many neighbours; 1 where every prompt stands for itself.
    Neighbours(usize),
    /// The group of each prompt, numbered by first appearance. Some groups have several.
    Alike(Vec<usize>),
}

impl Together {
    /// Those with the same key.
    pub fn alike<K: Ord>(keys: impl Iterator<Item = K>) -> Self {
        let mut numbers = BTreeMap::new();
        let number = |key| {
            let next = numbers.len();
            *numbers.entry(key).or_insert(next)
        };
        let groups: Vec<usize> = keys.map(number).collect();
        if numbers.len() == groups.len() { Self::Neighbours(1) } else { Self::Alike(groups) }
    }

    pub fn group(&self, prompt: usize) -> usize {
        match self {
            Self::Neighbours(count) => prompt / count,
            Self::Alike(groups) => groups[prompt],
        }
    }

    /// How many groups the first so many prompts are of: so many independent prompts there are.
    pub fn groups(&self, prompts: usize) -> usize {
        (0..prompts).map(|prompt| self.group(prompt) + 1).max().unwrap_or(0)
    }
}

impl From<usize> for Together {
    fn from(neighbours: usize) -> Self {
        Self::Neighbours(neighbours)
    }
}

#[cfg(test)]
mod tests {
    use super::Together;

    #[test]
    fn what_is_alike_is_one() {
        let alike = Together::alike(["b", "a", "b", "c", "a"].into_iter());
        assert_eq!(alike, Together::Alike(vec![0, 1, 0, 2, 1]));
        assert_eq!([0, 2, 3, 5].map(|prompts| alike.groups(prompts)), [0, 2, 2, 3]);
        assert_eq!(Together::alike(["b", "a"].into_iter()), Together::Neighbours(1));
        assert_eq!([0, 1, 2, 3].map(|prompts| Together::from(2).groups(prompts)), [0, 1, 1, 2]);
    }
}
