use std::collections::BTreeMap;

use serde::Serialize;

use super::HeadsSpec;
use super::rows::SEQUENCES;
use crate::frame::{Column, Frame};

/// A number for each head, `[layer][head]`; nothing where there is none.
#[cfg_attr(target_arch = "wasm32", tsify::declare)]
pub type PerHead = Vec<Vec<Option<f64>>>;

/// What every head looks at, copies and is worth. Figures that were not asked for are missing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct HeadsResult {
    pub spec: HeadsSpec,
    pub prompts: usize,
    /// Mean attention to the token before, in the sequences.
    pub previous_token: Option<PerHead>,
    /// From a token's second occurrence to its first.
    pub duplicate_token: Option<PerHead>,
    /// From a token's second occurrence to the token after its first.
    pub induction: Option<PerHead>,
    /// By pair of roles, such as "END->IO": mean attention over the task's clean runs.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, PerHead> | null"))]
    pub attention: Option<BTreeMap<String, PerHead>>,
    /// The share of `copied` tokens which are among the 5 largest logits of what the head writes when it looks at them.
    pub copying: Option<PerHead>,
    /// And among the 5 largest where its sign is turned.
    pub copying_negative: Option<PerHead>,
    /// How many tokens these are.
    pub copied: Option<usize>,
    /// The clean runs' mean over prompts.
    pub logit_diff: Option<f64>,
    /// What the head writes at END, directly in the logit difference: mean in logits.
    pub direct: Option<PerHead>,
    /// By how much the logit difference changes where the head's z at every position is the group's mean of the corrupted run.
    pub ablated: Option<PerHead>,
    pub intervals: HeadIntervals,
}

/// 95 % bootstrap intervals, of sequences and of prompts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct HeadIntervals {
    pub previous_token: Option<HeadEnds>,
    pub duplicate_token: Option<HeadEnds>,
    pub induction: Option<HeadEnds>,
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, HeadEnds> | null"))]
    pub attention: Option<BTreeMap<String, HeadEnds>>,
    pub direct: Option<HeadEnds>,
    pub ablated: Option<HeadEnds>,
}

/// The ends of an interval for each head. Nothing where there are not two to draw from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct HeadEnds {
    pub low: PerHead,
    pub high: PerHead,
}

/// A figure of every head, layer by layer.
#[derive(Debug, Clone)]
pub struct Figure {
    pub name: String,
    pub unit: String,
    pub values: Vec<Option<f64>>,
    /// The ends of its intervals, where it is a mean over prompts, or sequences.
    pub ends: Option<[Vec<Option<f64>>; 2]>,
}

impl Figure {
    pub fn new(name: &str, unit: &str, values: Vec<f64>) -> Self {
        let values = values.into_iter().map(Some).collect();
        Self { name: name.into(), unit: unit.into(), values, ends: None }
    }

    /// With the ends of its intervals, nothing where there are none. `[layer][head]` each
    pub fn within(mut self, ends: Option<[Vec<Vec<f64>>; 2]>) -> Self {
        let flat = |heads: Vec<Vec<f64>>| heads.into_iter().flatten().map(Some).collect();
        let nothing = vec![None; self.values.len()];
        self.ends = Some(ends.map_or_else(|| [nothing.clone(), nothing], |ends| ends.map(flat)));
        self
    }

    /// The columns of what [`Frame::bootstrap_over`] gives.
    pub fn means(frame: &Frame) -> Vec<Self> {
        let columns = frame.columns().chunks_exact(3);
        let figure = |columns: &[Column]| Self {
            name: columns[0].name.clone(),
            unit: columns[0].unit.clone(),
            values: columns[0].values.clone(),
            ends: Some([1, 2].map(|end| columns[end].values.clone())),
        };
        columns.map(figure).collect()
    }

    /// As it is shown: what the logit difference is changed by without a head is told as what it loses, the total effect, whose
    /// sign is that of the direct effect where nothing comes between.
    pub fn shown(&self) -> Self {
        if self.name != "ablated" {
            return self.clone();
        }
        let turned = |values: &[Option<f64>]| values.iter().map(|value| value.map(|value| -value)).collect();
        let ends = self.ends.as_ref().map(|[low, high]| [turned(high), turned(low)]);
        Self { name: "total".into(), unit: self.unit.clone(), values: turned(&self.values), ends }
    }

    /// The mean, and after it the ends of its interval.
    pub fn columns(&self) -> Vec<Column> {
        let ends = self.ends.iter().flatten().zip(["_low", "_high"]);
        let ends = ends.map(|(values, end)| (format!("{}{end}", self.name), values));
        let all = std::iter::once((self.name.clone(), &self.values)).chain(ends);
        all.map(|(name, values)| Column::new(name, self.unit.clone(), values.clone())).collect()
    }
}

/// What there is beside the figures of heads.
pub struct Beside {
    pub spec: HeadsSpec,
    pub prompts: usize,
    pub copied: Option<usize>,
    pub logit_diff: Option<f64>,
}

impl HeadsResult {
    pub fn new(beside: Beside, figures: &[Figure], n_head: usize) -> Self {
        let rows = |values: &Vec<Option<f64>>| -> PerHead {
            values.chunks_exact(n_head).map(<[_]>::to_vec).collect()
        };
        let named = |name: &str| figures.iter().find(|figure| figure.name == name);
        let of_figure = |figure: &Figure| rows(&figure.values);
        let ends_of = |figure: &Figure| {
            figure.ends.as_ref().map(|[low, high]| HeadEnds { low: rows(low), high: rows(high) })
        };
        let of = |name: &str| named(name).map(of_figure);
        let ends = |name: &str| named(name).and_then(ends_of);
        let [previous, duplicate, induction] = SEQUENCES;
        // No other figure's name has an arrow.
        let roles = || figures.iter().filter(|figure| figure.name.contains("->"));
        let has_attention = named(previous).is_some();
        let Beside { spec, prompts, copied, logit_diff } = beside;
        Self {
            spec,
            prompts,
            previous_token: of(previous),
            duplicate_token: of(duplicate),
            induction: of(induction),
            attention: has_attention
                .then(|| roles().map(|figure| (figure.name.clone(), of_figure(figure))).collect()),
            copying: of("copying"),
            copying_negative: of("copying_negative"),
            copied,
            logit_diff,
            direct: of("direct"),
            ablated: of("ablated"),
            intervals: HeadIntervals {
                previous_token: ends(previous),
                duplicate_token: ends(duplicate),
                induction: ends(induction),
                attention: has_attention.then(|| {
                    roles().filter_map(|figure| Some((figure.name.clone(), ends_of(figure)?))).collect()
                }),
                direct: ends("direct"),
                ablated: ends("ablated"),
            },
        }
    }
}
