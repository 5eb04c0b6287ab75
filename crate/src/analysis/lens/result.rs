use serde::Serialize;

use super::LensSpec;
use crate::analysis::at_end::{AtEnd, streams};
use crate::engine::Part;

/// The logit difference by the residual stream, mean over prompts, in logits. b_U is in every value: the last one is the
/// model's own logit difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct LensResult {
    pub spec: LensSpec,
    pub prompts: usize,
    /// The names of the streams, upwards: "0_pre", "0_mid", "1_pre", …, "final_post".
    pub labels: Vec<String>,
    /// At END, one per label.
    pub values: Vec<f64>,
    /// How sure the values are; nothing where there are not two prompts to draw from.
    pub intervals: Option<LensIntervals>,
    /// The same at every role, in the task's order; the last is END.
    pub roles: Vec<LensAtRole>,
    /// Prompt by prompt the values at END, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub per_prompt: Option<Vec<Vec<f64>>>,
}

/// What the stream at a role gives.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct LensAtRole {
    pub role: String,
    /// One per label.
    pub values: Vec<f64>,
    pub intervals: Option<LensIntervals>,
}

/// 95 % bootstrap intervals of means over prompts, one per label.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct LensIntervals {
    pub low: Vec<f64>,
    pub high: Vec<f64>,
}

impl LensResult {
    pub(super) fn new(spec: &LensSpec, at_end: &AtEnd) -> Self {
        let of_role = |(place, role): (usize, &String)| {
            let rows = at_end.lens(place, spec.scale);
            let intervals = rows.intervals().map(|[low, high]| LensIntervals { low, high });
            LensAtRole { role: role.clone(), values: rows.means(), intervals }
        };
        let roles: Vec<LensAtRole> = at_end.roles().iter().enumerate().map(of_role).collect();
        let LensAtRole { values, intervals, .. } = roles.last().expect("END is a role").clone();
        Self {
            spec: spec.clone(),
            prompts: at_end.prompts(),
            labels: labels(at_end.config().n_layer),
            values,
            intervals,
            per_prompt: spec.per_prompt.then(|| at_end.lens(roles.len() - 1, spec.scale).rows),
            roles,
        }
    }
}

/// As TransformerLens names what its `accumulated_resid` gives.
pub(super) fn labels(n_layer: usize) -> Vec<String> {
    let label = |(layer, part)| match part {
        Part::ResidMid => format!("{layer}_mid"),
        _ if layer == n_layer => "final_post".to_owned(),
        _ => format!("{layer}_pre"),
    };
    streams(n_layer).map(label).collect()
}
