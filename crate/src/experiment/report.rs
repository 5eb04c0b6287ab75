//! What is said and drawn of an experiment at one head.

mod answer;
mod evidence;
mod figures;
mod left;
mod means;
mod sweep;
#[cfg(test)]
mod tests;

pub use sweep::{of_sweep, spoken_of};

use super::{Case, ConditionResult, Experiment, ExperimentResult, LnScale, PATCHING_POSITIONS, words};
use crate::frame::{Estimate, Estimates};
use crate::ioi::{DatasetSpec, Prompt};
use crate::report::words::list;
use crate::report::{Report, Table};

/// Something that is measured of every prompt in every condition.
pub struct Quantity {
    pub name: &'static str,
    pub title: &'static str,
    pub unit: &'static str,
    of: fn(&ConditionResult) -> &[f32],
}

const DIFF: Quantity = Quantity {
    name: "diff",
    title: "attention score END→IO − END→S1",
    unit: "attention score",
    of: |condition| &condition.diff,
};
const IO_SCORE: Quantity = Quantity {
    name: "io_score",
    title: "attention score END→IO",
    unit: "attention score",
    of: |condition| &condition.io_score,
};
const IO_PROBABILITY: Quantity = Quantity {
    name: "io_probability",
    title: "probability END→IO",
    unit: "probability",
    of: |condition| condition.io_probability.as_deref().unwrap_or_default(),
};

/// A finished run, and what is estimated of it. The first condition is the clean run.
pub struct Found<'a> {
    experiment: &'static Experiment,
    /// One for each condition.
    cases: Vec<&'static Case>,
    result: &'a ExperimentResult,
    prompts: &'a [Prompt],
    quantities: &'static [Quantity],
    /// By quantity, condition and prompt.
    columns: Vec<Vec<Option<f64>>>,
    estimates: Estimates,
}

pub fn of_run(
    experiment: &'static Experiment,
    cases: &[&'static Case],
    result: &ExperimentResult,
    prompts: &[Prompt],
) -> Report {
    let found = Found::new(experiment, cases, result, prompts);
    Report {
        about: found.about(),
        stem: found.stem(),
        answer: answer::answer(&found),
        notes: found.notes(),
        tables: vec![means::table(&found), evidence::table(&found), conditions(&found)],
        figures: figures::figures(&found),
    }
}

fn conditions(found: &Found) -> Table {
    let row = |case: &&Case| vec![case.condition.to_owned(), case.description.to_owned()];
    Table {
        name: "conditions",
        title: "What each condition changes".to_owned(),
        header: vec!["condition".to_owned(), "what is changed".to_owned()],
        rows: found.cases.iter().map(row).collect(),
        caption: String::new(),
    }
}

impl<'a> Found<'a> {
    fn new(
        experiment: &'static Experiment,
        cases: &[&'static Case],
        result: &'a ExperimentResult,
        prompts: &'a [Prompt],
    ) -> Self {
        let quantities: &[Quantity] =
            if experiment.probability { &[IO_PROBABILITY, IO_SCORE, DIFF] } else { &[DIFF] };
        let columns: Vec<Vec<Option<f64>>> = quantities
            .iter()
            .flat_map(|quantity| result.conditions.iter().map(|(_, condition)| (quantity.of)(condition)))
            .map(|values| values.iter().map(|&value| Some(f64::from(value))).collect())
            .collect();
        let borrowed: Vec<&[Option<f64>]> = columns.iter().map(Vec::as_slice).collect();
        let estimates = words::bootstrap(&result.spec.dataset).estimates(&borrowed);
        let cases = cases.iter().copied().filter(|case| !case.control).collect();
        Self { experiment, cases, result, prompts, quantities, columns, estimates }
    }

    fn dataset(&self) -> &DatasetSpec {
        &self.result.spec.dataset
    }

    /// The conditions' names.
    fn conditions(&self) -> impl Iterator<Item = &'static str> {
        self.cases.iter().map(|case| case.condition)
    }

    /// A quantity in a condition, by prompt.
    fn column(&self, quantity: usize, condition: usize) -> &[Option<f64>] {
        &self.columns[self.place(quantity, condition)]
    }

    fn mean(&self, quantity: usize, condition: usize) -> Estimate {
        self.estimates.mean(self.place(quantity, condition))
    }

    fn difference(&self, quantity: usize, condition: usize, from: usize) -> Estimate {
        self.estimates.difference(self.place(quantity, condition), self.place(quantity, from))
    }

    /// What is left of the clean run's mean, in percent.
    fn share(&self, quantity: usize, condition: usize) -> Option<Estimate> {
        self.estimates.share(self.place(quantity, condition), self.place(quantity, 0))
    }

    fn place(&self, quantity: usize, condition: usize) -> usize {
        quantity * self.cases.len() + condition
    }

    fn about(&self) -> String {
        let spec = &self.result.spec;
        let mut about = words::about(self.result.head, &spec.dataset);
        if self.experiment.flips() {
            about += &format!(" · flip {}", spec.flip);
        }
        let asks_ln = |case: &&Case| case.edit.is_some_and(|edit| edit.ln == LnScale::AsSpec);
        if self.cases.iter().any(asks_ln) {
            about += if spec.freeze_ln { " · LayerNorm scale frozen" } else { " · LayerNorm scale live" };
        }
        if let Some([layer, head]) = spec.name_mover {
            about += &format!(" · name mover {layer}.{head}");
        }
        about
    }

    /// The notebook's experiment needs no name.
    fn stem(&self) -> String {
        let [layer, head] = self.result.head;
        let name = match self.experiment.name {
            name if name == PATCHING_POSITIONS.name => String::new(),
            name => format!("-{name}"),
        };
        format!("L{layer}H{head}{name}-{}", self.dataset().stem())
    }

    fn notes(&self) -> Vec<String> {
        let ExperimentResult { head, evidence, accuracy, .. } = self.result;
        let mut notes = words::notes(self.dataset(), self.prompts.len());
        if evidence.noop_max_abs_change != 0.0 {
            notes.push(format!(
                "A no-op control changed scores by up to {}, where exactly 0 is expected: patching from the clean run itself changed something, so do not trust this result.",
                evidence.noop_max_abs_change
            ));
        }
        if let Some(accuracy) = accuracy {
            notes.push(format!(
                "IOI accuracy: logit[IO] > logit[S] at END in {:.1}% of the prompts.",
                accuracy * 100.0
            ));
        }
        let left_out: Vec<String> = self
            .experiment
            .shown()
            .filter(|case| !self.conditions().any(|condition| condition == case.condition))
            .map(|case| format!("“{}”", case.condition))
            .collect();
        if !left_out.is_empty() {
            // Below layer 0 there is none to name.
            let remedy = if head[0] == 0 { "." } else { "; name one to have them." };
            notes.push(format!(
                "Left out: {}, since no name mover is below head {}.{}{remedy}",
                list(&left_out),
                head[0],
                head[1]
            ));
        }
        notes
    }
}
