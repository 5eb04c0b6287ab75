use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Examples as the model reads them. There is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examples {
    /// Names of the roles, in the order of [`Example::positions`]; the last is END, where the answer is predicted.
    pub roles: Vec<String>,
    pub examples: Vec<Example>,
}

/// One question, and the same question corrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Token ids, BOS included where it is put in front. They may go on after END, with what a task has there to be
    /// shown; a model is to read no further than END.
    pub clean: Vec<u32>,
    /// As many as `clean`. It is read at the same positions, and asked the same answers.
    pub corrupted: Vec<u32>,
    /// A position for each of the roles, BOS counted; none after END's.
    pub positions: Vec<usize>,
    /// Token ids, one or more.
    pub answers: Vec<u32>,
    /// Token ids, one or more.
    pub wrong_answers: Vec<u32>,
    /// Examples of one group are of one length, and a mean is taken over them position by position: what is at one means
    /// the same in all of them, as far as the task can say. Numbered by first appearance.
    pub group: usize,
}

/// Which of an example's two forms a run reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum PromptForm {
    #[default]
    Clean,
    Corrupted,
}

impl Examples {
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// The number of groups.
    pub fn groups(&self) -> usize {
        self.examples.iter().map(|example| example.group + 1).max().unwrap_or(0)
    }

    /// The place of a role among the roles.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `role`, with the roles that there are.
    pub fn role(&self, name: &str) -> Result<usize> {
        self.roles.iter().position(|role| role == name).ok_or_else(|| {
            Error::input(
                "role",
                format!("there is no role \"{name}\" in this task; there is {}", self.roles.join(", ")),
            )
        })
    }

    /// What a run relies on.
    ///
    /// # Errors
    /// [`Error::BadModel`] naming the first example that a model with that context and the tokenizer that made the
    /// example cannot be asked on.
    pub(super) fn check(&self, n_ctx: usize) -> Result<()> {
        for (i, example) in self.examples.iter().enumerate() {
            example
                .check(self, n_ctx)
                .map_err(|problem| Error::model(format!("prompt {}: {problem}", i + 1)))?;
        }
        Ok(())
    }
}

impl Example {
    /// END's position: tokens up to and including it are what the model reads.
    pub fn end(&self) -> usize {
        self.positions.last().copied().unwrap_or(0)
    }

    /// What the model reads of a form: its tokens up to END.
    pub fn up_to_end(&self, form: PromptForm) -> &[u32] {
        let tokens = match form {
            PromptForm::Clean => &self.clean,
            PromptForm::Corrupted => &self.corrupted,
        };
        &tokens[..=self.end()]
    }

    fn check(&self, of: &Examples, n_ctx: usize) -> std::result::Result<(), String> {
        let Self { clean, corrupted, positions, answers, wrong_answers, .. } = self;
        let end = self.end();
        if clean.len() != corrupted.len() {
            return Err(format!(
                "it has {} tokens and its corrupted form {}; they must have as many",
                clean.len(),
                corrupted.len()
            ));
        }
        if positions.len() != of.roles.len() || end >= clean.len() {
            return Err("END is not found".into());
        }
        if let Some(role) = positions.iter().position(|&position| position > end) {
            return Err(format!("{} must not be after END", of.roles[role]));
        }
        if answers.is_empty() || wrong_answers.is_empty() {
            return Err("it must have an answer and a wrong answer".into());
        }
        if end >= n_ctx {
            return Err(format!("it has {} tokens up to END, but the model's context is {n_ctx}", end + 1));
        }
        Ok(())
    }
}

/// Numbers what examples have in common by its first appearance.
pub(super) struct Groups<K>(BTreeMap<K, usize>);

impl<K: Ord> Groups<K> {
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub fn number(&mut self, key: K) -> usize {
        let next = self.0.len();
        *self.0.entry(key).or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use super::{Example, Examples};

    fn example() -> Example {
        Example {
            clean: vec![5, 6, 7],
            corrupted: vec![5, 8, 7],
            positions: vec![1, 2],
            answers: vec![3],
            wrong_answers: vec![4],
            group: 0,
        }
    }

    fn with(example: Example) -> Examples {
        Examples { roles: vec!["NAME".into(), "END".into()], examples: vec![self::example(), example] }
    }

    #[test]
    fn what_a_run_relies_on_is_checked() {
        with(example()).check(3).unwrap();
        for (broken, n_ctx, problem) in [
            (example(), 2, "prompt 1: it has 3 tokens up to END, but the model's context is 2"),
            (
                Example { corrupted: vec![5], ..example() },
                3,
                "prompt 2: it has 3 tokens and its corrupted form 1",
            ),
            (Example { positions: vec![1, 3], ..example() }, 3, "prompt 2: END is not found"),
            (Example { positions: vec![2], ..example() }, 3, "prompt 2: END is not found"),
            (Example { positions: vec![2, 1], ..example() }, 3, "prompt 2: NAME must not be after END"),
            (Example { answers: vec![], ..example() }, 3, "prompt 2: it must have an answer"),
            (Example { wrong_answers: vec![], ..example() }, 3, "prompt 2: it must have an answer"),
        ] {
            let message = with(broken).check(n_ctx).unwrap_err().to_string();
            assert!(message.starts_with(problem), "{message}");
        }
    }

    #[test]
    fn a_role_that_is_not_there_is_told_with_those_that_are() {
        let examples = with(example());
        assert_eq!(examples.role("NAME"), Ok(0));
        assert_eq!(examples.role("END"), Ok(1));
        let error = examples.role("end").unwrap_err();
        assert_eq!(error.field(), Some("role"));
        assert!(error.to_string().ends_with("there is NAME, END"), "{error}");
    }
}
