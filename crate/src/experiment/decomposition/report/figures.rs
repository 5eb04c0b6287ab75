//! The figures of a decomposition: bars of the largest contributions, and maps.

use super::super::result::DecompositionResult;
use super::shares::Shares;
use super::words::SIGNS;
use crate::frame::{Axis, Column, Frame};
use crate::report::{Chart, Figure};

const LEGEND: &str = "W_E and W_pos are the embeddings, L.H is head H of layer L, MLP_L and b_O_L are the MLP and the attention bias of layer L, and bias is the head's own.";
const BY_LAYER: &str = "W_E and W_pos are the embeddings, attn_L is what the heads of layer L and its attention bias write together, MLP_L is the MLP of layer L, and bias is the head's own.";
const ROWS: &str = "Rows are what wrote the query's part, columns what wrote the key's.";

impl DecompositionResult {
    pub(super) fn figures(&self, shares: &Shares) -> Vec<Figure> {
        let mut figures = vec![self.figure_of_largest(shares)];
        // A head of layer 0 has no layer below it to sum up.
        if self.head[0] > 0 {
            figures.push(self.figure_by_layer());
        }
        figures.push(self.figure_of_all());
        figures
    }

    fn figure_of_largest(&self, shares: &Shares) -> Figure {
        let shown = if self.both() { 40 } else { 20 };
        let largest = self.largest(shown);
        let title = match (self.both(), self.count() > shown) {
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
