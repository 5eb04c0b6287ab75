//! The vectors that edits put in: numbers that are given, or made of what the run has come by.

use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::{Tensor, TensorData};

use super::forest::Forest;
use super::plan::Part;
use super::rows::Rows;
use crate::model::{Gpt2, rows_of};

#[derive(Debug, Clone)]
pub enum Vector {
    /// As wide as the activation; of a pattern a weight per key, head by head.
    Numbers(Rc<[f32]>),
    /// What a [`Maker`], by its number, makes for a prompt.
    Made { by: usize, prompt: usize },
}

/// Makes a vector for each of some prompts, by their places in the batch. `[prompts, width]`
pub type Maker = Box<dyn Fn(&Gpt2, &Forest, &Kept, &[usize]) -> Tensor<2>>;

/// What a run has been asked to keep, by layer.
#[derive(Default)]
pub struct Kept(BTreeMap<(usize, Part), Rows>);

impl Kept {
    pub fn keep(&mut self, layer: usize, part: Part, rows: Rows) {
        self.0.insert((layer, part), rows);
    }

    /// Some nodes' rows, which were asked for. `[nodes, width]`
    pub fn get(&self, forest: &Forest, layer: usize, part: Part, nodes: &[usize]) -> Tensor<2> {
        self.0[&(layer, part)].at(forest, nodes)
    }
}

/// What vectors are made of.
pub struct Makers<'a> {
    pub gpt2: &'a Gpt2,
    pub forest: &'a Forest,
    pub kept: &'a Kept,
    pub makers: &'a [Maker],
}

impl Makers<'_> {
    /// Vectors of one width, by their numbers. `[vectors, width]`
    pub fn rows(&self, vectors: &[usize]) -> Tensor<2> {
        let mut numbers: Vec<f32> = Vec::new();
        let mut given = Vec::new();
        let mut made: BTreeMap<usize, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (place, &vector) in vectors.iter().enumerate() {
            match &self.forest.vectors[vector] {
                Vector::Numbers(of_one) => {
                    numbers.extend_from_slice(of_one);
                    given.push(place);
                }
                &Vector::Made { by, prompt } => {
                    let (places, prompts) = made.entry(by).or_default();
                    places.push(place);
                    prompts.push(prompt);
                }
            }
        }
        let (mut places, mut parts) = (given, Vec::new());
        if !places.is_empty() {
            let shape = [places.len(), numbers.len() / places.len()];
            parts.push(Tensor::from_data(TensorData::new(numbers, shape), &self.gpt2.device()));
        }
        for (by, (of_maker, prompts)) in made {
            places.extend(of_maker);
            parts.push(self.makers[by](self.gpt2, self.forest, self.kept, &prompts));
        }
        in_order(parts, &places)
    }
}

/// Puts rows that were made in parts into their places. `[places, width]`
pub fn in_order(mut parts: Vec<Tensor<2>>, places: &[usize]) -> Tensor<2> {
    let all = if parts.len() == 1 { parts.remove(0) } else { Tensor::cat(parts, 0) };
    let mut order = vec![0; places.len()];
    for (row, &place) in places.iter().enumerate() {
        order[place] = row;
    }
    rows_of(all, &order)
}
