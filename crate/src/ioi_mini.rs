//! ioi-mini, the toy model that ships with the page: what its training may not see, how well it does there, and
//! what each of its heads does. The figures of its model card come from here, for any model.

mod exam;
mod held_out;
mod padded;
mod survey;

pub use exam::{Exam, ExamResult, examine};
pub use held_out::HeldOut;
pub use survey::{HeadFigures, Survey, survey};
