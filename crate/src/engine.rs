//! The engine: unedited and edited runs of many prompts, together up the layers.
//!
//! A batch's runs and edits make a [`Forest`]; a [`plan`] looks backwards from what is read for the nodes that have to be
//! computed at each step of each layer; a [`Forward`] computes them.

mod change;
mod edited;
mod forest;
mod forward;
mod memo;
mod pass;
mod patterns;
mod plan;
mod rows;
mod sample;
mod vectors;

pub use change::{LnScale, Placed, Value};
pub use forest::Forest;
pub use forward::{Asked, Forward};
pub use memo::{Bytes, Key, Memo, Shared};
pub use pass::{Pass, Probe, Progress, Stop, Stopped};
pub use plan::{Part, Read};
pub use vectors::{Kept, Maker, Vector};
