use std::io::Write;

use anyhow::Result;
use patchbay::analysis::{CircuitResult, CircuitRun, ClassFigures, Estimated, NodeFigures};
use patchbay::frame::Interval;

use super::answered::answer;
use super::options::CircuitOptions;
use super::shown::tables;

/// Runs a circuit and prints what is left of the metric, or one JSON object; or what it would cost.
pub fn circuit(options: &CircuitOptions) -> Result<()> {
    let (mut spec, own) = options.spec()?;
    let mut loaded = options.common.load()?;
    loaded.fit(&mut spec.task, own)?;
    let run = CircuitRun::new(loaded.model.clone(), &spec)?;
    answer(run, &spec, &loaded, &options.common, &options.printing, |run| {
        let result = run.result()?.expect("a finished run has a result");
        let mut out = tables();
        writeln!(out, "{} prompts, on {}", result.prompts, loaded.model.device.adapter)?;
        print_means(&mut out, &result)?;
        print_nodes(&mut out, result.nodes.as_deref().unwrap_or_default())?;
        print_classes(&mut out, result.classes.as_deref().unwrap_or_default())
    })
}

fn print_means(out: &mut impl Write, result: &CircuitResult) -> Result<()> {
    let intervals = result.intervals.as_ref();
    writeln!(out, "{}, mean in {} and 95 % interval", result.metric, result.unit)?;
    let mut line = |name: &str, value: f64, interval: Option<Interval>| {
        let interval = interval.map_or_else(String::new, |it| format!("{:>10.4} to {:.4}", it.low, it.high));
        writeln!(out, "{name:<16}{value:>10.4}{interval}")
    };
    line("full", result.full, intervals.and_then(|it| it.full))?;
    line("circuit", result.circuit, intervals.and_then(|it| it.circuit))?;
    line("empty", result.empty, intervals.and_then(|it| it.empty))?;
    for (name, figure) in [("complement", result.complement), ("incompleteness", result.incompleteness)] {
        if let Some(Estimated { value, interval }) = figure {
            line(name, value, interval)?;
        }
    }
    let is_something = intervals.and_then(|it| it.full).is_some_and(|full| full.excludes_0());
    let Some(share) = result.faithfulness.filter(|_| is_something) else {
        let why = "the full model's mean may be 0, and a share of nothing can be anything";
        return Ok(writeln!(out, "faithfulness: no percentage, since {why}")?);
    };
    let interval = intervals
        .and_then(|it| it.faithfulness)
        .map_or_else(String::new, |it| format!(", {:.1} to {:.1}", 100.0 * it.low, 100.0 * it.high));
    Ok(writeln!(out, "faithfulness: {:.1} %{interval}", 100.0 * share)?)
}

fn print_nodes(out: &mut impl Write, nodes: &[NodeFigures]) -> Result<()> {
    if nodes.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{:<12}{:<20}{:>12}{:>12}{:>12}{:>12}{:>16}",
        "without", "", "circuit", "full", "minimality", "in class", "incompleteness"
    )?;
    for figures in nodes {
        let in_class = figures
            .minimality_in_class
            .map_or_else(|| "–".to_owned(), |figure| format!("{:.4}", figure.value));
        writeln!(
            out,
            "{:<12}{:<20}{:>12.4}{:>12.4}{:>12.4}{in_class:>12}{:>16.4}",
            figures.node.to_string(),
            figures.class.unwrap_or_default(),
            figures.without_in_circuit.value,
            figures.without_in_model.value,
            figures.minimality.value,
            figures.incompleteness.value
        )?;
    }
    Ok(())
}

fn print_classes(out: &mut impl Write, classes: &[ClassFigures]) -> Result<()> {
    if classes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{:<32}{:>12}{:>12}{:>40}", "without all of", "circuit", "full", "incompleteness")?;
    for figures in classes {
        writeln!(
            out,
            "{:<32}{:>12.4}{:>12.4}{:>40.4}",
            figures.class,
            figures.without_in_circuit.value,
            figures.without_in_model.value,
            figures.incompleteness.value
        )?;
    }
    Ok(())
}
