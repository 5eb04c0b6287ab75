//! ioi-mini, the toy model that ships with the page: what its training may not see, and how well it does there. The exams'
//! figures on its model card come from here, for any model; those of its heads are [`crate::analysis::HeadsRun`]'s.

mod exam;
mod held_out;
mod other_words;
mod tasks;

pub use exam::{Exam, ExamResult, examine};
pub use held_out::HeldOut;
pub use tasks::{GreaterThan, Repeated, TaskResults, examine_tasks};
