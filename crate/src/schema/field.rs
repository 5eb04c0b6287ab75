use serde::Serialize;

use crate::plain::{quoted, unreadable};

/// A thing that is asked for.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Field {
    /// The same in every form, and in links.
    pub name: &'static str,
    pub label: &'static str,
    /// A sentence or two. Of a flag, what it does where it is set.
    pub help: &'static str,
    pub kind: Kind,
    /// The text that holds where there is none. A text may be empty where this is.
    pub default: String,
    /// What belongs together: "question", "head", "task", "run".
    pub group: &'static str,
    /// Whether a link may leave it out.
    pub optional: bool,
    /// Texts that it may have, among others.
    pub suggested: Vec<Suggestion>,
    /// The tasks of which it says something, where a task is chosen too; none where that is any task.
    pub tasks: &'static [&'static str],
    /// What else has to be true of a text by itself; an error is what is wrong with it.
    #[serde(skip)]
    pub(super) check: fn(&str) -> Result<(), String>,
}

/// What a field's text may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Kind {
    /// A whole number.
    Integer { min: u32, max: u32 },
    /// "true" or "false".
    Flag,
    /// The value of one of the choices.
    Choice { choices: Vec<Choice> },
    /// At most so many characters in one line.
    Text { max_length: usize },
    /// At most so many characters in any lines, whatever they are.
    Passage { max_length: usize },
    /// A prompt a line, `sentence | IO | S`; empty for generated ones.
    Prompts,
    /// Pairs of prompts, as [`crate::task::PairsFile`] reads them; empty for none.
    Pairs,
    /// A vector that an edit puts in: a named direction, or a [`crate::patch::FileVector`] as JSON; empty for none.
    Vector,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Choice {
    pub value: &'static str,
    pub label: &'static str,
    /// A sentence; empty where the label says it all.
    pub help: &'static str,
}

/// A text with what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Suggestion {
    pub label: &'static str,
    pub text: String,
}

impl Kind {
    pub(super) fn choice(choices: &[Choice]) -> Self {
        Self::Choice { choices: choices.into() }
    }
}

impl Choice {
    pub(super) const fn new(value: &'static str, label: &'static str, help: &'static str) -> Self {
        Self { value, label, help }
    }
}

impl Field {
    /// One of a group that is in every link, for `..`.
    pub(super) fn of(group: &'static str) -> Self {
        Self {
            name: "",
            label: "",
            help: "",
            kind: Kind::Flag,
            default: String::new(),
            group,
            optional: false,
            suggested: Vec::new(),
            tasks: &[],
            check: |_| Ok(()),
        }
    }

    /// One of the question itself, which links from before it was asked do not have.
    pub(super) fn of_question() -> Self {
        Self { optional: true, ..Self::of("question") }
    }

    /// A choice of the question's, the first where none is made.
    pub(super) fn chosen(
        name: &'static str,
        label: &'static str,
        choices: &[Choice],
        help: &'static str,
    ) -> Self {
        let (kind, default) = (Kind::choice(choices), choices[0].value.to_owned());
        Self { name, label, help, kind, default, ..Self::of_question() }
    }

    /// What is wrong with a text by itself, if anything is. Of prompts and pairs that is said line by line, when
    /// they are read.
    ///
    /// # Errors
    /// What was expected, what was found, what to do.
    pub fn check(&self, text: &str) -> Result<(), String> {
        if text.is_empty() && self.default.is_empty() {
            return Ok(());
        }
        match &self.kind {
            Kind::Integer { min, max } => {
                let number = whole_number(text).filter(|number| (min..=max).contains(&number));
                number.ok_or_else(|| {
                    format!("expected a whole number from {min} to {max}, found {}", quoted(text))
                })?;
            }
            Kind::Flag if matches!(text, "true" | "false") => {}
            Kind::Flag => return Err(format!("expected true or false, found {}", quoted(text))),
            Kind::Choice { choices } if choices.iter().any(|choice| choice.value == text) => {}
            Kind::Choice { choices } => {
                let values: Vec<&str> = choices.iter().map(|choice| choice.value).collect();
                return Err(format!("expected one of {}, found {}", values.join(", "), quoted(text)));
            }
            Kind::Text { .. } | Kind::Passage { .. } if text.is_empty() => {
                return Err("expected some text, found nothing".into());
            }
            Kind::Text { max_length } | Kind::Passage { max_length } => {
                let length = text.chars().count();
                if length > *max_length {
                    return Err(format!("expected at most {max_length} characters, found {length}"));
                }
                if let (Kind::Text { .. }, Some(odd)) = (&self.kind, unreadable(text)) {
                    return Err(format!("expected plain text, found {odd}"));
                }
            }
            Kind::Prompts | Kind::Pairs | Kind::Vector => {}
        }
        (self.check)(text)
    }
}

/// In one way only, so that equal links are equal texts.
fn whole_number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let shortest = text == "0" || !text.starts_with('0');
    (digits && shortest).then(|| text.parse().ok()).flatten()
}
