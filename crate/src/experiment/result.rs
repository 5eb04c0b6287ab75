use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use super::measured::Measured;
use super::{Case, Experiment, ExperimentSpec};
use crate::ioi::Positions;

/// What one case measured, a number a prompt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ConditionResult {
    /// The mean of `diff`, which the notebook prints.
    pub mean_diff: f64,
    /// `io_score` − `s1_score`.
    pub diff: Vec<f32>,
    /// The attention score from END to IO.
    pub io_score: Vec<f32>,
    /// The attention score from END to S1.
    pub s1_score: Vec<f32>,
    /// END's attention to IO with this score, its other scores as in the clean run; of experiments that ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub io_probability: Option<Vec<f32>>,
}

/// Where the roles stand in each prompt's tokens, BOS counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RolePositions {
    pub io: Vec<usize>,
    pub s1: Vec<usize>,
    pub end: Vec<usize>,
}

impl RolePositions {
    pub fn new(prompts: &[Positions]) -> Self {
        let column = |of: fn(&Positions) -> usize| prompts.iter().map(of).collect();
        Self { io: column(|p| p.io), s1: column(|p| p.s1), end: column(|p| p.end) }
    }
}

/// That an edit did something.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct EditEvidence {
    /// Prompts in which the edit changed the edited input where it is read: `q_input` at END, `k_input` at IO
    /// or at S1.
    pub prompts_touched: usize,
    /// ‖Δq_input‖ at END, mean over prompts.
    pub mean_delta_q_input: f64,
    /// ‖Δq‖ at END, mean over prompts.
    pub mean_delta_q: f64,
    /// Where `k_input` is what was edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub keys: Option<KeyEvidence>,
}

/// That an edit of `k_input` did something, to each of the two keys whose scores are compared.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct KeyEvidence {
    /// ‖Δk_input‖ at IO, mean over prompts.
    pub mean_delta_k_input_io: f64,
    /// ‖Δk_input‖ at S1, mean over prompts.
    pub mean_delta_k_input_s1: f64,
    /// ‖Δk‖ at IO, mean over prompts.
    pub mean_delta_k_io: f64,
    /// ‖Δk‖ at S1, mean over prompts.
    pub mean_delta_k_s1: f64,
}

/// What stands beside every result so that it can be believed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Evidence {
    /// By condition.
    #[serde(serialize_with = "as_map")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, EditEvidence>"))]
    pub edits: Vec<(&'static str, EditEvidence)>,
    /// The most that a no-op control changed any score; exactly 0 where all is well.
    pub noop_max_abs_change: f32,
    /// The same by control.
    #[serde(serialize_with = "as_map")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, number>"))]
    pub noops: Vec<(&'static str, f32)>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct ExperimentResult {
    pub experiment: &'static str,
    /// Layer and head.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "[number, number]"))]
    pub head: [usize; 2],
    pub spec: ExperimentSpec,
    pub positions: RolePositions,
    /// By condition, the clean run first.
    #[serde(serialize_with = "as_map")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, ConditionResult>"))]
    pub conditions: Vec<(&'static str, ConditionResult)>,
    pub evidence: Evidence,
    /// The share of prompts with logit\[IO\] > logit\[S\] at END, where it was asked for.
    pub accuracy: Option<f64>,
}

/// Sums up what the cases of an experiment measured.
pub(super) fn summarize(
    experiment: &'static Experiment,
    cases: &[&'static Case],
    spec: &ExperimentSpec,
    positions: &[Positions],
    measured: &[Measured],
    other_keys: Option<&[f32]>,
    logit_diff: Option<&[f32]>,
) -> ExperimentResult {
    let cases = || cases.iter().zip(measured);
    let shown = |(case, _): &(&&Case, &Measured)| !case.control;
    let noops: Vec<(&str, f32)> = cases()
        .filter(|case| !shown(case))
        .map(|(case, m)| (case.condition, m.max_abs_change(&measured[0])))
        .collect();
    ExperimentResult {
        experiment: experiment.name,
        head: [spec.layer, spec.head],
        spec: spec.clone(),
        positions: RolePositions::new(positions),
        conditions: cases()
            .filter(shown)
            .map(|(case, m)| (case.condition, m.condition(other_keys)))
            .collect(),
        evidence: Evidence {
            edits: cases()
                .filter(shown)
                .filter_map(|(case, m)| Some((case.condition, m.evidence(case.edit?.input))))
                .collect(),
            noop_max_abs_change: noops.iter().map(|&(_, change)| change).fold(0.0, f32::max),
            noops,
        },
        accuracy: logit_diff
            .map(|diff| diff.iter().filter(|&&diff| diff > 0.0).count() as f64 / diff.len() as f64),
    }
}

/// Serializes pairs as an object that keeps their order.
pub(crate) fn as_map<T: Serialize, S: Serializer>(
    pairs: &[(&'static str, T)],
    to: S,
) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(pairs.len()))?;
    for (key, value) in pairs {
        map.serialize_entry(key, value)?;
    }
    map.end()
}
