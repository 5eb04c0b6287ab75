//! A map of all cells, and those that do most with their intervals.

use super::{Found, RANKED, Told};
use crate::analysis::patch::result::with_ends;
use crate::frame::{Axis, Column, Estimate, Frame};
use crate::patch::Over;
use crate::report::words::capital;
use crate::report::{Chart, Figure};

impl Found<'_> {
    /// Cells of one axis need no map: bars in their order are their rank too.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let axes = || {
            let axis = |(axis, labels): &(Over, Vec<String>)| Axis::new(axis.name(), labels.clone());
            self.of.axes.iter().map(axis).collect()
        };
        let title = || self.of.title.clone();
        if self.of.axes.len() == 1 {
            let cells: Vec<usize> = (0..self.effects.cells.len()).collect();
            return vec![self.figure("map", title(), Chart::Bars, axes(), &cells)];
        }
        let all: Vec<usize> = (0..self.effects.cells.len()).collect();
        let map = self.figure("map", title(), Chart::HeatMap, axes(), &all);
        let ranked: Vec<usize> = self.ranked().into_iter().take(RANKED).map(|(cell, _)| cell).collect();
        if ranked.is_empty() {
            return vec![map];
        }
        let names = Axis::new(self.named.kind(), ranked.iter().map(|&cell| self.named.cell(cell)));
        let largest = if self.finished { "The largest, with 95% intervals" } else { "The largest so far" };
        let mut largest = self.figure("largest", largest.into(), Chart::Bars, vec![names], &ranked);
        largest.caption = self.how_sure();
        vec![map, largest]
    }

    fn figure(
        &self,
        name: &'static str,
        title: String,
        chart: Chart,
        axes: Vec<Axis>,
        cells: &[usize],
    ) -> Figure {
        Figure {
            name,
            title,
            caption: self.caption(),
            chart,
            frame: Frame::new(axes, self.columns(cells)),
            groups: Vec::new(),
        }
    }

    /// These cells' share where one is told, change, mean, and number of prompts.
    fn columns(&self, cells: &[usize]) -> Vec<Column> {
        let metric = self.of.metric;
        let effects = || cells.iter().map(|&cell| self.effects.cells[cell]);
        let estimates = |of: fn(&super::Effect) -> Option<Estimate>| {
            effects().map(|effect| effect.as_ref().and_then(of)).collect::<Vec<_>>()
        };
        let mut columns = Vec::new();
        if self.effects.are_shared() {
            columns.extend(with_ends(self.of.how.share, &self.share_of(), &estimates(|it| it.share)));
        }
        columns.extend(with_ends("change", metric.unit(), &estimates(|it| Some(it.change))));
        columns.extend(with_ends(&metric.to_string(), metric.unit(), &estimates(|it| Some(it.mean))));
        let prompts = effects().map(|effect| effect.map(|it| it.prompts as f64));
        columns.push(Column::new("count", "prompts", prompts.collect()));
        columns
    }

    /// The unit of a share: "of the way to the clean run".
    fn share_of(&self) -> String {
        match self.effects.source {
            Some(_) => format!("of the way to the {}", self.of.how.source),
            None => format!("of the {}'s", self.of.how.base),
        }
    }

    fn caption(&self) -> String {
        let Told { each, metric, .. } = self.of;
        let each = format!("{each}: the {}, mean over prompts.", metric.title());
        let shown = match (self.effects.are_shared(), self.effects.source) {
            (true, Some(_)) => format!(
                " {}: 0 is the {}, 1 the {}.",
                capital(self.of.how.share),
                self.of.how.base,
                self.of.how.source
            ),
            (true, None) => " Lost: 0 is as in the clean run, 1 is nothing left.".to_owned(),
            (false, _) => format!(" Change: how far it is from the {}'s.", self.of.how.base),
        };
        each + &shown
    }
}
