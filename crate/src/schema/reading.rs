//! Texts while they are read.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Field, LeftOutLine, Problem, Read};
use crate::error::excerpt;
use crate::experiment::{Experiment, ExperimentSpec};
use crate::model::Gpt2Config;
use crate::plain::visible;
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// What of a model a form asks; known before any of its weights.
#[derive(Clone, Copy)]
pub struct About<'a> {
    pub config: &'a Gpt2Config,
    pub tokenizer: &'a Tokenizer,
}

pub struct Reading<'a> {
    fields: &'a [Field],
    texts: &'a BTreeMap<String, String>,
    pub experiments: &'a [&'a Experiment],
    pub model: Option<About<'a>>,
    problems: Vec<Problem>,
    pub left_out: Vec<LeftOutLine>,
}

impl<'a> Reading<'a> {
    /// Each text has been looked at by itself.
    pub fn new(
        fields: &'a [Field],
        texts: &'a BTreeMap<String, String>,
        experiments: &'a [&'a Experiment],
        model: Option<About<'a>>,
    ) -> Self {
        let mut reading =
            Self { fields, texts, experiments, model, problems: Vec::new(), left_out: Vec::new() };
        let mut unknown = Vec::new();
        for (name, text) in texts {
            match fields.iter().find(|field| field.name == name).map(|field| field.check(text)) {
                Some(checked) => {
                    if let Err(message) = checked {
                        reading.refuse(name, message);
                    }
                }
                None => unknown.push(name.as_str()),
            }
        }
        if !unknown.is_empty() {
            let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
            let message = format!("there is no such field; there is {}", known.join(", "));
            reading.refuse(&visible(&excerpt(&unknown.join(", "))), message);
        }
        reading
    }

    /// A field's text, or its default where there is none. A wrong one is taken for right here, so that one mistake does not
    /// hide another.
    pub fn text(&self, name: &str) -> &'a str {
        let field = self.fields.iter().find(|field| field.name == name).expect("a field of the form");
        match self.texts.get(name) {
            Some(text) if !self.is_refused(name) => text,
            _ => &field.default,
        }
    }

    /// The model's own, or without one GPT-2 small's.
    pub fn default_head(&self) -> [usize; 2] {
        let ExperimentSpec { layer, head, .. } = ExperimentSpec::default();
        self.model.map_or([layer, head], |model| model.config.default_head())
    }

    pub fn integer(&self, name: &str) -> u32 {
        self.text(name).parse().expect("the text has been looked at")
    }

    pub fn flag(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// What a choice's value is in a spec.
    pub fn choice<T: DeserializeOwned>(&self, name: &str) -> T {
        serde_json::from_value(Value::from(self.text(name))).expect("every choice has a meaning")
    }

    pub fn is_refused(&self, name: &str) -> bool {
        self.problems.iter().any(|problem| problem.field == name)
    }

    /// Unless something else is wrong with the field.
    pub fn refuse(&mut self, field: &str, message: impl Into<String>) {
        if !self.is_refused(field) {
            self.problems.push(Problem { field: field.to_owned(), message: message.into() });
        }
    }

    /// What is wrong with fields that say nothing beside others is no problem.
    pub fn overlook(&mut self, names: &[&str]) {
        self.problems.retain(|problem| !names.contains(&problem.field.as_str()));
    }

    /// Nor is what is wrong with fields that say nothing of a task.
    pub fn overlook_unless_of(&mut self, task: &str) {
        let says = |field: &Field| field.tasks.is_empty() || field.tasks.contains(&task);
        let silent: Vec<&str> =
            self.fields.iter().filter(|field| !says(field)).map(|field| field.name).collect();
        self.overlook(&silent);
    }

    /// An error of the crate's is a problem of its field, or of another where it has another name here.
    pub fn check_as<T>(&mut self, field: Option<&str>, checked: Result<T>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(error) => {
                let blamed = field.or(error.field()).unwrap_or("analysis");
                self.refuse(blamed, error.to_string());
                None
            }
        }
    }

    pub fn check<T>(&mut self, checked: std::result::Result<T, Error>) -> Option<T> {
        self.check_as(None, checked)
    }

    pub fn end(mut self, spec: Value) -> Read {
        // In the order of the form, unknown names after it.
        self.problems.sort_by_key(|problem| {
            let place = self.fields.iter().position(|field| field.name == problem.field);
            place.unwrap_or(self.fields.len())
        });
        self.left_out.sort_by_key(|line| line.line);
        let spec = self.problems.is_empty().then_some(spec);
        Read { spec, problems: self.problems, left_out: self.left_out }
    }
}
