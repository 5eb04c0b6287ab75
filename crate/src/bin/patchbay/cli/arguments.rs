//! Reads the command line. What is wrong in it is said in one line, with the nearest word that would be right.

use std::num::{IntErrorKind, ParseFloatError, ParseIntError};
use std::process::ExitCode;

use clap::error::{ContextKind, Error, ErrorKind};
use clap::{Arg, CommandFactory, FromArgMatches};

use super::options::Options;
use super::shown::say;

/// The options; else what this program ends with, after the help, or what is wrong.
pub fn read() -> Result<Options, ExitCode> {
    // A negative number is a wrong value, and no option that nobody knows.
    let number = |arg: Arg| {
        let takes_values = arg.get_action().takes_values();
        arg.allow_negative_numbers(takes_values)
    };
    let mut command = Options::command().mut_subcommands(|command| command.mut_args(number));
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    matches.and_then(|matches| Options::from_arg_matches(&matches)).map_err(|error| {
        // Whoever does not read all of the help has seen enough.
        let _ = match error.kind() {
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => command.print_help(),
            _ if !error.use_stderr() => error.print(),
            _ => {
                say(&format!("{} (--help lists the options)", in_one_line(&error)));
                return ExitCode::from(2);
            }
        };
        ExitCode::SUCCESS
    })
}

/// A wrong value as this program puts it, else clap's message without its heading and usage; with clap's tips.
fn in_one_line(error: &Error) -> String {
    let text = error.render().to_string();
    let message = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
    let mut line =
        wrong_value(error).unwrap_or_else(|| message.split_whitespace().collect::<Vec<_>>().join(" "));
    for tip in text.lines().filter_map(|line| line.trim_start().strip_prefix("tip: ")) {
        line += "; ";
        line += tip;
    }
    line
}

fn wrong_value(error: &Error) -> Option<String> {
    let context = |kind| error.get(kind).map(ToString::to_string).filter(|text| !text.is_empty());
    let (option, found) = (context(ContextKind::InvalidArg)?, context(ContextKind::InvalidValue)?);
    let why = std::error::Error::source(error);
    let expected = match error.kind() {
        ErrorKind::InvalidValue => Some(format!("one of {}", context(ContextKind::ValidValue)?)),
        _ => expected_number(why?),
    };
    // This program's own parsers say all of it.
    let message = match expected {
        Some(expected) => format!("expected {expected}, found \"{found}\""),
        None => why?.to_string(),
    };
    Some(format!("{}: {message}", option.split(' ').next().unwrap_or_default()))
}

/// Rust's and clap's reasons in other words; none for others'.
fn expected_number(why: &(dyn std::error::Error + 'static)) -> Option<String> {
    if why.is::<ParseFloatError>() {
        return Some("a number".to_owned());
    }
    if let Some(why) = why.downcast_ref::<ParseIntError>() {
        let too_large = *why.kind() == IntErrorKind::PosOverflow;
        return Some(if too_large { "a smaller number" } else { "a whole number, 0 or more" }.to_owned());
    }
    let why = why.to_string();
    let (_, range) = why.split_once(" is not in ")?;
    Some(format!("a whole number from {}", range.replace("..=", " to ")))
}
