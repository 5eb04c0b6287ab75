//! The answer in words: what the head prefers, and what each edit leaves of that.

use super::super::{Case, Edit, LnScale, Replacement, Span, Token, Vector};
use super::Found;
use super::left::Left;
use crate::ioi::Flip;
use crate::report::words::{confidence, counted, list, number, signed_number};
use crate::site::Activation;

/// Said of a flip by which IO and S1 change places and nothing else, in place of the case's own words.
const PLACES: &str = "With positions from the flipped sentence";

/// The quantity that the answer is about is the first.
const ASKED: usize = 0;

pub fn answer(found: &Found) -> String {
    if found.experiment.probability {
        return attended(found)
            + &of_cases(found, |condition, first| {
                let probability = number(found.mean(ASKED, condition).value);
                format!("it is {probability}{}", as_the_first(found, condition, first))
            });
    }
    let preferred = preferred(found);
    if found.mean(ASKED, 0).interval.is_some() && found.share(ASKED, 0).is_none() {
        return preferred + &changes(found);
    }
    preferred + &of_cases(found, |condition, first| left(found, condition, first))
}

/// A clause for each case that is spoken of, given its place and that of the first in its sentence.
fn of_cases(found: &Found, clause: impl Fn(usize, usize) -> String) -> String {
    let mut words = String::new();
    let mut first = 0;
    for (condition, case) in found.cases.iter().enumerate() {
        if case.said.is_empty() || !is_as_the_spec_has_it(case, found) {
            continue;
        }
        if begins(case) {
            first = condition;
        }
        let joint = if begins(case) { "." } else { ";" };
        words += &format!("{joint} {}, {}", said(case, &found.result.spec.flip), clause(condition, first));
    }
    words + "."
}

fn begins(case: &Case) -> bool {
    case.said.starts_with(char::is_uppercase)
}

/// What is said of the scores' difference in the clean run.
fn preferred(found: &Found) -> String {
    let [layer, head] = found.result.head;
    let clean = found.mean(ASKED, 0);
    let by = number(clean.value.abs());
    let [to, other] = names(clean.value);
    match clean.interval {
        Some(interval) if interval.contains(0.0) => format!(
            "Head {layer}.{head} has no clear preference for IO or S1: END→IO − END→S1 is {} on average, {}, so that no share of it is told",
            number(clean.value),
            confidence(interval)
        ),
        Some(_) => format!("Head {layer}.{head} attends to {to} rather than {other} by {by}"),
        None => {
            let prompts = counted(found.prompts.len(), "prompt");
            if clean.value == 0.0 {
                return format!("In {prompts}, head {layer}.{head} attends to IO as to S1");
            }
            format!("In {prompts}, head {layer}.{head} attends to {to} rather than {other} by {by}")
        }
    }
}

/// The same of the probability.
fn attended(found: &Found) -> String {
    let [layer, head] = found.result.head;
    let clean = number(found.mean(ASKED, 0).value);
    format!("Head {layer}.{head} attends from END to IO with a probability of {clean}")
}

/// What is left of the preference, where there is one.
fn left(found: &Found, condition: usize, first: usize) -> String {
    let left = Left::of(found, condition);
    let mut words = left.words();
    if said(found.cases[condition], &found.result.spec.flip) == PLACES {
        let [preferred, _] = names(found.mean(ASKED, 0).value);
        words += &left.verdict(preferred);
    }
    if let Left::Share(_) = left {
        words += as_the_first(found, condition, first);
    }
    words
}

/// Says of what is drawn at random that it does no less than what stands first in the sentence.
fn as_the_first(found: &Found, condition: usize, first: usize) -> &'static str {
    let difference = found.difference(ASKED, condition, first);
    let is_told = difference.interval.is_none_or(|interval| !interval.contains(0.0));
    if is_told || !is_drawn(found.cases[condition]) {
        ""
    } else {
        ", which these prompts cannot tell from the first"
    }
}

/// What edits change where nothing is preferred.
fn changes(found: &Found) -> String {
    let changes = found.conditions().enumerate().skip(1).filter_map(|(condition, name)| {
        let change = found.difference(ASKED, condition, 0);
        change.is_not_0().then(|| format!("“{name}” by {}", signed_number(change.value)))
    });
    let changes: Vec<String> = changes.collect();
    if changes.is_empty() {
        return ". No edit changes that by more than these prompts can tell.".into();
    }
    format!(". Edits change it: {}.", list(&changes))
}

/// To whom a score's difference of this sign is, and who is the other.
pub fn names(diff: f64) -> [&'static str; 2] {
    if diff < 0.0 { ["S1", "IO"] } else { ["IO", "S1"] }
}

/// Where two cases differ in ln1's scale alone, the answer speaks of the one that the spec asks for.
fn is_as_the_spec_has_it(case: &Case, found: &Found) -> bool {
    let Some(edit) = case.edit else { return true };
    let freeze_ln = found.result.spec.freeze_ln;
    let but_for_ln = |edit: Edit| edit.with_ln(LnScale::AsSpec);
    let twin = |other: &&Case| {
        !other.said.is_empty()
            && other.edit.is_some_and(|other| other != edit && but_for_ln(other) == but_for_ln(edit))
    };
    edit.ln.is_frozen(freeze_ln) == freeze_ln || !found.cases.iter().any(twin)
}

/// How an answer begins to speak of a case.
pub fn said(case: &Case, flip: &str) -> &'static str {
    let of_queries =
        |edit: Edit| edit.input == Activation::QInput && edit.replacement == Replacement::Flipped;
    let places = || Flip::parse(flip).is_ok_and(|flip| flip.exchanges_places());
    if case.edit.is_some_and(of_queries) && places() { PLACES } else { case.said }
}

/// Whether what is put in is drawn at random.
fn is_drawn(case: &Case) -> bool {
    case.edit.is_some_and(|edit| match edit.replacement {
        Replacement::ProjectedOn(span) => matches!(span, Span::RandomNames | Span::RandomDirections),
        Replacement::Normalized(Vector::Unembedding(token)) => {
            matches!(token, Token::RandomName(_) | Token::Random)
        }
        _ => false,
    })
}
