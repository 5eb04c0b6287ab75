//! Text from anybody, which is to be shown as it is read: no text looks like another.

/// The first character that makes it no plain text, in words. A tab is a blank; U+FFFD stands where a text was damaged.
pub fn unreadable(text: &str) -> Option<String> {
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
