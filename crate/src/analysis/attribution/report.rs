//! What is said and drawn of a logit difference and the parts that it is the sum of.

use std::cmp::Ordering;

use super::{AttributeResult, AttributeSpec};
use crate::analysis::at_end::Rows;
use crate::analysis::zeroed::without;
use crate::frame::{Axis, Column, Estimate, Frame};
use crate::model::Gpt2Config;
use crate::report::words::{capital, confidence, interval, number, signed, signed_number};
use crate::report::{Chart, Figure, Report, Table};

/// How many of the largest are ranked.
const MOST: usize = 12;
/// How many decimals numbers in tables have.
const DECIMALS: usize = 3;

/// A component, or several that are summed up, and how much they add.
#[derive(Clone)]
struct Part {
    name: String,
    adds: Estimate,
}

struct Found<'a> {
    result: &'a AttributeResult,
    logit_diff: Estimate,
    /// In the order of their names.
    components: Vec<Part>,
    /// The embeddings, what each layer's attention and MLP write, b_U.
    layers: Vec<Part>,
    kinds: Vec<Part>,
}

/// `labels`: of each prompt's numbers after the logit difference.
pub fn report(result: &AttributeResult, labels: &[String], config: &Gpt2Config, rows: &Rows) -> Report {
    let found = Found::new(result, labels, config, rows);
    let AttributeSpec { task, run, zero, .. } = &result.spec;
    let mut notes = task.notes(result.prompts);
    if !result.adds_up() {
        notes.insert(
            0,
            format!(
                "The parts miss the logit difference by {:.1e} of its size, where rounding explains less than 1e-4: do not trust this result.",
                result.relative_miss
            ),
        );
    }
    Report {
        about: format!("every component{} · {}", without(zero), task.about_run(*run)),
        stem: task.stem(),
        answer: found.answer(),
        notes,
        tables: vec![found.table()],
        figures: found.figures(),
    }
}

impl<'a> Found<'a> {
    fn new(result: &'a AttributeResult, labels: &[String], config: &Gpt2Config, rows: &Rows) -> Self {
        let one = |at: usize| (labels[at].clone(), vec![at]);
        let components: Vec<_> = (0..labels.len()).map(one).collect();
        let groups = [components.clone(), layers(labels, config), kinds(labels)];
        // After the logit difference.
        let sums = groups.iter().flatten().map(|(_, of)| of.iter().map(|at| at + 1).collect());
        let mut estimates = rows.sums(&[vec![vec![0]], sums.collect()].concat()).into_iter();
        let logit_diff = estimates.next().expect("the first sum");
        let [components, layers, kinds] = groups.map(|group| {
            let names = group.into_iter().map(|(name, _)| name);
            names.zip(estimates.by_ref()).map(|(name, adds)| Part { name, adds }).collect()
        });
        Self { result, logit_diff, components, layers, kinds }
    }

    /// The largest first.
    fn ranked(&self) -> Vec<&Part> {
        let mut ranked: Vec<&Part> = self.components.iter().collect();
        let size = |part: &Part| part.adds.value.abs();
        ranked.sort_by(|a, b| size(b).partial_cmp(&size(a)).unwrap_or(Ordering::Equal));
        ranked
    }

    fn answer(&self) -> String {
        let Estimate { value, interval } = self.logit_diff;
        let sure = interval.map_or_else(String::new, |it| format!(", {}", confidence(it)));
        let whole = if interval.is_some_and(|it| it.contains(0.0)) {
            let size = number(value);
            format!("The model prefers neither these nor the wrong ones (logit difference {size}{sure})")
        } else if value < 0.0 {
            format!("The wrong answers lead by {} logits{sure}", number(-value))
        } else {
            format!("They lead by {} logits{sure}", number(value))
        };
        let ranked = self.ranked();
        let most = |sign: f64| {
            let is_on_side = |part: &&&Part| {
                let Estimate { value, interval } = part.adds;
                value * sign > 0.0 && interval.is_none_or(|it| !it.contains(0.0))
            };
            ranked.iter().find(is_on_side).map(|part| (named(&part.name), signed_number(part.adds.value)))
        };
        let parts = match (most(1.0), most(-1.0)) {
            (Some((most, by)), Some((least, against))) => {
                format!(
                    "{most} writes most for the right answers, {by}, and {least} most against them, {against}"
                )
            }
            (Some((most, by)), None) => format!("{most} writes most for the right answers, {by}"),
            (None, Some((least, by))) => format!("{least} writes most against the right answers, {by}"),
            (None, None) => "no component is sure to write for or against the right answers".to_owned(),
        };
        // A bias has a small letter wherever it stands.
        let parts = if parts.starts_with("b_") { parts } else { capital(&parts) };
        format!("{parts}. {whole}.")
    }

