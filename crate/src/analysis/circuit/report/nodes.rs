//! What is said and drawn of a circuit whose nodes are examined: what each of them adds to it and takes from the model.

use super::{DECIMALS, Found, said};
use crate::analysis::circuit::members::Member;
use crate::analysis::circuit::variants::{Base, others};
use crate::analysis::patch::with_ends;
use crate::frame::{Axis, Estimate, Frame};
use crate::report::words::{confidence, counted, in_words, interval, rounded, signed_number};
use crate::report::{Chart, Figure, Table};

/// By how much the metric is less without a node.
pub(super) struct Less {
    name: String,
    in_circuit: Estimate,
    in_model: Estimate,
    /// In the circuit without the others of its class.
    alone: Option<Estimate>,
}

impl Found<'_> {
    /// The most that is added to the circuit first.
    pub(super) fn nodes(&self) -> Vec<Less> {
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

    pub(super) fn examined(&self, nodes: &[Less]) -> String {
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
    pub(super) fn classes(&self) -> Option<Table> {
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

    pub(super) fn node_figures(&self, nodes: &[Less]) -> Vec<Figure> {
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

/// "+1.20, 95% CI [1.01, 1.39]"
fn effect(Estimate { value, interval }: Estimate) -> String {
    let sure = interval.map_or_else(String::new, |it| format!(", {}", confidence(it)));
    format!("{}{sure}", signed_number(value))
}
