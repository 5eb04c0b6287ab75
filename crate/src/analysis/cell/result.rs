use serde::Serialize;

use super::CellSpec;
use super::runs::Runs;
use super::said::{METRICS, Said};
use crate::Result;
use crate::analysis::Prediction;
use crate::frame::{Bootstrap, Interval};
use crate::metric::Metric;
use crate::tokenizer::Tokenizer;

/// A cell's edited runs beside the unedited ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct CellResult {
    pub spec: CellSpec,
    /// "9.9", "layer 9, S2"
    pub name: String,
    /// How many prompts have it.
    pub prompts: usize,
    pub metrics: Vec<ComparedMetric>,
    /// What the model says next in the chosen prompt, the likeliest first: unedited, and edited.
    pub before: Vec<Prediction>,
    pub after: Vec<Prediction>,
}

/// Means over prompts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct ComparedMetric {
    pub metric: Metric,
    pub unit: &'static str,
    pub unedited: f64,
    pub edited: f64,
    pub change: f64,
    pub interval: Option<Interval>,
}

impl CellResult {
    pub fn new(spec: &CellSpec, runs: &Runs, said: &Said, tokenizer: &Tokenizer) -> Result<Self> {
        let bootstrap = Bootstrap::of(spec.grid.task.together());
        let compared = |(place, metric): (usize, Metric)| {
            // A prompt without the cell has no value, so that pairs of prompts stay pairs.
            let mut values = vec![[None; 2]; runs.examples().len()];
            for (&example, of_prompt) in runs.those().iter().zip(&said.values) {
                values[example] = of_prompt[place].map(Some);
            }
            let column = |run: usize| values.iter().map(|values| values[run]).collect::<Vec<_>>();
            let [unedited, edited] = [column(0), column(1)];
            let mean =
                |column: &[Option<f64>]| column.iter().flatten().sum::<f64>() / said.values.len() as f64;
            let drawn = bootstrap.draw(&[&unedited[..], &edited[..]]);
            let (before, after) = (mean(&unedited), mean(&edited));
            let interval = drawn.interval(|means| means[1] - means[0]);
            ComparedMetric {
                metric,
                unit: metric.unit(),
                unedited: before,
                edited: after,
                change: after - before,
                interval,
            }
        };
        let prediction = |found: &(f32, u32)| Prediction::of(found, tokenizer);
        let [before, after] = &said.best;
        Ok(Self {
            spec: spec.clone(),
            name: runs.name.clone(),
            prompts: said.values.len(),
            metrics: METRICS.into_iter().enumerate().map(compared).collect(),
            before: before.iter().map(prediction).collect::<Result<_>>()?,
            after: after.iter().map(prediction).collect::<Result<_>>()?,
        })
    }
}
