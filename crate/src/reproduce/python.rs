//! Values as Python has them.

/// A text. All that is not plain ASCII is escaped: a prompt may be anybody's, and characters that turn the writing direction
/// around or look like others must not make code look like something else.
pub fn literal(text: &str) -> String {
    let escaped = text.chars().map(|c| match (c, u32::from(c)) {
        ('"' | '\\', _) => format!("\\{c}"),
        (' '..='~', _) => c.to_string(),
        (_, code @ ..=0xffff) => format!("\\u{code:04x}"),
        (_, code) => format!("\\U{code:08x}"),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

pub fn flag(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_text_is_plain_ascii_whatever_is_in_it() {
        for (text, expected) in [
            ("plain ~ [text]^_`{}", "\"plain ~ [text]^_`{}\""),
            ("\"; import os #", "\"\\\"; import os #\""),
            ("a\\b\n\r\0\u{7f}", "\"a\\\\b\\u000a\\u000d\\u0000\\u007f\""),
            ("ß → \u{202e}", "\"\\u00df \\u2192 \\u202e\""),
            ("🙂", "\"\\U0001f642\""),
        ] {
            assert_eq!(literal(text), expected);
        }
    }
}
