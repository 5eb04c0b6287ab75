//! Options that are made of the fields of a form.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::PathBuf;

use anyhow::Result;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};
use patchbay::Error;
use patchbay::experiment::{EXPERIMENTS, ExperimentSpec};
use patchbay::ioi::DatasetSpec;
use patchbay::schema::{self, Field, Kind};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::CommonOptions;
use crate::cli::loaded::Loaded;
use crate::cli::prompts::OwnPrompts;

/// What is given of the fields of the form that some options ask for.
pub struct Form<Of> {
    texts: BTreeMap<String, String>,
    /// A file of prompts.
    prompts: Option<PathBuf>,
    of: PhantomData<fn() -> Of>,
}

/// Options with a form among them.
pub trait Asks {
    const ANALYSIS: &'static str;

    /// Which of its fields are options as they are; the others have their defaults, or are said in another way.
    fn has(_: &Field) -> bool {
        true
    }

    /// What an option is beside that.
    fn shaped(option: Arg) -> Arg {
        option
    }
}

/// What fields are called here, where that is not their name. A flag that is set already has an option that says the opposite.
const CALLED: [(&str, &str); 9] = [
    ("prompt_type", "prompt-type"),
    ("name_mover", "name-mover"),
    ("symmetric", "no-symmetric"),
    ("prepend_bos", "no-bos"),
    ("freeze_ln", "live-ln"),
    ("decompose_by", "by"),
    ("linear_of", "of"),
    ("linear_keys", "effective-embedding"),
    ("explore_nearest", "nearest"),
];

/// What values are called here that have blanks in them, or capitals only for the eye.
const SPELLED: [(&str, &str); 5] = [
    ("W_U_IO", "w-u-io"),
    ("MLP0", "mlp0"),
    ("W_E (no MLPs)", "w-e"),
    ("W_E (including MLPs)", "w-ee"),
    ("W_E (only MLPs)", "w-ee-only-mlps"),
];

/// As an option's value.
pub fn spelled(value: &'static str) -> &'static str {
    SPELLED.iter().find(|(long, _)| *long == value).map_or(value, |(_, short)| short)
}

/// As a field's.
pub fn unspelled(value: &str) -> &str {
    SPELLED.iter().find(|(_, short)| *short == value).map_or(value, |(long, _)| long)
}

/// Fields of an analysis's form.
fn fields(analysis: &str) -> Vec<Field> {
    let mut schemas = schema::schemas(EXPERIMENTS).into_iter();
    schemas.find(|schema| schema.analysis == analysis).expect("the analysis has a form").fields
}

pub fn field(analysis: &str, name: &str) -> Field {
    fields(analysis).into_iter().find(|field| field.name == name).expect("a field of the form")
}

/// What a field's option is called and known by.
fn long(field: &Field) -> &'static str {
    CALLED.iter().find(|(name, _)| *name == field.name).map_or(field.name, |(_, option)| option)
}

/// The option that sets a flag, beside one that unsets it.
fn opposite(field: &Field) -> Option<&'static str> {
    long(field).strip_prefix("no-").filter(|_| field.kind == Kind::Flag)
}

/// A field as an option, or as two of which the last one counts.
fn options(field: &Field) -> Vec<Arg> {
    let long = long(field);
    let help = field.help.trim_end_matches('.');
    let option = Arg::new(long).help(help);
    let option = if long.len() == 1 { option.short(long.chars().next()) } else { option.long(long) };
    // The program's options are as old as the program.
    let value_name = &*long.to_uppercase().replace('-', "_").leak();
    let usual = Some(&*field.default.clone().leak()).filter(|usual| !usual.is_empty());
    let option = match &field.kind {
        Kind::Flag if field.default == "true" => {
            let what = help.split([',', ';', '.']).next().unwrap_or_default();
            let (first, rest) = what.split_at(1);
            option.action(ArgAction::SetTrue).help(format!("Do not {}{rest}", first.to_lowercase()))
        }
        Kind::Flag => option.action(ArgAction::SetTrue),
        Kind::Prompts => option
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .conflicts_with_all(["n", "symmetric", "no-symmetric", "prompt-type"])
            .help("Run these prompts instead of generated ones: a JSON array of objects with \"sentence\", \"io\" and \"s\"."),
        Kind::Choice { choices } => {
            let values = choices.iter().map(|c| PossibleValue::new(spelled(c.value)).help(c.help));
            let values = PossibleValuesParser::from(values.collect::<Vec<_>>());
            option.value_name(value_name).value_parser(values).default_value(usual)
        }
        Kind::Integer { .. } | Kind::Text { .. } | Kind::Passage { .. } | Kind::Pairs | Kind::Vector => {
            let field = field.clone();
            let checked = move |text: &str| field.check(text).map(|()| text.to_owned());
            option.value_name(value_name).value_parser(checked).default_value(usual)
        }
    };
    let opposite = opposite(field).map(|opposite| {
        let option = Arg::new(opposite).long(opposite).action(ArgAction::SetTrue).overrides_with(long);
        option.help(format!("{help} (the default)"))
    });
    opposite.into_iter().chain([option]).collect()
}

