//! How much an embedding of IO is what the head's key reads, in words, as a table and in figures.

use super::ResemblanceResult;
use crate::experiment::by_prompt::{ByPrompt, Mean};
use crate::experiment::words;
use crate::report::words::{interval, number, rounded};
use crate::report::{Report, Table};

const WHAT: &str = "Cosines at IO. Inputs: of IO's embedding with what the head's key reads there, the residual stream. Keys: of the keys that the head makes of the two. W_EE is what layer 0 makes of a token by itself.";

impl ResemblanceResult {
    pub fn report(&self) -> Report {
        let dataset = &self.spec.dataset;
        let columns: Vec<(String, &[f32])> = self
            .forms
            .iter()
            .flat_map(|form| {
                let name = form.embedding.name();
                [(format!("{name}: inputs"), &form.input[..]), (format!("{name}: keys"), &form.key[..])]
            })
            .collect();
        let prompts = columns.first().map_or(0, |(_, values)| values.len());
        let cosines = ByPrompt::new(dataset, "embedding of IO", "cosine", &columns);
        let means = cosines.means();
        let (means, _) = means.as_chunks();
        Report {
            about: words::about(self.head, dataset),
            stem: words::stem(self.head, dataset),
            answer: self.answer(means),
            notes: words::notes(dataset, prompts),
            tables: vec![self.table(means)],
            figures: cosines.figures("IO's embedding and what the head's key reads", WHAT),
        }
    }

    /// The form that is most like what the key reads.
    fn answer(&self, means: &[[Mean; 2]]) -> String {
        let [layer, head] = self.head;
        let forms = self.forms.iter().zip(means);
        let most = forms.max_by(|(_, a), (_, b)| a[0].value.total_cmp(&b[0].value));
        most.map_or_else(String::new, |(form, [input, key])| {
            let said = |it: &Mean| match it.interval {
                None => number(it.value),
                some => format!("{} {}", number(it.value), interval(some, 3)),
            };
            format!(
                "Of IO's embeddings, {} is most like what head {layer}.{head}'s key reads at IO: their mean cosine is {}. That of the keys which the head makes of the two is {}.",
                form.embedding.name(),
                said(input),
                said(key)
            )
        })
    }

    /// A row a form of embedding.
    fn table(&self, means: &[[Mean; 2]]) -> Table {
        let cell = |it: &Mean| format!("{} {}", rounded(it.value, 3), interval(it.interval, 3));
        let row = |(form, [input, key]): (&super::Resemblance, &[Mean; 2])| {
            vec![form.embedding.name().to_owned(), cell(input), cell(key)]
        };
        Table {
            name: "means",
            title: "Mean cosines".into(),
            header: ["embedding of IO", "cosine with what the key reads", "cosine of the two keys"]
                .map(String::from)
                .into(),
            rows: self.forms.iter().zip(means).map(row).collect(),
            caption: "Means over prompts, in brackets their 95% confidence intervals.".into(),
        }
    }
}
