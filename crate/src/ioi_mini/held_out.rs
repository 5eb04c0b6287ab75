use std::collections::HashSet;

use crate::ioi::Lexicon;
use crate::python_random::PythonRandom;

/// Places of the held-out templates in the lexicon's lists, in both orders of the names: one that is put together from
/// parts of others ("Then, [A] and [B] had a long argument. Afterwards [B] said to"), and one like no other ("The [PLACE] [A]
/// and [B] went to had a [OBJECT]. [B] gave it to").
const TEMPLATES: [usize; 2] = [12, 13];

/// One in so many pairs of names is held out.
const ONE_PAIR_IN: usize = 10;

/// Pairs of names that never stand in one sentence of the training, and templates that it never uses.
#[derive(Debug)]
pub struct HeldOut {
    /// Each pair in alphabetical order.
    pairs: HashSet<(&'static str, &'static str)>,
}

impl HeldOut {
    /// Always the same: it does not depend on a model's seed, so that models can be compared.
    #[expect(clippy::new_without_default, reason = "there is nothing default about it")]
    pub fn new() -> Self {
        let names = &Lexicon::get().names;
        let mut pairs: Vec<_> =
            (0..names.len()).flat_map(|i| (0..i).map(move |j| pair(&names[j], &names[i]))).collect();
        PythonRandom::new(0).shuffle(&mut pairs);
        pairs.truncate(pairs.len() / ONE_PAIR_IN);
        Self { pairs: pairs.into_iter().collect() }
    }

    /// Whether any two of these names are a held-out pair.
    pub fn has_pair_of(&self, names: &[&'static str]) -> bool {
        (0..names.len()).any(|i| (0..i).any(|j| self.pairs.contains(&pair(names[j], names[i]))))
    }

    /// The number of pairs.
    pub fn pairs(&self) -> usize {
        self.pairs.len()
    }

    /// The lexicon's templates of both orders, ABBA then BABA: those held out, or those that are trained on.
    pub fn templates(held_out: bool) -> Vec<&'static str> {
        let lexicon = Lexicon::get();
        let of = |templates: &'static [String]| {
            let chosen = move |(place, _): &(usize, _)| TEMPLATES.contains(place) == held_out;
            templates.iter().enumerate().filter(chosen).map(|(_, template)| template.as_str())
        };
        of(&lexicon.abba_templates).chain(of(&lexicon.baba_templates)).collect()
    }
}

fn pair(one: &'static str, other: &'static str) -> (&'static str, &'static str) {
    if one < other { (one, other) } else { (other, one) }
}

#[cfg(test)]
mod tests {
    use super::HeldOut;

    #[test]
    fn a_tenth_of_the_pairs_and_two_templates_in_both_orders() {
        let held_out = HeldOut::new();
        assert_eq!(held_out.pairs(), 588); // of 109 · 108 / 2
        let (first, second) = *held_out.pairs.iter().next().unwrap();
        assert!(held_out.has_pair_of(&[first, second]) && held_out.has_pair_of(&[second, first]));
        assert!(!held_out.has_pair_of(&[first]));
        assert_eq!((HeldOut::templates(true).len(), HeldOut::templates(false).len()), (4, 26));
        for template in HeldOut::templates(true) {
            assert!(!HeldOut::templates(false).contains(&template));
        }
    }
}
