//! The answer in words: what the head prefers, and what each edit leaves of that.

use super::super::{Case, Edit, LnScale, Replacement, Span, Token, Vector};
use super::Found;
use crate::ioi::Flip;
use crate::report::words::{confidence, counted, list, number, percent, signed_number};
use crate::site::Activation;

/// Said of a flip by which IO and S1 change places and nothing else, in place of the case's own words.
const PLACES: &str = "With positions from the flipped sentence";

/// The quantity that the answer is about is the first.
const ASKED: usize = 0;

pub fn answer(found: &Found) -> String {
    if found.experiment.probability {
        return attended(found)
            + &of_cases(found, |condition| {
                format!(
                    "it is {}{}",
                    number(found.mean(ASKED, condition).value),
                    as_the_first(found, condition)
                )
            });
    }
    let preferred = preferred(found);
    if found.mean(ASKED, 0).interval.is_some() && found.share(ASKED, 0).is_none() {
        return preferred + &changes(found);
    }
    preferred + &of_cases(found, |condition| left(found, condition))
}

/// A clause for each case that is spoken of.
fn of_cases(found: &Found, clause: impl Fn(usize) -> String) -> String {
    let spoken_of = found
        .cases
        .iter()
        .enumerate()
        .filter(|(_, case)| !case.said.is_empty() && is_as_the_spec_has_it(case, found));
    let clauses = spoken_of.map(|(condition, case)| {
        let joint = if begins(case) { "." } else { ";" };
        format!("{joint} {}, {}", said(case, &found.result.spec.flip), clause(condition))
    });
    clauses.collect::<String>() + "."
}

fn begins(case: &Case) -> bool {
    case.said.starts_with(char::is_uppercase)
}

/// Of the scores' difference in the clean run.
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
            format!("In {prompts}, head {layer}.{head} attends to {to} rather than {other} by {by}")
        }
    }
}

/// Of the probability.
fn attended(found: &Found) -> String {
    let [layer, head] = found.result.head;
    let clean = number(found.mean(ASKED, 0).value);
    format!("Head {layer}.{head} attends from END to IO with a probability of {clean}")
}

/// What is left of the preference, where there is one.
fn left(found: &Found, condition: usize) -> String {
    let left = Left::of(found, condition);
    let mut words = left.words();
    if said(found.cases[condition], &found.result.spec.flip) == PLACES {
        let [preferred, _] = names(found.mean(ASKED, 0).value);
        words += &left.verdict(preferred);
    }
    if let Left::Share(_) = left {
        words += as_the_first(found, condition);
    }
    words
}

/// Of what is drawn at random: that it does no less than what stands first in the sentence.
fn as_the_first(found: &Found, condition: usize) -> &'static str {
    let first = (0..condition).rev().find(|&first| begins(found.cases[first])).unwrap_or(condition);
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
fn names(diff: f64) -> [&'static str; 2] {
    if diff < 0.0 { ["S1", "IO"] } else { ["IO", "S1"] }
}

/// What an edit leaves of the clean preference.
enum Left {
    /// The edit changed nothing that the head reads.
    Untouched,
    /// No change that the prompts can tell from none, while the preference is certain.
    Same,
    /// In percent.
    Share(f64),
    /// Nothing that the prompts can tell from nothing.
    Nothing,
    /// The other name is preferred.
    Turned { to: &'static str, by: f64 },
    /// Neither a change nor a preference is certain.
    Unclear,
    /// There are no intervals, so that nothing is certain: the mean.
    Mean(f64),
}

impl Left {
    fn of(found: &Found, condition: usize) -> Self {
        let [clean, own] = [0, condition].map(|condition| found.mean(ASKED, condition));
        let change = found.difference(ASKED, condition, 0);
        if found.is_untouched(condition) {
            return Self::Untouched;
        }
        let Some(share) = found.share(ASKED, condition) else {
            return Self::Mean(own.value);
        };
        let [to, _] = names(own.value);
        match (own.is_not_0(), change.is_not_0()) {
            (false, false) => Self::Unclear,
            (false, true) => Self::Nothing,
            (true, _) if names(clean.value) != names(own.value) => Self::Turned { to, by: own.value.abs() },
            (true, false) => Self::Same,
            (true, true) => Self::Share(share.value),
        }
    }

    fn words(&self) -> String {
        match *self {
            Self::Untouched => "nothing changes, since what the head reads is the same there".into(),
            Self::Same => "no change can be told from none".into(),
            Self::Share(left) if left > 100.0 => format!("it grows to {}", percent(left)),
            Self::Share(left) => format!("{} is left", percent(left)),
            Self::Nothing => "nothing is left that can be told from nothing".into(),
            Self::Turned { to, by } => format!("it turns to {to}, by {}", number(by)),
            Self::Unclear => "it is not clear what is left".into(),
            Self::Mean(mean) => format!("it is {}", number(mean)),
        }
    }

    /// What follows where the edit had IO and S1 change places, of the name that the clean run prefers. A head that finds it by
    /// its place would turn as far as it preferred, one that finds it by name would not change: which of the two weighs more
    /// is the sign of what is left.
    fn verdict(&self, preferred: &str) -> String {
        match self {
            Self::Untouched => ": this does not tell place from name".into(),
            Self::Same | Self::Share(_) => format!(": it finds {preferred} by name more than by place"),
            Self::Turned { .. } => format!(": it finds {preferred} by place more than by name"),
            Self::Nothing => ": place and name weigh about the same".into(),
            Self::Unclear | Self::Mean(_) => String::new(),
        }
    }
}

impl Found<'_> {
    /// Whether a condition's edit changed no prompt.
    fn is_untouched(&self, condition: usize) -> bool {
        let of = self.cases[condition].condition;
        self.result.evidence.edits.iter().any(|(name, edit)| *name == of && edit.prompts_touched == 0)
    }
}

/// Of two cases that differ in ln1's scale alone, the answer speaks of the one that the spec asks for.
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
