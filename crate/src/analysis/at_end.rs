//! One run per example, of which only END is read: what comes of it are some numbers per prompt.

use burn::tensor::Tensor;

use super::batch::batches;
use super::zeroed::Zeroed;
use crate::Result;
use crate::engine::{Asked, Forest, Read, Stopped};
use crate::frame::{Axis, Bootstrap, Column, Estimate, Frame, Interval, Together};
use crate::loader::LoadedModel;
use crate::model::Gpt2Config;
use crate::patch::Node;
use crate::task::{Examples, PromptForm};

pub struct AtEnd {
    examples: Examples,
    form: PromptForm,
    zeroed: Zeroed,
    batches: Vec<Vec<usize>>,
    bootstrap: Bootstrap,
    /// Prompt by prompt, in the examples' order, as far as they are known.
    pub rows: Vec<Vec<f64>>,
}

/// The only list of nodes that a batch marks: the last of each of its runs.
const ENDS: usize = 0;

impl AtEnd {
    pub fn new(model: &LoadedModel, examples: Examples, form: PromptForm, together: Together) -> Self {
        // With room for two runs of each, as where heads are zeroed.
        let batches = batches(&examples, 0, |_, _| 0, model.device.rows_per_grid());
        let batches = batches.into_iter().map(|batch| batch.examples).collect();
        Self {
            examples,
            form,
            zeroed: Zeroed::default(),
            batches,
            bootstrap: Bootstrap::of(together),
            rows: Vec::new(),
        }
    }

    /// The same of runs in which z is zero at some nodes.
    ///
    /// # Errors
    /// As [`Zeroed::new`].
    pub fn with_zero(mut self, config: &Gpt2Config, nodes: &[Node]) -> Result<Self> {
        self.zeroed = Zeroed::new(nodes, &self.examples, config)?;
        Ok(self)
    }

    pub fn batches(&self) -> usize {
        self.batches.len()
    }

    pub fn prompts(&self) -> usize {
        self.examples.len()
    }

    /// The runs of a batch. `reads`: what is read of their last nodes.
    pub fn ask(&self, batch: usize, reads: impl Fn(&[usize]) -> Vec<Read>) -> Asked {
        let mut forest = Forest::default();
        let of_batch = || self.batches[batch].iter().map(|&i| &self.examples.examples[i]);
        let mut ends: Vec<usize> =
            of_batch().map(|example| forest.run(example.up_to_end(self.form))).collect();
        for (end, example) in ends.iter_mut().zip(of_batch()) {
            let path = forest.branch(*end, self.zeroed.placed(example));
            *end = *path.last().expect("a run has tokens");
        }
        Asked { forest, reads: reads(&ends), makers: Vec::new(), marked: vec![ends] }
    }

    /// The last nodes of a batch's runs.
    pub fn ends<'a>(&self, at: &Stopped<'a>) -> &'a [usize] {
        &at.marked[ENDS]
    }

    /// What tells the answers of each example of a batch from its wrong ones. `[batch, d_model]`
    pub fn answer_directions(&self, at: &Stopped) -> Tensor<2> {
        let examples = self.batches[at.batch].iter().map(|&i| &self.examples.examples[i]);
        let answers: Vec<[&[u32]; 2]> =
            examples.map(|example| [&example.answers[..], &example.wrong_answers]).collect();
        at.gpt2.answer_directions(&answers)
    }

    /// Takes a batch's numbers. `[batch · number]`
    pub fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let width = values.len() / self.batches[at.batch].len();
        let row = |row: &[f32]| row.iter().map(|&value| f64::from(value)).collect();
        self.rows.extend(values.chunks_exact(width).map(row));
    }

    /// The mean of each number over the prompts.
    pub fn means(&self) -> Vec<f64> {
        let width = self.rows.first().map_or(0, Vec::len);
        let sum = |number: usize| self.rows.iter().map(|row| row[number]).sum::<f64>();
        (0..width).map(|number| sum(number) / self.rows.len() as f64).collect()
    }

    /// The ends of the means' intervals; nothing where there are not two prompts to draw from.
    pub fn intervals(&self) -> Option<[Vec<f64>; 2]> {
        let width = self.rows.first().map_or(0, Vec::len);
        let column = |number: usize| self.rows.iter().map(|row| Some(row[number])).collect::<Vec<_>>();
        let columns: Vec<_> = (0..width).map(column).collect();
        let intervals = self.bootstrap.intervals(&columns);
        let intervals: Vec<Interval> = intervals.into_iter().collect::<Option<_>>()?;
        Some([|it: &Interval| it.low, |it: &Interval| it.high].map(|end| intervals.iter().map(end).collect()))
    }

    /// The means of sums of a prompt's numbers, which are named by their places.
    pub fn sums(&self, of: &[Vec<usize>]) -> Vec<Estimate> {
        let column = |places: &Vec<usize>| -> Vec<Option<f64>> {
            let sum = |row: &Vec<f64>| places.iter().map(|&place| row[place]).sum();
            self.rows.iter().map(|row| Some(sum(row))).collect()
        };
        let columns: Vec<_> = of.iter().map(column).collect();
        let intervals = self.bootstrap.intervals(&columns);
        let mean = |column: &Vec<Option<f64>>| column.iter().flatten().sum::<f64>() / column.len() as f64;
        let estimate = |(column, interval)| Estimate { value: mean(column), interval };
        columns.iter().zip(intervals).map(estimate).collect()
    }

    /// The means with their intervals, of the numbers from `first` on; in columns of a name and of it with `_low` and
    /// `_high`.
    pub fn frame(&self, name: &str, axis: Axis, first: usize) -> Frame {
        const PROMPT: &str = "prompt";
        let axes = vec![Axis::numbered(PROMPT, self.rows.len()), axis];
        let values = self.rows.iter().flat_map(|row| row[first..].iter().copied().map(Some)).collect();
        let frame = Frame::new(axes, vec![Column::new(name, "logits", values)]);
        frame.bootstrap_over(PROMPT, &self.bootstrap).expect("the frame has this axis")
    }

    /// The floating point operations of every run by itself.
    pub fn flops_one_by_one(&self, config: &Gpt2Config) -> f64 {
        self.examples.examples.iter().map(|example| config.forward_flops(example.end() + 1)).sum()
    }
}
