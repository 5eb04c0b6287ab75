use serde::{Deserialize, Serialize};

use super::{Example, Examples, Task};
use crate::ioi::check_number;
use crate::python_random::PythonRandom;
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// Induction (Olsson et al. 2022): random tokens r_1 … r_L, and then r_1 … r_{L-1} again. The answer is r_L, which
/// followed r_{L-1} the first time; a wrong one is any other token. In the corrupted run the first L tokens are others,
/// so that nothing tells what is to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct InductionTask {
    pub n: u32,
    pub seed: u32,
    /// L, the number of tokens that are repeated.
    pub length: u32,
    /// Put `<|endoftext|>` before them.
    pub prepend_bos: bool,
}

/// FIRST is r_{L-1}'s first place, NEXT r_L's.
const ROLES: [&str; 3] = ["FIRST", "NEXT", "END"];

impl Default for InductionTask {
    /// Short enough for a context of 64.
    fn default() -> Self {
        Self { n: 150, seed: 42, length: 30, prepend_bos: true }
    }
}

impl InductionTask {
    /// Tokens of an example, r_L after END included.
    fn check_context(&self, n_ctx: usize) -> Result<()> {
        let bos = usize::from(self.prepend_bos);
        let longest = n_ctx.saturating_sub(bos) / 2;
        if self.length as usize <= longest {
            return Ok(());
        }
        let most = if longest < 2 {
            "too few for this task".to_owned()
        } else {
            format!("room for a length of at most {longest}")
        };
        Err(Error::input(
            "length",
            format!("{} tokens twice are more than the model's context of {n_ctx}, {most}", self.length),
        ))
    }
}

impl Task for InductionTask {
    fn check(&self) -> Result<()> {
        check_number(self.n)?;
        if self.length < 2 {
            let message = format!("the length must be at least 2, not {}", self.length);
            return Err(Error::input("length", message));
        }
        Ok(())
    }

    /// Rows go on after END with r_L, which is what is repeated once more where attention to the repeated tokens is
    /// measured.
    fn examples(&self, tokenizer: &Tokenizer, n_ctx: usize) -> Result<Examples> {
        self.check_context(n_ctx)?;
        let begins = if self.prepend_bos { vec![tokenizer.bos()?] } else { Vec::new() };
        let tokens = Tokens::new(tokenizer)?;
        let mut random = PythonRandom::new(self.seed.into());
        let length = self.length as usize;
        let before = begins.len();
        let mut example = || {
            let mut sequence = || -> Vec<u32> { (0..length).map(|_| tokens.draw(&mut random)).collect() };
            let (repeated, others) = (sequence(), sequence());
            let answer = repeated[length - 1];
            let wrong = loop {
                let drawn = tokens.draw(&mut random);
                if drawn != answer {
                    break drawn;
                }
            };
            Example {
                clean: [&begins[..], &repeated, &repeated].concat(),
                corrupted: [&begins[..], &others, &repeated].concat(),
                positions: vec![before + length - 2, before + length - 1, before + 2 * length - 2],
                answers: vec![answer],
                wrong_answers: vec![wrong],
                group: 0,
            }
        };
        let examples = (0..self.n).map(|_| example()).collect();
        Ok(Examples { roles: ROLES.map(String::from).into(), examples })
    }
}

/// All tokens but the one that texts begin with.
struct Tokens {
    count: usize,
    never: Option<u32>,
}

impl Tokens {
    fn new(tokenizer: &Tokenizer) -> Result<Self> {
        let (count, never) = (tokenizer.largest_id() as usize + 1, tokenizer.bos().ok());
        if count - usize::from(never.is_some()) < 2 {
            return Err(Error::model(format!(
                "induction needs two tokens at least besides the one that texts begin with; this tokenizer has {count} in all"
            )));
        }
        Ok(Self { count, never })
    }

    fn draw(&self, random: &mut PythonRandom) -> u32 {
        loop {
            let drawn = random.randrange(self.count) as u32;
            if Some(drawn) != self.never {
                return drawn;
            }
        }
    }
}
