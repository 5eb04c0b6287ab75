//! What is said of each head by itself: its figures with their place among all heads', in words, and the prompts where it
//! matters most.

use super::report::{lost, phrase};
use super::result::Figure;
use crate::frame::{Estimate, Interval};
use crate::nearest::keep_best;
use crate::report::Table;
use crate::report::words::{
    NONE, confidence, count, interval, list, number, ordinal, rounded, signed, signed_number,
};

/// Attention, or a share of tokens, that is worth a word.
pub const WORTH: f64 = 0.3;
/// How many decimals numbers in tables have.
const DECIMALS: usize = 3;
/// How many prompts are told of a head.
const PROMPTS: usize = 5;

/// What heads do in each prompt, `[prompt][layer · head]` both.
pub struct ByPrompt {
    /// What a head writes to the logit difference.
    pub direct: Vec<Vec<f64>>,
    /// By how much that changes without it.
    pub ablated: Vec<Vec<Option<f64>>>,
}

/// A row or more for each head, which the first cell names.
pub fn tables(figures: &[Figure], by_prompt: &ByPrompt, n_head: usize) -> Vec<Table> {
    let heads = figures.first().map_or(0, |figure| figure.values.len());
    let name = |head: usize| format!("{}.{}", head / n_head, head % n_head);
    let said = |head: usize| vec![name(head), said(figures, head, &name(head))];
    let scores = |head: usize| {
        let row = move |figure: &Figure| [vec![name(head)], figure.score(head)].concat();
        figures.iter().map(row).collect::<Vec<_>>()
    };
    let prompts =
        |head: usize| by_prompt.largest(head).into_iter().map(move |row| [vec![name(head)], row].concat());
    let table = |name, title: &str, header: &[&str], caption: &str, rows| Table {
        name,
        title: title.into(),
        header: header.iter().map(|&cell| cell.to_owned()).collect(),
        caption: caption.into(),
        rows,
    };
    vec![
        table("said", "Each head in words", &["head", "what it does"], "", (0..heads).map(said).collect()),
        table(
            "scores",
            "Its figures",
            &["head", "figure", "value", "95% CI", &format!("rank of {}", count(heads))],
            "Of attention and copying the share; of the two effects logits, ranked by their size: what it writes to the logit \
             difference, and what that loses without it (below 0: gains). The first three are of random tokens repeated.",
            (0..heads).flat_map(scores).collect(),
        ),
        table(
            "prompts",
            "The prompts where it matters most",
            &["head", "prompt", "direct effect", "total effect"],
            "Those in which what it writes to the logit difference (direct), or what that loses without it (total; below 0 it \
             gains), is largest.",
            (0..heads).flat_map(prompts).collect(),
        ),
    ]
}

impl Figure {
    fn is_share(&self) -> bool {
        self.unit != "logits"
    }

    /// Shares by how large they are, effects by their size.
    fn rank(&self, head: usize) -> Option<String> {
        let size = |value: f64| if self.is_share() { value } else { value.abs() };
        let own = size(self.values[head]?);
        let larger = self.values.iter().flatten().filter(|&&value| size(value) > own).count();
        Some(ordinal(larger + 1))
    }

    fn estimate(&self, head: usize) -> Option<Estimate> {
        let ends =
            self.ends.as_ref().and_then(|[low, high]| Some(Interval { low: low[head]?, high: high[head]? }));
        Some(Estimate { value: self.values[head]?, interval: ends })
    }

    /// Name, value, interval and rank.
    fn score(&self, head: usize) -> Vec<String> {
        let none = || NONE.to_owned();
        let number = if self.is_share() { rounded } else { signed };
        let found = self.estimate(head);
        vec![
            self.label(),
            found.map_or_else(none, |it| number(it.value, DECIMALS)),
            interval(found.and_then(|it| it.interval), DECIMALS),
            self.rank(head).unwrap_or_else(none),
        ]
    }

    /// In the field's words.
    fn label(&self) -> String {
        match self.name.as_str() {
            "copying_negative" => "copying, negative".into(),
            "direct" => "direct effect".into(),
            "total" => "total effect".into(),
            name => name.replace("->", "→").replace('_', " "),
        }
    }
}

impl ByPrompt {
    /// The prompts in which either effect of a head is largest: their numbers from 1, and both effects.
    fn largest(&self, head: usize) -> Vec<Vec<String>> {
        let effects = |prompt: usize| [self.direct[prompt][head], -self.ablated[prompt][head].unwrap_or(0.0)];
        let size =
            |prompt: u32| effects(prompt as usize).map(f64::abs).into_iter().fold(0.0, f64::max) as f32;
        let prompts: Vec<u32> = (0..self.direct.len() as u32).collect();
        let sizes: Vec<f32> = prompts.iter().copied().map(size).collect();
        let mut largest = Vec::new();
        keep_best(&mut largest, &sizes, &prompts, PROMPTS);
        let row = |(_, prompt): (f32, u32)| {
            let effects = effects(prompt as usize).map(|effect| signed(effect, DECIMALS));
            [vec![(prompt + 1).to_string()], effects.into()].concat()
        };
        largest.into_iter().map(row).collect()
    }
}

/// "Head 9.9 attends from END to IO (0.62, 1st of 144) and copies what it attends to (0.96, 2nd of 144). It writes +2.30 to the
/// logit difference (95% CI [2.11, 2.50], 1st of 144 by size), and without it the logit difference loses 0.40 (…)."
fn said(figures: &[Figure], head: usize, name: &str) -> String {
    let of = figures.first().map_or_else(String::new, |figure| format!(" of {}", count(figure.values.len())));
    let does = |figure: &Figure| {
        let value = figure.values[head].filter(|&value| figure.is_share() && value >= WORTH)?;
        Some(format!("{} ({}, {}{of})", phrase(&figure.name), number(value), figure.rank(head)?))
    };
    let does: Vec<String> = figures.iter().filter_map(does).collect();
    let first = if does.is_empty() {
        format!("No share measured here, of attention or copying, reaches {WORTH} at head {name}")
    } else {
        format!("Head {name} {}", list(&does))
    };
    let effect = |which: &str, is: &dyn Fn(Estimate) -> (String, Option<String>), is_not: &str| {
        let figure = figures.iter().find(|figure| figure.name == which)?;
        let found = figure.estimate(head)?;
        if found.interval.is_some() && !found.is_not_0() {
            return Some(format!("{is_not} ({})", confidence(found.interval?)));
        }
        let (said, sure) = is(found);
        let rank = format!("{}{of} by size", figure.rank(head)?);
        let brackets: Vec<String> = sure.into_iter().chain([rank]).collect();
        Some(format!("{said} ({})", brackets.join(", ")))
    };
    let direct = effect(
        "direct",
        &|found| {
            let writes = format!("It writes {} to the logit difference", signed_number(found.value));
            (writes, found.interval.map(confidence))
        },
        "What it writes to the logit difference is not surely different from 0",
    );
    let total = effect(
        "total",
        &|found| {
            let (lost, sure) = lost(found);
            (format!("and without it the logit difference {lost}"), sure)
        },
        "and without it the logit difference does not surely change",
    );
    let effects: Vec<String> = [direct, total].into_iter().flatten().collect();
    format!("{first}. {}.", effects.join(", "))
}
