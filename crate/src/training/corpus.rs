//! The texts of the training, drawn one by one.

mod any_words;
mod ioi;
mod repeated;
mod sentences;
mod years;

use std::collections::HashSet;

use crate::Result;
use crate::ioi::{DatasetSpec, Lexicon, Prompt};
use crate::ioi_mini::{Exam, HeldOut};
use crate::python_random::PythonRandom;
use crate::task::{GreaterThanTask, TaskSpec};
use crate::tokenizer::Tokenizer;

pub use self::years::apart;

/// What is read in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub tokens: Vec<u32>,
    /// The first token that is to be predicted.
    pub learnt_from: usize,
    /// Whether it is a text, and no random tokens.
    pub is_text: bool,
}

/// A sentence or two.
pub struct Text {
    pub text: String,
    /// Whether nothing tells what comes but for its last word.
    pub only_its_last: bool,
}

/// Texts of which none is a prompt of an exam or of the page's default dataset.
pub struct Corpus {
    held_out: HeldOut,
    ioi: ioi::Ioi,
    /// Sentences never drawn.
    reserved: HashSet<String>,
}

/// How many of a hundred rows are random tokens.
const REPEATED: usize = 30;

/// How many of a hundred sentences have something before them, so that they do not always begin at the first position.
const OPENED: usize = 30;

/// Texts are drawn in these many equal shares: [`Corpus::draw`] says of what.
const TEXTS: usize = 20;

impl Corpus {
    pub fn new() -> Self {
        let default = DatasetSpec::default().generate().expect("the default is valid");
        let exams = Exam::ALL.into_iter().flat_map(Exam::prompts);
        Self {
            held_out: HeldOut::new(),
            ioi: ioi::Ioi::new(),
            reserved: exams.chain(default).map(|prompt| prompt.sentence).collect(),
        }
    }

    /// The rows that are never drawn, up to what is to be predicted, beside those of reserved sentences: the usual
    /// examples of greater-than.
    ///
    /// # Errors
    /// [`crate::Error::BadModel`] if the tokenizer does not suit that task.
    pub fn reserved_rows(tokenizer: &Tokenizer, n_ctx: usize) -> Result<HashSet<Vec<u32>>> {
        let task = TaskSpec::GreaterThan(GreaterThanTask::default());
        let examples = task.examples(tokenizer, n_ctx)?.examples;
        Ok(examples.into_iter().map(|example| example.clean).collect())
    }

    /// Random tokens twice, or a text, which mostly has `<|endoftext|>` before it.
    ///
    /// # Errors
    /// As of [`Tokenizer::encode`] and [`Tokenizer::bos`].
    pub fn row(&self, tokenizer: &Tokenizer, random: &mut PythonRandom) -> Result<Row> {
        let bos = tokenizer.bos()?;
        if random.randrange(100) < REPEATED {
            return Ok(repeated::draw(bos, tokenizer.largest_id(), random));
        }
        let with_bos = random.randrange(10) > 0;
        let mut tokens = if with_bos { vec![bos] } else { Vec::new() };
        let Text { text, only_its_last } = self.draw(random, true);
        tokens.extend(tokenizer.encode(&text)?);
        let learnt_from = if only_its_last { tokens.len() - 1 } else { 1 };
        Ok(Row { tokens, learnt_from, is_text: true })
    }

    /// A sentence or two. Of twenty, six are IOI; four are of any words, among which with `made_up` are some that are none; one is
    /// IOI with a third name in place of S2, so that no name repeats before the answer; two of three names, two of which
    /// repeat; two are talk, one a story, and four name two years.
    pub fn draw(&self, random: &mut PythonRandom, made_up: bool) -> Text {
        loop {
            let kind = random.randrange(TEXTS);
            let sentence = match kind {
                0..=5 => self.ioi.draw(random),
                6..=9 => any_words::draw(random, made_up),
                10 => self.ioi.no_name_twice(random),
                11 | 12 => ioi::three_names(random),
                13 | 14 => sentences::talk(random),
                15 => sentences::story(random),
                _ => return Text { text: years::draw(random), only_its_last: false },
            };
            let asked = sentence.rsplit('\n').next().expect("a text has a line");
            if !self.reserved.contains(asked) && !self.held_out.has_pair_of(&names_in(&sentence)) {
                let text = opened(sentence.replace('\n', " "), random);
                return Text { text, only_its_last: (6..=9).contains(&kind) };
            }
        }
    }
}

fn opened(sentence: String, random: &mut PythonRandom) -> String {
    if random.randrange(100) < OPENED {
        return format!("{} {sentence}", sentences::opening(random));
    }
    sentence
}

/// A template with three names, no two the same, a place and an object.
fn filled(template: &str, random: &mut PythonRandom) -> String {
    let lexicon = Lexicon::get();
    let [a, b, c] = loop {
        let [a, b, c]: [&String; 3] = std::array::from_fn(|_| random.choice(&lexicon.names));
        if a != b && b != c && a != c {
            break [a, b, c];
        }
    };
    let (place, object) = (random.choice(&lexicon.places), random.choice(&lexicon.objects));
    Prompt::from_template(template, a, b, place, object).sentence.replace("[C]", c)
}

/// The lexicon's names in a text.
fn names_in(text: &str) -> Vec<&'static str> {
    let names = &Lexicon::get().names;
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter_map(|word| names.iter().map(String::as_str).find(|name| *name == word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_held_out_is_ever_drawn() {
        let corpus = Corpus::new();
        let mut random = PythonRandom::new(7);
        let mut seen = HashSet::new();
        for _ in 0..10_000 {
            let Text { text, .. } = corpus.draw(&mut random, true);
            assert!(!text.contains('['), "{text}");
            assert!(!corpus.reserved.iter().any(|reserved| text.ends_with(reserved.as_str())), "{text}");
            assert!(!text.contains(" went to had a "), "a held-out template: {text}");
            assert!(!text.contains("had a long argument. Afterwards "), "a held-out template: {text}");
            assert!(!corpus.held_out.has_pair_of(&names_in(&text)), "a held-out pair: {text}");
            seen.insert(names_in(&text).len());
        }
        assert!((0..=6).all(|names| seen.contains(&names)), "there is little variety: {seen:?}");
    }
}
