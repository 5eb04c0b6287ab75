//! What is said and drawn of a circuit's edges.

use super::result::Measured;
use crate::analysis::circuit::Member;
use crate::analysis::patch::with_ends;
use crate::frame::{Axis, Estimate, Frame};
use crate::report::words::{confidence, counted, in_words, signed_number};
use crate::report::{Chart, Figure, Groups, Report};
use crate::task::Examples;

/// How many are ranked.
const MOST: usize = 12;
const EFFECT: &str = "path_effect";

pub fn report(measured: &Measured, examples: &Examples) -> Report {
    let task = &measured.spec.task;
    let ranked = ranked(measured);
    Report {
        about: format!(
            "paths within {} · {} · {}",
            measured.spec.keep.spoken(),
            measured.spec.metric.title(),
            task.about_corrupted()
        ),
        stem: task.stem(),
        answer: answer(measured, &ranked),
        notes: task.notes(measured.prompts),
        tables: Vec::new(),
        figures: vec![drawing(measured, examples), largest(measured, &ranked)],
    }
}

/// By their size, with the names of both ends, the largest first.
fn ranked(measured: &Measured) -> Vec<([String; 2], Estimate)> {
    let (receivers, members) = (measured.edges.receivers(), measured.edges.members.all());
    let edges = measured.edges.all().iter().zip(&measured.effects);
    let mut ranked: Vec<_> = edges
        .map(|(edge, &effect)| {
            ([members[edge.sender].node.to_string(), receivers[edge.receiver].clone()], effect)
        })
        .collect();
    ranked.sort_by(|(_, a), (_, b)| b.value.abs().total_cmp(&a.value.abs()));
    ranked
}

fn answer(measured: &Measured, ranked: &[([String; 2], Estimate)]) -> String {
    let metric = measured.spec.metric.title();
    let is_sure = |effect: Estimate| effect.interval.is_none_or(|it| it.excludes_0()) && effect.value != 0.0;
    let sure: Vec<_> = ranked.iter().filter(|(_, effect)| is_sure(*effect)).collect();
    let all = format!("Of {} between these nodes", counted(ranked.len(), "path"));
    let can_tell = "by more than these prompts can tell";
    let Some(([sender, receiver], effect)) = sure.first() else {
        return format!("{all}, none changes the {metric} {can_tell}.");
    };
    let interval = effect.interval.map_or_else(String::new, |it| format!(", {}", confidence(it)));
    let to = if receiver == "logits" { "the logits" } else { receiver.as_str() };
    let against = if effect.value < 0.0 { ", against it" } else { "" };
    let most = format!(
        "the one from {sender} to {to} does most{against} ({}{interval})",
        signed_number(effect.value)
    );
    match (effect.interval, sure.len()) {
        (None, _) => format!("{all}, {most} to the {metric}."),
        (_, 1) => format!("{all}, one changes the {metric} {can_tell}, {most}."),
        (_, some) => format!("{all}, {} change the {metric} {can_tell}; {most}.", in_words(some)),
    }
}

fn drawing(measured: &Measured, examples: &Examples) -> Figure {
    let columns = with_ends(EFFECT, measured.spec.metric.unit(), &measured.by_axes());
    Figure {
        name: "drawing",
        title: "The circuit".into(),
        caption: "Layers upwards, positions beside each other. A line is a path from what a head writes to what another \
                  one makes its query, key or value of (q, k, v), or to the logits: the wider, the more the metric \
                  loses where that path alone is corrupted; in the other colour what it gains."
            .into(),
        chart: Chart::Circuit,
        frame: Frame::new(measured.axes(), columns),
        groups: groups(measured, examples),
    }
}

/// The nodes by their positions, in the order of a sentence, and by what is known that they do.
fn groups(measured: &Measured, examples: &Examples) -> Vec<Groups> {
    let members = measured.edges.members.all();
    // The first example stands for all.
    let first = |member: &Member| {
        let positions = examples.examples.first().map(|example| member.positions(example));
        positions.and_then(|positions| positions.first().copied())
    };
    let mut places: Vec<(Option<usize>, &str)> =
        members.iter().map(|member| (first(member), member.node.at.as_str())).collect();
    let ats: Vec<&str> = places.iter().map(|(_, at)| *at).collect();
    places.sort_unstable();
    let mut labels: Vec<&str> = Vec::new();
    for (_, at) in places {
        if !labels.contains(&at) {
            labels.push(at);
        }
    }
    let group = |name, labels: &[&str], of: &[&str]| Groups {
        name,
        labels: labels.iter().map(ToString::to_string).collect(),
        of: of.iter().map(|at| labels.iter().position(|label| label == at).unwrap_or(0)).collect(),
    };
    let classes: Vec<&str> = members.iter().filter_map(|member| member.class).collect();
    let mut groups = vec![group("role", &labels, &ats)];
    if !classes.is_empty() {
        let mut labels = classes.clone();
        labels.dedup();
        groups.push(group("class", &labels, &classes));
    }
    groups
}

fn largest(measured: &Measured, ranked: &[([String; 2], Estimate)]) -> Figure {
    let ranked = &ranked[..ranked.len().min(MOST)];
    let names = ranked.iter().map(|([sender, receiver], _)| format!("{sender} → {receiver}"));
    let effects: Vec<Option<Estimate>> = ranked.iter().map(|(_, effect)| Some(*effect)).collect();
    Figure {
        name: "largest",
        title: "The paths that do most".into(),
        caption: "What the mean is less where that path alone is corrupted. Lines: 95% confidence intervals over prompts."
            .into(),
        chart: Chart::Bars,
        frame: Frame::new(
            vec![Axis::new("path", names)],
            with_ends(EFFECT, measured.spec.metric.unit(), &effects),
        ),
        groups: Vec::new(),
    }
}
