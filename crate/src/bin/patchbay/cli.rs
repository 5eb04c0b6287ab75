mod bench;
mod dataset;
mod decompose;
mod embed;
mod evaluate;
mod fetch;
mod files;
mod hub;
mod linear;
mod loaded;
mod model;
mod options;
mod progress;
mod prompts;
mod record;
mod run;
mod shown;
mod sweep;
#[cfg(feature = "train")]
mod train;

use std::process::ExitCode;

use clap::Parser;
use patchbay::{Error, ErrorKind};

use options::{Command, Options};
use shown::say;

pub fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(help) if !help.use_stderr() => help.exit(),
        Err(error) => {
            say(&format!("{} (--help lists the options)", in_one_line(&error)));
            return ExitCode::from(2);
        }
    };
    let done = match options.command {
        Command::Run(options) => run::run(&options),
        Command::Sweep(options) => sweep::sweep(&options),
        Command::Decompose(options) => decompose::decompose(&options),
        Command::Linear(options) => linear::linear(&options),
        Command::Embed(options) => embed::embed(&options),
        Command::Dataset(options) => dataset::dataset(&options),
        Command::Fetch(options) => fetch::fetch(&options),
        Command::Evaluate(options) => evaluate::evaluate(&options),
        Command::Bench(options) => bench::bench(&options),
        #[cfg(feature = "train")]
        Command::Train(options) => train::train(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            match error.downcast_ref().map(Error::kind) {
                Some(ErrorKind::BadInput) => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref().map(std::io::Error::kind) == Some(std::io::ErrorKind::BrokenPipe)
}

/// Clap's message without its heading, usage and tips.
fn in_one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let message = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
