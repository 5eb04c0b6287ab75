//! The table of means, with how sure they are.

use super::super::words;
use super::Found;
use crate::frame::Estimate;
use crate::report::Table;
use crate::report::words::{NONE, interval, rounded, signed};

const INTERVAL: &str = "95% CI";

pub fn table(found: &Found) -> Table {
    let (header, rows) = if found.experiment.probability { quantities(found) } else { scores(found) };
    Table {
        name: "means",
        title: "Means by condition".into(),
        header: header.iter().map(|&cell| cell.to_owned()).collect(),
        rows,
        caption: caption(found),
    }
}

/// The scores' difference, what has changed about it, and the two scores.
fn scores(found: &Found) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let header = vec![
        "condition",
        "mean",
        INTERVAL,
        "change",
        INTERVAL,
        "share of clean",
        INTERVAL,
        "END→IO",
        "END→S1",
    ];
    let row = |(condition, name): (usize, &str)| {
        let mean = found.mean(0, condition);
        let change = (condition > 0).then(|| found.difference(0, condition, 0));
        let share = (condition > 0).then(|| found.share(0, condition)).flatten();
        let of = &found.result.conditions[condition].1;
        vec![
            name.to_owned(),
            rounded(mean.value, 4),
            interval(mean.interval, 3),
            or_none(change, |it| signed(it.value, 4)),
            or_none(change, |it| interval(it.interval, 3)),
            or_none(share, |it| format!("{}%", rounded(it.value, 1))),
            or_none(share, |it| interval(it.interval, 1)),
            rounded(mean_of(&of.io_score), 4),
            rounded(mean_of(&of.s1_score), 4),
        ]
    };
    (header, found.conditions().enumerate().map(row).collect())
}

/// Every quantity.
fn quantities(found: &Found) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let titles = found.quantities.iter().flat_map(|quantity| [quantity.title, INTERVAL]);
    let row = |(condition, name): (usize, &str)| {
        let cells = (0..found.quantities.len()).flat_map(|quantity| {
            let mean = found.mean(quantity, condition);
            [rounded(mean.value, 4), interval(mean.interval, 3)]
        });
        [name.to_owned()].into_iter().chain(cells).collect()
    };
    (["condition"].into_iter().chain(titles).collect(), found.conditions().enumerate().map(row).collect())
}

fn caption(found: &Found) -> String {
    let mut caption = String::from(if found.experiment.probability {
        "Means over prompts. The probability is END's attention to IO with this score, its other scores as in the clean run; a score is q·k/√d_head, before the softmax."
    } else {
        "Mean: the attention score END→IO − END→S1, before the softmax, mean over prompts. Change: its mean difference to clean, prompt by prompt. Share: what is left of the clean mean."
    });
    match words::intervals(found.dataset(), found.prompts.len()) {
        Some(intervals) => caption += &format!(" 95% CI: {intervals}"),
        None => caption += " So few prompts have no interval.",
    }
    if !found.experiment.probability && found.share(0, 0).is_none() {
        caption += " No share is told, since it is not certain that the clean mean is not 0.";
    }
    caption + " " + found.experiment.reading
}

fn or_none(estimate: Option<Estimate>, text: impl Fn(Estimate) -> String) -> String {
    estimate.map_or_else(|| NONE.to_owned(), text)
}

fn mean_of(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64
}
