//! A head's scores as linear functions, in words, as a table and in figures.

use super::LinearFunctionsResult;
use crate::experiment::Side;
use crate::experiment::by_prompt::{ByPrompt, Mean};
use crate::experiment::words;
use crate::report::words::{interval, number, rounded};
use crate::report::{Report, Table};

const WHAT: &str = "score = map · x + bias, for each prompt. ‖map‖ is the map's length: the score that an x of length 1 along the map has. bias is the score of an x of 0.";

impl LinearFunctionsResult {
    pub fn report(&self) -> Report {
        let dataset = &self.spec.dataset;
        let columns = [("‖map‖".to_owned(), &self.linear_map_norm[..]), ("bias".to_owned(), &self.bias[..])];
        let numbers = ByPrompt::new(dataset, "term", "score", &columns);
        let means = numbers.means();
        Report {
            about: words::about(self.head, dataset),
            stem: words::stem(self.head, dataset),
            answer: self.answer(&means),
            notes: words::notes(dataset, self.bias.len()),
            tables: vec![table(&means)],
            figures: numbers.figures("The score as a linear function", WHAT),
        }
    }

    fn answer(&self, means: &[Mean]) -> String {
        let [layer, head] = self.head;
        let spec = &self.spec;
        let of = match (spec.func, spec.subtract_s1) {
            (Side::Queries, _) => "its query reads at END",
            (Side::Keys, false) => "its key reads at IO",
            (Side::Keys, true) => "its keys read at IO and at S1",
        };
        let keys = spec
            .only_effective_embeddings
            .map(|form| format!(", with the keys computed from {},", form.name()));
        let [length, bias] = means else { unreachable!("the map's length and the bias") };
        format!(
            "As a function of what {of}, head {layer}.{head}'s {}{} is a map of mean length {} and a bias of mean {}.",
            words::score(spec.subtract_s1),
            keys.unwrap_or_default(),
            number(length.value),
            number(bias.value)
        )
    }
}

fn table(means: &[Mean]) -> Table {
    let rows = ["‖map‖", "bias"].iter().zip(means);
    Table {
        name: "means",
        title: "Means over prompts".into(),
        header: ["term", "mean", "95% CI"].map(String::from).into(),
        rows: rows
            .map(|(name, it)| vec![(*name).to_owned(), rounded(it.value, 4), interval(it.interval, 3)])
            .collect(),
        caption: WHAT.into(),
    }
}
