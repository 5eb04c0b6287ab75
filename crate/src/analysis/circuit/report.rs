//! What is said and drawn of a circuit: how much of the metric it keeps; or, where its nodes are examined, what each of them
//! adds to it and takes from the model.

use super::members::Member;
use super::result::Measured;
use super::spec::{Ablation, CircuitSpec, Keep};
use super::variants::{Base, others};
use crate::analysis::patch::with_ends;
use crate::frame::{Axis, Column, Estimate, Estimates, Frame};
use crate::metric::Metric;
use crate::report::words::{
    capital, confidence, counted, in_words, interval, number, percent, rounded, signed_number,
};
use crate::report::{Chart, Figure, Report, Table};

const DECIMALS: usize = 3;

struct Found<'a> {
    measured: &'a Measured<'a>,
    estimates: Estimates,
    /// The variants: the model, the circuit, and what is left without any head.
    full: usize,
    circuit: usize,
    empty: usize,
}

/// Of what is whole.
pub fn report(measured: &Measured) -> Report {
    let CircuitSpec { task, keep, metric, fill, examine, .. } = measured.spec;
    let all: Vec<usize> = (0..measured.members.all().len()).collect();
    let column = |base, without: &[usize]| measured.variants.column(base, without);
    let found = Found {
        measured,
        estimates: measured.estimates(),
        full: column(Base::Model, &[]),
        circuit: column(Base::Circuit, &[]),
        empty: column(Base::Circuit, &all),
    };
    let nodes = examine.then(|| found.nodes());
    Report {
        about: format!(
            "{}, {} · {} · {}",
            keep.spoken(),
            fill.spoken(),
            metric.title(),
            task.about_corrupted()
        ),
        stem: task.stem(),
        answer: match &nodes {
            Some(nodes) => found.examined(nodes),
            None => found.kept(),
        },
        notes: task.notes(measured.prompts()),
        tables: match &nodes {
            Some(_) => found.classes().into_iter().collect(),
            None => vec![found.members()],
        },
        figures: match &nodes {
            Some(nodes) => found.node_figures(nodes),
            None => vec![found.runs()],
        },
    }
}

impl Ablation {
    /// What every other head becomes.
    fn spoken(self) -> &'static str {
        match self {
            Self::Mean => "every other head at its mean over the corrupted runs",
            Self::Zero => "every other head set to zero",
            Self::Patch => "every other head as in the corrupted run",
        }
    }
}

/// By how much the metric is less without a node.
struct Less {
    name: String,
    in_circuit: Estimate,
    in_model: Estimate,
    /// In the circuit without the others of its class.
    alone: Option<Estimate>,
}

