//! What is said and drawn of an experiment at every head. Of every condition there are means without intervals; of the one that
//! is spoken of, each prompt's change, so that nothing is said of a change that the prompts cannot tell from none.

use std::cmp::Ordering;

use super::super::{Case, Experiment, SweepResult, words};
use super::answer::said;
use crate::frame::{Axis, Column, Frame};
use crate::report::words::{count, list, number, signed_number};
use crate::report::{Chart, Figure, Report};

/// The means so far. `[condition][layer][head]`
struct Means<'a> {
    result: &'a SweepResult,
    /// One for each condition, the clean run's first.
    cases: Vec<&'static Case>,
    layers: usize,
    heads: usize,
    /// What the condition that is spoken of changes. `[layer · head][prompt]`
    changes: &'a [&'a [Option<f64>]],
    /// Nothing of a layer that has seen no prompt. `[condition · layer · head]`
    values: Vec<Option<f64>>,
}

/// A head and its number.
type Found = ([usize; 2], f64);

/// The condition that an answer in words speaks of, by its place.
pub fn spoken_of(cases: &[&'static Case]) -> Option<usize> {
    cases.iter().position(|case| !case.said.is_empty())
}

/// What is said of a sweep, or of what is there so far; nothing before the first layer is measured. `changes`: of the condition
/// that is spoken of. `[layer · head][prompt]`
pub fn of_sweep(
    experiment: &'static Experiment,
    cases: &[&'static Case],
    result: &SweepResult,
    changes: &[&[Option<f64>]],
) -> Option<Report> {
    if result.rows.is_empty() {
        return None;
    }
    let means = Means::new(cases, result, changes);
    let dataset = &result.spec.dataset;
    let mut about = format!("all heads, {} · {}", experiment.title.to_lowercase(), dataset.about());
    if experiment.flips() {
        about += &format!(" · flip {}", result.spec.flip);
    }
    about += if result.spec.freeze_ln { " · LayerNorm scale frozen" } else { " · LayerNorm scale live" };
    let seen = (!result.finished).then(|| means.seen());
    let few = words::few_prompts(dataset, result.prompts);
    Some(Report {
        about,
        stem: format!("heads-{}-{}", experiment.name, dataset.stem()),
        answer: means.answer(),
        notes: seen.into_iter().chain(few).collect(),
        tables: Vec::new(),
        figures: means.figures(),
    })
}

impl<'a> Means<'a> {
    fn new(cases: &[&'static Case], result: &'a SweepResult, changes: &'a [&'a [Option<f64>]]) -> Self {
        let layers = result.layers.len();
        let heads = changes.len() / layers;
        let mut values = vec![None; cases.len() * layers * heads];
        for row in &result.rows {
            let case = cases.iter().position(|case| case.condition == row.condition);
            let case = case.expect("a row is of a condition");
            values[(case * layers + row.layer) * heads + row.head] = Some(row.mean_diff);
        }
        Self { result, cases: cases.to_vec(), layers, heads, changes, values }
    }

    /// All heads' values in a condition. `[layer · head]`
    fn of(&self, case: usize) -> &[Option<f64>] {
        let size = self.layers * self.heads;
        &self.values[case * size..(case + 1) * size]
    }

    /// What a condition changes about the clean run. `[layer · head]`
    fn changes_in(&self, case: usize) -> impl Iterator<Item = Option<f64>> {
        self.of(case).iter().zip(self.of(0)).map(|(own, clean)| Some((*own)? - (*clean)?))
    }

    /// The heads that have a number, those with larger ones first.
    fn ranked(&self, numbers: impl Iterator<Item = Option<f64>>, by: impl Fn(f64) -> f64) -> Vec<Found> {
        let mut found: Vec<Found> = numbers
            .enumerate()
            .filter_map(|(place, number)| Some(([place / self.heads, place % self.heads], number?)))
            .collect();
        let descending = |a: &Found, b: &Found| by(b.1).partial_cmp(&by(a.1)).unwrap_or(Ordering::Equal);
        found.sort_by(descending);
        found
    }

    fn answer(&self) -> String {
        let clean = self.ranked(self.of(0).iter().copied(), |number| number);
        let of = if self.result.finished { "Of" } else { "So far, of" };
        let mut sentences = vec![match clean.first() {
            Some(&(most, by)) if by > 0.0 => {
                let near = clean.iter().skip(1).take_while(|(_, other)| *other > by / 2.0);
                let near: Vec<String> = near.map(|(head, _)| name(*head)).collect();
                let others = match near.len() {
                    0 => "no other does by over half of that".to_owned(),
                    1 => format!("one more does by over half of that: {}", near[0]),
                    n => format!("{} more do by over half of that{}", count(n), listed(&near)),
                };
                let heads = count(clean.len());
                format!(
                    "{of} {heads} heads, {} attends most to IO rather than S1, by {}; {others}",
                    name(most),
                    number(by)
                )
            }
            _ => format!("{of} {} heads, none attends to IO rather than S1", count(clean.len())),
        }];
        if let Some(&(least, by)) = clean.last()
            && by < 0.0
        {
            sentences.push(format!("To S1 rather than IO, {} attends most, by {}", name(least), number(-by)));
        }
        if let Some(case) = spoken_of(&self.cases)
            && let Some(&(head, change)) = self.ranked(self.changes_in(case), f64::abs).first()
            && self.is_certain(head)
        {
            let said = said(self.cases[case], &self.result.spec.flip);
            let by = signed_number(change);
            sentences.push(format!("{said}, the score of {} changes most, by {by}", name(head)));
        }
        sentences.join(". ") + "."
    }

    /// Whether these prompts can tell a head's change from none. An interval takes its time, and is made once all are there.
    fn is_certain(&self, [layer, head]: [usize; 2]) -> bool {
        let change = self.changes[layer * self.heads + head];
        let estimates = || words::bootstrap(&self.result.spec.dataset).estimates(&[change]);
        self.result.finished && estimates().mean(0).is_not_0()
    }

    /// How many prompts each layer has seen; neighbours with the same number share their words.
    fn seen(&self) -> String {
        let all = count(self.result.prompts);
        let layers = self.result.layers.chunk_by(|a, b| a.prompts == b.prompts).map(|alike| {
            let (first, last) = (alike[0].layer, alike[alike.len() - 1].layer);
            let which =
                if first == last { format!("layer {first}") } else { format!("layers {first} to {last}") };
            format!("{which}: {} of {all}", count(alike[0].prompts))
        });
        format!("Prompts seen so far by {}.", layers.collect::<Vec<_>>().join(", "))
    }

    /// The clean run's scores by themselves, and what the other conditions change, which have one scale.
    fn figures(&self) -> Vec<Figure> {
        const DIFF: &str = "attention score END→IO − END→S1, mean over prompts";
        let heads = [Axis::numbered("layer", self.layers), Axis::numbered("head", self.heads)];
        let others = Axis::new("condition", self.cases[1..].iter().map(|case| case.condition));
        let changes: Vec<Option<f64>> =
            (1..self.cases.len()).flat_map(|case| self.changes_in(case)).collect();
        let column = |name: &str, values| Column::new(name, "attention score", values);
        let figure = |name, title: &str, caption, frame| Figure {
            name,
            title: title.into(),
            caption,
            chart: Chart::HeatMap,
            frame,
            groups: Vec::new(),
        };
        vec![
            figure(
                "clean",
                "Clean score of every head",
                format!(
                    "A cell per head: the {DIFF}, in the clean run. Run the experiment at a head for its prompts and intervals."
                ),
                Frame::new(heads.to_vec(), vec![column("diff", self.of(0).to_vec())]),
            ),
            figure(
                "changes",
                "What each condition changes",
                format!(
                    "A cell per head: how far the {DIFF}, is from the clean run's. All maps have one scale."
                ),
                Frame::new([&[others][..], &heads].concat(), vec![column("change", changes)]),
            ),
        ]
    }
}

/// ": 9.9, 9.6 and 10.0", of a few; of many only the first.
fn listed(names: &[String]) -> String {
    const FEW: usize = 5;
    if names.len() > FEW {
        format!(", first of all {}", list(&names[..3]))
    } else {
        format!(": {}", list(names))
    }
}

fn name([layer, head]: [usize; 2]) -> String {
    format!("{layer}.{head}")
}
