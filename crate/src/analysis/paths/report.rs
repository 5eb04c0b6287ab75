//! What is said and drawn of what every head sends: as of a grid of edits, of which each lets a head's paths go.

use super::result::Measured;
use super::spec::{Mlps, PathSpec, Receiver};
use crate::analysis::patch::{Effects, How, Ran, Told, of_effects};
use crate::patch::Over;
use crate::report::Report;
use crate::report::words::list;

/// What is said and drawn once all paths have been run.
pub fn report(measured: &Measured) -> Report {
    let Measured { spec, axes, judged } = measured;
    let (base, heads) = (measured.clean(), measured.senders());
    let effects = Effects::of(
        Ran {
            metric: spec.metric,
            together: spec.task.together(),
            cells: heads,
            values: &judged.columns(0..heads),
            base: &base,
            source: None,
        },
        true,
    );
    let of_axis = |over: Over, place: usize| (over, axes[place].labels.clone());
    let told = Told {
        task: &spec.task,
        metric: spec.metric,
        axes: &[of_axis(Over::Layer, 0), of_axis(Over::Head, 1)],
        how: How::lost(spec.done()),
        prompts: base.len(),
        seen: base.len(),
        about: spec.about(),
        stem: spec.stem(),
        title: format!(
            "{} where what one head sends to {} is corrupted",
            if effects.are_shared() { "Lost" } else { "Changed" },
            spec.readers()
        ),
        each: "Each is one head whose z is the corrupted run's on these paths alone",
        table: ["The clean run, and the heads whose paths change most", "corrupted path from"],
    };
    of_effects(&told, &effects, true)
}

impl PathSpec {
    /// What reads: "the logits", "the query of 9.9 and the value of 9.6".
    fn readers(&self) -> String {
        list(&self.receivers.iter().map(Receiver::spoken).collect::<Vec<_>>())
    }

    /// " when what they send straight to the logits is corrupted one at a time"
    fn done(&self) -> [String; 2] {
        let straight = if self.mlps == Mlps::Frozen { " straight" } else { "" };
        let done = |they: &str| format!(" when what {they}{straight} to {} is corrupted", self.readers());
        [format!("{} one at a time", done("they send")), done("it sends")]
    }

    /// "paths to the logits, MLPs recomputed · logit difference · IOI, 150 prompts, …"
    fn about(&self) -> String {
        let mlps = if self.mlps == Mlps::Frozen { "MLPs frozen" } else { "MLPs recomputed" };
        let (metric, task) = (self.metric.title(), self.task.about_corrupted());
        format!("paths to {}, {mlps} · {metric} · {task}", self.readers())
    }

    /// For names of files: "9-9-q-n150-seed42".
    fn stem(&self) -> String {
        let more = if self.receivers.len() > 1 { "-and-more" } else { "" };
        let first = self.receivers.first().map(Receiver::to_string).unwrap_or_default();
        format!("{}{more}-{}", first.replace('.', "-"), self.task.stem())
    }
}
