//! The options of `attention`.

use anyhow::Result;
use clap::Args;
use patchbay::Error;
use patchbay::analysis::{TextSource, TextSpec};
use patchbay::experiment::ExperimentSpec;
use patchbay::schema::Field;

use super::attribute::RunName;
use super::{Asks, CommonOptions, Form, Printing, TaskOptions};
use crate::cli::prompts::OwnPrompts;

#[derive(Args)]
pub struct AttentionOptions {
    #[command(flatten)]
    pub at: Form<Self>,
    /// Any text, in the place of a task's prompt.
    #[arg(long, conflicts_with_all = ["prompt", "run", "task", "n", "seed", "symmetric", "no-symmetric", "prompt-type",
        "prompts", "corruption", "length", "pairs"])]
    pub text: Option<String>,
    /// Which of the task's prompts, by its number from 1.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub prompt: usize,
    /// Which of its two runs.
    #[arg(long, value_enum, default_value_t = RunName::Clean)]
    pub run: RunName,
    /// How many of the likeliest next tokens, after each token; up to 20.
    #[arg(long, value_name = "COUNT", default_value_t = TextSpec::usual_predictions())]
    pub predictions: usize,
    /// Set the z of heads to zero in that run, as 9.9@END,5.5@S2+END,0.3@all; a text has END, its last token, and all.
    #[arg(long, value_delimiter = ',', value_name = "LAYER.HEAD@ROLE")]
    pub zero: Vec<String>,
    #[command(flatten)]
    pub task: TaskOptions,
    #[command(flatten)]
    pub printing: Printing,
    #[command(flatten)]
    pub common: CommonOptions,
}

impl Asks for AttentionOptions {
    const ANALYSIS: &'static str = "resemblance";

    fn has(field: &Field) -> bool {
        field.group == "head"
    }
}

impl AttentionOptions {
    /// With the usual head until the model is known.
    pub fn spec(&self) -> Result<(TextSpec, OwnPrompts)> {
        let (source, own) = match &self.text {
            Some(text) => {
                let source = TextSource::Text {
                    text: text.clone(),
                    prepend_bos: self.task.form.given("prepend_bos") != Some("false"),
                };
                (source, OwnPrompts::default())
            }
            None => {
                let (task, own) = self.task.spec()?;
                let Some(example) = self.prompt.checked_sub(1) else {
                    return Err(
                        Error::input("prompt", "prompts are numbered from 1; there is no prompt 0").into()
                    );
                };
                (TextSource::Example { task, example, run: self.run.form() }, own)
            }
        };
        let ExperimentSpec { layer, head, .. } = ExperimentSpec::default();
        let zero = self.zero.iter().map(|node| node.parse()).collect::<patchbay::Result<_>>()?;
        let spec = TextSpec { source, layer, head, predictions: self.predictions, zero };
        spec.check()?;
        Ok((spec, own))
    }
}
