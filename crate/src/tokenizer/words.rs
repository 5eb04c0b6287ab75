//! How GPT-2 cuts a text into words before BPE, and how it spells their bytes.

use super::characters::{is_letter, is_number};
use super::vocabulary::{byte_symbols, bytes};

/// What a tokenizer.json says of it.
#[derive(Debug, Clone)]
pub struct Words {
    /// The first word is read as after a space.
    add_prefix_space: bool,
    /// Whether there are words at all, or each text is one.
    cuts: bool,
    /// The character that stands for each byte.
    symbols: [char; 256],
}

impl Words {
    pub fn new(add_prefix_space: bool, cuts: bool) -> Self {
        let mut symbols = ['\0'; 256];
        bytes().zip(byte_symbols()).for_each(|(byte, symbol)| symbols[usize::from(byte)] = symbol);
        Self { add_prefix_space, cuts, symbols }
    }

    /// A text's words, each a character a byte.
    pub fn of(&self, text: &str) -> Vec<String> {
        let after_space;
        let text = if self.add_prefix_space && !text.is_empty() && !text.starts_with(' ') {
            after_space = format!(" {text}");
            &after_space
        } else {
            text
        };
        let words = if self.cuts { cut(text) } else { vec![text] };
        let spelled = |word: &str| word.bytes().map(|byte| self.symbols[usize::from(byte)]).collect();
        words.into_iter().filter(|word| !word.is_empty()).map(spelled).collect()
    }

    /// The bytes that a token's characters stand for; its own where one of them stands for none.
    pub fn bytes(&self, token: &str) -> Vec<u8> {
        let byte = |symbol| self.symbols.iter().position(|&other| other == symbol).map(|byte| byte as u8);
        token.chars().map(byte).collect::<Option<_>>().unwrap_or_else(|| token.as_bytes().to_vec())
    }
}

/// GPT-2's pattern: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
fn cut(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(first_word(rest));
        words.push(word);
        rest = after;
    }
    words
}

/// The length of the word that a text begins with.
fn first_word(text: &str) -> usize {
    const CONTRACTIONS: [&str; 7] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    if let Some(contraction) = CONTRACTIONS.iter().find(|contraction| text.starts_with(**contraction)) {
        return contraction.len();
    }
    // A word has the space before it.
    let word = text.strip_prefix(' ').unwrap_or(text);
    let end = match word.chars().next().map(Kind::of) {
        None | Some(Kind::Blank) => return blanks(text),
        Some(kind) => word.find(|c| Kind::of(c) != kind).unwrap_or(word.len()),
    };
    text.len() - word.len() + end
}

/// As many blanks as there are, but for the last one where something follows, which may be the space of a word.
fn blanks(text: &str) -> usize {
    let all = text.find(|c| Kind::of(c) != Kind::Blank).unwrap_or(text.len());
    let last = text[..all].char_indices().next_back().map_or(0, |(at, _)| at);
    if all == text.len() || last == 0 { all } else { last }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Number,
    Blank,
    Other,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            _ if c.is_whitespace() => Self::Blank,
            _ if is_letter(c) => Self::Letter,
            _ if is_number(c) => Self::Number,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn words_have_the_space_before_them() {
        for (text, expected) in [
            ("Then, Mary's  9 rings", &["Then", ",", " Mary", "'s", " ", " 9", " rings"][..]),
            ("it'll 'tis 12am ...", &["it", "'ll", " '", "tis", " 12", "am", " ..."]),
            ("  \n x", &["  \n", " x"]),
            ("\nx\u{a0}y  ", &["\n", "x", "\u{a0}", "y", "  "]),
            ("", &[]),
        ] {
            assert_eq!(cut(text), expected);
        }
    }
}
