//! The IOI dataset (indirect object identification; Wang et al. 2022, "Interpretability in the Wild"),
//! prompt for prompt what the reference's Python generator makes of the same seed.
//!
//! "Then, Alex and Anthony had a lot of fun at the school. Anthony gave a ring to Alex": IO is the
//! indirect object (Alex), S the subject, which occurs twice (S1, S2); END is the token before the last
//! name, where the model predicts it.

mod abc;
mod custom;
mod dataset;
mod flip;
mod lexicon;
mod own_lines;
mod prompt;
mod view;
mod words;

pub use abc::{ABC, abc};
pub use custom::{CustomPrompt, ProblemKind, PromptProblem};
pub use dataset::{Flipped, IoiDataset, Positions};
pub use flip::Flip;
pub use lexicon::{Lexicon, TemplateId};
pub use own_lines::OwnLines;
pub(crate) use prompt::check_number;
pub use prompt::{DatasetSpec, Order, Prompt, PromptType};
pub use view::{DatasetView, FlippedPositions, FlippedView, PromptView};
