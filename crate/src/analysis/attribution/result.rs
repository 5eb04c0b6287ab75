use serde::Serialize;

use super::AttributeSpec;
use crate::analysis::at_end::Rows;
use crate::analysis::written::MOST_RELATIVE_MISS;
use crate::frame::Interval;
use crate::model::Gpt2Config;

/// What every component of the last residual stream adds to the logit difference, mean over prompts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct AttributeResult {
    pub spec: AttributeSpec,
    pub prompts: usize,
    #[serde(flatten)]
    pub mean: LogitParts,
    /// How far the sum of all parts is from the logit difference that the model computes: the mean over prompts, divided by
    /// the mean size of the logit difference. Above 1e-4 the result is wrong.
    pub relative_miss: f64,
    /// How sure the means are; nothing where there are not two prompts to draw from.
    pub intervals: Option<AttributeIntervals>,
    /// Each prompt's own, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub per_prompt: Option<Vec<LogitParts>>,
}

/// A logit difference and the parts that add up to it, in logits.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct LogitParts {
    /// As the model computes it: the mean logit of the answers minus that of the wrong ones.
    pub logit_diff: f64,
    /// The token embedding's.
    #[serde(rename = "W_E")]
    pub w_e: f64,
    /// The position embedding's.
    #[serde(rename = "W_pos")]
    pub w_pos: f64,
    /// `[layer][head]`
    pub heads: Vec<Vec<f64>>,
    /// What each layer's attention bias adds, the heads' value biases folded in. `[layer]`
    #[serde(rename = "b_O")]
    pub b_o: Vec<f64>,
    /// `[layer]`
    pub mlps: Vec<f64>,
    /// The unembedding's bias, which is ln_f's folded in.
    #[serde(rename = "b_U")]
    pub b_u: f64,
}

/// 95 % bootstrap intervals of the means over prompts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct AttributeIntervals {
    pub logit_diff: Interval,
    #[serde(rename = "W_E")]
    pub w_e: Interval,
    #[serde(rename = "W_pos")]
    pub w_pos: Interval,
    /// `[layer][head]`
    pub heads: IntervalEnds<Vec<Vec<f64>>>,
    /// `[layer]`
    #[serde(rename = "b_O")]
    pub b_o: IntervalEnds<Vec<f64>>,
    /// `[layer]`
    pub mlps: IntervalEnds<Vec<f64>>,
    #[serde(rename = "b_U")]
    pub b_u: Interval,
}

/// The ends of many intervals.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct IntervalEnds<T> {
    pub low: T,
    pub high: T,
}

impl LogitParts {
    /// From the order in which they are measured: the logit difference, the parts as `written::labels` has them, b_U.
    pub(super) fn of(values: &[f64], config: &Gpt2Config) -> Self {
        let mut rest = values;
        let mut next = |count: usize| {
            let (these, after) = rest.split_at(count);
            rest = after;
            these
        };
        let Gpt2Config { n_layer, n_head, .. } = *config;
        let [logit_diff, w_e, w_pos] = [(); 3].map(|()| next(1)[0]);
        let mlps = next(n_layer).to_vec();
        let heads = next(n_layer * n_head).chunks_exact(n_head).map(<[f64]>::to_vec).collect();
        Self { logit_diff, w_e, w_pos, mlps, heads, b_o: next(n_layer).to_vec(), b_u: next(1)[0] }
    }

    /// What all parts come to.
    pub fn sum(&self) -> f64 {
        let Self { w_e, w_pos, heads, b_o, mlps, b_u, .. } = self;
        [&[*w_e, *w_pos, *b_u], &heads.concat()[..], b_o, mlps].iter().copied().flatten().sum()
    }
}

impl AttributeIntervals {
    fn of(low: LogitParts, high: LogitParts) -> Self {
        let one = |low, high| Interval { low, high };
        Self {
            logit_diff: one(low.logit_diff, high.logit_diff),
            w_e: one(low.w_e, high.w_e),
            w_pos: one(low.w_pos, high.w_pos),
            heads: IntervalEnds { low: low.heads, high: high.heads },
            b_o: IntervalEnds { low: low.b_o, high: high.b_o },
            mlps: IntervalEnds { low: low.mlps, high: high.mlps },
            b_u: one(low.b_u, high.b_u),
        }
    }
}

impl AttributeResult {
    pub(super) fn new(spec: &AttributeSpec, config: &Gpt2Config, rows: &Rows) -> Self {
        let parts = |values: &Vec<f64>| LogitParts::of(values, config);
        let of_prompts: Vec<LogitParts> = rows.rows.iter().map(parts).collect();
        Self {
            spec: spec.clone(),
            prompts: rows.rows.len(),
            mean: parts(&rows.means()),
            relative_miss: relative_miss(&of_prompts),
            intervals: rows.intervals().map(|[low, high]| AttributeIntervals::of(parts(&low), parts(&high))),
            per_prompt: spec.per_prompt.then_some(of_prompts),
        }
    }

    /// Whether the parts are the logit difference's, but for rounding.
    pub fn adds_up(&self) -> bool {
        self.relative_miss < MOST_RELATIVE_MISS
    }
}

/// See [`AttributeResult::relative_miss`].
fn relative_miss(prompts: &[LogitParts]) -> f64 {
    let miss: f64 = prompts.iter().map(|prompt| (prompt.sum() - prompt.logit_diff).abs()).sum();
    let size: f64 = prompts.iter().map(|prompt| prompt.logit_diff.abs()).sum();
    if miss == 0.0 { 0.0 } else { miss / size }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One layer of two heads.
    fn prompt(logit_diff: f64, mlp: f64) -> LogitParts {
        let heads = vec![vec![0.25, -0.5]];
        LogitParts { logit_diff, w_e: 1.0, w_pos: 0.5, heads, b_o: vec![0.125], mlps: vec![mlp], b_u: 0.625 }
    }

    #[test]
    fn a_miss_is_told_by_the_size_of_the_logit_differences() {
        assert_eq!((prompt(2.0, 0.0).sum(), prompt(-1.0, -3.0).sum()), (2.0, -1.0));
        // They have opposite signs: neither misses nor sizes cancel.
        assert_eq!(relative_miss(&[prompt(2.0, 0.0), prompt(-1.0, -3.0)]), 0.0);
        assert_eq!(relative_miss(&[prompt(2.0, 0.5), prompt(-1.0, -3.25)]), 0.75 / 3.0);
        assert!(relative_miss(&[prompt(2.0, f64::NAN)]).is_nan());
        assert_eq!(relative_miss(&[]), 0.0);
    }
}
