use std::ops::RangeInclusive;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::examples::Groups;
use super::{Example, Examples, Task};
use crate::ioi::check_number;
use crate::python_random::PythonRandom;
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// "The war lasted from the year 1732 to the year 17" (Hanna et al. 2023): all two digits above 32 are answers, the
/// others are wrong. In the corrupted run the year is 1701, so that nearly all are right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct GreaterThanTask {
    pub n: u32,
    pub seed: u32,
    /// Put `<|endoftext|>` before every sentence.
    pub prepend_bos: bool,
}

/// NOUN is its last token; XX and YY are the two of the first year.
const ROLES: [&str; 4] = ["NOUN", "XX", "YY", "END"];

pub(crate) const CENTURIES: RangeInclusive<usize> = 11..=17;
/// After the corrupted one, and with one more after them.
const YEARS: RangeInclusive<usize> = 2..=98;
const CORRUPTED: usize = 1;

impl Default for GreaterThanTask {
    fn default() -> Self {
        Self { n: 150, seed: 42, prepend_bos: true }
    }
}

impl Task for GreaterThanTask {
    fn check(&self) -> Result<()> {
        check_number(self.n)
    }

    fn examples(&self, tokenizer: &Tokenizer, _n_ctx: usize) -> Result<Examples> {
        let begins = if self.prepend_bos { vec![tokenizer.bos()?] } else { Vec::new() };
        let read = |text: &str| Ok::<_, Error>([&begins[..], &tokenizer.encode(text)?].concat());
        let numbers = Numbers::read(tokenizer)?;
        let mut random = PythonRandom::new(self.seed.into());
        let mut groups = Groups::new();
        let mut examples = Vec::with_capacity(self.n as usize);
        for _ in 0..self.n {
            let noun = random.choice(nouns());
            let &[century, year] = random.choice(&numbers.years);
            let begin = format!("The {noun}");
            let before = format!("{begin} lasted from the year");
            let sentence = |year: usize| sentence(noun, century, year);
            let (clean, corrupted) = (read(&sentence(year))?, read(&sentence(CORRUPTED))?);
            let (begin, before) = (read(&begin)?, read(&before)?);
            let (xx, end) = (before.len(), clean.len() - 1);
            let positions = vec![begin.len() - 1, xx, xx + 1, end];

            // Where words are tokens of their own, whatever is around them, this is so.
            let century = tokenizer.encode(&format!(" {century}"))?[0];
            let [of_year, of_corrupted] = [year, CORRUPTED].map(|year| numbers.digits[year]);
            let mut other = clean.clone();
            other[xx + 1] = of_corrupted;
            let found = [clean[xx], clean[xx + 1], clean[end]];
            if !before.starts_with(&begin) || found != [century, of_year, century] || other != corrupted {
                return Err(Error::model(format!(
                    "greater_than needs words that are read one by one; this tokenizer reads \"{}\" as {}",
                    sentence(year),
                    tokenizer.spelled(&clean)
                )));
            }
            examples.push(Example {
                group: groups.number(clean.len()),
                clean,
                corrupted,
                positions,
                answers: numbers.digits[year + 1..].to_vec(),
                wrong_answers: numbers.digits[..=year].to_vec(),
            });
        }
        Ok(Examples { roles: ROLES.map(String::from).into(), examples })
    }
}

/// Their order matters: the generator indexes into them.
pub(crate) fn nouns() -> &'static [String] {
    static NOUNS: OnceLock<Vec<String>> = OnceLock::new();
    NOUNS.get_or_init(|| {
        serde_json::from_slice(include_bytes!("greater_than/nouns.json"))
            .expect("the nouns in the source are valid")
    })
}

/// As far as END.
pub(crate) fn sentence(noun: &str, century: usize, year: usize) -> String {
    format!("The {noun} lasted from the year {century}{year:02} to the year {century}")
}

/// What a tokenizer makes of them.
struct Numbers {
    /// The tokens of 00 to 99.
    digits: Vec<u32>,
    /// XX and YY of the years that are read as these two, in order.
    years: Vec<[usize; 2]>,
}

impl Numbers {
    fn read(tokenizer: &Tokenizer) -> Result<Self> {
        let digits: Vec<Vec<u32>> =
            (0..100).map(|year| tokenizer.encode(&format!("{year:02}"))).collect::<Result<_>>()?;
        let is_two = |century: usize, year: usize| {
            let xx = tokenizer.encode(&format!(" {century}"))?;
            let [of_century, of_year] = [&xx, &digits[year]];
            let is_read = tokenizer.encode(&format!(" {century}{year:02}"))? == [&xx[..], of_year].concat();
            Ok::<_, Error>(of_century.len() == 1 && of_year.len() == 1 && is_read)
        };
        let mut years = Vec::new();
        for century in CENTURIES {
            if !is_two(century, CORRUPTED)? {
                continue;
            }
            for year in YEARS {
                if is_two(century, year)? {
                    years.push([century, year]);
                }
            }
        }
        if years.is_empty() {
            let year = tokenizer.encode(" 1732")?;
            return Err(Error::model(format!(
                "greater_than needs years that are read as \" 17\" and \"32\"; this tokenizer reads \" 1732\" as {}",
                tokenizer.spelled(&year)
            )));
        }
        let mut single = Vec::with_capacity(digits.len());
        for (year, tokens) in digits.iter().enumerate() {
            let &[token] = &tokens[..] else {
                return Err(Error::model(format!(
                    "greater_than needs 00 to 99 as one token each, without a space before it; this tokenizer reads \"{year:02}\" as {}",
                    tokenizer.spelled(tokens)
                )));
            };
            single.push(token);
        }
        Ok(Self { digits: single, years })
    }
}
