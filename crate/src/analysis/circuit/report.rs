//! What is said and drawn of a circuit: how much of the metric it keeps; or, where its nodes are examined, what each of them
//! adds to it and takes from the model.

mod nodes;

use super::result::Measured;
use super::spec::{Ablation, CircuitSpec, Keep};
use super::variants::Base;
use crate::analysis::patch::with_ends;
use crate::frame::{Axis, Column, Estimate, Estimates, Frame};
use crate::metric::Metric;
use crate::report::words::{capital, confidence, counted, number, percent};
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

/// What is said and drawn once all runs have been judged.
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
}

/// "3.29 (95% CI [2.92, 3.66])"
fn said(Estimate { value, interval }: Estimate) -> String {
    // What is the same of every prompt, as the 0 of no head at all, is no estimate.
    let interval = interval.filter(|it| it.low != it.high);
    let sure = interval.map_or_else(String::new, |it| format!(" ({})", confidence(it)));
    format!("{}{sure}", number(value))
}