impl Found<'_> {
    fn metric(&self) -> Metric {
        self.measured.spec.metric
    }

    fn mean(&self, column: usize) -> Estimate {
        self.estimates.mean(column)
    }

    /// "The circuit of Wang et al. 2022 keeps 87% of the logit difference (95% CI [80, 95])."
    fn kept(&self) -> String {
        let CircuitSpec { keep, metric, fill, .. } = self.measured.spec;
        let spoken = keep.spoken();
        let one = matches!(keep, Keep::Preset(_)) || self.measured.members.all().len() == 1;
        let [keeps, has] = if one { ["keeps", "has"] } else { ["keep", "have"] };
        let (title, fill) = (metric.title(), fill.spoken());
        let [full, circuit, empty] = [self.full, self.circuit, self.empty].map(|column| self.mean(column));
        let of_runs = format!(
            "The whole model's mean is {}, the circuit's {}, and {} is left with no head kept",
            said(full),
            said(circuit),
            said(empty)
        );
        if !metric.normalizes() {
            let predictions = format!("The predictions of {spoken} alone, with {fill}, have a {title} of");
            return format!(
                "{predictions} {} from the whole model's. With no head kept it is {}.",
                said(circuit),
                said(empty)
            );
        }
        let share = self.estimates.share(self.circuit, self.full);
        let Some(Estimate { value, interval }) = share else {
            return format!(
                "{} {has} a {title} of {} by {}, with {fill}. {of_runs}; the whole model's is not clearly different from 0, so that no share of it is told.",
                capital(&spoken),
                number(circuit.value),
                if one { "itself" } else { "themselves" },
            );
        };
        let sure = interval
            .map_or_else(String::new, |it| format!(" (95% CI [{}, {}])", percent(it.low), percent(it.high)));
        format!(
            "{} {keeps} {} of the {title}{sure}, with {fill}. {of_runs}.",
            capital(&spoken),
            percent(value)
        )
    }

    fn runs(&self) -> Figure {
        let columns = [self.full, self.circuit, self.empty];
        let estimates: Vec<Option<Estimate>> =
            columns.iter().map(|&column| Some(self.mean(column))).collect();
        self.figure(
            "runs",
            format!("{} of the whole model and of the circuit", capital(&self.metric().title())),
            "Means over prompts. Lines: 95% confidence intervals.",
            Chart::Bars,
            Axis::new("run", ["whole model", "circuit", "no head kept"]),
            with_ends(&self.metric().to_string(), self.metric().unit(), &estimates),
        )
    }

    fn figure(
        &self,
        name: &'static str,
        title: String,
        caption: &str,
        chart: Chart,
        axis: Axis,
        columns: Vec<Column>,
    ) -> Figure {
        let frame = Frame::new(vec![axis], columns);
        Figure { name, title, caption: caption.into(), chart, frame, groups: Vec::new() }
    }

    fn members(&self) -> Table {
        let members = self.measured.members.all();
        let classed = members.iter().any(|member| member.class.is_some());
        let mut header = vec!["head".to_owned(), "at".to_owned()];
        header.extend(classed.then(|| "class".to_owned()));
        let rows = members.iter().map(|member| {
            let head = format!("{}.{}", member.node.layer, member.node.head);
            let class = classed.then(|| member.class.unwrap_or_default().to_owned());
            [head, member.node.at.clone()].into_iter().chain(class).collect()
        });
        Table {
            name: "nodes",
            title: format!("The circuit: {}", counted(members.len(), "node")),
            header,
            rows: rows.collect(),
            caption: String::new(),
        }
    }

    /// The most that is added to the circuit first.
    fn nodes(&self) -> Vec<Less> {
        let (variants, classes) = (self.measured.variants, self.measured.members.classes());
        let less = |from: usize, without: usize| self.estimates.difference(from, without);
        let node = |(i, member): (usize, &Member)| {
            let column = |base, without: &[usize]| variants.column(base, without);
            let of_class = classes.iter().find(|(class, _)| member.class == Some(class));
            Less {
                name: member.node.to_string(),
                in_circuit: less(self.circuit, column(Base::Circuit, &[i])),
                in_model: less(self.full, column(Base::Model, &[i])),
                alone: of_class
                    .map(|(_, all)| less(column(Base::Circuit, &others(all, i)), column(Base::Circuit, all))),
            }
        };
        let mut nodes: Vec<Less> = self.measured.members.all().iter().enumerate().map(node).collect();
        nodes.sort_by(|a, b| b.in_circuit.value.abs().total_cmp(&a.in_circuit.value.abs()));
        nodes
    }

    fn examined(&self, nodes: &[Less]) -> String {
        let title = self.metric().title();
        let some = |sign: f64| -> Vec<&Less> {
            let is_sure = |node: &&Less| {
                node.in_circuit.value * sign > 0.0
                    && (node.in_circuit.is_not_0() || node.in_circuit.interval.is_none())
            };
            nodes.iter().filter(is_sure).collect()
        };
        let (adds, takes) = (some(1.0), some(-1.0));
        let most = |node: &Less| format!("{} ({})", node.name, effect(node.in_circuit));
        let of_nodes = format!("Of {}", counted(nodes.len(), "node"));
        let lessen = |all: &[&Less], largest: &Less| match all.len() {
            1 => format!("{} lessens it", most(largest)),
            count => format!("{} lessen it, most of all {}", in_words(count), most(largest)),
        };
        let first = match (&adds[..], &takes[..]) {
            ([], []) => {
                format!("{of_nodes}, none adds to the circuit's {title} by more than these prompts can tell")
            }
            ([], [most_against, ..]) => {
                format!(
                    "{of_nodes}, none surely adds to the circuit's {title}; {}",
                    lessen(&takes, most_against)
                )
            }
            ([most_for, ..], _) => {
                let against = takes
                    .first()
                    .map_or_else(String::new, |most_against| format!("; {}", lessen(&takes, most_against)));
                format!(
                    "{of_nodes}, {} the circuit's {title}, most of all {}{against}",
                    works(adds.len(), ["adds to", "add to"]),
                    most(most_for)
                )
            }
        };
        let all: Vec<usize> = (0..nodes.len()).collect();
        let complement = self.measured.variants.column(Base::Model, &all);
        format!(
            "{first}. Without all of them the whole model's mean is {}, and with no head kept {}: the nearer these two are, the more complete the circuit is.",
            said(self.mean(complement)),
            said(self.mean(self.empty))
        )
    }

    /// What is left without all of a class.
    fn classes(&self) -> Option<Table> {
        let row = |(class, members): (&str, Vec<usize>)| {
            let means = [Base::Circuit, Base::Model].map(|base| {
                let column = self.measured.variants.column(base, &members);
                let Estimate { value, interval: ends } = self.mean(column);
                [rounded(value, DECIMALS), interval(ends, DECIMALS)]
            });
            [vec![class.to_owned(), members.len().to_string()], means.concat()].concat()
        };
        let rows: Vec<Vec<String>> = self.measured.members.classes().into_iter().map(row).collect();
        (!rows.is_empty()).then(|| Table {
            name: "classes",
            title: "What is left without all heads of a class".into(),
            header: ["class", "heads", "circuit", "95% CI", "whole model", "95% CI"].map(String::from).into(),
            rows,
            caption: format!("Means, in {}.", self.metric().unit()),
        })
    }

    fn node_figures(&self, nodes: &[Less]) -> Vec<Figure> {
        let unit = self.metric().unit();
        let of = |of: fn(&Less) -> Estimate| nodes.iter().map(|node| Some(of(node))).collect::<Vec<_>>();
        let (in_circuit, in_model) = (of(|node| node.in_circuit), of(|node| node.in_model));
        let axis = || Axis::new("node", nodes.iter().map(|node| node.name.clone()));
        let mut columns =
            [with_ends("in_circuit", unit, &in_circuit), with_ends("in_model", unit, &in_model)].concat();
        let alone: Vec<Option<Estimate>> = nodes.iter().map(|node| node.alone).collect();
        if alone.iter().any(Option::is_some) {
            columns.extend(with_ends("without_its_class", unit, &alone));
        }
        let ranked = self.figure(
            "minimality",
            "What each node adds".into(),
            "What the metric's mean is less without the node: in the circuit, or in the whole model. Lines: 95% confidence intervals over prompts.",
            Chart::Bars,
            axis(),
            columns,
        );
        let both = Figure {
            name: "both",
            title: "What each node adds to the circuit, and to the whole model".into(),
            caption: "Nearer to 0 upwards than to the right are nodes whose loss the rest of the model makes up for; \
                      on the line both are the same."
                .into(),
            chart: Chart::Scatter,
            frame: Frame::new(
                vec![Axis::new("adds to", ["to the circuit", "to the whole model"]), axis()],
                with_ends("adds", unit, &[in_circuit, in_model].concat()),
            ),
            groups: Vec::new(),
        };
        vec![ranked, both]
    }
}

/// "one adds to", "twelve add to"
fn works(count: usize, [one, several]: [&str; 2]) -> String {
    format!("{} {}", in_words(count), if count == 1 { one } else { several })
}

/// "3.29 (95% CI [2.92, 3.66])"
fn said(Estimate { value, interval }: Estimate) -> String {
    let sure = interval.map_or_else(String::new, |it| format!(" ({})", confidence(it)));
    format!("{}{sure}", number(value))
}

/// "+1.20, 95% CI [1.01, 1.39]"
fn effect(Estimate { value, interval }: Estimate) -> String {
    let sure = interval.map_or_else(String::new, |it| format!(", {}", confidence(it)));
    format!("{}{sure}", signed_number(value))
}
