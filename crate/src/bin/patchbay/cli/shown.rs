//! What is printed. Text from files and servers is shown without the characters that command a terminal: those that control
//! it, and those that turn the direction of what is read.

use std::io::{self, StdoutLock, Write, stderr, stdout};

use anyhow::Result;
use patchbay::plain::is_unseen;
pub use patchbay::plain::visible;
use serde_json::{Value, json};

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
        let shown = |c: char| if c != '\n' && is_unseen(c) { (self.escape)(c) } else { c.to_string() };
        let text = String::from_utf8_lossy(bytes);
        match text.contains(is_unseen) {
            true => self.out.write_all(text.chars().map(shown).collect::<String>().as_bytes())?,
            false => self.out.write_all(text.as_bytes())?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
