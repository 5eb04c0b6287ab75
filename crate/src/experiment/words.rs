//! Which prompts something was measured on, as reports say it, and how they are drawn for intervals.

use crate::frame::{Bootstrap, Together};
use crate::ioi::DatasetSpec;
use crate::report::words::{count, drawn, few, few_for_intervals};

/// "head 10.7 · IOI, 150 prompts, seed 42, mixed"
pub fn about([layer, head]: [usize; 2], dataset: &DatasetSpec) -> String {
    format!("head {layer}.{head} · {}", dataset.about())
}

/// For names of files: "L10H7-n150-seed42", "L10H7-own20-seed42".
pub fn stem([layer, head]: [usize; 2], dataset: &DatasetSpec) -> String {
    format!("L{layer}H{head}-{}", dataset.stem())
}

/// Prompts that are not independent are drawn together.
pub fn bootstrap(dataset: &DatasetSpec) -> Bootstrap {
    Bootstrap::of(dataset.together())
}

/// How intervals are made, for a caption: "95% confidence interval (percentile bootstrap, 10,000 resamples of the 75
/// pairs of prompts, seed 1)…". Nothing where there are none, since there are not two prompts to draw from.
pub fn intervals(dataset: &DatasetSpec, prompts: usize) -> Option<String> {
    let Bootstrap { together, resamples, seed } = bootstrap(dataset);
    let groups = together.groups(prompts);
    let [_, what] = drawn(&together);
    let of_others = if dataset.prompts.is_none() { ", for prompts from the same templates" } else { "" };
    let why = match together {
        Together::Neighbours(1) => "",
        Together::Neighbours(_) => {
            " A prompt and its copy with the names exchanged are not independent, so they are drawn together."
        }
        Together::Alike(_) => {
            " A prompt, its repetitions and its copies with the names exchanged are not independent, so they are drawn together."
        }
    };
    (groups > 1).then(|| {
        format!(
            "95% confidence interval (percentile bootstrap, {} resamples of the {} {what}, seed {seed}){of_others}.{why}",
            count(resamples),
            count(groups),
        )
    })
}

/// What has to be known of the number of prompts, in sentences.
pub fn notes(dataset: &DatasetSpec, prompts: usize) -> Vec<String> {
    few_for_intervals(prompts, &dataset.together()).into_iter().collect()
}

/// "score END→IO minus END→S1"
pub fn score(subtract_s1: bool) -> &'static str {
    if subtract_s1 { "score END→IO minus END→S1" } else { "score END→IO" }
}

/// That they are few.
pub fn few_prompts(dataset: &DatasetSpec, prompts: usize) -> Option<String> {
    few(prompts, &dataset.together())
}
