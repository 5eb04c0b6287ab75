//! Text from anybody, which is shown as it is read: no text looks like another, and none commands a terminal.

use std::borrow::Cow;

use crate::error::excerpt;

/// Whether a character is not seen but does something, to a terminal or to the direction of what is read.
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// In one line, with such characters written out.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return text.into();
    }
    let shown = |c: char| if is_unseen(c) { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(shown).collect::<String>().into()
}

/// The beginning of a text in quotation marks, for a message.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", visible(&excerpt(text)))
}

/// The first character that makes it no plain text, in words. A tab is a blank; U+FFFD stands where a text was damaged.
pub(crate) fn unreadable(text: &str) -> Option<String> {
    text.chars().find_map(|c| {
        let what = match c {
            '\t' => return None,
            '\u{fffd}' => "a damaged character",
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a mark that turns the writing direction",
            c if c.is_control() => "a control character",
            _ => return None,
        };
        Some(format!("{what} (U+{:04X})", u32::from(c)))
    })
}

#[cfg(test)]
mod tests {
    use super::{quoted, unreadable, visible};

    #[test]
    fn what_commands_a_terminal_is_spelt_out() {
        assert_eq!(visible("h.0.\u{1b}[31mred\u{7}"), "h.0.\\u{1b}[31mred\\u{7}");
        assert_eq!(visible("C1 \u{9b}2J, DEL \u{7f}"), "C1 \\u{9b}2J, DEL \\u{7f}");
        assert_eq!(visible("a\nb\tc\r"), "a\\nb\\tc\\r");
        assert_eq!(visible("\u{202e}gnp.exe\u{2069}\u{2028}"), "\\u{202e}gnp.exe\\u{2069}\\u{2028}");
        assert_eq!(visible("Žižek → 東京"), "Žižek → 東京");
        assert_eq!(visible("Zoë 🙂 שלום\u{a0}!"), "Zoë 🙂 שלום\u{a0}!");
        assert_eq!(quoted("moc.\u{202e}example"), "\"moc.\\u{202e}example\"");
        assert_eq!(quoted(&"🙂".repeat(201)), format!("\"{}…\"", "🙂".repeat(200)));
    }

    #[test]
    fn plain_text_has_nothing_unseen_in_it() {
        for (text, found) in [
            ("a\0b", "a control character (U+0000)"),
            ("a\u{1b}[0m", "a control character (U+001B)"),
            ("a\u{9d}", "a control character (U+009D)"),
            ("a\nb", "a control character (U+000A)"),
            ("\u{202e}a", "a mark that turns the writing direction (U+202E)"),
            ("\u{2066}a", "a mark that turns the writing direction (U+2066)"),
            ("a\u{fffd}", "a damaged character (U+FFFD)"),
        ] {
            assert_eq!(unreadable(text).as_deref(), Some(found));
        }
        assert_eq!(unreadable("a\tb Zoë 🙂 שלום"), None);
    }
}
