//! The options of `decompose`.

use anyhow::Result;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Args};
use patchbay::Error;
use patchbay::experiment::DecompositionSpec;
use patchbay::schema::{Field, Kind};

use super::form::{Asks, Form, field, spelled, unspelled};
use super::{CommonOptions, Scripting};
use crate::cli::prompts::OwnPrompts;

#[derive(Args)]
pub struct DecomposeOptions {
    #[command(flatten)]
    pub form: Form<Self>,
    /// Take both sides apart: every component of the query with every one of the key, in four planes, along W_U[IO] and
    /// MLP_0's output and perpendicular to them.
    #[arg(long)]
    full: bool,
    /// Compute the side that is held fixed from something simple.
    #[arg(long, value_parser = vectors(SUBSTITUTE), conflicts_with = "full")]
    substitute: Option<String>,
    /// Split a side in its part along a direction and the rest; queries along W_U[IO], keys along MLP_0's output.
    /// May be given twice.
    #[arg(long, value_parser = vectors(PROJECT), conflicts_with = "full")]
    project: Vec<String>,
    /// Project queries on the unembedding of S too.
    #[arg(long)]
    with_s: bool,
    /// And on the names without the space before them, and in lower case.
    #[arg(long)]
    with_name_forms: bool,
    /// Take END→IO minus END→S1 as the score, and not END→IO alone.
    #[arg(long)]
    minus_s1: bool,
    #[command(flatten)]
    pub common: CommonOptions,
    #[command(flatten)]
    pub scripting: Scripting,
}

/// What choices of a side's vector begin with.
const SUBSTITUTE: &str = "sub_";
const PROJECT: &str = "project_to_";

/// The choices that begin so, of either side: the field, the value and what it means.
fn choices(prefix: &str) -> Vec<(&'static str, &'static str, &'static str)> {
    let of_side = |name| match field(DecomposeOptions::ANALYSIS, name).kind {
        Kind::Choice { choices } => choices.into_iter().map(move |choice| (name, choice.value, choice.help)),
        kind => unreachable!("{name} is a choice, not {kind:?}"),
    };
    let sides = ["decompose_query", "decompose_key"].into_iter().flat_map(of_side);
    sides.filter(|(_, value, _)| value.starts_with(prefix)).collect()
}

/// What of them is an option's value: the vector alone, which says the side too.
fn vectors(prefix: &str) -> PossibleValuesParser {
    let named = |(_, value, help): (_, &'static str, _)| {
        PossibleValue::new(spelled(&value[prefix.len()..])).help(help)
    };
    choices(prefix).into_iter().map(named).collect::<Vec<_>>().into()
}

impl Asks for DecomposeOptions {
    const ANALYSIS: &'static str = "decompose";

    fn has(field: &Field) -> bool {
        field.group != "question" || field.name == "decompose_by"
    }

    fn shaped(option: Arg) -> Arg {
        match option.get_id().as_str() {
            "by" => option.default_value(None::<&str>).required_unless_present("full").conflicts_with("full"),
            _ => option,
        }
    }
}

impl DecomposeOptions {
    pub fn spec(&self) -> Result<(DecompositionSpec, OwnPrompts)> {
        let wrong = |message: &str| Err(Error::input("project", message).into());
        let score = if self.minus_s1 { "io_minus_s1" } else { "io" };
        let mut form = self.form.clone().with("decompose_score", score);
        if self.full {
            form = form.with("decompose_by", "both");
        }
        let projected = self.project.iter().map(|vector| (PROJECT, vector));
        for (prefix, vector) in self.substitute.iter().map(|vector| (SUBSTITUTE, vector)).chain(projected) {
            let chosen = format!("{prefix}{}", unspelled(vector));
            let (field, value, _) = choices(prefix)
                .into_iter()
                .find(|(_, value, _)| *value == chosen)
                .expect("a value of the option's");
            if form.given(field).is_some_and(|other| other != value) {
                return wrong(
                    "a side is either substituted or projected; give --substitute or --project for it",
                );
            }
            form = form.with(field, value);
        }
        let projects_queries = form.given("decompose_by") == Some("both")
            || form.given("decompose_query").is_some_and(|query| query.starts_with(PROJECT));
        if (self.with_s || self.with_name_forms) && !projects_queries {
            return wrong(
                "no query is projected; give --with-s and --with-name-forms with --project w-u-io or --full",
            );
        }
        let span = match (self.with_s, self.with_name_forms) {
            (false, false) => "io",
            (true, false) => "io_s",
            (false, true) => "io_forms",
            (true, true) => "io_s_forms",
        };
        form.with("decompose_span", span).spec()
    }
}
