//! What a share link says of the result it was made from: which program, which model, and the mean of each condition.
//! Whoever opens the link computes it again, and sees whether it comes out the same. The link may be anybody's: every part is
//! bounded and checked, and a wrong one is refused by name.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Finished, VERSION, beginning, rounded_to, significant};
use crate::plain::{quoted, unreadable};
use crate::report::Table;
use crate::report::words::NONE;
use crate::schema::Problem;
use crate::{Error, Result};

/// Texts by the names of a link's parameters.
pub type Texts = BTreeMap<String, String>;

/// A link of version 0.1 has of the hashes that of the weights alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    app: String,
    sha256: String,
    config_sha256: Option<String>,
    tokenizer_sha256: Option<String>,
    revision: Option<String>,
    /// By condition, rounded to [`DIGITS`].
    means: Vec<(String, f64)>,
}

/// A link's result beside one that was computed again.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Comparison {
    pub agrees: bool,
    /// In a sentence or two.
    pub verdict: String,
    /// A row for each of the link's conditions.
    pub table: Table,
}

const DIGITS: i32 = 6;
const MOST: usize = 2000;
const MOST_CONDITIONS: usize = 40;
const LONGEST_NAME: usize = 60;

/// Beside the rounding in the link. Float32 sums in another order, as on another device, move a mean by some 1e-5.
const TOLERANCE: f64 = 1e-4;
/// Half a unit of the last digit, as a share of the figure.
const ROUNDING: f64 = 0.5e-5;

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
                    wrong(name, format!("expected {expected}, found {}", quoted(text)))
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

    /// What is not the same about the program and the model, the weightiest first. What the link does not name is not held
    /// against it.
    fn causes(&self, here: &Self) -> Vec<String> {
        let short = |text: &str| format!("{}…", beginning(text, 8));
        let differ = |one: &Option<String>, other: &Option<String>| one.is_some() && one != other;
        let mut causes = Vec::new();
        let hashes =
            |of: &Self| [Some(of.sha256.clone()), of.config_sha256.clone(), of.tokenizer_sha256.clone()];
        let what = ["other weights", "another configuration", "another tokenizer"];
        for ((what, one), other) in what.into_iter().zip(hashes(self)).zip(hashes(here)) {
            if differ(&one, &other) {
                let [one, other] = [one, other].map(|it| short(&it.unwrap_or_default()));
                causes.push(format!("{what}, SHA-256 {one} in the link and {other} here"));
            }
        }
        if self.revision != here.revision {
            let [one, other] =
                [&self.revision, &here.revision].map(|it| it.as_deref().map_or_else(|| "none".into(), short));
            causes.push(format!("another revision of the model, {one} in the link and {other} here"));
        }
        if self.app != here.app {
            causes.push(format!(
                "another version of this page, {} in the link and {} here",
                self.app, here.app
            ));
        }
        causes
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

    /// What a link promised beside this run. Conditions that the link does not have are not held against it: an earlier
    /// version may have had fewer.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `means` if the link says nothing of a result, or what cannot be read.
    pub fn compare(&self, link: &Texts) -> Result<Comparison> {
        let stored = Headline::read(link).ok().flatten();
        let stored = stored.ok_or_else(|| Error::input("means", "the link's result cannot be read"))?;
        let here = self.headline();
        let mut others = 0;
        let mut rows = Vec::new();
        for (condition, before) in &stored.means {
            let now = here.means.iter().find(|(name, _)| name == condition).map(|(_, mean)| *mean);
            let agrees = now.is_some_and(|now| (now - before).abs() <= TOLERANCE + ROUNDING * before.abs());
            others += usize::from(!agrees);
            rows.push(vec![
                condition.clone(),
                significant(*before, DIGITS),
                now.map_or_else(|| NONE.into(), |now| significant(now, DIGITS)),
                if agrees { "agrees" } else { "differs" }.into(),
            ]);
        }
        let causes = stored.causes(&here).join("; ");
        let verdict = if others == 0 {
            let besides = if causes.is_empty() { causes } else { format!(" Still: {causes}.") };
            format!(
                "This result agrees with the one stored in the link, to the {TOLERANCE} that float32 may differ by on another device.{besides}"
            )
        } else {
            let why = if causes.is_empty() {
                "The model and the page's version are the same, as far as the link names them, so rounding on another device does not explain it: the link may have been changed.".to_owned()
            } else {
                format!("The likely cause: {causes}.")
            };
            let conditions = if rows.len() == 1 { "condition" } else { "conditions" };
            format!(
                "This result differs from the one stored in the link, in {others} of {} {conditions}. {why}",
                rows.len()
            )
        };
        let table = Table {
            name: "link",
            title: "The link's means beside this result's".into(),
            header: ["condition", "in the link", "here", "verdict"].map(String::from).into(),
            rows,
            caption: String::new(),
        };
        Ok(Comparison { agrees: others == 0, verdict, table })
    }
}
