//! Means, changes, and the prompts one by one.

use super::super::words;
use super::Found;
use crate::frame::{Axis, Column, Estimate, Frame, Interval};
use crate::ioi::{Prompt, TemplateId};
use crate::report::{Chart, Figure, Groups};

/// An experiment that asks for the probability is looked at as it is spread; others against the clean run too.
pub fn figures(found: &Found) -> Vec<Figure> {
    if found.experiment.probability {
        return vec![means(found), spread(found)];
    }
    vec![means(found), effects(found), prompts(found), spread(found)]
}

fn means(found: &Found) -> Figure {
    let columns = found.quantities.iter().enumerate().flat_map(|(quantity, of)| {
        let means: Vec<Estimate> = (0..found.cases.len()).map(|it| found.mean(quantity, it)).collect();
        with_intervals(of.name, of.unit, &means)
    });
    let what = match found.quantities {
        [one] => format!(" of the {}", one.title),
        _ => String::new(),
    };
    Figure {
        name: "means",
        title: "Mean score by condition".into(),
        caption: format!("Dots: mean over prompts{what}.{}", lines(found)),
        chart: Chart::Dots,
        frame: Frame::new(vec![Axis::new("condition", found.conditions())], columns.collect()),
        groups: Vec::new(),
    }
}

fn lines(found: &Found) -> String {
    words::intervals(found.dataset(), found.prompts.len()).map_or_else(
        || " So few prompts have no confidence interval.".to_owned(),
        |intervals| format!(" Lines: {intervals}"),
    )
}

fn effects(found: &Found) -> Figure {
    let others = 1..found.cases.len();
    let changes: Vec<Estimate> = others.clone().map(|it| found.difference(0, it, 0)).collect();
    let clean = found.mean(0, 0).value.abs();
    let is_told = found.share(0, 0).is_some();
    let percent = |change: &Estimate| is_told.then(|| change.value / clean * 100.0);
    let percent = Column::new("percent", "%", changes.iter().map(percent).collect());
    let mut columns = with_intervals("change", "attention score", &changes);
    columns.push(percent);
    let mut caption = String::from("Dots: mean difference to clean, prompt by prompt.");
    if words::intervals(found.dataset(), found.prompts.len()).is_some() {
        caption += " Lines: 95% confidence interval from the same resamples, in each of which all conditions have the same prompts.";
    }
    caption += if is_told {
        " In percent: of the clean mean's size."
    } else {
        " It is not told in percent, since it is not certain that the clean mean is not 0."
    };
    Figure {
        name: "effects",
        title: "Change from clean".into(),
        caption,
        chart: Chart::Dots,
        frame: Frame::new(vec![Axis::new("condition", found.conditions().skip(1))], columns),
        groups: Vec::new(),
    }
}

fn prompts(found: &Found) -> Figure {
    let caption = format!(
        "A dot per prompt: the {}, left to right in the clean run, upwards in the condition. On the diagonal nothing has changed.",
        found.quantities[0].title
    );
    Figure {
        name: "prompts",
        title: "Prompt by prompt: clean against each condition".into(),
        caption,
        chart: Chart::Scatter,
        frame: Frame::new(condition_by_prompt(found), vec![column(found, 0)]),
        groups: Vec::new(),
    }
}

fn spread(found: &Found) -> Figure {
    let mut columns: Vec<Column> = (0..found.quantities.len()).map(|it| column(found, it)).collect();
    if !found.experiment.probability {
        columns.push(changes(found));
    }
    let orders = found.prompts.iter().map(Prompt::order).collect();
    let mut groups = vec![group("order", orders, |order| order.name().to_owned())];
    let mut caption =
        String::from("Prompts in a bin, in the same bins for every group. Dashed: the group's mean.");
    let templates: Option<Vec<TemplateId>> = found.prompts.iter().map(|prompt| prompt.template).collect();
    if let Some(templates) = templates {
        groups.push(group("template", templates, |it| format!("{} {}", it.order.name(), it.index + 1)));
        caption += " A template is named by its order and its place among those of that order, from 1.";
    }
    Figure {
        name: "spread",
        title: "How the prompts are spread".into(),
        caption,
        chart: Chart::Histogram,
        frame: Frame::new(condition_by_prompt(found), columns),
        groups,
    }
}

/// Prompts are numbered from 1.
fn condition_by_prompt(found: &Found) -> Vec<Axis> {
    let prompts = (1..=found.prompts.len()).map(|prompt| prompt.to_string());
    vec![Axis::new("condition", found.conditions()), Axis::new("prompt", prompts)]
}

fn column(found: &Found, quantity: usize) -> Column {
    let of = &found.quantities[quantity];
    let values = (0..found.cases.len()).flat_map(|condition| found.column(quantity, condition).to_vec());
    Column::new(of.name, of.unit, values.collect())
}

/// Each prompt's difference to the clean run, which has none itself.
fn changes(found: &Found) -> Column {
    let clean = found.column(0, 0);
    let values = (0..found.cases.len()).flat_map(|condition| {
        let own = found.column(0, condition).iter().zip(clean);
        own.map(move |(own, clean)| if condition == 0 { None } else { Some((*own)? - (*clean)?) })
    });
    Column::new("change", "attention score", values.collect())
}

fn with_intervals(name: &str, unit: &str, estimates: &[Estimate]) -> Vec<Column> {
    let end = |of: fn(Interval) -> f64| estimates.iter().map(|it| it.interval.map(of)).collect();
    vec![
        Column::new(name, unit, estimates.iter().map(|it| Some(it.value)).collect()),
        Column::new(format!("{name}_low"), unit, end(|it| it.low)),
        Column::new(format!("{name}_high"), unit, end(|it| it.high)),
    ]
}

/// Tells prompts apart by something that each has.
fn group<K: Ord + Copy>(name: &'static str, of: Vec<K>, label: impl Fn(K) -> String) -> Groups {
    let mut kinds = of.clone();
    kinds.sort_unstable();
    kinds.dedup();
    let of = of.iter().map(|kind| kinds.binary_search(kind).expect("each kind is among them"));
    Groups { name, of: of.collect(), labels: kinds.iter().map(|&kind| label(kind)).collect() }
}
