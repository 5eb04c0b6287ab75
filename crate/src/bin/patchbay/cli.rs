mod answered;
mod arguments;
mod attention;
mod attribute;
mod bench;
mod cache;
mod circuit;
mod dataset;
mod decompose;
mod embed;
mod embedded;
mod evaluate;
mod fetch;
mod files;
mod heads;
mod hub;
mod lens;
mod linear;
mod loaded;
mod model;
mod opened;
mod options;
mod patch;
mod paths;
mod progress;
mod prompts;
mod record;
mod run;
mod shown;
mod sweep;
mod table;
mod task;
#[cfg(feature = "train")]
mod train;
#[cfg(feature = "train")]
mod trained;
mod verify;

use std::process::ExitCode;

use patchbay::{Error, ErrorKind};

use options::Command;
use shown::say;

pub fn main() -> ExitCode {
    let options = match arguments::read() {
        Ok(options) => options,
        Err(code) => return code,
    };
    let done = match options.command {
        Command::Run(options) => run::run(&options),
        Command::Sweep(options) => sweep::sweep(&options),
        Command::Attention(options) => attention::attention(&options),
        Command::Patch(options) => patch::patch(&options),
        Command::Paths(options) => paths::paths(&options),
        Command::Attribute(options) => attribute::attribute(&options),
        Command::Lens(options) => lens::lens(&options),
        Command::Circuit(options) => circuit::circuit(&options),
        Command::Heads(options) => heads::heads(&options),
        Command::Cache(options) => cache::cache(&options),
        Command::Decompose(options) => decompose::decompose(&options),
        Command::Linear(options) => linear::linear(&options),
        Command::Embed(options) => embed::embed(&options),
        Command::Task(options) => task::task(&options),
        Command::Dataset(options) => dataset::dataset(&options),
        Command::Fetch(options) => fetch::fetch(&options),
        Command::Evaluate(options) => evaluate::evaluate(&options),
        Command::Verify(options) => verify::verify(&options),
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
