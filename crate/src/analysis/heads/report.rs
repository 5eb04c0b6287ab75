//! What is said and drawn of every head: by each of its figures, and what it writes against what its absence costs.

use super::each::WORTH;
use super::result::HeadsResult;
use super::{HeadEnds, PerHead};
use crate::frame::{Axis, Column, Estimate, Frame, Interval};
use crate::report::words::{confidence, count, number, signed_number};
use crate::report::{Chart, Figure, Report, Table};

/// How many of the largest differences are ranked.
const MOST: usize = 12;

/// A head's two effects on the logit difference.
struct Effects {
    name: String,
    /// Whether it is in the last layer.
    is_last: bool,
    /// What it writes itself.
    direct: Estimate,
    /// What is lost without it.
    total: Estimate,
}

/// `frame`: all figures by layer and head. `tables`: of each head by itself.
pub fn report(result: &HeadsResult, frame: Frame, tables: Vec<Table>) -> Report {
    let task = &result.spec.task;
    let effects = effects(result);
    let heads = frame.len();
    let sentences = [figures_said(result), effects_said(&effects)].concat();
    let map = Figure {
        name: "heads",
        title: "Every head".into(),
        caption: "Attention and copying are shares, direct and total are logits: what a head writes to the logit \
                  difference, and what that loses (below 0: gains) where the head's output is the mean of the corrupted \
                  runs."
            .into(),
        chart: Chart::HeatMap,
        frame,
        groups: Vec::new(),
    };
    let of_effects = if effects.is_empty() { Vec::new() } else { effect_figures(&effects) };
    Report {
        about: format!("{} heads · {}", count(heads), task.about_corrupted()),
        stem: task.stem(),
        answer: sentences.join(" "),
        notes: task.notes(result.prompts),
        tables,
        figures: of_effects.into_iter().chain([map]).collect(),
    }
}

impl Effects {
    /// What is made up for where it is of the sign of what is written; else it works through others.
    fn difference(&self) -> f64 {
        self.direct.value - self.total.value
    }

    /// Whether both are surely apart: of means of the same prompts this asks for more than it has to.
    fn differ(&self) -> bool {
        let (Some(direct), Some(total)) = (self.direct.interval, self.total.interval) else { return false };
        direct.low > total.high || total.low > direct.high
    }
}

fn effects(result: &HeadsResult) -> Vec<Effects> {
    let (Some(direct), Some(ablated)) = (&result.direct, &result.ablated) else { return Vec::new() };
    let ends = |ends: &Option<HeadEnds>, layer: usize, head: usize| {
        let ends = ends.as_ref()?;
        Some(Interval { low: ends.low[layer][head]?, high: ends.high[layer][head]? })
    };
    let n_layer = direct.len();
    let mut effects = Vec::new();
    for (layer, (direct, ablated)) in direct.iter().zip(ablated).enumerate() {
        for (head, (direct, ablated)) in direct.iter().zip(ablated).enumerate() {
            let (&Some(direct), &Some(change)) = (direct, ablated) else { continue };
            let turned = |Interval { low, high }| Interval { low: -high, high: -low };
            effects.push(Effects {
                name: format!("{layer}.{head}"),
                is_last: layer + 1 == n_layer,
                direct: Estimate { value: direct, interval: ends(&result.intervals.direct, layer, head) },
                total: Estimate {
                    value: -change,
                    interval: ends(&result.intervals.ablated, layer, head).map(turned),
                },
            });
        }
    }
    effects
}

fn effects_said(effects: &[Effects]) -> Vec<String> {
    if effects.is_empty() {
        return Vec::new();
    }
    let largest = |is: fn(&Effects) -> bool| {
        let found = effects.iter().filter(|head| head.differ() && is(head));
        found.max_by(|a, b| a.difference().abs().total_cmp(&b.difference().abs()))
    };
    let said = |Effects { name, direct, total, .. }: &Effects| {
        let (lost, sure) = lost(*total);
        let sure = sure.map_or_else(String::new, |sure| format!(" ({sure})"));
        let writes = signed_number(direct.value);
        format!("Head {name} writes {writes} to the logit difference, which {lost}{sure} without it")
    };
    let made_up_for = largest(|head| {
        // Some of what it writes is missing without it; more than nothing of the other sign is no making up.
        head.direct.value * head.difference() > 0.0 && head.direct.value * head.total.value >= 0.0
    })
    .map(|head| {
        let after = if head.is_last {
            "the MLP and the final LayerNorm, all that comes after it, make up for the rest"
        } else {
            "what comes after it makes up for the rest, as backup heads do"
        };
        format!("{}: {after}.", said(head))
    });
    let passed_on = largest(|head| head.total.value * head.difference() < 0.0)
        .map(|head| format!("{}: it works through what comes after it.", said(head)));
    let found: Vec<String> = [made_up_for, passed_on].into_iter().flatten().collect();
    if found.is_empty() {
        return vec!["No head's absence surely costs more or less than what it writes itself.".into()];
    }
    found
}

