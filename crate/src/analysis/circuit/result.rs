use std::collections::BTreeMap;

use serde::Serialize;

use super::members::Members;
use super::spec::CircuitSpec;
use super::variants::{Base, Variant, Variants, others};
use crate::frame::{self, Axis, Bootstrap, Column, Frame, Interval, Resamples};
use crate::metric::Metric;
use crate::patch::Node;

/// What is left of the metric in a circuit: its means over prompts. Written as in Wang et al. 2022: M is the model, C the
/// circuit, C∖K the circuit without some of its nodes, and F the mean of the metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct CircuitResult {
    pub spec: CircuitSpec,
    pub metric: Metric,
    pub unit: &'static str,
    pub prompts: usize,
    /// F(M).
    pub full: f64,
    /// F(C).
    pub circuit: f64,
    /// F(∅): every head is left out.
    pub empty: f64,
    /// F(C)/F(M); of KL there is none, since nothing differs from the unedited run there.
    pub faithfulness: Option<f64>,
    /// How sure these are; nothing before the end.
    pub intervals: Option<CircuitIntervals>,
    /// F(M∖C); it and what follows are there where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub complement: Option<Estimated>,
    /// |F(∅) − F(M∖C)|: what all of the circuit's nodes together have beyond what they do in the circuit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub incompleteness: Option<Estimated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub nodes: Option<Vec<NodeFigures>>,
    /// Where the circuit is a preset, its classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub classes: Option<Vec<ClassFigures>>,
    /// Run by run, by its name, each prompt's values, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional, type = "Record<string, (number | null)[]>"))]
    pub per_prompt: Option<BTreeMap<String, Vec<Option<f64>>>>,
}

/// 95 % bootstrap intervals over prompts. Nothing where there are not two to draw from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct CircuitIntervals {
    pub full: Option<Interval>,
    pub circuit: Option<Interval>,
    pub empty: Option<Interval>,
    /// Nothing too where the full model's mean may be 0: a share of nothing can be anything.
    pub faithfulness: Option<Interval>,
}

/// A mean, or the size of a difference of means, with its 95 % bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Estimated {
    pub value: f64,
    /// Nothing before the end, and where there are not two prompts to draw from.
    pub interval: Option<Interval>,
}

/// A node v.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct NodeFigures {
    pub node: Node,
    pub class: Option<&'static str>,
    /// F(C∖{v}).
    pub without_in_circuit: Estimated,
    /// F(M∖{v}).
    pub without_in_model: Estimated,
    /// |F(C∖{v}) − F(C)|.
    pub minimality: Estimated,
    /// |F(C∖(K ∪ {v})) − F(C∖K)|, K the others of its class, where it has one.
    pub minimality_in_class: Option<Estimated>,
    /// |F(C∖{v}) − F(M∖{v})|.
    pub incompleteness: Estimated,
}

/// All nodes K of a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ClassFigures {
    pub class: &'static str,
    /// F(C∖K).
    pub without_in_circuit: Estimated,
    /// F(M∖K).
    pub without_in_model: Estimated,
    /// |F(C∖K) − F(M∖K)|.
    pub incompleteness: Estimated,
}

/// What was measured, or has been so far, of the prompts that are through.
pub struct Measured<'a> {
    pub spec: &'a CircuitSpec,
    pub members: &'a Members,
    pub variants: &'a Variants,
    /// Each run's values, prompt by prompt.
    columns: Vec<Vec<Option<f64>>>,
    means: Vec<f64>,
}

impl<'a> Measured<'a> {
    /// `values`: those of prompts that have not all of them yet are left out. `[prompt · variant]`
    pub fn new(
        spec: &'a CircuitSpec,
        members: &'a Members,
        variants: &'a Variants,
        values: &[Option<f64>],
    ) -> Self {
        let mut columns = vec![Vec::new(); variants.all().len()];
        for row in values.chunks_exact(columns.len()).filter(|row| row.iter().all(Option::is_some)) {
            columns.iter_mut().zip(row).for_each(|(column, &value)| column.push(value));
        }
        let mean = |column: &Vec<Option<f64>>| column.iter().flatten().sum::<f64>() / column.len() as f64;
        let means = columns.iter().map(mean).collect();
        Self { spec, members, variants, columns, means }
    }

    pub fn prompts(&self) -> usize {
        self.columns[0].len()
    }

    /// Every variant's mean, once all has been measured.
    pub fn estimates(&self) -> frame::Estimates {
        let columns: Vec<&[Option<f64>]> = self.columns.iter().map(Vec::as_slice).collect();
        self.bootstrap().estimates(&columns)
    }

    fn bootstrap(&self) -> Bootstrap {
        Bootstrap::of(self.spec.task.together())
    }

    /// Each run's mean and the ends of its interval.
    pub fn frame(&self) -> Frame {
        const PROMPT: &str = "prompt";
        let names = self.variants.all().iter().map(|variant| variant.name.as_str());
        let axes = vec![Axis::new("run", names), Axis::numbered(PROMPT, self.prompts())];
        let metric = self.spec.metric;
        let column = Column::new(metric.to_string(), metric.unit(), self.columns.concat());
        let frame = Frame::new(axes, vec![column]);
        frame.bootstrap_over(PROMPT, &self.bootstrap()).expect("the frame has this axis")
    }