    /// Whether all components are the whole.
    fn sum(&self) -> String {
        match self.result.relative_miss {
            _ if !self.result.adds_up() => String::new(),
            0.0 => "All components together are the logit difference. ".to_owned(),
            miss => {
                format!("All components together are the logit difference, but for {miss:.0e} of its size. ")
            }
        }
    }

    fn table(&self) -> Table {
        let row = |name: &str, Estimate { value, interval: ends }: Estimate| {
            vec![name.to_owned(), signed(value, DECIMALS), interval(ends, DECIMALS)]
        };
        let kinds = self.kinds.iter().map(|kind| row(&kind.name, kind.adds));
        Table {
            name: "kinds",
            title: "By kind of component".into(),
            header: ["what writes", "logits", "95% CI"].map(String::from).into(),
            rows: kinds.chain([row("the logit difference", self.logit_diff)]).collect(),
            caption: format!(
                "{}b_O is the bias that a layer's attention adds whatever its heads see, b_U that of the unembedding.",
                self.sum()
            ),
        }
    }

    fn figures(&self) -> Vec<Figure> {
        let ranked: Vec<&Part> = self.ranked().into_iter().take(MOST).collect();
        let figure = |name, title: &str, caption: &str, chart, frame| Figure {
            name,
            title: title.into(),
            caption: caption.into(),
            chart,
            frame,
            groups: Vec::new(),
        };
        vec![
            figure(
                "largest",
                "The components that write most",
                "Above 0: for the right answers. Lines: 95% confidence intervals over prompts.",
                Chart::Bars,
                frame("component", ranked),
            ),
            figure(
                "components",
                "What every component writes to the logit difference",
                "Each component's output at END, divided by the final LayerNorm's scale, along W_U[answers] − \
                 W_U[wrong answers].",
                Chart::Components,
                frame("component", self.components.iter()),
            ),
            figure(
                "layers",
                "What every layer writes to the logit difference",
                "attn: the heads of the layer and b_O together.",
                Chart::Bars,
                frame("component", self.layers.iter()),
            ),
        ]
    }
}

/// What each layer's attention and its MLP write, in the order in which they do; the embeddings before, b_U after them.
fn layers(labels: &[String], config: &Gpt2Config) -> Vec<(String, Vec<usize>)> {
    let place = |name: String| labels.iter().position(|label| *label == name).expect("a component");
    let one = |name: &str| vec![(name.to_owned(), vec![place(name.to_owned())])];
    let of_layer = |layer: usize| {
        let heads = (0..config.n_head).map(|head| format!("{layer}.{head}"));
        let attn = heads.chain([format!("b_O_{layer}")]).map(place).collect();
        let mlp = format!("MLP_{layer}");
        [(format!("attn_{layer}"), attn), (mlp.clone(), vec![place(mlp)])]
    };
    [one("W_E"), one("W_pos"), (0..config.n_layer).flat_map(of_layer).collect(), one("b_U")].concat()
}

fn kinds(labels: &[String]) -> Vec<(String, Vec<usize>)> {
    let of = |name: &str, is: fn(&str) -> bool| {
        let places = (0..labels.len()).filter(|&at| is(&labels[at])).collect();
        (name.to_owned(), places)
    };
    vec![
        of("heads", |label| label.starts_with(|c: char| c.is_ascii_digit())),
        of("MLPs", |label| label.starts_with("MLP")),
        of("embeddings", |label| matches!(label, "W_E" | "W_pos")),
        of("b_O and b_U", |label| label.starts_with("b_")),
    ]
}

fn frame<'a>(axis: &str, parts: impl IntoIterator<Item = &'a Part>) -> Frame {
    let parts: Vec<&Part> = parts.into_iter().collect();
    let column = |ending: &str, of: &dyn Fn(&Part) -> Option<f64>| {
        let values = parts.iter().map(|part| of(part)).collect();
        Column::new(format!("contribution{ending}"), "logits", values)
    };
    Frame::new(
        vec![Axis::new(axis, parts.iter().map(|part| part.name.clone()))],
        vec![
            column("", &|part| Some(part.adds.value)),
            column("_low", &|part| Some(part.adds.interval?.low)),
            column("_high", &|part| Some(part.adds.interval?.high)),
        ],
    )
}

/// "head 9.9", "MLP_0"
fn named(label: &str) -> String {
    if label.starts_with(|c: char| c.is_ascii_digit()) { format!("head {label}") } else { label.to_owned() }
}
