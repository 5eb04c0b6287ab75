//! What is said and drawn of the logit difference layer by layer.

use super::{LensIntervals, LensResult, LensScale};
use crate::analysis::zeroed::without;
use crate::frame::{Axis, Column, Estimate, Frame, Interval};
use crate::report::words::{confidence, number, signed_number};
use crate::report::{Chart, Figure, Report};

/// `frame`: the values at END with their intervals by stream.
pub fn report(result: &LensResult, frame: Frame) -> Report {
    let task = &result.spec.task;
    let scale = match result.spec.scale {
        LensScale::Frozen => "final LayerNorm's scale frozen",
        LensScale::Live => "final LayerNorm's scale live",
    };
    Report {
        about: format!(
            "residual stream{} · {} · {scale}",
            without(&result.spec.zero),
            task.about_run(result.spec.run)
        ),
        stem: task.stem(),
        answer: answer(result),
        notes: task.notes(result.prompts),
        tables: Vec::new(),
        figures: [Figure {
            name: "lens",
            title: "The logit difference in the residual stream at END, layer by layer".into(),
            caption: "What the stream at END would say were the layers after it not there: before each layer (pre) and \
                      between its attention and its MLP (mid). Lines: 95% confidence intervals over prompts."
                .into(),
            chart: Chart::Bars,
            frame,
            groups: Vec::new(),
        }]
        .into_iter()
        .chain(at_roles(result))
        .collect(),
    }
}

/// Where there are roles besides END.
fn at_roles(result: &LensResult) -> Option<Figure> {
    let LensResult { labels, roles, .. } = result;
    let column = |ending: &str, of: &dyn Fn(usize, usize) -> Option<f64>| {
        let of_stream = |stream| (0..roles.len()).map(move |role| of(role, stream));
        Column::new(format!("logit_diff{ending}"), "logits", (0..labels.len()).flat_map(of_stream).collect())
    };
    let end = |of: fn(&LensIntervals) -> &Vec<f64>| {
        move |role: usize, stream: usize| roles[role].intervals.as_ref().map(|ends| of(ends)[stream])
    };
    let frame = || {
        let names = roles.iter().map(|role| role.role.clone());
        Frame::new(
            vec![Axis::new("stream", labels.clone()), Axis::new("role", names)],
            vec![
                column("", &|role, stream| Some(roles[role].values[stream])),
                column("_low", &end(|ends| &ends.low)),
                column("_high", &end(|ends| &ends.high)),
            ],
        )
    };
    (roles.len() > 1).then(|| Figure {
        name: "roles",
        title: "The logit difference in the residual stream at every role".into(),
        caption: "The same at the tokens of all roles: by how much the stream there would prefer the right answers to \
                  the wrong ones as the next token. The table has the 95% confidence intervals over prompts."
            .into(),
        chart: Chart::HeatMap,
        frame: frame(),
        groups: Vec::new(),
    })
}

fn answer(result: &LensResult) -> String {
    let LensResult { labels, values, intervals, .. } = result;
    let (Some(&last), Some(end)) = (values.last(), values.len().checked_sub(1)) else {
        return "There is no stream to look at.".into();
    };
    let interval = intervals.as_ref().map(|it| Interval { low: it.low[end], high: it.high[end] });
    let last = Estimate { value: last, interval };
    let sure = interval.map_or_else(String::new, |it| format!(", {}", confidence(it)));
    let mut said = if last.interval.is_some_and(|it| it.contains(0.0)) {
        format!(
            "The last residual stream prefers neither the right answers nor the wrong ones: its logit difference is {}{sure}.",
            number(last.value)
        )
    } else {
        // From where on it stays so.
        let half = |value: &f64| value * last.value.signum() > last.value.abs() / 2.0;
        let from = values.iter().rposition(|value| !half(value)).map_or(0, |place| place + 1);
        format!(
            "From {} on the residual stream holds more than half of the final logit difference of {}{sure}.",
            labels[from],
            number(last.value)
        )
    };
    if result.spec.scale == LensScale::Frozen {
        let steps = values.windows(2).map(|pair| pair[1] - pair[0]).enumerate();
        let largest = steps.max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()));
        if let Some((place, step)) = largest {
            // Streams are before a layer and in its middle, by turns.
            let what = if place.is_multiple_of(2) { "attention" } else { "MLP" };
            said += &format!(
                " The largest step is the {what}'s of layer {}: {}.",
                place / 2,
                signed_number(step)
            );
        }
    }
    said
}
