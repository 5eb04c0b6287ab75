use serde::Serialize;
use serde_json::Value;

use super::cells::Cells;
use super::effects::{Effect, Effects, Ran};
use crate::frame::{Axis, Column, Estimate, Frame, Interval};
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
    /// The mean of the runs that are edited, unedited.
    pub base: f64,
    /// The mean of the runs where values come from; of patching.
    pub source: Option<f64>,
    pub axes: Vec<Axis>,
    /// The mean over the prompts that have the cell.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub values: Value,
    /// How sure the means are; nothing before the end.
    pub intervals: Option<Intervals>,
    /// (value − base)/(source − base), base and source of the prompts that have the cell.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub normalized: Option<Value>,
    /// How many prompts have the cell, where they are not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional, type = "any"))]
    pub counts: Option<Value>,
    /// Prompt by prompt the cells' values, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional, type = "any"))]
    pub per_prompt: Option<Value>,
    /// Prompt by prompt the base.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub per_prompt_base: Option<Vec<Option<f64>>>,
}

/// 95 % bootstrap intervals of means over prompts. Nothing where there are not two to draw from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Intervals {
    pub base: Option<Interval>,
    pub source: Option<Interval>,
    /// As `values`.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub low: Value,
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub high: Value,
}

/// What was measured, or has been so far.
pub struct Measured<'a> {
    pub spec: &'a PatchSpec,
    pub examples: &'a Examples,
    pub cells: &'a Cells,
    /// One value per prompt.
    pub base: Vec<Option<f64>>,
    /// Where values come from other runs, those runs' own.
    pub source: Option<Vec<Option<f64>>>,
    /// `[prompt · cell]`
    pub values: Vec<Option<f64>>,
}

const PROMPT: &str = "prompt";
const NAMES: [&str; 3] = ["value", "base", "source"];

impl Measured<'_> {
    /// `finished`: as [`Effects::of`] has it.
    pub fn effects(&self, finished: bool) -> Effects {
        let Self { spec, cells, base, source, values, .. } = self;
        let ran = Ran {
            metric: spec.metric,
            together: spec.task.together(),
            cells: cells.all().len(),
            values,
            base,
            source: source.as_deref(),
        };
        Effects::of(ran, finished)
    }

    /// An estimate of each cell and the ends of its interval, in columns of a name and of it with `_low` and `_high`.
    pub fn frame(&self, effects: &Effects, name: &str, of: fn(&Effect) -> Estimate) -> Frame {
        let estimates = effects.cells.iter().map(|effect| effect.as_ref().map(of)).collect::<Vec<_>>();
        Frame::new(self.axes(), with_ends(name, self.spec.metric.unit(), &estimates))
    }

    /// By how much each cell's edit changes each prompt's metric. `[prompt][cell]`
    pub fn changes(&self) -> Vec<Vec<Option<f64>>> {
        let of_prompts = self.values.chunks_exact(self.cells.all().len()).zip(&self.base);
        let of_prompt = |(values, base): (&[Option<f64>], &Option<f64>)| {
            values.iter().map(|value| Some((*value)? - (*base)?)).collect()
        };
        of_prompts.map(of_prompt).collect()
    }

    pub fn axes(&self) -> Vec<Axis> {
        self.cells.axes.iter().map(|(axis, labels)| Axis::new(axis.name(), labels.clone())).collect()
    }

    /// `effects`: of what is whole, whose intervals are told.
    pub fn result(&self, effects: Option<&Effects>) -> PatchResult {
        const THERE: &str = "the frame has this";
        let Self { spec, examples, cells, base, source, values } = self;
        let prompts = examples.len();
        let of_cells = self.axes();
        let axes: Vec<Axis> = [&[Axis::numbered(PROMPT, prompts)], &of_cells[..]].concat();
        let column = |i: usize, values: Vec<Option<f64>>| Column::new(NAMES[i], spec.metric.unit(), values);
        // Beside each value the base and the source of the same prompt, where the value is there.
        let beside = |run: &[Option<f64>]| {
            let of_prompts = values.chunks_exact(cells.all().len()).zip(run);
            let of_prompt = |(values, run): (&[Option<f64>], &Option<f64>)| {
                values.iter().map(|value| value.and(*run)).collect::<Vec<_>>()
            };
            of_prompts.flat_map(of_prompt).collect()
        };
        let mut columns = vec![column(0, values.clone()), column(1, beside(base))];
        columns.extend(source.as_ref().map(|source| column(2, beside(source))));
        let frame = Frame::new(axes, columns);
        let means = frame.mean_over(PROMPT).expect(THERE);
        let nested = |frame: &Frame, name: &str| frame.nested(name).expect(THERE);
        let intervals = effects.map(|effects| {
            let ends = self.frame(effects, NAMES[0], |effect| effect.mean);
            let of_run = |run: Option<Estimate>| run.and_then(|run| run.interval);
            Intervals {
                base: of_run(effects.base),
                source: of_run(effects.source),
                low: nested(&ends, "value_low"),
                high: nested(&ends, "value_high"),
            }
        });
        let normalized = source.as_ref().filter(|_| spec.metric.normalizes()).map(|_| {
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
        let mean = |run: &[Option<f64>]| {
            let there: Vec<f64> = run.iter().flatten().copied().collect();
            there.iter().sum::<f64>() / there.len() as f64
        };
        PatchResult {
            spec: (*spec).clone(),
            metric: spec.metric,
            unit: spec.metric.unit(),
            prompts,
            base: mean(base),
            source: source.as_deref().map(mean),
            axes: of_cells,
            values: nested(&means, NAMES[0]),
            intervals,
            normalized,
            counts: (!is_whole).then(|| nested(&counts, NAMES[0])),
            per_prompt: spec.per_prompt.then(|| nested(&frame, NAMES[0])),
            per_prompt_base: spec.per_prompt.then(|| base.to_vec()),
        }
    }
}

/// Estimates as columns of a name and of it with `_low` and `_high`.
pub fn with_ends(name: &str, unit: &str, estimates: &[Option<Estimate>]) -> Vec<Column> {
    let end = |of: fn(Interval) -> f64| estimates.iter().map(|it| (*it)?.interval.map(of)).collect();
    vec![
        Column::new(name, unit, estimates.iter().map(|it| Some((*it)?.value)).collect()),
        Column::new(format!("{name}_low"), unit, end(|it| it.low)),
        Column::new(format!("{name}_high"), unit, end(|it| it.high)),
    ]
}
