use serde::Serialize;
use serde_json::Value;

use super::cells::Cells;
use crate::frame::{Axis, Bootstrap, Column, Frame, Interval};
use crate::metric::Metric;
use crate::patch::PatchSpec;
use crate::task::Examples;

/// What a grid's edits do to the metric. Cells are arrays in arrays, the first axis outermost; null where there is nothing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct PatchResult {
    pub spec: PatchSpec,
    pub metric: Metric,
    pub unit: &'static str,
    pub prompts: usize,
    /// Of the runs that are edited, unedited.
    pub base: Estimate,
    /// Of the runs where values come from; of patching.
    pub source: Option<Estimate>,
    pub axes: Vec<Axis>,
    /// The mean over the prompts that have the cell.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub values: Value,
    /// The 95 % bootstrap intervals of the means: low and high. Nothing before the end.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub intervals: Option<[Value; 2]>,
    /// (value − base)/(source − base), base and source of the prompts that have the cell.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub normalized: Option<Value>,
    /// How many prompts have the cell, where they are not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional, type = "any"))]
    pub counts: Option<Value>,
    /// Prompt by prompt, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub per_prompt: Option<PerPrompt>,
}

/// A mean over prompts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Estimate {
    pub mean: f64,
    pub interval: Option<Interval>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct PerPrompt {
    pub base: Vec<Option<f64>>,
    pub source: Option<Vec<Option<f64>>>,
    /// By the axes and then by prompt.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub values: Value,
}

/// What was measured, or has been so far.
pub struct Measured<'a> {
    pub spec: &'a PatchSpec,
    pub examples: &'a Examples,
    pub cells: &'a Cells,
    /// One value per prompt.
    pub base: &'a [Option<f64>],
    /// Of patching.
    pub source: Option<&'a [Option<f64>]>,
    /// `[cell · prompt]`
    pub values: &'a [Option<f64>],
}

const PROMPT: &str = "prompt";
const NAMES: [&str; 3] = ["value", "base", "source"];

impl Measured<'_> {
    /// `finished`: intervals are estimated of what is whole.
    pub fn result(&self, finished: bool) -> PatchResult {
        const THERE: &str = "the frame has this";
        let Self { spec, examples, cells, base, source, values } = self;
        let prompts = examples.len();
        let mut axes: Vec<Axis> =
            cells.axes.iter().map(|(axis, labels)| Axis::new(axis.name(), labels.clone())).collect();
        let of_cells = axes.clone();
        axes.push(Axis::numbered(PROMPT, prompts));
        let column = |i: usize, values: Vec<Option<f64>>| Column::new(NAMES[i], spec.metric.unit(), values);
        // Beside each value the base and the source of the same prompt, where the value is there.
        let beside = |run: &[Option<f64>]| {
            let prompt_of = |i: usize| run[i % prompts];
            values.iter().enumerate().map(|(i, value)| value.and_then(|_| prompt_of(i))).collect()
        };
        let mut columns = vec![column(0, values.to_vec()), column(1, beside(base))];
        columns.extend(source.map(|source| column(2, beside(source))));
        let frame = Frame::new(axes, columns);
        let means = frame.mean_over(PROMPT).expect(THERE);
        let nested = |frame: &Frame, name: &str| frame.nested(name).expect(THERE);
        let bootstrap = Bootstrap::of(spec.task.drawn_together());
        let intervals = finished.then(|| {
            let own = Frame::new(frame.axes().to_vec(), vec![column(0, values.to_vec())]);
            let ends = own.bootstrap_over(PROMPT, &bootstrap).expect(THERE);
            ["value_low", "value_high"].map(|name| nested(&ends, name))
        });
        let normalized = source.filter(|_| spec.metric.normalizes()).map(|_| {
            let of = |i: usize| &means.column(NAMES[i]).expect(THERE).values;
            let share = |((value, base), source): ((&Option<f64>, &Option<f64>), &Option<f64>)| {
                let (value, base, source) = ((*value)?, (*base)?, (*source)?);
                (source != base).then(|| (value - base) / (source - base))
            };
            let shares = of(0).iter().zip(of(1)).zip(of(2)).map(share).collect();
            nested(&Frame::new(of_cells.clone(), vec![column(0, shares)]), NAMES[0])
        });
        let counts = frame.counts_over(PROMPT).expect(THERE);
        let all = |value: &Option<f64>| *value == Some(prompts as f64);
        let is_whole = counts.column(NAMES[0]).expect(THERE).values.iter().all(all);
        let estimate = |run: &[Option<f64>]| {
            let [intervals] = <[_; 1]>::try_from(bootstrap.intervals(&[run.to_vec()])).expect("one column");
            let there: Vec<f64> = run.iter().flatten().copied().collect();
            Estimate { mean: there.iter().sum::<f64>() / there.len() as f64, interval: intervals }
        };
        PatchResult {
            spec: (*spec).clone(),
            metric: spec.metric,
            unit: spec.metric.unit(),
            prompts,
            base: estimate(base),
            source: source.map(estimate),
            axes: of_cells,
            values: nested(&means, NAMES[0]),
            intervals,
            normalized,
            counts: (!is_whole).then(|| nested(&counts, NAMES[0])),
            per_prompt: spec.per_prompt.then(|| PerPrompt {
                base: base.to_vec(),
                source: source.map(<[_]>::to_vec),
                values: nested(&frame, NAMES[0]),
            }),
        }
    }
}
