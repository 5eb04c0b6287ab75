//! What is said and drawn of a decomposition: the largest contributions first, then by layer, then all of them.

use super::largest::Large;
use super::result::DecompositionResult;
use super::shares::Shares;
use super::spec::DecomposeBy;
use super::words::{SIGNS, accounting};
use crate::experiment::words;
use crate::frame::{Axis, Column, Frame};
use crate::report::words::{count, number, percent, rounded, signed_percent};
use crate::report::{Chart, Figure, Report, Table};

const LEGEND: &str = "W_E and W_pos are the embeddings, L.H is head H of layer L, MLP_L and b_O_L are the MLP and the attention bias of layer L, and bias is the head's own.";
const BY_LAYER: &str = "attn_L is what the heads of layer L and its attention bias b_O write together.";
const ROWS: &str = "Rows are what wrote the query's part, columns what wrote the key's.";

impl DecompositionResult {
    pub fn report(&self) -> Report {
        let shares = Shares::of(self);
        let books = accounting(&self.accounting, self.prompts);
        let few = words::notes(&self.spec.dataset, self.prompts);
        let mut notes: Vec<String> = shares.not_told.iter().cloned().chain(few).collect();
        notes.insert(if self.accounting.holds { notes.len() } else { 0 }, books);
        let mut figures = vec![self.figure_of_largest(&shares)];
        // A head of layer 0 has no layer below it to sum up.
        let layers = self.head[0] > 0;
        figures.extend(layers.then(|| self.figure_by_layer()));
        figures.push(self.figure_of_all());
        Report {
            about: words::about(self.head, &self.spec.dataset),
            stem: words::stem(self.head, &self.spec.dataset),
            answer: self.answer(&shares),
            notes,
            tables: self.table_of_parts(&shares).into_iter().collect(),
            figures,
        }
    }

    fn both(&self) -> bool {
        self.spec.decompose_by == DecomposeBy::Both
    }

    /// How many contributions the chart of the largest has.
    fn shown(&self) -> usize {
        if self.both() { 40 } else { 20 }
    }

    fn count(&self) -> usize {
        self.parts.iter().map(|part| part.values.len()).sum()
    }

    fn answer(&self, shares: &Shares) -> String {
        let books = &self.accounting;
        if !books.holds {
            return format!(
                "This decomposition is wrong: its contributions come to {}, and the model's own score is {}.",
                number(books.sum),
                number(books.measured)
            );
        }
        let replaced = self.spec.replaced().map(|how| format!(", {how},")).unwrap_or_default();
        let score = format!("Its mean {}{replaced} is {}.", self.spec.score(), number(books.measured));
        let together = if self.both() { self.shown() } else { 10 };
        let largest = self.largest(together);
        let Some(&first) = largest.first().filter(|first| first.value != 0.0) else {
            return format!("Nothing that head {} reads contributes to its score. {score}", self.name());
        };
        let subject = self.subject(first);
        let sum: f64 = largest.iter().map(|it| it.value).sum();
        let size = if shares.sum < 0.0 { "the size of " } else { "" };
        let makes = match (shares.percent(first.value), shares.percent(sum)) {
            (Some(share), Some(all)) => {
                let rest = (self.count() > together).then(|| {
                    format!(
                        "; the {} of {} make {}",
                        if self.both() { "40 largest pairs" } else { "ten largest" },
                        count(self.count()),
                        percent(all)
                    )
                });
                format!(
                    "makes {} of {size}the sum of all contributions{}",
                    percent(share),
                    rest.unwrap_or_default()
                )
            }
            _ => format!("contributes most, {}", number(first.value)),
        };
        format!("{subject} {makes}. {score}")
    }

    /// "10.7"
    fn name(&self) -> String {
        let [layer, head] = self.head;
        format!("{layer}.{head}")
    }

    /// What contributes: "What head 10.7 reads of MLP_0 at IO".
    fn subject(&self, large: Large) -> String {
        let head = self.name();
        let part = match self.spec.part(&self.parts[large.part].label) {
            part if part.is_empty() => part,
            part => format!(" ({part})"),
        };
        match (self.spec.decompose_by, self.components_of(large.place).as_slice()) {
            (_, [query, key]) => {
                format!("At head {head} the pair of the query's {query} and the key's {key}{part}")
            }
            (DecomposeBy::Queries, ["bias"]) => format!("The bias of head {head}'s query{part}"),
            (_, ["bias"]) => format!("The bias of head {head}'s keys{part}"),
            (_, names) => {
                format!("What head {head} reads of {} {}{part}", names.join(" × "), self.spec.at())
            }
        }
    }

