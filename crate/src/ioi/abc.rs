use super::flip::names_in;
use super::prompt::find_word;
use super::{Lexicon, Prompt};
use crate::{Error, Result, python_random::PythonRandom};

/// What stands where a flip rule may stand, and what the random numbers are seeded with beside the seed.
pub const ABC: &str = "abc";

/// The prompts with a new name for each of their first three words that are exactly names (the ABC dataset of
/// Wang et al. 2022): no name occurs twice, so nothing tells which one is to follow. The last word stays.
///
/// # Errors
/// [`Error::BadInput`] for `corruption` if a prompt has fewer than three such words, or if it has nearly all
/// names of the lexicon, so that no three others are left.
pub fn abc(prompts: &[Prompt], seed: u32) -> Result<Vec<Prompt>> {
    let code_points: u64 = ABC.chars().map(u64::from).sum();
    let mut random = PythonRandom::new(u64::from(seed) + code_points);
    prompts.iter().map(|prompt| rename(prompt, &mut random)).collect()
}

fn rename(prompt: &Prompt, random: &mut PythonRandom) -> Result<Prompt> {
    let unfit = |why: String| Error::input("corruption", format!("{why}: \"{}\"", prompt.sentence));
    let mut words: Vec<&str> = prompt.sentence.split(' ').collect();
    let places = names_in(prompt, &words);
    if places.len() < 3 {
        return Err(unfit(format!(
            "\"{ABC}\" needs three words that are names, and here are {}",
            places.len()
        )));
    }
    let mut unused = Lexicon::get().names_besides(prompt);
    unused.retain(|name| find_word(&prompt.sentence, name).is_none());
    if unused.len() < 3 {
        return Err(unfit(format!("\"{ABC}\" needs three names of the lexicon that are not in the prompt")));
    }

    let mut names: Vec<&str> = Vec::with_capacity(3);
    while names.len() < 3 {
        let name = *random.choice(&unused);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for (&place, &name) in places.iter().zip(&names) {
        words[place] = name;
    }
    // As after a flip: S is the third name, IO the first that occurs once.
    Ok(Prompt {
        io: names[0].to_owned(),
        s: names[2].to_owned(),
        sentence: words.join(" "),
        template: prompt.template,
    })
}
