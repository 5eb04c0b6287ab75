//! Values as Python has them.

use serde_json::Value;

use super::significant;

/// The digits of a figure. Float32 has seven.
const DIGITS: i32 = 9;
/// A line that is longer has its parts on lines of their own.
const WIDTH: usize = 110;

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

/// Any record, on as few lines as are not too long. `depth`: of the line it begins on.
pub fn value(json: &Value, depth: usize) -> String {
    let short = one_line(json);
    let parts: Vec<String> = match json {
        _ if short.len() + 4 * depth <= WIDTH => return short,
        Value::Array(items) => items.iter().map(|item| value(item, depth + 1)).collect(),
        Value::Object(entries) => entries
            .iter()
            .map(|(key, item)| format!("{}: {}", literal(key), value(item, depth + 1)))
            .collect(),
        _ => return short,
    };
    let is_flat =
        json.as_array().is_some_and(|items| !items.iter().any(|item| item.is_array() || item.is_object()));
    let parts = if is_flat { filled(&parts, WIDTH.saturating_sub(4 * depth)) } else { parts };
    let (open, close) = if json.is_array() { ('[', ']') } else { ('{', '}') };
    let indent = "    ".repeat(depth);
    let lines: String = parts.iter().map(|part| format!("{indent}    {part},\n")).collect();
    format!("{open}\n{lines}{indent}{close}")
}

/// As many on a line as are not too long.
fn filled(parts: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.len() + 2 + part.len() <= width => *line += &format!(", {part}"),
            _ => lines.push(part.clone()),
        }
    }
    lines
}

/// On one line, however long.
pub fn one_line(json: &Value) -> String {
    let list = |parts: Vec<String>| parts.join(", ");
    match json {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(number) if number.is_f64() => significant(number.as_f64().unwrap_or_default(), DIGITS),
        Value::Number(number) => number.to_string(),
        Value::String(text) => literal(text),
        Value::Array(items) => format!("[{}]", list(items.iter().map(one_line).collect())),
        Value::Object(entries) => {
            let entry = |(key, item): (&String, &Value)| format!("{}: {}", literal(key), one_line(item));
            format!("{{{}}}", list(entries.iter().map(entry).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{literal, value};

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

    #[test]
    fn a_record_is_pythons_on_few_lines() {
        let record = json!({ "a": null, "b": [true, false], "c\"": [1, -0.123456789012] });
        assert_eq!(value(&record, 0), r#"{"a": None, "b": [True, False], "c\"": [1, -0.123456789]}"#);
        let long = json!([["x".repeat(60), "y".repeat(60)], [2]]);
        let [x, y] = ["x", "y"].map(|c| c.repeat(60));
        let lines = format!("[\n    [\n        \"{x}\",\n        \"{y}\",\n    ],\n    [2],\n]");
        assert_eq!(value(&long, 0), lines);
        let numbers = value(&json!(vec![0.125; 40]), 0);
        assert_eq!(numbers.lines().count(), 2 + 3);
        assert!(numbers.lines().all(|line| line.len() <= 4 + 110 + 1), "{numbers}");
    }
}
