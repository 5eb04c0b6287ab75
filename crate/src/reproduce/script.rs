//! An answer as a Python program that computes it again with another library, and prints its figures beside ours. Settings,
//! examples and figures are written into it as data, which is made here. What it does with them are the files of `python/`,
//! the same for every answer: the page has them from its site, so that its program does not carry them.

mod data;
mod experiment;
mod given;
mod kinds;
mod notebook;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::data::Data;
use self::kinds::Kind;
use super::VERSION;
use crate::loader::LoadedModel;
use crate::{Error, Result};

/// A program, but for the parts that are files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Script {
    /// What it is, and how it is run; in lines.
    about: String,
    /// Python code.
    data: String,
    /// The names of files of `python/`, in their order, after the data.
    pub parts: Vec<String>,
}

/// The library that a program computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Library {
    #[default]
    TransformerLens,
    Nnsight,
}

/// How a program is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum ScriptForm {
    #[serde(rename = "py")]
    Python,
    #[serde(rename = "ipynb")]
    Notebook,
}

/// Which model an answer is of.
#[derive(Debug, Clone, Deserialize)]
pub struct ModelOf {
    /// As links have it: "ioi-mini", the hub's OWNER/NAME, "url:" with an address, or "folder".
    pub id: String,
    /// With its hashes, and of the hub's the commit.
    pub origin: Value,
}

impl Library {
    pub const ALL: [Self; 2] = [Self::TransformerLens, Self::Nnsight];

    /// Those for which there are programs of an analysis.
    pub fn of(analysis: &str) -> &'static [Self] {
        if Kind::named(analysis).is_ok() { &Self::ALL } else { &[] }
    }

    /// The name of its package.
    pub fn name(self) -> &'static str {
        match self {
            Self::TransformerLens => "transformer-lens",
            Self::Nnsight => "nnsight",
        }
    }

    /// What is installed for a program.
    fn installed(self) -> &'static str {
        match self {
            Self::TransformerLens => "\"transformer-lens==4.3.0\"",
            Self::Nnsight => "\"nnsight==0.8.1\" \"transformers<6\"",
        }
    }
}

impl Script {
    /// `result`: of an analysis by its name, as its record says it.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `script` if there is none of that analysis; naming `result` if that cannot be read.
    pub fn of(
        analysis: &str,
        mut result: Value,
        of: &ModelOf,
        library: Library,
        model: &LoadedModel,
    ) -> Result<Self> {
        let kind = Kind::named(analysis)?;
        let data = (kind.data)(&mut result, model)?;
        let mut all = Data::default();
        all.model(of);
        if library == Library::Nnsight {
            all.set(
                "Whether it is run on NDIF's machines, which takes a model of the hub and a key",
                "REMOTE",
                &json!(false),
            );
        }
        if let Some(spec) = result.get_mut("spec") {
            all.set("The settings", "SPEC", &without_examples(spec.take()));
        }
        all.set("What Patchbay found", "FOUND", &kind.found(&result));
        let about = format!(
            "{}, computed again with {} beside the figures that Patchbay {VERSION} found.\n\n    pip install {}\n    python SCRIPT [MODEL_FOLDER]\n\nThe printed difference is that of float32 sums in another order: some 1e-6.",
            kind.title,
            library.name(),
            library.installed(),
        );
        Ok(Self { about, data: all.and(data).text(), parts: kind.parts(library).map(String::from).collect() })
    }

    /// The whole program. `part`: the text of a file of `python/`, by its name.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `part` if one is not there.
    pub fn write<'a>(&self, form: ScriptForm, part: impl Fn(&str) -> Option<&'a str>) -> Result<String> {
        let mut cells = vec![self.data.trim_end().to_owned()];
        for name in &self.parts {
            let text = part(name)
                .ok_or_else(|| Error::input("part", format!("the program's part {name} is missing")))?;
            cells.push(text.trim_end().to_owned());
        }
        let code = cells.join("\n\n\n");
        Ok(match form {
            ScriptForm::Python => format!("\"\"\"{}\n\"\"\"\n\n{code}\n", self.about),
            ScriptForm::Notebook => notebook::of(&self.about, &code),
        })
    }

    /// With the files as they are in this program.
    ///
    /// # Errors
    /// Never: all files are there.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn whole(&self, form: ScriptForm) -> Result<String> {
        self.write(form, |name| kinds::FILES.iter().find(|(file, _)| *file == name).map(|(_, text)| *text))
    }
}

/// Examples are written out by themselves, also those that somebody wrote.
fn without_examples(mut spec: Value) -> Value {
    for path in ["/task", "/task/dataset", "/dataset", "/source/task", "/source/task/dataset"] {
        if let Some(object) = spec.pointer_mut(path).and_then(Value::as_object_mut) {
            object.remove("prompts");
        }
    }
    spec
}
