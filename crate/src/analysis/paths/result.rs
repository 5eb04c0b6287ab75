use serde::Serialize;
use serde_json::Value;

use super::spec::PathSpec;
use crate::analysis::judged::Judged;
use crate::frame::{Axis, Bootstrap, Column, Frame, Interval};
use crate::metric::Metric;

/// What each sender's paths do to the metric. Arrays in arrays, the first axis outermost; null where there is no path.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct PathResult {
    pub spec: PathSpec,
    pub metric: Metric,
    pub unit: &'static str,
    pub prompts: usize,
    /// The mean of the clean runs.
    pub clean: f64,
    pub axes: Vec<Axis>,
    /// The mean with that path corrupted.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub values: Value,
    /// The mean change, which is the values minus `clean`.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub change: Value,
    /// How sure the means are; nothing before the end.
    pub intervals: Option<PathIntervals>,
    /// Prompt by prompt the values, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional, type = "any"))]
    pub per_prompt: Option<Value>,
    /// Prompt by prompt the clean run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub per_prompt_clean: Option<Vec<Option<f64>>>,
}

/// 95 % bootstrap intervals of means over prompts. Nothing where there are not two to draw from. The change is told
/// prompt by prompt, so that its interval is much narrower than that of the values.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct PathIntervals {
    pub clean: Option<Interval>,
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub low: Value,
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub high: Value,
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub change_low: Value,
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub change_high: Value,
}

/// What was measured, or has been so far: a column per sender, and then the clean run's.
pub struct Measured<'a> {
    pub spec: &'a PathSpec,
    pub axes: &'a [Axis],
    pub judged: &'a Judged,
}

const PROMPT: &str = "prompt";
const CHANGE: &str = "change";
const THERE: &str = "the frame has this";

impl Measured<'_> {
    pub fn clean(&self) -> Vec<Option<f64>> {
        self.judged.column(self.senders())
    }

    pub fn senders(&self) -> usize {
        self.axes.iter().map(|axis| axis.labels.len()).product()
    }

    /// `[prompt, sender]` of the metric, by its name, and its change.
    fn frame(&self, name: &str) -> Frame {
        let (clean, values) = (self.clean(), self.judged.columns(0..self.senders()));
        let of_prompts = values.chunks_exact(self.senders()).zip(&clean);
        let change = of_prompts.flat_map(|(values, clean)| {
            values.iter().map(|value| value.zip(*clean).map(|(value, clean)| value - clean))
        });
        let change = change.collect();
        let unit = self.spec.metric.unit();
        let axes = [&[Axis::numbered(PROMPT, clean.len())], self.axes].concat();
        Frame::new(axes, vec![Column::new(name, unit, values), Column::new(CHANGE, unit, change)])
    }

    fn bootstrap(&self) -> Bootstrap {
        Bootstrap::of(self.spec.task.together())
    }

    /// The means and the ends of their intervals.
    pub fn means(&self) -> Frame {
        let frame = self.frame(&self.spec.metric.to_string());
        frame.bootstrap_over(PROMPT, &self.bootstrap()).expect(THERE)
    }

    /// `finished`: intervals are estimated of what is whole.
    pub fn result(&self, finished: bool) -> PathResult {
        const VALUE: &str = "value";
        let Self { spec, axes, .. } = self;
        let (frame, clean) = (self.frame(VALUE), self.clean());
        let means = frame.mean_over(PROMPT).expect(THERE);
        let intervals = finished.then(|| {
            let means = frame.bootstrap_over(PROMPT, &self.bootstrap()).expect(THERE);
            let ends = |name: &str| means.nested(name).expect(THERE);
            PathIntervals {
                clean: self.bootstrap().draw(&[&clean]).interval(|means| means[0]),
                low: ends("value_low"),
                high: ends("value_high"),
                change_low: ends("change_low"),
                change_high: ends("change_high"),
            }
        });
        let there: Vec<f64> = clean.iter().flatten().copied().collect();
        PathResult {
            spec: (*spec).clone(),
            metric: spec.metric,
            unit: spec.metric.unit(),
            prompts: clean.len(),
            clean: there.iter().sum::<f64>() / there.len() as f64,
            axes: axes.to_vec(),
            values: means.nested(VALUE).expect(THERE),
            change: means.nested(CHANGE).expect(THERE),
            intervals,
            per_prompt: spec.per_prompt.then(|| frame.nested(VALUE).expect(THERE)),
            per_prompt_clean: spec.per_prompt.then_some(clean),
        }
    }
}
