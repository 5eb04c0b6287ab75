//! Heads that are listed in one text with commas between, and what to write where something else stands between them.

use std::str::FromStr;

use crate::patch::Node;
use crate::plain::quoted;
use crate::{Error, Result};

/// Heads with their positions.
///
/// # Errors
/// As of a node; where only what stands between them is wrong, with what to write.
pub fn nodes(text: &str) -> Result<Vec<Node>> {
    listed(text, with_positions, "commas between heads and + between a head's positions")
}

/// What reads at the end of paths; at least one.
///
/// # Errors
/// As of one of them; where only what stands between them is wrong, with what to write.
pub fn receivers<T: FromStr<Err = Error>>(text: &str) -> Result<Vec<T>> {
    let receivers = listed(text, |words| words.join(", "), "commas between what reads")?;
    if receivers.is_empty() { text.parse().map(|one| vec![one]) } else { Ok(receivers) }
}

fn listed<T: FromStr<Err = Error>>(
    text: &str,
    mended: impl Fn(&[&str]) -> String,
    expected: &str,
) -> Result<Vec<T>> {
    let read = |text: &str| -> Result<Vec<T>> {
        text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::parse).collect()
    };
    read(text).map_err(|error| {
        let between = |character: char| character.is_whitespace() || ",;&|/".contains(character);
        let words: Vec<&str> = text.split(between).filter(|word| !word.is_empty()).collect();
        let mended = mended(&words);
        match error.field() {
            Some(field) if read(&mended).is_ok() => {
                Error::input(field, format!("expected {expected}, found {}; write {mended}", quoted(text)))
            }
            _ => error,
        }
    })
}

/// "1.0@END S2 0.2@END" is "1.0@END+S2, 0.2@END": what is not begun by a head is a position of the head before.
fn with_positions(words: &[&str]) -> String {
    let mut heads: Vec<String> = Vec::new();
    for word in words.iter().filter(|word| **word != "+") {
        let is_head = word.split('@').next().is_some_and(|head| {
            head.split_once('.').is_some_and(|(layer, head)| {
                [layer, head].iter().all(|number| number.parse::<usize>().is_ok())
            })
        });
        match heads.last_mut() {
            Some(last) if !is_head && !word.contains('.') => {
                let sign = if last.contains('@') { "+" } else { "@" };
                *last += &format!("{sign}{}", word.trim_matches(['+', '@']));
            }
            _ => heads.push((*word).to_owned()),
        }
    }
    heads.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Receiver;

    #[test]
    fn what_stands_between_heads_and_positions_is_told_with_what_to_write() {
        for (text, write) in [
            ("1.0@END 0.2@END", "1.0@END, 0.2@END"),
            ("1.0@END; 0.2@END", "1.0@END, 0.2@END"),
            ("1.0@END, S2", "1.0@END+S2"),
            ("1.0@END, S2, 0.2@all", "1.0@END+S2, 0.2@all"),
            ("1.0@END + S2; 0.1@all", "1.0@END+S2, 0.1@all"),
            ("1.0 END", "1.0@END"),
        ] {
            let message = nodes(text).unwrap_err().to_string();
            let expected = format!(
                "expected commas between heads and + between a head's positions, found \"{text}\"; write {write}"
            );
            assert_eq!(message, expected);
            assert!(nodes(write).is_ok());
        }
        let odd = nodes("1.0@END, x.y").unwrap_err().to_string();
        assert!(odd.starts_with("expected a head and its positions"), "{odd}");
    }

    #[test]
    fn what_stands_between_receivers_is_told_with_what_to_write() {
        let read = receivers::<Receiver>;
        let message = read("1.0.q 1.1.k").unwrap_err().to_string();
        assert_eq!(message, "expected commas between what reads, found \"1.0.q 1.1.k\"; write 1.0.q, 1.1.k");
        assert_eq!(read("1.0.q, 1.1.k").unwrap().len(), 2);
        assert!(read("").is_err());
        assert!(read("1.0.x 1.1.k").unwrap_err().to_string().starts_with("expected logits, or "));
    }
}
