//! The data of a program, as Python code.

use serde_json::{Value, json};

use super::ModelOf;
use crate::Result;
use crate::plain::visible;
use crate::reproduce::python::{literal, one_line, value};
use crate::reproduce::{FOLDER, bare};
use crate::task::{Example, Examples, PromptForm};
use crate::tokenizer::Tokenizer;

/// Assignments, line by line.
#[derive(Default)]
pub struct Data(String);

impl Data {
    /// `about`: a comment before it, "" for none.
    pub fn set(&mut self, about: &str, name: &str, json: &Value) {
        let comment = if about.is_empty() { String::new() } else { format!("\n# {about}\n") };
        self.0 += &format!("{comment}{name} = {}\n", value(json, 0));
    }

    pub fn and(mut self, other: Self) -> Self {
        self.0 += &other.0;
        self
    }

    pub fn text(&self) -> String {
        format!("# %% Settings and data\n{}", self.0.trim_start())
    }

    /// Where the model comes from.
    pub fn model(&mut self, ModelOf { id, origin }: &ModelOf) {
        let hub = !id.starts_with("url:") && id.contains('/') && origin["revision"].is_string();
        let about = match id.as_str() {
            FOLDER => "A model from a folder, which is to be named here or as the argument".to_owned(),
            "ioi-mini" => {
                "The page's ioi-mini, from models/ioi-mini/ of the site; its folder is to be named here or as the argument"
                    .to_owned()
            }
            _ if hub => "The hub's, at this revision; or a folder with its files".to_owned(),
            id => format!("From {}; its folder is to be named here or as the argument", literal(bare(id))),
        };
        let name = id.split_once('@').map_or(id.as_str(), |(name, _)| name);
        self.set(&about, "MODEL_FOLDER", &Value::Null);
        self.set("", "HUB", &if hub { json!(name) } else { Value::Null });
        self.set("", "REVISION", if hub { &origin["revision"] } else { &Value::Null });
        let files = [
            ("model.safetensors", "sha256"),
            ("config.json", "config_sha256"),
            ("tokenizer.json", "tokenizer_sha256"),
        ];
        let hashes = files.iter().map(|(file, hash)| ((*file).to_owned(), origin[hash].clone()));
        self.set("", "SHA256", &Value::Object(hashes.collect()));
    }

    /// Each with its clean text beside it.
    ///
    /// # Errors
    /// [`crate::Error::BadModel`] if the tokenizer cannot spell a token.
    pub fn examples(&mut self, examples: &Examples, tokenizer: &Tokenizer) -> Result<()> {
        self.set("", "ROLES", &json!(examples.roles));
        self.0 += "\n# Tokens up to END clean and corrupted, the positions of the roles, answers, wrong answers, group\nEXAMPLES = [\n";
        for example in &examples.examples {
            let [clean, corrupted] =
                [PromptForm::Clean, PromptForm::Corrupted].map(|form| example.up_to_end(form));
            let Example { positions, answers, wrong_answers, group, .. } = example;
            let row = one_line(&json!([clean, corrupted, positions, answers, wrong_answers, group]));
            self.0 += &format!("    # {}\n    {row},\n", commented(&tokenizer.decode(clean)?));
        }
        self.0 += "]\n";
        Ok(())
    }
}

/// A text in a comment: of one line, in plain ASCII.
fn commented(text: &str) -> String {
    let escaped = literal(&visible(text));
    escaped[1..escaped.len() - 1].to_owned()
}
