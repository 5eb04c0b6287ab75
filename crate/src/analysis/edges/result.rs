use serde::Serialize;
use serde_json::Value;

use super::list::Edges;
use crate::analysis::circuit::CircuitSpec;
use crate::analysis::judged::Judged;
use crate::analysis::patch::{Effects, Ran};
use crate::frame::{Axis, Estimate, nested};
use crate::metric::Metric;

/// What each edge of a circuit carries.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct EdgesResult {
    pub spec: CircuitSpec,
    pub metric: Metric,
    pub unit: &'static str,
    pub prompts: usize,
    /// The mean of the clean runs.
    pub clean: f64,
    /// Receivers, and senders.
    pub axes: Vec<Axis>,
    /// What the metric's mean is less with that edge corrupted; null where there is none.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub effects: Value,
}

/// What was measured, and how sure it is.
pub struct Measured<'a> {
    pub spec: &'a CircuitSpec,
    pub edges: &'a Edges,
    pub prompts: usize,
    pub clean: Estimate,
    /// What each edge changes.
    pub effects: Vec<Estimate>,
}

impl<'a> Measured<'a> {
    /// From what has been measured in whole.
    pub fn new(spec: &'a CircuitSpec, edges: &'a Edges, judged: &Judged) -> Self {
        const THERE: &str = "every prompt has every edge";
        let count = edges.all().len();
        let clean = judged.column(count);
        let ran = Ran {
            metric: spec.metric,
            together: spec.task.together(),
            cells: count,
            values: &judged.columns(0..count),
            base: &clean,
            source: None,
        };
        let Effects { base, cells, .. } = Effects::of(ran, true);
        let effects = cells.iter().map(|effect| effect.as_ref().expect(THERE).change.turned());
        Self { spec, edges, prompts: clean.len(), clean: base.expect(THERE), effects: effects.collect() }
    }

    pub fn axes(&self) -> Vec<Axis> {
        let senders = self.edges.members.all().iter().map(|member| member.node.to_string());
        vec![Axis::new("receiver", self.edges.receivers()), Axis::new("sender", senders)]
    }

    /// Nothing where there is no edge. `[receiver · sender]`
    pub fn by_axes(&self) -> Vec<Option<Estimate>> {
        let senders = self.edges.members.all().len();
        let mut all = vec![None; self.edges.receivers().len() * senders];
        for (edge, effect) in self.edges.all().iter().zip(&self.effects) {
            all[edge.receiver * senders + edge.sender] = Some(*effect);
        }
        all
    }

    pub fn result(&self) -> EdgesResult {
        let values: Vec<Option<f64>> = self.by_axes().iter().map(|it| it.map(|it| it.value)).collect();
        let axes = self.axes();
        let sizes: Vec<usize> = axes.iter().map(|axis| axis.labels.len()).collect();
        EdgesResult {
            spec: self.spec.clone(),
            metric: self.spec.metric,
            unit: self.spec.metric.unit(),
            prompts: self.prompts,
            clean: self.clean.value,
            effects: nested(&values, &sizes),
            axes,
        }
    }
}
