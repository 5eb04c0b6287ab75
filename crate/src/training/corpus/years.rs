//! "The war lasted from the year 1732 to the year 1745".

use crate::python_random::PythonRandom;
use crate::task::greater_than::{CENTURIES, nouns, sentence};

pub fn draw(random: &mut PythonRandom) -> String {
    let noun = random.choice(nouns());
    let century = CENTURIES.start() + random.randrange(CENTURIES.count());
    // All that have a later one: the task's first year is also 01, in the corrupted run.
    let year = random.randrange(99);
    let later = year + 1 + random.randrange(99 - year);
    format!("{}{later:02}", sentence(noun, century, year))
}

/// With a hyphen after two of four digits: a tokenizer of one token a word is to read " 1732" as " 17" and "32".
pub fn apart(text: &str) -> String {
    let mut digits = 0;
    let mut apart = String::with_capacity(text.len());
    for character in text.chars() {
        digits = if character.is_ascii_digit() { digits + 1 } else { 0 };
        if digits == 3 {
            apart.push('-');
        }
        apart.push(character);
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_year_is_later() {
        let mut random = PythonRandom::new(3);
        for _ in 0..1000 {
            let text = draw(&mut random);
            let years: Vec<u32> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
            let &[first, second] = &years[..] else { panic!("{text}") };
            assert!(first < second && first / 100 == second / 100, "{text}");
        }
    }

    #[test]
    fn centuries_and_years_stand_apart_for_the_tokenizer() {
        assert_eq!(apart("from the year 1732 to the year 1745"), "from the year 17-32 to the year 17-45");
        assert_eq!(apart("no year"), "no year");
    }
}
