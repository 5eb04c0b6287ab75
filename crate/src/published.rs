//! What others have published of a model: the figures that it is held against, as a file.
//!
//! Anything in the file may be left out; what is there is compared.

mod file;
mod numbers;

pub use file::*;
pub use numbers::{Furthest, Numbers};
