//! What is printed. Text from files and servers is shown without the characters that command a terminal: those that control
//! it, and those that turn the direction of what is read.

use std::borrow::Cow;
use std::io::{self, StdoutLock, Write, stderr, stdout};

use anyhow::Result;
use serde_json::{Value, json};

/// Whether a terminal does something else with it than to show it.
fn commands(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn without(text: &str, is_out: impl Fn(char) -> bool, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(&is_out) {
        return text.into();
    }
    let shown: String = text.chars().map(|c| if is_out(c) { escape(c) } else { c.to_string() }).collect();
    shown.into()
}

/// In one line.
pub fn visible(text: &str) -> Cow<'_, str> {
    without(text, commands, |c| c.escape_default().to_string())
}

/// A line on stderr. Where that is closed, nobody is there to be told.
pub fn say(line: &str) {
    let _ = writeln!(stderr(), "patchbay: {}", visible(line));
}

/// Lines on stdout, for people.
pub fn tables() -> impl Write {
    Lines { out: stdout().lock(), escape: |c| c.escape_default().to_string() }
}

/// One object on stdout, with this program's version. JSON has escapes of its own for any character, so that it stays exact.
pub fn print_json(mut object: Value) -> Result<()> {
    object["version"] = json!(env!("CARGO_PKG_VERSION"));
    let mut out = Lines { out: stdout().lock(), escape: |c| format!("\\u{:04x}", u32::from(c)) };
    writeln!(out, "{}", serde_json::to_string(&object)?)?;
    Ok(())
}

struct Lines {
    out: StdoutLock<'static>,
    escape: fn(char) -> String,
}

impl Write for Lines {
    /// Formatting writes whole characters at once.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.out.write_all(without(&text, |c| c != '\n' && commands(c), self.escape).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_commands_a_terminal_is_spelt_out() {
        assert_eq!(visible("h.0.\u{1b}[31mred\u{7}"), "h.0.\\u{1b}[31mred\\u{7}");
        assert_eq!(visible("C1 \u{9b}2J, DEL \u{7f}"), "C1 \\u{9b}2J, DEL \\u{7f}");
        assert_eq!(visible("a\nb\tc\r"), "a\\nb\\tc\\r");
        assert_eq!(visible("\u{202e}gnp.exe\u{2069}\u{2028}"), "\\u{202e}gnp.exe\\u{2069}\\u{2028}");
        assert_eq!(visible("Žižek → 東京"), "Žižek → 東京");
    }
}