    /// `finished`: intervals are estimated of what is whole.
    pub fn result(&self, finished: bool) -> CircuitResult {
        let Self { spec, members, variants, columns, means } = self;
        let drawn = finished.then(|| {
            let columns: Vec<&[Option<f64>]> = columns.iter().map(Vec::as_slice).collect();
            self.bootstrap().draw(&columns)
        });
        let of = Estimates { means, drawn: drawn.as_ref() };
        let all: Vec<usize> = (0..members.all().len()).collect();
        let full = variants.column(Base::Model, &[]);
        let circuit = variants.column(Base::Circuit, &[]);
        let empty = variants.column(Base::Circuit, &all);
        let faithfulness =
            (spec.metric.normalizes() && means[full] != 0.0).then(|| means[circuit] / means[full]);
        let intervals = drawn.as_ref().map(|drawn| {
            let of_mean = |column: usize| drawn.interval(|means| means[column]);
            let is_something = of_mean(full).is_some_and(|interval| interval.excludes_0());
            let share = faithfulness.filter(|_| is_something);
            CircuitIntervals {
                full: of_mean(full),
                circuit: of_mean(circuit),
                empty: of_mean(empty),
                faithfulness: share.and_then(|_| drawn.interval(|means| means[circuit] / means[full])),
            }
        });
        let complement = spec.examine.then(|| variants.column(Base::Model, &all));
        CircuitResult {
            spec: (*spec).clone(),
            metric: spec.metric,
            unit: spec.metric.unit(),
            prompts: self.prompts(),
            full: means[full],
            circuit: means[circuit],
            empty: means[empty],
            faithfulness,
            intervals,
            complement: complement.map(|complement| of.mean(complement)),
            incompleteness: complement.map(|complement| of.difference(empty, complement)),
            nodes: spec.examine.then(|| self.nodes(&of)),
            classes: (spec.examine && !members.classes().is_empty()).then(|| self.classes(&of)),
            per_prompt: spec.per_prompt.then(|| {
                let named = |(Variant { name, .. }, column): (&Variant, &Vec<Option<f64>>)| {
                    (name.clone(), column.clone())
                };
                variants.all().iter().zip(columns).map(named).collect()
            }),
        }
    }

    fn nodes(&self, of: &Estimates) -> Vec<NodeFigures> {
        let column = |base, without: &[usize]| self.variants.column(base, without);
        let classes = self.members.classes();
        let figures = |(i, member): (usize, &super::members::Member)| {
            let (in_circuit, in_model) = (column(Base::Circuit, &[i]), column(Base::Model, &[i]));
            let of_class = classes.iter().find(|(class, _)| member.class == Some(class));
            NodeFigures {
                node: member.node.clone(),
                class: member.class,
                without_in_circuit: of.mean(in_circuit),
                without_in_model: of.mean(in_model),
                minimality: of.difference(in_circuit, column(Base::Circuit, &[])),
                minimality_in_class: of_class.map(|(_, of_class)| {
                    let with_it = column(Base::Circuit, &others(of_class, i));
                    of.difference(column(Base::Circuit, of_class), with_it)
                }),
                incompleteness: of.difference(in_circuit, in_model),
            }
        };
        self.members.all().iter().enumerate().map(figures).collect()
    }

    fn classes(&self, of: &Estimates) -> Vec<ClassFigures> {
        let figures = |(class, members): (&'static str, Vec<usize>)| {
            let [in_circuit, in_model] =
                [Base::Circuit, Base::Model].map(|base| self.variants.column(base, &members));
            ClassFigures {
                class,
                without_in_circuit: of.mean(in_circuit),
                without_in_model: of.mean(in_model),
                incompleteness: of.difference(in_circuit, in_model),
            }
        };
        self.members.classes().into_iter().map(figures).collect()
    }
}

/// Numbers that follow from the runs' means.
struct Estimates<'a> {
    means: &'a [f64],
    /// At the end.
    drawn: Option<&'a Resamples>,
}

impl Estimates<'_> {
    fn mean(&self, column: usize) -> Estimated {
        let interval = self.drawn.and_then(|drawn| drawn.interval(|means| means[column]));
        Estimated { value: self.means[column], interval }
    }

    /// The size of one, with the sizes of those in the interval of the difference itself: so it reaches 0 where the
    /// difference may be 0.
    fn difference(&self, column: usize, other: usize) -> Estimated {
        let signed = self.drawn.and_then(|drawn| drawn.interval(|means| means[column] - means[other]));
        let interval = signed.map(|signed| {
            let ends = [signed.low.abs(), signed.high.abs()];
            let low = if signed.contains(0.0) { 0.0 } else { ends[0].min(ends[1]) };
            Interval { low, high: ends[0].max(ends[1]) }
        });
        Estimated { value: (self.means[column] - self.means[other]).abs(), interval }
    }
}
