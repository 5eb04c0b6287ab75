//! Tokens that stand beside the vocabulary, such as `<|endoftext|>`: they are looked for in a text before it is cut into words.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::file::Added;

/// What a text is made of.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    Token(u32),
}

#[derive(Debug, Clone)]
pub struct AddedTokens {
    by_id: BTreeMap<u32, Added>,
    /// Numbers by what is looked for: first those that the text has before it is normalized, though GPT-2's never is.
    passes: [BTreeMap<String, u32>; 2],
}

impl AddedTokens {
    pub fn new(added: Vec<Added>) -> Self {
        let by_id: BTreeMap<u32, Added> = added.into_iter().map(|added| (added.id, added)).collect();
        let pass = |normalized: bool| {
            let tokens = by_id.iter().filter(|(_, added)| added.normalized == normalized);
            tokens.map(|(&id, added)| (added.content.clone(), id)).collect()
        };
        Self { passes: [pass(false), pass(true)], by_id }
    }

    pub fn content(&self, id: u32) -> Option<&str> {
        self.by_id.get(&id).map(|added| added.content.as_str())
    }

    pub fn id(&self, content: &str) -> Option<u32> {
        self.passes.iter().find_map(|tokens| tokens.get(content).copied())
    }

    pub fn pieces<'a>(&self, text: &'a str) -> Vec<Piece<'a>> {
        let mut pieces = vec![Piece::Text(text)];
        for tokens in self.passes.iter().filter(|tokens| !tokens.is_empty()) {
            let found = pieces.into_iter().flat_map(|piece| match piece {
                Piece::Text(text) => self.found(tokens, text),
                token @ Piece::Token(_) => vec![token],
            });
            pieces = found.collect();
        }
        pieces
    }

    /// The leftmost and of these the longest, one after the other, with the blanks around them that a token takes.
    fn found<'a>(&self, tokens: &BTreeMap<String, u32>, text: &'a str) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        let (mut at, mut taken) = (0, 0);
        while let Some(next) = text[at..].chars().next() {
            let Some((content, id)) = longest(tokens, &text[at..]) else {
                at += next.len_utf8();
                continue;
            };
            let Added { lstrip, rstrip, .. } = self.by_id[&id];
            let (mut begin, mut end) = (at, at + content.len());
            at = end;
            if lstrip {
                begin = text[..begin].trim_end().len().max(taken);
            }
            if rstrip {
                end = text.len() - text[end..].trim_start().len();
            }
            if begin >= end {
                // A token before has taken all of it.
                continue;
            }
            if taken < begin {
                pieces.push(Piece::Text(&text[taken..begin]));
            }
            pieces.push(Piece::Token(id));
            taken = end;
        }
        if taken < text.len() {
            pieces.push(Piece::Text(&text[taken..]));
        }
        pieces
    }
}

/// The longest of the tokens that a text begins with.
fn longest<'a>(tokens: &'a BTreeMap<String, u32>, mut text: &str) -> Option<(&'a str, u32)> {
    loop {
        let up_to = (Bound::Unbounded, Bound::Included(text));
        let (last, &id) = tokens.range::<str, _>(up_to).next_back()?;
        if text.starts_with(last.as_str()) {
            return Some((last, id));
        }
        // None of those that begin the text is after this one, nor longer than what both begin with.
        let differ = text.char_indices().zip(last.chars()).find(|((_, ours), theirs)| ours != theirs);
        let ((at, _), _) = differ?;
        text = &text[..at];
    }
}

#[cfg(test)]
mod tests {
    use super::longest;

    #[test]
    fn of_several_the_longest_is_found() {
        let tokens = ["a", "ab", "abcd", "b", "bz", "\u{e9}"];
        let tokens = tokens.into_iter().zip(0..).map(|(token, id)| (token.to_owned(), id)).collect();
        let found = |text| longest(&tokens, text).map(|(token, _)| token);
        assert_eq!([found("abc"), found("abcde"), found("ax")], [Some("ab"), Some("abcd"), Some("a")]);
        assert_eq!([found("bza"), found("by"), found("c"), found("")], [Some("bz"), Some("b"), None, None]);
        assert_eq!([found("éa"), found("è")], [Some("é"), None]);
    }
}