impl<Of: Asks> Args for Form<Of> {
    fn augment_args(command: Command) -> Command {
        let fields = fields(Of::ANALYSIS);
        command.args(fields.iter().filter(|field| Of::has(field)).flat_map(options).map(Of::shaped))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<Of: Asks> FromArgMatches for Form<Of> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut form = Self { texts: BTreeMap::new(), prompts: None, of: PhantomData };
        let is_given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        for field in fields(Of::ANALYSIS).into_iter().filter(Of::has) {
            let long = long(&field);
            let text = match field.kind {
                Kind::Prompts => {
                    form.prompts = matches.get_one(long).cloned();
                    continue;
                }
                Kind::Flag if opposite(&field).is_some_and(is_given) => "true",
                _ if !is_given(long) => continue,
                Kind::Flag if field.default == "true" => "false",
                Kind::Flag => "true",
                _ => unspelled(matches.get_one::<String>(long).expect("a value is given")),
            };
            form.texts.insert(field.name.to_owned(), text.to_owned());
        }
        Ok(form)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<Of> Clone for Form<Of> {
    fn clone(&self) -> Self {
        Self { texts: self.texts.clone(), prompts: self.prompts.clone(), of: PhantomData }
    }
}

impl<Of: Asks> Form<Of> {
    /// What is given of a field.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    pub fn given_number(&self, name: &str) -> Option<u32> {
        self.given(name)?.parse().ok()
    }

    /// A number, the default where none is given.
    pub fn number(&self, name: &str) -> u32 {
        let number = || field(Of::ANALYSIS, name).default.parse().ok();
        self.given_number(name).or_else(number).expect("a field of numbers with a default")
    }

    /// With a field said in another way.
    pub fn with(mut self, name: &str, text: &str) -> Self {
        self.texts.insert(name.to_owned(), text.to_owned());
        self
    }

    /// Whether prompts of one's own are given.
    pub fn has_prompts(&self) -> bool {
        self.prompts.is_some()
    }

    /// The spec of what is asked at the usual head until the model is known, and which of a file's prompts are in it.
    pub fn spec<S: DeserializeOwned>(&self) -> Result<(S, OwnPrompts)> {
        let mut texts = self.texts.clone();
        let usual = ExperimentSpec::default();
        // Either half may be named by itself here, and the other is the model's own.
        if self.head() != [None, None] {
            texts.entry("layer".into()).or_insert_with(|| usual.layer.to_string());
            texts.entry("head".into()).or_insert_with(|| usual.head.to_string());
        }
        let schema::Read { spec, problems, .. } = schema::read(EXPERIMENTS, Of::ANALYSIS, &texts, None);
        let Some(mut spec) = spec else {
            let said = problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>();
            return Err(Error::input("options", said.join("; ")).into());
        };
        let mut spec = spec["spec"].take();
        let mut own = OwnPrompts::default();
        if let Some(file) = &self.prompts {
            let (prompts, read) = OwnPrompts::read(file)?;
            let dataset: DatasetSpec = serde_json::from_value(spec["dataset"].take())?;
            let dataset =
                DatasetSpec { n: prompts.len() as u32, symmetric: false, prompts: Some(prompts), ..dataset };
            dataset.check()?;
            spec["dataset"] = json!(dataset);
            own = read;
        }
        Ok((serde_json::from_value(spec)?, own))
    }

    fn head(&self) -> [Option<usize>; 2] {
        ["layer", "head"].map(|name| self.given(name)?.parse().ok())
    }

    /// The model, with the head that is named, or its own.
    pub fn load(&self, common: &CommonOptions) -> Result<(Loaded, [usize; 2])> {
        let [layer, head] = self.head();
        Loaded::with_head(common.model.as_deref(), common.device, layer, head)
    }
}
