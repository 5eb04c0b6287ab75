//! Two names between words that mean nothing together: whom the last sentence is about and who the other one is follows from
//! the names alone, whatever is said of them and wherever they stand.

use super::filled;
use crate::python_random::PythonRandom;

/// Words that stand in any order.
const WORDS: [&str; 144] = [
    "about", "above", "across", "again", "all", "alone", "always", "an", "apple", "asked", "away", "bag",
    "ball", "bank", "beach", "because", "before", "better", "big", "black", "blue", "boat", "book", "bottle",
    "box", "boy", "bread", "bridge", "bring", "brother", "brought", "building", "bus", "cake", "called",
    "came", "car", "careful", "carried", "chair", "city", "clean", "coat", "coffee", "cold", "color",
    "could", "cup", "dark", "did", "dinner", "dog", "door", "down", "during", "early", "easy", "every",
    "far", "farm", "fast", "father", "field", "fine", "fire", "flower", "food", "from", "front", "game",
    "girl", "glass", "good", "green", "had", "hand", "happy", "hard", "has", "hat", "her", "hill", "his",
    "home", "hot", "hour", "in", "kind", "kitchen", "lake", "last", "left", "letter", "light", "little",
    "long", "made", "man", "many", "market", "money", "mother", "mountain", "near", "new", "next", "night",
    "often", "on", "open", "over", "paper", "park", "people", "picture", "quiet", "quickly", "rain", "ran",
    "red", "river", "road", "room", "sang", "saw", "sent", "shoes", "side", "small", "snow", "some", "soon",
    "street", "summer", "sun", "table", "tea", "tired", "told", "took", "town", "tree", "two", "water",
];

/// What stands between two names.
const LINKS: [&str; 8] = [" and ", " and ", " and ", " or ", " with ", " met ", ", ", " helped "];

/// What stands where one sentence ends, or goes on.
const STOPS: [&str; 8] = [". ", ". ", ", ", ", and ", ". Then ", ", so ", " but ", "; "];

/// What the answer stands after.
const LAST: [&str; 6] = ["to", "to", "to", "to", "for", "with"];

/// A name comes after two names in some order, up to three more mentions of either, and one of one of them: it is the other one.
/// With `made_up` one in three of the words is none, so that a word which the tokenizer does not know is nothing new.
pub fn draw(random: &mut PythonRandom, made_up: bool) -> String {
    let word = |random: &mut PythonRandom| {
        if made_up && random.randrange(3) == 0 {
            no_word(random)
        } else {
            (*random.choice(&WORDS)).to_owned()
        }
    };
    let words = |random: &mut PythonRandom, least: usize, most: usize| -> String {
        let count = least + random.randrange(most + 1 - least);
        (0..count).map(|_| word(random) + " ").collect()
    };
    let (first, second) = if random.randrange(2) == 0 { ("[A]", "[B]") } else { ("[B]", "[A]") };
    let mut text = words(random, 0, 5);
    text += &format!("{first}{}{second} ", random.choice(&LINKS));
    text += &words(random, 0, 5);
    for _ in 0..random.randrange(8).saturating_sub(4) {
        let name = *random.choice(&["[A]", "[B]"]);
        text += &format!("{name} {}", words(random, 0, 3));
    }
    let stop = *random.choice(&STOPS);
    text = format!("{}{stop}[B] {}{} [A]", text.trim_end(), words(random, 1, 4), random.choice(&LAST));
    filled(&text, random)
}

/// Two to six letters.
fn no_word(random: &mut PythonRandom) -> String {
    let count = 2 + random.randrange(5);
    (0..count).map(|_| char::from(b'a' + random.randrange(26) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::names_in;
    use super::*;

    #[test]
    fn the_answer_is_the_name_that_the_last_sentence_is_not_about() {
        let mut random = PythonRandom::new(3);
        for i in 0..1000 {
            let text = draw(&mut random, i % 2 == 0);
            let names = names_in(&text);
            let (answer, before) = names.split_last().unwrap();
            let (last, earlier) = before.split_last().unwrap();
            assert!(answer != last && earlier.contains(answer) && earlier.contains(last), "{text}");
            assert!(names.iter().all(|name| name == answer || name == last), "{text}");
            assert!(text.ends_with(answer), "{text}");
        }
    }
}
