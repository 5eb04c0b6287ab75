//! What a share link says of the result it was made from: which program, which model, and the mean of each condition.
//! Whoever opens the link computes it again, and sees whether it comes out the same. The link may be anybody's: every part is
//! bounded and checked, and a wrong one is refused by name.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Finished, VERSION, rounded_to, significant};
use crate::plain::{quoted, unreadable};
use crate::schema::Problem;

/// Texts by the names of a link's parameters.
pub type Texts = BTreeMap<String, String>;

/// A link of version 0.1 has of the hashes that of the weights alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    pub(super) app: String,
    pub(super) sha256: String,
    pub(super) config_sha256: Option<String>,
    pub(super) tokenizer_sha256: Option<String>,
    pub(super) revision: Option<String>,
    /// By condition, rounded to [`DIGITS`].
    pub(super) means: Vec<(String, f64)>,
}

pub(super) const DIGITS: i32 = 6;
const MOST: usize = 2000;
const MOST_CONDITIONS: usize = 40;
const LONGEST_NAME: usize = 60;

/// A part's name, what it may be, that in words, and whether every link has it.
type Rule = (&'static str, fn(&str) -> bool, &'static str, bool);

const RULES: [Rule; 5] = [
    ("app", is_version, "a version such as 0.1.0", true),
    ("sha256", |text| is_hex(text, 64), "64 hexadecimal digits", true),
    ("config_sha256", |text| is_hex(text, 64), "64 hexadecimal digits", false),
    ("tokenizer_sha256", |text| is_hex(text, 64), "64 hexadecimal digits", false),
    ("revision", |text| is_hex(text, 40), "40 hexadecimal digits", false),
];
const MEANS: &str = "means";

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_version(text: &str) -> bool {
    let (numbers, rest) = text.split_once('-').map_or((text, None), |(numbers, rest)| (numbers, Some(rest)));
    let number = |text: &str| (1..=5).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
    let plain = |text: &str| text.bytes().all(|c| c.is_ascii_alphanumeric() || b".-".contains(&c));
    numbers.split('.').count() == 3
        && numbers.split('.').all(number)
        && rest.is_none_or(|rest| (1..=30).contains(&rest.len()) && plain(rest))
}

impl Headline {
    /// The names of its parameters.
    pub fn names() -> impl Iterator<Item = &'static str> {
        RULES.iter().map(|(name, ..)| *name).chain([MEANS])
    }

    /// From a link's parameters, of which others are passed over; nothing where there is none of it.
    ///
    /// # Errors
    /// All that is wrong with it, by the names of its parameters.
    pub fn read(texts: &Texts) -> std::result::Result<Option<Self>, Vec<Problem>> {
        if Self::names().all(|name| !texts.contains_key(name)) {
            return Ok(None);
        }
        let mut problems = Vec::new();
        let mut wrong =
            |field: &str, message: String| problems.push(Problem { field: field.into(), message });
        let missing = || "missing, but the link has other parts of a stored result".to_owned();
        for (name, may, expected, needed) in RULES {
            match texts.get(name) {
                Some(text) if !may(text) => {
                    wrong(name, format!("expected {expected}, found {}", quoted(text)));
                }
                None if needed => wrong(name, missing()),
                _ => {}
            }
        }
        let means = match texts.get(MEANS).map_or_else(|| Err(missing()), |text| read_means(text)) {
            Ok(means) => means,
            Err(message) => {
                wrong(MEANS, message);
                Vec::new()
            }
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let text = |name: &str| texts.get(name).cloned();
        Ok(Some(Self {
            app: text("app").unwrap_or_default(),
            sha256: text("sha256").unwrap_or_default(),
            config_sha256: text("config_sha256"),
            tokenizer_sha256: text("tokenizer_sha256"),
            revision: text("revision"),
            means,
        }))
    }

    /// As [`Headline::read`] takes them, in the order in which a link has them.
    pub fn texts(&self) -> Vec<(&'static str, String)> {
        let means = self.means.iter().map(|(name, mean)| format!("{name}:{}", significant(*mean, DIGITS)));
        let means = means.collect::<Vec<_>>().join(";");
        let hash = |name, text: &Option<String>| Some((name, text.clone()?));
        [
            Some(("app", self.app.clone())),
            Some(("sha256", self.sha256.clone())),
            hash("config_sha256", &self.config_sha256),
            hash("tokenizer_sha256", &self.tokenizer_sha256),
            hash("revision", &self.revision),
            Some((MEANS, means)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn read_means(text: &str) -> std::result::Result<Vec<(String, f64)>, String> {
    if text.len() > MOST {
        return Err(format!("expected at most {MOST} characters, found {}", text.len()));
    }
    let entries: Vec<&str> = text.split(';').collect();
    if entries.len() > MOST_CONDITIONS {
        return Err(format!("expected at most {MOST_CONDITIONS} conditions, found {}", entries.len()));
    }
    let mut means: Vec<(String, f64)> = Vec::new();
    for entry in entries {
        let read = entry.split_once(':').and_then(|(name, figure)| Some((name, read_figure(figure)?)));
        let Some((name, figure)) = read.filter(|(name, _)| may_name(name)) else {
            return Err(format!("expected condition:number, found {}", quoted(entry)));
        };
        if means.iter().any(|(other, _)| other == name) {
            return Err(format!("expected {} once, found twice", quoted(name)));
        }
        means.push((name.to_owned(), figure));
    }
    Ok(means)
}

fn may_name(name: &str) -> bool {
    !name.is_empty() && name.chars().count() <= LONGEST_NAME && unreadable(name).is_none()
}

/// A finite number in digits, with a point or an exponent.
fn read_figure(text: &str) -> Option<f64> {
    let plain = text.len() <= 40 && !text.contains(char::is_whitespace);
    serde_json::from_str::<Value>(text).ok().filter(|_| plain)?.as_f64()
}

impl Finished {
    pub fn headline(&self) -> Headline {
        let [weights, config, tokenizer] = self.hashes().map(|(_, sha256)| sha256.to_owned());
        let rounded = |value| rounded_to(value, DIGITS);
        Headline {
            app: VERSION.into(),
            sha256: weights,
            config_sha256: Some(config),
            tokenizer_sha256: Some(tokenizer),
            revision: self.revision().map(String::from),
            means: self
                .conditions()
                .map(|(case, of)| (case.condition.to_owned(), rounded(of.mean_diff)))
                .collect(),
        }
    }
}
