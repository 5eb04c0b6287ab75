//! What an intervention is, as data: a site, a value to put there, a grid of such edits, and the metric they are judged by.
//! A [`PatchSpec`] is all it takes to run one again, so it is a link and a file.

mod axis;
mod edit;
mod node;
mod spec;
mod vector;

pub use axis::{At, Over};
pub use edit::{Direction, Fill, Run};
pub use node::{Node, Place, Places};
pub use spec::PatchSpec;
pub(crate) use spec::unknown_site;
pub use vector::FileVector;
