//! Which prompts something was measured on, as reports say it, and how they are drawn for intervals.

use crate::frame::Bootstrap;
use crate::ioi::DatasetSpec;
use crate::report::words::{count, few};

/// "head 10.7 · IOI, 150 prompts, seed 42, mixed"
pub fn about([layer, head]: [usize; 2], dataset: &DatasetSpec) -> String {
    format!("head {layer}.{head} · {}", dataset.about())
}

/// For names of files: "L10H7-n150-seed42", "L10H7-own20-seed42".
pub fn stem([layer, head]: [usize; 2], dataset: &DatasetSpec) -> String {
    format!("L{layer}H{head}-{}", dataset.stem())
}

/// Each prompt of a symmetric dataset is followed by the same with its names exchanged, and the two are drawn together.
pub fn bootstrap(dataset: &DatasetSpec) -> Bootstrap {
    let paired = dataset.symmetric && dataset.prompts.is_none();
    Bootstrap::of(if paired { 2 } else { 1 })
}

/// How intervals are made, for a caption: "95% confidence interval (percentile bootstrap, 10,000 resamples of the 75
/// pairs of prompts, seed 1)…". Nothing where there are none, since there are not two prompts to draw from.
pub fn intervals(dataset: &DatasetSpec, prompts: usize) -> Option<String> {
    let Bootstrap { group_size, resamples, seed } = bootstrap(dataset);
    let groups = prompts.div_ceil(group_size);
    let what = if group_size == 1 { "prompts" } else { "pairs of prompts" };
    let of_others = if dataset.prompts.is_none() { ", for prompts from the same templates" } else { "" };
    let together = if group_size == 1 {
        ""
    } else {
        " A prompt and its copy with the names exchanged are not independent, so they are drawn together."
    };
    (groups > 1).then(|| {
        format!(
            "95% confidence interval (percentile bootstrap, {} resamples of the {} {what}, seed {seed}){of_others}.{together}",
            count(resamples),
            count(groups),
        )
    })
}

/// What has to be known of the number of prompts, in sentences: that they are few, or that intervals need more.
pub fn notes(dataset: &DatasetSpec, prompts: usize) -> Vec<String> {
    let none = intervals(dataset, prompts).is_none().then(|| {
        let what = if bootstrap(dataset).group_size == 1 { "prompt" } else { "pair of prompts" };
        format!("One {what} has no confidence interval: give more prompts.")
    });
    few_prompts(dataset, prompts).into_iter().chain(none).collect()
}

/// "score END→IO minus END→S1"
pub fn score(subtract_s1: bool) -> &'static str {
    if subtract_s1 { "score END→IO minus END→S1" } else { "score END→IO" }
}

/// That they are few.
pub fn few_prompts(dataset: &DatasetSpec, prompts: usize) -> Option<String> {
    few(prompts, bootstrap(dataset).group_size)
}
