//! Random tokens, again and again (Olsson et al. 2022): what followed a token the first time follows it the next.

use std::ops::RangeInclusive;

use super::Row;
use crate::python_random::PythonRandom;

/// How many tokens are repeated: twice, and with a token in front, they fit the context. The task has 30.
const LENGTHS: RangeInclusive<usize> = 5..=31;

/// Short ones are repeated as long as a row has no more than so many tokens: the sooner is it learnt.
const ROW: usize = 48;

/// Tokens from 1 to the largest, after `bos`. Of the first time nothing can be learnt.
pub fn draw(bos: u32, largest: u32, random: &mut PythonRandom) -> Row {
    let length = LENGTHS.start() + random.randrange(LENGTHS.count());
    let mut token = || loop {
        let drawn = random.randrange(largest as usize + 1) as u32;
        if drawn != bos {
            return drawn;
        }
    };
    let tokens: Vec<u32> = (0..length).map(|_| token()).collect();
    let times = (ROW / length).max(2);
    Row { tokens: [&[bos][..], &tokens.repeat(times)].concat(), learnt_from: 1 + length, is_text: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_learnt_has_stood_there_before() {
        let mut random = PythonRandom::new(3);
        for _ in 0..100 {
            let Row { tokens, learnt_from, .. } = draw(0, 9, &mut random);
            let length = learnt_from - 1;
            assert!(tokens.len() > 2 * length && tokens.len() <= 64, "{length}");
            assert!(tokens[1..].iter().all(|token| (1..=9).contains(token)));
            assert!((learnt_from..tokens.len()).all(|at| tokens[at] == tokens[at - length]));
        }
    }
}
