//! A map of all cells, and those that do most with their intervals.

use super::words::{capital, edited};
use super::{Found, RANKED};
use crate::analysis::patch::result::with_ends;
use crate::frame::{Axis, Column, Estimate, Frame};
use crate::patch::{Fill, Run};
use crate::report::{Chart, Figure};

impl Found<'_> {
    /// Cells of one axis need no map: bars in their order are their rank too.
    pub(super) fn figures(&self) -> Vec<Figure> {
        if self.measured.cells.axes.len() == 1 {
            let cells: Vec<usize> = (0..self.effects.cells.len()).collect();
            let axes = self.measured.axes();
            return vec![self.figure("map", self.title(), Chart::Bars, axes, &cells)];
        }
        let all: Vec<usize> = (0..self.effects.cells.len()).collect();
        let map = self.figure("map", self.title(), Chart::HeatMap, self.measured.axes(), &all);
        let ranked: Vec<usize> = self.ranked().into_iter().take(RANKED).map(|(cell, _)| cell).collect();
        if ranked.is_empty() {
            return vec![map];
        }
        let names = Axis::new(self.named.kind(), ranked.iter().map(|&cell| self.named.cell(cell)));
        let title = if self.finished { "The largest, with 95% intervals" } else { "The largest so far" };
        let mut largest = self.figure("largest", title.into(), Chart::Bars, vec![names], &ranked);
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

    /// Of these cells: the share where one is told, the change, the mean, and of how many prompts.
    fn columns(&self, cells: &[usize]) -> Vec<Column> {
        let metric = self.measured.spec.metric;
        let effects = || cells.iter().map(|&cell| self.effects.cells[cell]);
        let estimates = |of: fn(&super::Effect) -> Option<Estimate>| {
            effects().map(|effect| effect.as_ref().and_then(of)).collect::<Vec<_>>()
        };
        let mut columns = Vec::new();
        if self.effects.are_shared() {
            columns.extend(with_ends(self.how.share, &self.share_of(), &estimates(|it| it.share)));
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
            Some(_) => format!("of the way to the {}", self.how.source),
            None => format!("of the {}'s", self.how.base),
        }
    }

    fn title(&self) -> String {
        let spec = self.measured.spec;
        let edited = edited(spec);
        let shared = self.effects.are_shared();
        match (&spec.fill, spec.run()) {
            (Fill::Patch, Run::Denoise) if shared => format!("Recovered by patching {edited}"),
            (Fill::Patch, _) if shared => format!("Lost by patching {edited}"),
            (Fill::Zero, _) if shared => format!("Lost without {edited}"),
            (Fill::Mean, _) if shared => format!("Lost with the mean for {edited}"),
            (Fill::Patch, _) => format!("Changed by patching {edited}"),
            (Fill::Zero, _) => format!("Changed without {edited}"),
            (Fill::Mean, _) => format!("Changed with the mean for {edited}"),
            _ if shared => format!("Lost by editing {edited}"),
            _ => format!("Changed by editing {edited}"),
        }
    }

    fn caption(&self) -> String {
        let spec = self.measured.spec;
        let each = format!("Each is one edit by itself: the {}, mean over prompts.", spec.metric.title());
        let shown = match (self.effects.are_shared(), self.effects.source) {
            (true, Some(_)) => format!(
                " {}: 0 is the {}, 1 the {}.",
                capital(self.how.share),
                self.how.base,
                self.how.source
            ),
            (true, None) => " Lost: 0 is as in the clean run, 1 is nothing left.".to_owned(),
            (false, _) => format!(" Change: how far it is from the {}'s.", self.how.base),
        };
        each + &shown
    }
}
