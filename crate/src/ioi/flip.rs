use std::collections::BTreeMap;

use super::{Lexicon, Order, Prompt};
use crate::{Error, Result, python_random::PythonRandom};

type Letters = [char; 3];

/// A rule that exchanges the names of a prompt, such as "ABB -> BAB, BAB -> ABB".
///
/// Left of the comma stands what becomes of ABBA prompts, whose first three names read A B B; right of
/// it of BABA prompts (B A B). A letter that the left-hand side lacks becomes a random name that is not in
/// the prompt, drawn for each such letter by itself. The last word of the sentence stays. Names are the
/// lexicon's, and the prompt's own IO and S where the lexicon lacks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    text: String,
    abba: Letters,
    baba: Letters,
}

const ABB: Letters = ['A', 'B', 'B'];
const BAB: Letters = ['B', 'A', 'B'];

impl Flip {
    /// The notebook's.
    pub const DEFAULT: &str = "ABB -> BAB, BAB -> ABB";

    /// Reads a rule of the form "ABB -> XYZ, BAB -> XYZ".
    ///
    /// # Errors
    /// [`Error::BadInput`] for `flip`, pointing at the first character that does not fit.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parser = Parser { text, at: 0 };
        let abba = parser.rule(ABB, "ABB, the names of ABBA prompts")?;
        parser.expect(",")?;
        let baba = parser.rule(BAB, "BAB, the names of BABA prompts")?;
        parser.end()?;
        Ok(Self { text: text.to_owned(), abba, baba })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether IO and S1 change places, the first two names, and each stays who it is.
    pub fn exchanges_places(&self) -> bool {
        (self.abba, self.baba) == (BAB, ABB)
    }

    /// The prompts with their names exchanged.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `flip` if a prompt has fewer than three words that are exactly names.
    pub fn apply(&self, prompts: &[Prompt], seed: u32) -> Result<Vec<Prompt>> {
        let code_points: u64 = self.text.chars().map(u64::from).sum();
        let mut random = PythonRandom::new(u64::from(seed) + code_points);
        prompts.iter().map(|prompt| self.flip(prompt, &mut random)).collect()
    }

    fn flip(&self, prompt: &Prompt, random: &mut PythonRandom) -> Result<Prompt> {
        let lexicon = Lexicon::get();
        let (left, right) = match prompt.order() {
            Order::Abba => (ABB, self.abba),
            Order::Baba => (BAB, self.baba),
        };
        let mut words: Vec<&str> = prompt.sentence.split(' ').collect();
        let places = names_in(prompt, &words);
        if places.len() < 3 {
            return Err(Error::input(
                "flip",
                format!(
                    "a flip needs three words that are names, but \"{}\" has {}",
                    prompt.sentence,
                    places.len()
                ),
            ));
        }

        let mut names: BTreeMap<char, &str> =
            left.into_iter().zip(places.iter().map(|&i| words[i])).collect();
        let unused = lexicon.names_besides(prompt);
        let mut new_letters: Vec<char> = right.into_iter().filter(|l| !left.contains(l)).collect();
        new_letters.sort_unstable();
        new_letters.dedup();
        for letter in new_letters {
            names.insert(letter, *random.choice(&unused));
        }

        let [first, second, third] = right.map(|letter| names[&letter]);
        for (place, name) in places.into_iter().zip([first, second, third]) {
            words[place] = name;
        }
        // IO is the first of the two that occurs once in all; the second where neither does. Names are
        // compared, since two new letters may have drawn the same.
        let io = if first != second && first != third { first } else { second };
        Ok(Prompt {
            io: io.to_owned(),
            s: third.to_owned(),
            sentence: words.join(" "),
            template: prompt.template,
        })
    }
}

/// The places of the first three words that are exactly names.
pub(super) fn names_in(prompt: &Prompt, words: &[&str]) -> Vec<usize> {
    let lexicon = Lexicon::get();
    let is_name = |word: &str| word == prompt.io || word == prompt.s || lexicon.is_name(word);
    (0..words.len()).filter(|&i| is_name(words[i])).take(3).collect()
}

/// Walks the text once; spaces between the parts do not matter.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn rule(&mut self, left: Letters, meaning: &str) -> Result<Letters> {
        let start = self.skip_spaces();
        if self.letters()? != left {
            return Err(self.error(start, meaning));
        }
        self.expect("->")?;
        self.skip_spaces();
        self.letters()
    }

    fn letters(&mut self) -> Result<Letters> {
        let mut letters = ['A'; 3];
        for letter in &mut letters {
            match self.text[self.at..].chars().next() {
                Some(found @ 'A'..='Z') => *letter = found,
                _ => return Err(self.error(self.at, "three letters from A to Z")),
            }
            self.at += 1;
        }
        Ok(letters)
    }

    fn expect(&mut self, token: &str) -> Result<()> {
        let start = self.skip_spaces();
        if !self.text[start..].starts_with(token) {
            return Err(self.error(start, &format!("\"{token}\"")));
        }
        self.at += token.len();
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let start = self.skip_spaces();
        if start < self.text.len() {
            return Err(self.error(start, "nothing more"));
        }
        Ok(())
    }

    fn skip_spaces(&mut self) -> usize {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches(' ').len();
        self.at
    }

    fn error(&self, at: usize, expected: &str) -> Error {
        let (before, rest) = self.text.split_at(at);
        let found: String = rest.chars().take(12).collect();
        let found = if found.is_empty() { "the end".to_owned() } else { format!("\"{found}\"") };
        Error::input(
            "flip",
            format!(
                "the flip must have the form \"{}\": expected {expected} at character {}, found {found}",
                Flip::DEFAULT,
                before.chars().count() + 1
            ),
        )
    }
}
