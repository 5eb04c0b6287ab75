//! Numbers by prompt as reports show them: each one's distribution, and their means with intervals.

use super::words;
use crate::frame::{Axis, Column, Frame, Interval};
use crate::ioi::DatasetSpec;
use crate::report::{Chart, Figure};

/// Several numbers a prompt, by name.
pub struct ByPrompt<'a> {
    dataset: &'a DatasetSpec,
    frame: Frame,
    means: Frame,
}

/// A mean over prompts, and how sure it is.
pub struct Mean {
    pub value: f64,
    pub interval: Option<Interval>,
}

impl<'a> ByPrompt<'a> {
    /// `axis`: what the names are; `column`: what all numbers are. Each is a number a prompt.
    pub fn new(dataset: &'a DatasetSpec, axis: &str, column: &str, numbers: &[(String, &[f32])]) -> Self {
        let prompts = numbers.first().map_or(0, |(_, values)| values.len());
        let values = numbers.iter().flat_map(|(_, values)| values.iter().map(|&value| Some(value.into())));
        let names = Axis::new(axis, numbers.iter().map(|(name, _)| name.as_str()));
        let prompt = Axis::new("prompt", (1..=prompts).map(|place| place.to_string()));
        let frame = Frame::new(vec![names, prompt], vec![Column::new(column, "", values.collect())]);
        let means = frame.bootstrap_over("prompt", &words::bootstrap(dataset)).expect("it has prompts");
        Self { dataset, frame, means }
    }

    fn prompts(&self) -> usize {
        self.frame.axes()[1].labels.len()
    }

    /// By name, in their order.
    pub fn means(&self) -> Vec<Mean> {
        let [value, low, high] = self.means.columns() else { unreachable!("a column and its interval") };
        let mean = |i: usize| {
            let ends = low.values[i].zip(high.values[i]);
            Some(Mean { value: value.values[i]?, interval: ends.map(|(low, high)| Interval { low, high }) })
        };
        (0..value.values.len()).filter_map(mean).collect()
    }

    /// The means, and how the numbers are spread. `what`: of what they are, a sentence.
    pub fn figures(&self, title: &str, what: &str) -> Vec<Figure> {
        let lines = words::intervals(self.dataset, self.prompts()).map(|it| format!(" Lines: {it}"));
        let figure = |name, title, caption, chart, frame: &Frame| Figure {
            name,
            title,
            caption,
            chart,
            frame: frame.clone(),
            groups: Vec::new(),
        };
        vec![
            figure(
                "means",
                format!("{title}: means"),
                format!("{what} Dots: mean over prompts.{}", lines.unwrap_or_default()),
                Chart::Dots,
                &self.means,
            ),
            figure(
                "prompts",
                format!("{title}: by prompt"),
                format!("{what} Each series is how many prompts have which value."),
                Chart::Histogram,
                &self.frame,
            ),
        ]
    }
}
