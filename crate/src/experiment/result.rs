use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Case, Experiment, ExperimentSpec};

/// What one case measured, a number a prompt.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
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
}

/// That an edit did something.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct EditEvidence {
    /// Prompts in which the edit changed `q_input` at END.
    pub prompts_touched: usize,
    /// ‖Δq_input‖ at END, mean over prompts.
    pub mean_delta_q_input: f64,
    /// ‖Δq‖ at END, mean over prompts.
    pub mean_delta_q: f64,
}

/// What stands beside every result so that it can be believed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Evidence {
    /// By condition.
    #[serde(serialize_with = "as_map")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, EditEvidence>"))]
    pub edits: Vec<(&'static str, EditEvidence)>,
    /// The most that the no-op control changed any score; exactly 0 where all is well.
    pub noop_max_abs_change: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct ExperimentResult {
    pub experiment: &'static str,
    /// Layer and head.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "[number, number]"))]
    pub head: [usize; 2],
    pub spec: ExperimentSpec,
    /// By condition, the clean run first.
    #[serde(serialize_with = "as_map")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, ConditionResult>"))]
    pub conditions: Vec<(&'static str, ConditionResult)>,
    pub evidence: Evidence,
    /// The share of prompts with logit\[IO\] > logit\[S\] at END, where it was asked for.
    pub accuracy: Option<f64>,
}

/// One number of a result, for charts and spreadsheets.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Row {
    pub experiment: &'static str,
    pub condition: &'static str,
    pub prompt: usize,
    pub layer: usize,
    pub head: usize,
    /// The key that END's score is for: IO, S1, or their difference IO-S1.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "\"IO\" | \"S1\" | \"IO-S1\""))]
    pub position: &'static str,
    pub value: f32,
}

impl ExperimentResult {
    /// Tidy rows: a condition, a prompt and a position each.
    pub fn rows(&self) -> Vec<Row> {
        let [layer, head] = self.head;
        let mut rows = Vec::new();
        for (condition, result) in &self.conditions {
            let columns = [("IO", &result.io_score), ("S1", &result.s1_score), ("IO-S1", &result.diff)];
            for (position, values) in columns {
                rows.extend(values.iter().enumerate().map(|(prompt, &value)| Row {
                    experiment: self.experiment,
                    condition,
                    prompt,
                    layer,
                    head,
                    position,
                    value,
                }));
            }
        }
        rows
    }
}

/// What one case measured, before it is summed up; an entry a prompt.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub io_score: Vec<f32>,
    pub s1_score: Vec<f32>,
    /// ‖Δq_input‖ at END against the clean case.
    pub delta_q_input: Vec<f32>,
    /// ‖Δq‖ at END against the clean case.
    pub delta_q: Vec<f32>,
}

impl Measured {
    pub fn new(prompts: usize) -> Self {
        Self {
            io_score: vec![0.0; prompts],
            s1_score: vec![0.0; prompts],
            delta_q_input: vec![0.0; prompts],
            delta_q: vec![0.0; prompts],
        }
    }

    /// The quantities in the order in which they are read from the device.
    pub fn columns(&mut self) -> [&mut Vec<f32>; 4] {
        [&mut self.io_score, &mut self.s1_score, &mut self.delta_q_input, &mut self.delta_q]
    }

    fn condition(&self) -> ConditionResult {
        let diff: Vec<f32> = self.io_score.iter().zip(&self.s1_score).map(|(io, s1)| io - s1).collect();
        ConditionResult {
            mean_diff: mean(&diff),
            diff,
            io_score: self.io_score.clone(),
            s1_score: self.s1_score.clone(),
        }
    }

    fn evidence(&self) -> EditEvidence {
        EditEvidence {
            prompts_touched: self.delta_q_input.iter().filter(|&&delta| delta > 0.0).count(),
            mean_delta_q_input: mean(&self.delta_q_input),
            mean_delta_q: mean(&self.delta_q),
        }
    }

    fn max_abs_change(&self, clean: &Self) -> f32 {
        let scores = self.io_score.iter().chain(&self.s1_score);
        let clean = clean.io_score.iter().chain(&clean.s1_score);
        scores.zip(clean).fold(0.0, |most, (a, b)| most.max((a - b).abs()))
    }
}

/// Sums up what the cases of an experiment measured.
pub(super) fn summarize(
    experiment: &'static Experiment,
    spec: &ExperimentSpec,
    measured: &[Measured],
    logit_diff: Option<&[f32]>,
) -> ExperimentResult {
    let cases = || experiment.cases.iter().zip(measured);
    let shown = |(case, _): &(&Case, &Measured)| !case.control;
    let noop = cases().filter(|case| !shown(case)).map(|(_, m)| m.max_abs_change(&measured[0]));
    ExperimentResult {
        experiment: experiment.name,
        head: [spec.layer, spec.head],
        spec: spec.clone(),
        conditions: cases().filter(shown).map(|(case, m)| (case.condition, m.condition())).collect(),
        evidence: Evidence {
            edits: cases()
                .filter(|(case, _)| case.edit.is_some() && !case.control)
                .map(|(case, m)| (case.condition, m.evidence()))
                .collect(),
            noop_max_abs_change: noop.fold(0.0, f32::max),
        },
        accuracy: logit_diff
            .map(|diff| diff.iter().filter(|&&diff| diff > 0.0).count() as f64 / diff.len() as f64),
    }
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64
}

/// Serializes pairs as an object that keeps their order.
fn as_map<T: Serialize, S: Serializer>(pairs: &[(&'static str, T)], to: S) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(pairs.len()))?;
    for (key, value) in pairs {
        map.serialize_entry(key, value)?;
    }
    map.end()
}