    /// What the parts come to, where there are several.
    fn table_of_parts(&self, shares: &Shares) -> Option<Table> {
        let row = |name: String, value: f64| {
            let mut row = vec![name, rounded(value, 4)];
            row.extend(shares.not_told.is_none().then(|| signed_percent(shares.percent(value))));
            row
        };
        let sum = |values: &[f64]| values.iter().sum();
        let mut rows: Vec<Vec<String>> =
            self.parts.iter().map(|part| row(self.spec.part(&part.label), sum(&part.values))).collect();
        rows.push(row("all contributions".into(), shares.sum));
        let (mut header, mut caption) =
            (vec!["part", "contribution"], vec!["Each part's sum over all components.".to_owned()]);
        if shares.not_told.is_none() {
            header.push("percent");
            caption.push(shares.whole());
        }
        (self.parts.len() > 1).then(|| Table {
            name: "parts",
            title: "What the parts come to".into(),
            header: header.into_iter().map(String::from).collect(),
            rows,
            caption: caption.join(" "),
        })
    }

    fn figure_of_largest(&self, shares: &Shares) -> Figure {
        let largest = self.largest(self.shown());
        let title = match (self.both(), self.count() > self.shown()) {
            (true, true) => "The 40 largest pairs",
            (true, false) => "Pairs by size",
            (false, true) => "The 20 largest contributions",
            (false, false) => "Contributions by size",
        };
        let mut caption = vec![self.caption()];
        let values = largest.iter().map(|it| Some(it.value)).collect();
        let mut columns = vec![Column::new("contribution", "score", values)];
        if shares.not_told.is_none() {
            let percent = largest.iter().map(|it| shares.percent(it.value)).collect();
            columns.push(Column::new("percent", "% of the sum", percent));
            caption.push(shares.whole());
        }
        if self.parts.len() > 1 {
            caption.push(SIGNS.into());
        }
        caption.push(LEGEND.into());
        let axis = if self.both() { "pair" } else { "component" };
        Figure {
            name: "largest",
            title: title.into(),
            caption: caption.join(" "),
            chart: Chart::Bars,
            frame: Frame::new(vec![Axis::new(axis, largest.iter().map(|&it| self.name_of(&it)))], columns),
            groups: Vec::new(),
        }
    }

    fn figure_by_layer(&self) -> Figure {
        let (names, sums) = self.by_layer();
        let title = if self.both() { "Pairs by layer" } else { "Contributions by layer" };
        self.map("layers", title, BY_LAYER, &names, sums.iter().map(Vec::as_slice))
    }

    fn figure_of_all(&self) -> Figure {
        let (name, title) =
            if self.both() { ("pairs", "All pairs") } else { ("components", "All contributions") };
        self.map(name, title, LEGEND, &self.components, self.parts.iter().map(|part| part.values.as_slice()))
    }

    /// A map for each part. `values`: of each part, by the components or by pairs of them.
    fn map<'a>(
        &self,
        name: &'static str,
        title: &str,
        legend: &str,
        components: &[String],
        values: impl Iterator<Item = &'a [f64]>,
    ) -> Figure {
        let components = |axis: &str| Axis::new(axis, components.iter().cloned());
        let mut axes = Vec::new();
        if self.parts.len() > 1 {
            axes.push(Axis::new("part", self.parts.iter().map(|part| self.spec.part(&part.label))));
        }
        let mut caption = vec![self.caption()];
        let chart = if self.both() {
            caption.push(ROWS.into());
            axes.extend([components("query"), components("key")]);
            Chart::Pairs
        } else {
            axes.push(components("component"));
            Chart::Components
        };
        caption.push(legend.into());
        let values = values.flatten().copied().map(Some).collect();
        Figure {
            name,
            title: title.into(),
            caption: caption.join(" "),
            chart,
            frame: Frame::new(axes, vec![Column::new("contribution", "score", values)]),
            groups: Vec::new(),
        }
    }

    /// What every figure shows.
    fn caption(&self) -> String {
        format!("Contributions to the mean {}. {}", self.spec.score(), self.spec.asked())
    }
}

#[cfg(test)]
mod tests;
