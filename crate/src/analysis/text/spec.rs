use serde::{Deserialize, Serialize};

use crate::analysis::zeroed::Zeroed;
use crate::engine::Placed;
use crate::error::excerpt;
use crate::model::Gpt2Config;
use crate::patch::Node;
use crate::task::{Example, Examples, PromptForm, TaskSpec};
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
    /// Heads whose z is zero at some positions; everything after is computed from it. A text has the role END, its last token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional, type = "string[]"))]
    pub zero: Vec<Node>,
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
        self.source.check()
    }
}

impl Row {
    /// # Errors
    /// [`Error::BadModel`] if the tokenizer cannot spell a token.
    pub fn texts(&self, tokenizer: &Tokenizer) -> Result<Vec<String>> {
        self.ids.iter().map(|&id| tokenizer.text(id)).collect()
    }

    /// The edits of the run in which some heads' z is zero. Its roles are where they are shown.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `zero` if the model has no such head, or the row no such positions.
    pub fn zeroed(&self, nodes: &[Node], config: &Gpt2Config) -> Result<Vec<Placed>> {
        const END: &str = "END";
        let others = self.roles.iter().filter(|(role, _)| role != END).cloned();
        let (roles, positions) = others.chain([(END.to_owned(), self.ids.len() - 1)]).unzip();
        let example = Example {
            clean: self.ids.clone(),
            corrupted: self.ids.clone(),
            positions,
            answers: Vec::new(),
            wrong_answers: Vec::new(),
            group: 0,
        };
        let examples = Examples { roles, examples: vec![example] };
        Ok(Zeroed::new(nodes, &examples, config)?.placed(&examples.examples[0]))
    }
}

impl TextSource {
    /// What can be said without a model.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit.
    pub(in crate::analysis) fn check(&self) -> Result<()> {
        match self {
            Self::Text { text, .. } => check_text(text),
            Self::Example { task, .. } => task.check(),
        }
    }

    /// What a model reads of it.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `text`, `prepend_bos` or `example` if a model with that tokenizer and context cannot read it;
    /// what the task's examples may have wrong with them.
    pub(crate) fn row(&self, tokenizer: &Tokenizer, config: &Gpt2Config) -> Result<Row> {
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
