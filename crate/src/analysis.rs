//! What a model can be asked: a file each, all on the same engine.

mod batch;
mod judged;
mod means;
mod patch;

pub use patch::{PatchResult, PatchRun};
