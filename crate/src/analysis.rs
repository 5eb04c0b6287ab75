//! What a model can be asked: a file each, all on the same engine.

mod batch;
mod judged;
mod means;
mod patch;
mod paths;
mod pattern;

pub use patch::{PatchResult, PatchRun};
pub use paths::{Mlps, PathIntervals, PathResult, PathRun, PathSpec, Receiver};
