mod dataset;
mod files;
mod options;
mod run;

use std::process::ExitCode;

use clap::Parser;
use patchbay::{Error, ErrorKind};

use options::{Command, Options};

pub fn main() -> ExitCode {
    let done = match Options::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Dataset(options) => dataset::dataset(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("patchbay: {error:#}");
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
