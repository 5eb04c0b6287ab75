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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ioi::CustomPrompt;

    const NUMBERS: [f32; 4] = [1.0, 3.0, 5.0, 7.0];

    fn dataset(symmetric: bool) -> DatasetSpec {
        DatasetSpec { n: 4, symmetric, ..DatasetSpec::default() }
    }

    fn captions(dataset: &DatasetSpec, numbers: &[f32]) -> [String; 2] {
        let by_prompt = ByPrompt::new(dataset, "term", "score", &[("a".into(), numbers)]);
        let figures = by_prompt.figures("Scores", "What they are.");
        [0, 1].map(|i: usize| figures[i].caption.clone())
    }

    #[test]
    fn means_are_over_prompts_which_are_numbered_from_1() {
        let dataset = dataset(false);
        let other = NUMBERS.map(|number| -number);
        let numbers = [("a".into(), &NUMBERS[..]), ("b".into(), &other[..])];
        let by_prompt = ByPrompt::new(&dataset, "term", "score", &numbers);
        let [a, b] = &by_prompt.means()[..] else { panic!("two means") };
        assert_eq!([a.value, b.value], [4.0, -4.0]);
        // The same prompts are drawn for both.
        let (a, b) = (a.interval.unwrap(), b.interval.unwrap());
        assert_eq!([a.low, a.high], [-b.high, -b.low]);
        let figures = by_prompt.figures("Scores", "What they are.");
        let [means, prompts] = &figures[..] else { panic!("two figures") };
        assert_eq!([means.chart, prompts.chart], [Chart::Dots, Chart::Histogram]);
        assert_eq!(means.frame.axes(), [Axis::new("term", ["a", "b"])]);
        assert_eq!(
            prompts.frame.axes(),
            [Axis::new("term", ["a", "b"]), Axis::new("prompt", ["1", "2", "3", "4"])]
        );
        let names: Vec<_> = means.frame.columns().iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["score", "score_low", "score_high"]);
    }

    #[test]
    fn captions_say_what_intervals_are_of() {
        let [of_pairs, spread] = captions(&dataset(true), &NUMBERS);
        assert!(
            of_pairs.starts_with("What they are. Dots: mean over prompts. Lines: 95% confidence interval"),
            "{of_pairs}"
        );
        assert!(of_pairs.contains("the 2 pairs of prompts") && of_pairs.contains("from the same templates"));
        assert!(spread.starts_with("What they are. "));
        let prompt = |thing: &&str| CustomPrompt {
            sentence: format!("Alex and Anthony went. Anthony gave a {thing} to Alex"),
            io: "Alex".into(),
            s: "Anthony".into(),
        };
        let of_own = |things: [&str; 4]| {
            let own = DatasetSpec { prompts: Some(things.iter().map(prompt).collect()), ..dataset(true) };
            let [means, _] = captions(&own, &NUMBERS);
            assert!(!means.contains("template"), "{means}");
            means
        };
        assert!(of_own(["ring", "kiss", "book", "bone"]).contains("the 4 prompts, seed 1"));
        let repeated = of_own(["ring", "kiss", "ring", "ring"]);
        assert!(
            repeated.contains("the 2 groups of prompts, seed 1). A prompt, its repetitions and "),
            "{repeated}"
        );
        assert_eq!(of_own(["ring"; 4]), "What they are. Dots: mean over prompts.");
    }

    #[test]
    fn one_prompt_has_a_mean_and_no_interval() {
        let dataset = dataset(true);
        let by_prompt = ByPrompt::new(&dataset, "term", "score", &[("a".into(), &NUMBERS[..1])]);
        assert!(matches!(by_prompt.means()[..], [Mean { value: 1.0, interval: None }]));
        let [means, _] = captions(&dataset, &NUMBERS[..1]);
        assert_eq!(means, "What they are. Dots: mean over prompts.");
    }
}