/// What the logit difference does without a head, "loses 0.40" or "gains 0.40", and how sure that is.
pub fn lost(total: Estimate) -> (String, Option<String>) {
    let (verb, size) = if total.value < 0.0 { ("gains", total.turned()) } else { ("loses", total) };
    (format!("{verb} {}", number(size.value)), size.interval.map(confidence))
}

/// The heads that have most of each.
fn figures_said(result: &HeadsResult) -> Vec<String> {
    let figures: [(&str, &Option<PerHead>); 5] = [
        ("previous_token", &result.previous_token),
        ("duplicate_token", &result.duplicate_token),
        ("induction", &result.induction),
        ("copying", &result.copying),
        ("copying_negative", &result.copying_negative),
    ];
    let said = |(name, figure): (&str, &Option<PerHead>)| {
        let all = figure.iter().flatten().enumerate().flat_map(|(layer, heads)| {
            heads.iter().enumerate().filter_map(move |(head, value)| Some(([layer, head], (*value)?)))
        });
        let ([layer, head], most) = all.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        (most >= WORTH).then(|| format!("{layer}.{head} {} ({})", phrase(name), number(most)))
    };
    let found: Vec<String> = figures.into_iter().filter_map(said).collect();
    if found.is_empty() { Vec::new() } else { vec![format!("Most of all heads, {}.", found.join("; "))] }
}

/// What a head does that has much of a figure.
pub fn phrase(figure: &str) -> String {
    let does = match figure {
        "previous_token" => "attends to the previous token",
        "duplicate_token" => "attends from a token to its earlier occurrence",
        "induction" => "attends to what followed a token's earlier occurrence",
        "copying" => "copies what it attends to",
        "copying_negative" => "writes against what it attends to",
        roles => return format!("attends from {}", roles.replace("->", " to ")),
    };
    does.into()
}

fn effect_figures(effects: &[Effects]) -> Vec<Figure> {
    let of = |of: fn(&Effects) -> Estimate| effects.iter().map(of).collect::<Vec<_>>();
    let both = [of(|head| head.direct), of(|head| head.total)].concat();
    let mut ranked: Vec<&Effects> = effects.iter().collect();
    ranked.sort_by(|a, b| b.difference().abs().total_cmp(&a.difference().abs()));
    ranked.truncate(MOST);
    let differ = ranked.iter().flat_map(|head| [head.direct, head.total]).collect::<Vec<_>>();
    let labels = |head: &Effects| ["direct", "total"].map(|which| format!("{} {which}", head.name));
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
            "effects",
            "Direct against total effect, head by head",
            "To the right, what a head writes to the logit difference itself; upwards, what that loses (below 0: gains) \
             where the head's output is the mean of the corrupted runs. On the line both are the same. Nearer to 0 upwards than to the \
             right are heads whose loss others make up for; farther, heads that work through others.",
            Chart::Scatter,
            Frame::new(
                vec![
                    Axis::new("effect", ["direct effect", "total effect"]),
                    Axis::new("head", effects.iter().map(|head| head.name.clone())),
                ],
                columns("effect", &both),
            ),
        ),
        figure(
            "differences",
            "The heads whose two effects differ most",
            "What a head writes itself (direct), and what the logit difference loses without it (total; below 0 it gains). \
             Lines: 95% confidence intervals over prompts.",
            Chart::Bars,
            Frame::new(
                vec![Axis::new("head and effect", ranked.into_iter().flat_map(labels))],
                columns("effect", &differ),
            ),
        ),
    ]
}

fn columns(name: &str, estimates: &[Estimate]) -> Vec<Column> {
    let column = |ending: &str, of: &dyn Fn(&Estimate) -> Option<f64>| {
        Column::new(format!("{name}{ending}"), "logits", estimates.iter().map(of).collect())
    };
    vec![
        column("", &|it| Some(it.value)),
        column("_low", &|it| Some(it.interval?.low)),
        column("_high", &|it| Some(it.interval?.high)),
    ]
}
