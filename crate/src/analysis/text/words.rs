//! What a head does at a token of a text, in words.

use super::result::TokenWords;
use super::{Prediction, TextResult, TextSpec};
use crate::report::tokens::{Tokens, quoted};
use crate::report::words::{list, percent, rounded};

/// How many are named.
const NAMED: usize = 3;

/// Attention that is rounded to nothing is not spoken of.
const LEAST: f32 = 0.005;

/// What is said of every token.
pub fn words(result: &TextResult, roles: &[(String, usize)]) -> Vec<TokenWords> {
    let tokens = Tokens { texts: &result.tokens, roles };
    let of =
        |at| TokenWords { attends: attends(result, &tokens, at), attended: attended(result, &tokens, at) };
    (0..result.tokens.len()).map(of).collect()
}

/// "At “ to” (END), head 9.9 attends most to “ Mary” (IO, 0.83), then to “ John” (S1, 0.06) and “<|endoftext|>” (0.03)."
pub fn attends(result: &TextResult, tokens: &Tokens, query: usize) -> String {
    let TextSpec { layer, head, .. } = result.spec;
    let begin = format!("At {}, head {layer}.{head} attends", tokens.named(query, None));
    let row = &result.pattern[query];
    match &largest(tokens, row.iter().copied().enumerate())[..] {
        _ if row.len() == 1 => format!("{begin} to that token alone, which is the first."),
        [most, others @ ..] if !others.is_empty() => {
            format!("{begin} most to {most}, then to {}.", list(others))
        }
        names => format!("{begin} to {}.", list(names)),
    }
}

/// "Of the later tokens, “ to” (END, 0.83) attends most to it, then “ bag” (0.11) and “ gave” (0.02)."
fn attended(result: &TextResult, tokens: &Tokens, key: usize) -> String {
    let later = (key + 1..result.tokens.len()).map(|query| (query, result.pattern[query][key]));
    match &largest(tokens, later)[..] {
        [] if key + 1 == result.tokens.len() => "It is the last token, which no other attends to.".into(),
        [] => "No later token attends to it with 0.01 or more.".into(),
        [one] => format!("Of the later tokens, {one} attends to it."),
        [most, others @ ..] => {
            format!("Of the later tokens, {most} attends most to it, then {}.", list(others))
        }
    }
}

/// "After “ to” the model says “ Mary” (67%), then “ them” (5.1%) and “ the” (3.0%)."
pub fn says(result: &TextResult, at: usize) -> String {
    let name = |Prediction { token, probability, .. }: &Prediction| {
        format!("{} ({})", quoted(token), percent(100.0 * probability))
    };
    let likely = result.predictions[at].iter().take(NAMED).filter(|next| next.probability >= 0.000_5);
    let named: Vec<String> = likely.map(name).collect();
    let begin = format!("After {} the model says", quoted(&result.tokens[at]));
    match &named[..] {
        [most, others @ ..] if !others.is_empty() => format!("{begin} {most}, then {}.", list(others)),
        _ => format!("{begin} {}.", list(&named)),
    }
}

/// The tokens with the largest shares, the largest first.
fn largest(tokens: &Tokens, shares: impl Iterator<Item = (usize, f32)>) -> Vec<String> {
    let mut shares: Vec<_> = shares.filter(|(_, share)| *share >= LEAST).collect();
    shares.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let name = |(at, share): (usize, f32)| tokens.named(at, Some(rounded(share.into(), 2)));
    shares.into_iter().take(NAMED).map(name).collect()
}
