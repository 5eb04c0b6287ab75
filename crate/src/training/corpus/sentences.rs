//! Sentences of every kind but those that are asked about.

use super::filled;
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

pub fn talk(random: &mut PythonRandom) -> String {
    let template = *random.choice(&TALK);
    filled(template, random)
}

pub fn story(random: &mut PythonRandom) -> String {
    let first = *random.choice(&STORIES);
    let first = filled(first, random);
    // Only a whole sentence can be followed by another.
    if first.ends_with('.') && *random.choice(&[true, false]) {
        let second = *random.choice(&STORIES);
        return format!("{first} {}", filled(second, random));
    }
    first
}

pub fn opening(random: &mut PythonRandom) -> String {
    let opening = *random.choice(&OPENINGS);
    filled(opening, random)
}
