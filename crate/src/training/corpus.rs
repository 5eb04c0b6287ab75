use std::collections::HashSet;

use crate::ioi::{DatasetSpec, Lexicon, Prompt};
use crate::ioi_mini::{Exam, HeldOut};
use crate::python_random::PythonRandom;

/// Sentences besides IOI: the model is to learn more than one trick, so in some the repeated name is the answer, in
/// some the only one, and most end in no name at all.
const STORIES: [&str; 30] = [
    "[A] went to the [PLACE] and found a [OBJECT] there.",
    "[A] likes the [OBJECT] that [B] found at the [PLACE].",
    "The [OBJECT] at the [PLACE] belongs to [A].",
    "[A] lost a [OBJECT] at the [PLACE]. The [OBJECT] that was found belongs to [A]",
    "[A] and [B] are friends. Afterwards they went to the [PLACE] together.",
    "[A] and [B] played at the [PLACE]. It was [A] who won, so everybody cheered for [A]",
    "[A] and [B] played at the [PLACE]. It was [B] who won, so everybody cheered for [B]",
    "In the morning [A] was at the [PLACE]. Afterwards nobody knew where [A] was.",
    "[A] met [B] at the [PLACE]. They talked about a [OBJECT].",
    "Nobody but [A] knew that the [OBJECT] was at the [PLACE].",
    "When the [PLACE] was closed, [A] gave the [OBJECT] back.",
    "The [PLACE] where [A] was working had a [OBJECT].",
    "[A] asked [B] for a [OBJECT]. There was none at the [PLACE].",
    "[A] is a friend of [B]. Everybody at the [PLACE] knows [A] and [B]",
    "After the lunch [A] was alone at the [PLACE], thinking about a [OBJECT].",
    "The [OBJECT] was old, but [A] wanted to have it.",
    "While [A] was at the [PLACE], [B] was looking for [A]",
    "While [A] was at the [PLACE], [A] was looking for the [OBJECT].",
    "[A], who had a [OBJECT], was late. The [PLACE] was closed.",
    "Then [A] said that the [PLACE] had been closed for a long time.",
    "The [PLACE] was a long way from the other [PLACE].",
    "A [OBJECT] is not what one looks for at the [PLACE].",
    "[A] bought a [OBJECT] for [A], and nothing for [B]",
    "[A] and [B] had an argument about the [OBJECT]. It was about nothing.",
    "[A] wanted to see the [PLACE]. [B] decided to go there with [A]",
    "The [OBJECT] that [A] got from [B] was found at the [PLACE].",
    "It was [A] who decided to go to the [PLACE].",
    "Friends of [A] were commuting to the [PLACE].",
    "[A] had a lot of work at the [PLACE], and so had [B]",
    "Was it [A] or [B] who had the [OBJECT]? It was [B]",
];

/// Sentences full of names that have been named: there is more to be learnt from them about copying than from others.
const TALK: [&str; 10] = [
    "[A] told [B] about [C]. [B] told [C] about [A]. [C] told [A] about [B]",
    "[A], [B] and [C] are friends. [A] likes [B], [B] likes [C], and [C] likes [A]",
    "First came [A], then [B], then [C]. First went [A], then [B], then [C]",
    "[A] wrote to [B]. [B] wrote back to [A]. [A] wrote to [B] again. [B] wrote back to [A]",
    "Is [A] here? [A] is here. Is [B] here? [B] is here. Is [C] here? [C] is here.",
    "[A] and [B] were late. [C] waited for [A] and [B]. [A] and [B] thanked [C]",
    "[A] showed [B] the [OBJECT] of [C]. [B] showed [C] the [OBJECT] of [A]. [C] showed [A] the [OBJECT] of [B]",
    "Call [A] or [B]. If [A] is not there, call [B]. If [B] is not there, call [A]",
    "[A] is older than [B], and [B] is older than [C], so [A] is older than [C]",
    "This is [A], and this is [B]. No, this is [B], and this is [A]",
];

/// What may stand before a sentence, so that sentences do not always begin at the first position.
const OPENINGS: [&str; 6] = [
    "It was a long day.",
    "The [PLACE] was closed.",
    "Nobody was at the [PLACE].",
    "There was a [OBJECT] at the [PLACE].",
    "This is a story about a [OBJECT].",
    "The other day, there was nothing to do at the [PLACE].",
];

/// The sentences of the training, drawn one by one. None is a prompt of an exam or of the page's default dataset.
pub struct Corpus {
    held_out: HeldOut,
    /// Templates of IOI, of both orders.
    templates: Vec<&'static str>,
    /// Sentences never drawn.
    reserved: HashSet<String>,
}

impl Corpus {
    pub fn new() -> Self {
        let default = DatasetSpec::default().generate().expect("the default is valid");
        let exams = Exam::ALL.into_iter().flat_map(Exam::prompts);
        Self {
            held_out: HeldOut::new(),
            templates: HeldOut::templates(false),
            reserved: exams.chain(default).map(|prompt| prompt.sentence).collect(),
        }
    }

    /// A sentence or two. Of eight, three are IOI; one the same with a third name in place of S2, so that no name repeats
    /// before the answer; one of three names, two of which repeat; two are talk, and one a story.
    pub fn draw(&self, random: &mut PythonRandom) -> String {
        loop {
            let sentence = match random.choice(&[0, 1, 2, 3, 4, 5, 6, 7]) {
                0..=2 => self.ioi(random),
                3 => self.no_name_twice(random),
                4 => three_names(random),
                5 | 6 => talk(random),
                _ => story(random),
            };
            if !self.reserved.contains(&sentence) && !self.held_out.has_pair_of(&names_in(&sentence)) {
                return opened(sentence, random);
            }
        }
    }

    fn ioi(&self, random: &mut PythonRandom) -> String {
        let template = *random.choice(&self.templates);
        filled(template, random)
    }

    /// "Then, Alex and Anthony went to the school. Mary gave a ring to Alex", or to Anthony.
    fn no_name_twice(&self, random: &mut PythonRandom) -> String {
        let template = *random.choice(&self.templates);
        let (before, s2) = template.split_at(template.rfind("[B]").expect("S2"));
        let (s2, _) = s2.rsplit_once(' ').expect("the last word is [A]");
        let answer = *random.choice(&["[A]", "[B]"]);
        filled(&format!("{before}{} {answer}", s2.replace("[B]", "[C]")), random)
    }
}

fn three_names(random: &mut PythonRandom) -> String {
    let lexicon = Lexicon::get();
    let templates = *random.choice(&[lexicon.abc_templates.as_slice(), lexicon.bac_templates.as_slice()]);
    let template = random.choice(templates);
    filled(template, random)
}

fn talk(random: &mut PythonRandom) -> String {
    let template = *random.choice(&TALK);
    filled(template, random)
}

fn story(random: &mut PythonRandom) -> String {
    let first = *random.choice(&STORIES);
    let first = filled(first, random);
    // Only a whole sentence can be followed by another.
    if first.ends_with('.') && *random.choice(&[true, false]) {
        let second = *random.choice(&STORIES);
        return format!("{first} {}", filled(second, random));
    }
    first
}

/// One in four gets an opening.
fn opened(sentence: String, random: &mut PythonRandom) -> String {
    if *random.choice(&[true, false, false, false]) {
        let opening = *random.choice(&OPENINGS);
        return format!("{} {sentence}", filled(opening, random));
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
            let text = corpus.draw(&mut random);
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
