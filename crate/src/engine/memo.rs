//! What passes have measured, kept beside the model: another question that needs the same numbers has them without a pass.
//!
//! Numbers are kept and not activations: they are some kilobytes to some megabytes, where the streams of 50 prompts of GPT-2
//! small, clean and corrupted, would be 55 MB and save a tenth of what questions about them take.

use std::any::Any;
use std::cell::RefCell;
use std::mem::size_of;
use std::rc::Rc;

use crate::task::Examples;

/// The most bytes that are kept, an eighth of GPT-2 small itself: the means that a circuit of it puts in are 20 MB where
/// there are prompts of 30 kinds.
const MOST_BYTES: usize = 64 << 20;

/// Which numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// By their tokens, roles and answers, whatever task they are of.
    pub examples: Rc<Examples>,
    /// What is run of them and what is measured: "attribution and lens of the clean run".
    pub what: String,
}

/// What a probe measures, where another question's probe may have measured it before.
pub struct Shared<'a> {
    pub key: Key,
    pub numbers: &'a mut dyn Numbers,
}

/// Numbers that can be handed on without a copy.
pub trait Numbers {
    fn bytes(&self) -> usize;
    fn hand_out(&self) -> Rc<dyn Any>;
    fn take(&mut self, numbers: Rc<dyn Any>);
}

impl<T: Bytes + 'static> Numbers for Rc<T> {
    fn bytes(&self) -> usize {
        Bytes::bytes(&**self)
    }

    fn hand_out(&self) -> Rc<dyn Any> {
        self.clone()
    }

    fn take(&mut self, numbers: Rc<dyn Any>) {
        *self = numbers.downcast().expect("a key is of numbers of one type");
    }
}

/// About how much memory something takes.
pub trait Bytes {
    fn bytes(&self) -> usize;
}

impl Bytes for Vec<Vec<f64>> {
    fn bytes(&self) -> usize {
        self.iter().map(|row| size_of::<Vec<f64>>() + size_of::<f64>() * row.len()).sum()
    }
}

impl Bytes for Vec<Option<f64>> {
    fn bytes(&self) -> usize {
        size_of::<Option<f64>>() * self.len()
    }
}

/// The numbers of passes that are over, those that were used last at the end.
#[derive(Default)]
pub struct Memo(RefCell<Vec<Entry>>);

struct Entry {
    key: Key,
    numbers: Rc<dyn Any>,
    bytes: usize,
    /// How many edits of the pass can change what is read.
    changes: usize,
}

impl Memo {
    /// Gives a probe what it would measure, if that is known; with it how many edits the pass had that could change it.
    pub(super) fn recall(&self, shared: Shared) -> Option<usize> {
        let mut entries = self.0.borrow_mut();
        let place = entries.iter().position(|entry| entry.key == shared.key)?;
        let entry = entries.remove(place);
        shared.numbers.take(entry.numbers.clone());
        let changes = entry.changes;
        entries.push(entry);
        Some(changes)
    }

    /// Keeps what has been measured, unless it is too much by itself.
    pub(super) fn keep(&self, Shared { key, numbers }: Shared, changes: usize) {
        let bytes = numbers.bytes();
        if bytes > MOST_BYTES {
            return;
        }
        let mut entries = self.0.borrow_mut();
        entries.retain(|entry| entry.key != key);
        let mut all = bytes + entries.iter().map(|entry| entry.bytes).sum::<usize>();
        while all > MOST_BYTES {
            all -= entries.remove(0).bytes;
        }
        entries.push(Entry { key, numbers: numbers.hand_out(), bytes, changes });
    }

    /// Forgets everything, so that a pass can be timed.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(what: &str) -> Key {
        let examples = Examples { roles: Vec::new(), examples: Vec::new() };
        Key { examples: Rc::new(examples), what: what.into() }
    }

    fn recalled(memo: &Memo, what: &str) -> Option<Vec<Option<f64>>> {
        let mut numbers = Rc::new(Vec::<Option<f64>>::new());
        memo.recall(Shared { key: key(what), numbers: &mut numbers }).map(|_| numbers.to_vec())
    }

    fn keep(memo: &Memo, what: &str, mut numbers: Rc<Vec<Option<f64>>>) {
        memo.keep(Shared { key: key(what), numbers: &mut numbers }, 1);
    }

    #[test]
    fn what_was_used_longest_ago_goes_first_and_what_is_too_large_never_comes() {
        let third = || Rc::new(vec![None; MOST_BYTES / size_of::<Option<f64>>() / 3]);
        let memo = Memo::default();
        for what in ["a", "b", "c"] {
            keep(&memo, what, third());
        }
        assert!(recalled(&memo, "a").is_some());
        keep(&memo, "d", Rc::new(vec![Some(0.5)]));
        assert_eq!(recalled(&memo, "d"), Some(vec![Some(0.5)]));
        keep(&memo, "e", third());
        // What has been used since stays, of those that were there first.
        assert_eq!(
            ["a", "b", "c", "d", "e"].map(|what| recalled(&memo, what).is_some()),
            [true, false, true, true, true]
        );
        keep(&memo, "f", Rc::new(vec![None; MOST_BYTES / size_of::<Option<f64>>() + 1]));
        assert_eq!(["a", "f"].map(|what| recalled(&memo, what).is_some()), [true, false]);
        memo.clear();
        assert_eq!(recalled(&memo, "a"), None);
    }

    #[test]
    fn numbers_are_of_the_same_prompts() {
        let memo = Memo::default();
        keep(&memo, "a", Rc::new(vec![Some(1.0)]));
        let examples = Rc::new(Examples { roles: vec!["END".into()], examples: Vec::new() });
        let mut numbers = Rc::new(Vec::<Option<f64>>::new());
        let other = Shared { key: Key { examples, what: "a".into() }, numbers: &mut numbers };
        assert_eq!(memo.recall(other), None);
    }
}
