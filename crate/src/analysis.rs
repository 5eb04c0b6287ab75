//! What a model can be asked: a file each, all on the same engine.

mod at_end;
mod attention;
mod attribution;
mod batch;
mod branches;
mod cache;
mod cell;
mod circuit;
mod edges;
mod examples;
mod heads;
mod judged;
mod lens;
mod means;
mod patch;
mod paths;
mod pattern;
mod says;
mod text;
mod verify;
pub(crate) mod written;
mod zeroed;

pub use attribution::{
    AttributeIntervals, AttributeResult, AttributeRun, AttributeSpec, IntervalEnds, LogitParts,
};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use batch::whole;
pub(crate) use cache::check_cache;
pub use cache::{CACHED, CacheResult, CacheRun, CacheSpec, CachedTensor};
pub use cell::{CellResult, CellRun, CellSpec, ComparedMetric};
pub(crate) use circuit::check_circuit;
pub use circuit::{
    Ablation, CircuitIntervals, CircuitResult, CircuitRun, CircuitSpec, ClassFigures, Estimated, Keep,
    NodeFigures, Preset,
};
pub use edges::{EdgesResult, EdgesRun};
pub use examples::{ExamplesResult, ExamplesRun, ShownExample, ShownLeftOut};
pub use heads::{
    HeadEnds, HeadFigure, HeadIntervals, HeadScores, HeadScoresRun, HeadsResult, HeadsRun, HeadsSpec, PerHead,
};
pub use lens::{LensAtRole, LensIntervals, LensResult, LensRun, LensScale, LensSpec};
pub(crate) use patch::check_grid;
pub use patch::{PatchResult, PatchRun};
pub(crate) use paths::check_paths;
pub use paths::{Mlps, PathIntervals, PathResult, PathRun, PathSpec, Receiver};
pub use pattern::AttentionTable;
pub use says::{SaysResult, SaysRun, SaysSpec};
pub use text::{
    PatternsResult, PatternsRun, PatternsSpec, Prediction, TextResult, TextRun, TextSource, TextSpec,
    TokenWords,
};
pub use verify::{Compared, VerifyResult, VerifyRun, Worst};
