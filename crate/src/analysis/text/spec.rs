use serde::{Deserialize, Serialize};

use crate::error::excerpt;
use crate::model::Gpt2Config;
use crate::task::{PromptForm, TaskSpec};
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// A text and a head that is looked at in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct TextSpec {
    pub source: TextSource,
    pub layer: usize,
    pub head: usize,
    /// How many of the most likely next tokens, after each token.
    #[serde(default = "TextSpec::usual_predictions")]
    pub predictions: usize,
}

/// Where the tokens come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(untagged, try_from = "Given")]
pub enum TextSource {
    Text {
        /// Anybody's.
        text: String,
        /// Put `<|endoftext|>` before it.
        prepend_bos: bool,
    },
    Example {
        task: TaskSpec,
        /// Its place among the task's, from 0.
        example: usize,
        /// Which of its two runs.
        run: PromptForm,
    },
}

/// What a source may have, so that what is wrong in one is said and not only that none fits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    text: Option<String>,
    prepend_bos: Option<bool>,
    task: Option<TaskSpec>,
    example: Option<usize>,
    run: Option<PromptForm>,
}

/// What the model reads, with the positions of the task's roles.
#[derive(Debug, Clone)]
pub struct Row {
    pub ids: Vec<u32>,
    pub roles: Vec<(String, usize)>,
}

impl TextSpec {
    const MOST_PREDICTIONS: usize = 20;

    pub const fn usual_predictions() -> usize {
        3
    }

    /// What can be said without a model.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit.
    pub fn check(&self) -> Result<()> {
        let (found, most) = (self.predictions, Self::MOST_PREDICTIONS);
        if !(1..=most).contains(&found) {
            return Err(Error::input(
                "predictions",
                format!("expected from 1 to {most} tokens, found {found}"),
            ));
        }
        match &self.source {
            TextSource::Text { text, .. } => check_text(text),
            TextSource::Example { task, .. } => task.check(),
        }
    }
}

impl TextSource {
    /// Whether a model can read it.
    ///
    /// # Errors
    /// As of the texts of [`super::TextRun::new`].
    pub fn check_fit(&self, tokenizer: &Tokenizer, config: &Gpt2Config) -> Result<()> {
        self.row(tokenizer, config).map(drop)
    }

    /// # Errors
    /// [`Error::BadInput`] for `text`, `prepend_bos` or `example` if a model with that tokenizer and context cannot read it;
    /// what the task's examples may have wrong with them.
    pub(super) fn row(&self, tokenizer: &Tokenizer, config: &Gpt2Config) -> Result<Row> {
        match self {
            Self::Text { text, prepend_bos } => {
                let begins = if *prepend_bos { vec![tokenizer.bos()?] } else { Vec::new() };
                let ids = tokenizer.encode(text).map_err(|error| Error::input("text", error.to_string()))?;
                let (found, n_ctx) = (begins.len() + ids.len(), config.n_ctx);
                if found > n_ctx {
                    let one_before = if *prepend_bos { ", with the one before it" } else { "" };
                    let too_many = found - n_ctx;
                    return Err(Error::input(
                        "text",
                        format!(
                            "the text has {found} tokens{one_before}; this model reads at most {n_ctx}. Shorten it by {too_many}"
                        ),
                    ));
                }
                if found == 0 {
                    return Err(Error::input("text", "this tokenizer makes no token of the text"));
                }
                Ok(Row { ids: [begins, ids].concat(), roles: Vec::new() })
            }
            Self::Example { task, example, run } => {
                let examples = task.examples(tokenizer, config.n_ctx)?;
                let Some(found) = examples.examples.get(*example) else {
                    let message = format!(
                        "the task has prompts 1 to {}; there is no prompt {}",
                        examples.len(),
                        *example as u128 + 1
                    );
                    return Err(Error::input("example", message));
                };
                let ids = found.up_to_end(*run).to_vec();
                let roles = match (task, run) {
                    (TaskSpec::Ioi(task), PromptForm::Corrupted) => {
                        task.corrupted_roles(*example, &ids, tokenizer)?
                    }
                    _ => examples.roles.iter().cloned().zip(found.positions.iter().copied()).collect(),
                };
                Ok(Row { ids, roles })
            }
        }
    }
}

/// Whether there is a text, and one that is worth cutting into tokens.
fn check_text(text: &str) -> Result<()> {
    /// More than the longest context holds, and few enough to be cut at once.
    const MOST_BYTES: usize = 1 << 20;
    match text.len() {
        0 => Err(Error::input("text", "expected a text, found none")),
        1..=MOST_BYTES => Ok(()),
        bytes => Err(Error::input(
            "text",
            format!(
                "the text has {bytes} bytes; at most {MOST_BYTES} are read. It begins with {:?}",
                excerpt(text)
            ),
        )),
    }
}

impl TryFrom<Given> for TextSource {
    type Error = String;

    fn try_from(given: Given) -> std::result::Result<Self, String> {
        match given {
            Given {
                text: Some(text),
                prepend_bos: Some(prepend_bos),
                task: None,
                example: None,
                run: None,
            } => Ok(Self::Text { text, prepend_bos }),
            Given { text: None, prepend_bos: None, task: Some(task), example: Some(example), run } => {
                Ok(Self::Example { task, example, run: run.unwrap_or_default() })
            }
            _ => Err("a source is a text with prepend_bos, or a task with example and run".into()),
        }
    }
}
