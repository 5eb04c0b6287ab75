//! The answer in words: how many edits matter, and which do most.

use super::{Effect, Found};
use crate::frame::Estimate;
use crate::report::words::{
    capital, confidence, count, drawn, in_words, list, number, percent, signed_number,
};

/// The share from which on an edit is counted, in percent.
const MATTERS: f64 = 5.0;
/// How many are named.
const NAMED: usize = 3;

impl Found<'_> {
    pub(super) fn answer(&self) -> String {
        if self.cells().all(|(_, effect)| effect.change.value == 0.0) {
            let all = self.all();
            return format!("{all}, none changes the {} at all.", self.metric());
        }
        if self.effects.are_shared() { self.shares() } else { self.changes() }
    }

    fn metric(&self) -> String {
        self.of.metric.title()
    }

    /// "Of 144 heads"
    fn all(&self) -> String {
        let cells = self.cells().count();
        let of = if self.finished { "Of" } else { "So far, of" };
        format!("{of} {} {}{}", count(cells), self.named.kind(), if cells == 1 { "" } else { "s" })
    }

    /// Where nothing is known of how sure it is, every number counts.
    fn is_certain(estimate: Estimate) -> bool {
        estimate.interval.is_none() || estimate.is_not_0()
    }

    /// What was done to so many, each by itself.
    fn alone(&self, number: usize) -> &str {
        &self.of.how.by[usize::from(number == 1)]
    }

    fn shares(&self) -> String {
        let ranked = self.ranked();
        let share = |effect: &Effect| effect.share.expect("shares are told");
        let counted = |sign: f64| -> Vec<(usize, f64)> {
            let some = ranked.iter().map(|&(cell, effect)| (cell, share(effect)));
            let some =
                some.filter(|(_, share)| sign * share.value * 100.0 > MATTERS && Self::is_certain(*share));
            some.map(|(cell, share)| (cell, share.value.abs() * 100.0)).collect()
        };
        let (more, less) = (counted(1.0), counted(-1.0));
        let [back, away] = self.of.how.away;
        let is_one = usize::from(more.len() <= 1);
        let metric = self.metric();
        let how_many = if more.is_empty() { "none".to_owned() } else { in_words(more.len()) };
        let mut sentences = vec![format!(
            "{}, {how_many} {} more than {MATTERS}% of the {metric}{back}{}{}",
            self.all(),
            self.of.how.more[is_one],
            self.alone(more.len().max(1)),
            match &less[..] {
                [] => String::new(),
                [(cell, by)] =>
                    format!("; {} {} {}{away}", self.named.spoken(*cell), self.of.how.less[1], percent(*by)),
                [(cell, by), ..] => format!(
                    "; {} {} more than {MATTERS}%{away}, most of all {} ({})",
                    in_words(less.len()),
                    self.of.how.less[0],
                    self.named.spoken(*cell),
                    percent(*by)
                ),
            }
        )];
        if let [(first, by), others @ ..] = &more[..] {
            let others: Vec<String> = others
                .iter()
                .take(NAMED - 1)
                .map(|(cell, by)| format!("{} ({})", self.named.cell(*cell), percent(*by)))
                .collect();
            let then = if others.is_empty() { String::new() } else { format!(", then {}", list(&others)) };
            let first = capital(&self.named.spoken(*first));
            sentences.push(format!("{first} {} most{back}, {}{then}", self.of.how.more[1], percent(*by)));
        }
        sentences.push(self.ends());
        sentences.join(". ") + "."
    }

    /// What 0% and 100% are.
    fn ends(&self) -> String {
        let mean = |estimate: Option<Estimate>| estimate.map_or_else(String::new, |it| number(it.value));
        let base = format!("The {}'s mean of {} counts as", self.of.how.base, mean(self.effects.base));
        match self.effects.source {
            Some(_) => {
                format!("{base} 0%, the {}'s of {} as 100%", self.of.how.source, mean(self.effects.source))
            }
            None => format!("{base} 100%"),
        }
    }

    fn changes(&self) -> String {
        let certain: Vec<(usize, &Effect)> = self
            .ranked()
            .into_iter()
            .filter(|(_, effect)| effect.change.value != 0.0 && Self::is_certain(effect.change))
            .collect();
        let metric = self.metric();
        let are_sure = certain.iter().any(|(_, effect)| effect.change.interval.is_some());
        let named: Vec<String> = certain
            .iter()
            .take(NAMED)
            .map(|(cell, effect)| {
                format!("{} ({})", self.named.cell(*cell), signed_number(effect.change.value))
            })
            .collect();
        let mut sentences = vec![match &certain[..] {
            [] => format!("{}, none changes the {metric} by more than these prompts can tell", self.all()),
            [(cell, effect), ..] if !are_sure => format!(
                "{}, {} changes the {metric} most{}, by {}",
                self.all(),
                self.named.spoken(*cell),
                self.alone(1),
                signed_number(effect.change.value)
            ),
            [(cell, effect)] => format!(
                "{}, only {} changes the {metric}{} by more than these prompts can tell: by {}",
                self.all(),
                self.named.spoken(*cell),
                self.alone(1),
                signed_number(effect.change.value)
            ),
            some => format!(
                "{}, {} change the {metric}{} by more than these prompts can tell, most of all {}",
                self.all(),
                in_words(some.len()),
                self.alone(some.len()),
                list(&named)
            ),
        }];
        sentences.extend(self.why_no_share());
        sentences.join(". ") + "."
    }

    /// Where it is the whole that is not certain.
    fn why_no_share(&self) -> Option<String> {
        let whole = self.effects.whole?;
        let sure = whole.interval?;
        let metric = self.metric();
        let what = match self.effects.source {
            Some(_) => format!(
                "The clean and the corrupted run do not clearly differ in it: {}",
                number(whole.value)
            ),
            None => format!(
                "The {}'s {metric} is not clearly different from 0: {}",
                self.of.how.base,
                number(whole.value)
            ),
        };
        Some(format!("{what}, {}, so that no share of it is told", confidence(sure)))
    }

    /// What intervals are, for captions.
    pub(super) fn how_sure(&self) -> String {
        let together = self.of.task.together();
        let groups = together.groups(self.of.prompts);
        if !self.finished {
            return "Intervals come with the last prompt.".into();
        }
        if groups < 2 {
            return "So few prompts have no confidence interval.".into();
        }
        let [_, what] = drawn(&together);
        let cells = self.cells().count();
        // Each of them misses in one case of 20.
        let missed = match cells / 20 {
            0 => String::new(),
            missed => format!("; of {} such intervals about {} miss by chance", count(cells), count(missed)),
        };
        format!(
            "95% CI: confidence interval (percentile bootstrap, 10,000 resamples of the {} {what}){missed}.",
            count(groups)
        )
    }
}
