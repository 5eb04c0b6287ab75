//! Some numbers of each prompt: their means, and how sure these are.

use crate::frame::{Axis, Bootstrap, Column, Estimate, Frame, Interval};

pub struct Rows {
    /// Prompt by prompt, in the examples' order, as far as they are known.
    pub rows: Vec<Vec<f64>>,
    pub bootstrap: Bootstrap,
}

impl Rows {
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
    pub fn frame(&self, name: &str, axes: Vec<Axis>, first: usize) -> Frame {
        const PROMPT: &str = "prompt";
        let axes = [vec![Axis::numbered(PROMPT, self.rows.len())], axes].concat();
        let values = self.rows.iter().flat_map(|row| row[first..].iter().copied().map(Some)).collect();
        let frame = Frame::new(axes, vec![Column::new(name, "logits", values)]);
        frame.bootstrap_over(PROMPT, &self.bootstrap).expect("the frame has this axis")
    }
}
