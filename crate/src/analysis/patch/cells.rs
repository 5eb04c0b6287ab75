//! The places of a grid.

use std::collections::BTreeSet;

use crate::analysis::means::Wanted;
use crate::model::Gpt2Config;
use crate::patch::{At, Over, PatchSpec};
use crate::site::Activation;
use crate::task::{Example, Examples};
use crate::{Error, Result};

/// The most values, a cell and a prompt each, that a grid may have: the result of so many takes some 200 MB.
const MOST_VALUES: usize = 1 << 22;

/// The places of a grid, by their axes, the last one fastest.
pub struct Cells {
    /// The labels of each axis.
    pub axes: Vec<(Over, Vec<String>)>,
    cells: Vec<Cell>,
}

/// One edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub site: Activation,
    pub layer: usize,
    /// All heads where none is named.
    pub head: Option<usize>,
    at: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    All,
    /// By its place among the roles.
    Role(usize),
    Position(usize),
}

impl Cell {
    /// Its positions in an example, or nothing where the example has none such.
    pub fn positions(&self, example: &Example) -> Option<Vec<usize>> {
        let end = example.end();
        match self.at {
            Place::All => Some((0..=end).collect()),
            Place::Role(role) => Some(vec![example.positions[role]]),
            Place::Position(position) => (position <= end).then(|| vec![position]),
        }
    }
}

impl Cells {
    /// # Errors
    /// [`Error::BadInput`] for `at` if there is no such role or position; for `over` if there are too many cells.
    pub fn new(spec: &PatchSpec, examples: &Examples, config: &Gpt2Config) -> Result<Self> {
        let longest = examples.examples.iter().map(Example::end).max().unwrap_or(0);
        let at = match &spec.at {
            At::All => Place::All,
            At::Role(role) => {
                Place::Role(examples.role(role).map_err(|error| Error::input("at", error.to_string()))?)
            }
            At::Index(index) if *index > longest => {
                return Err(Error::input(
                    "at",
                    format!("the longest prompt has positions 0 to {longest} up to END; there is no {index}"),
                ));
            }
            At::Index(index) => Place::Position(*index),
        };
        let numbers = |count: usize| (0..count).map(|i| i.to_string()).collect::<Vec<_>>();
        let sites = spec.sites();
        let labels = |axis: &Over| match axis {
            Over::Site => sites.iter().map(|site| site.name().to_owned()).collect(),
            Over::Layer => numbers(config.n_layer),
            Over::Head => numbers(config.n_head),
            Over::Role => examples.roles.clone(),
            Over::Position => numbers(longest + 1),
        };
        let by_site = if spec.also.is_empty() { &[][..] } else { &[Over::Site] };
        let over = [by_site, &spec.over[..]].concat();
        let axes: Vec<(Over, Vec<String>)> = over.iter().map(|axis| (*axis, labels(axis))).collect();
        let count: usize = axes.iter().map(|(_, labels)| labels.len()).product();
        if count.saturating_mul(examples.len()) > MOST_VALUES {
            return Err(Error::input(
                "over",
                format!(
                    "the grid has {count} places for each of {} prompts; at most {MOST_VALUES} values are kept, so take fewer prompts or axes",
                    examples.len()
                ),
            ));
        }
        let start = Cell { site: spec.site, layer: spec.layer.unwrap_or(0), head: spec.head, at };
        let cells = axes.iter().fold(vec![start], |cells, (axis, labels)| {
            let along = |cell: Cell| {
                let sites = &sites;
                (0..labels.len()).map(move |i| match axis {
                    Over::Site => Cell { site: sites[i], ..cell },
                    Over::Layer => Cell { layer: i, ..cell },
                    Over::Head => Cell { head: Some(i), ..cell },
                    Over::Role => Cell { at: Place::Role(i), ..cell },
                    Over::Position => Cell { at: Place::Position(i), ..cell },
                })
            };
            cells.into_iter().flat_map(along).collect()
        });
        Ok(Self { axes, cells })
    }

    pub fn all(&self) -> &[Cell] {
        &self.cells
    }

    /// The one cell at these places, one along each axis.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `places` if there is none.
    pub fn only(&self, places: &[usize]) -> Result<Self> {
        let sizes = || self.axes.iter().map(|(_, labels)| labels.len());
        if places.len() != self.axes.len() || places.iter().zip(sizes()).any(|(&place, size)| place >= size) {
            let sizes: Vec<String> = sizes().map(|size| size.to_string()).collect();
            let message = format!(
                "expected a place along each axis of {}, from 0, found {places:?}",
                sizes.join(" × ")
            );
            return Err(Error::input("places", message));
        }
        let at = places.iter().zip(sizes()).fold(0, |at, (place, size)| at * size + place);
        let label =
            |((axis, labels), &place): (&(Over, Vec<String>), &usize)| (*axis, vec![labels[place].clone()]);
        Ok(Self { axes: self.axes.iter().zip(places).map(label).collect(), cells: vec![self.cells[at]] })
    }
}

/// Means are wanted of the activation that the cells edit.
impl Wanted for Cells {
    fn layers(&self) -> Vec<usize> {
        let layers: BTreeSet<usize> = self.cells.iter().map(|cell| cell.layer).collect();
        layers.into_iter().collect()
    }

    fn positions(&self, layer: usize, example: &Example) -> Vec<usize> {
        let of_layer = self.cells.iter().filter(|cell| cell.layer == layer);
        // Heads have the same positions.
        let mut places: Vec<Cell> = of_layer.map(|cell| Cell { head: None, ..*cell }).collect();
        places.dedup();
        let positions = places.iter().filter_map(|cell| cell.positions(example)).flatten();
        positions.collect::<BTreeSet<usize>>().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::GPT2_SMALL;
    use crate::task::TaskSpec;

    fn cells(prompts: usize, over: &[Over]) -> Result<Cells> {
        let example = Example {
            clean: vec![0; 20],
            corrupted: vec![0; 20],
            positions: vec![3, 18],
            answers: vec![1],
            wrong_answers: vec![2],
            group: 0,
        };
        let examples = Examples { roles: vec!["IO".into(), "END".into()], examples: vec![example; prompts] };
        let spec = PatchSpec { over: over.to_vec(), ..PatchSpec::of(TaskSpec::default(), Activation::Z) };
        Cells::new(&spec, &examples, &Gpt2Config::from_json(GPT2_SMALL).unwrap())
    }

    #[test]
    fn the_last_axis_is_fastest() {
        let cells = cells(1, &[Over::Role, Over::Head, Over::Layer]).unwrap();
        assert_eq!(cells.all().len(), 2 * 12 * 12);
        let at = |i: usize| (cells.all()[i].at, cells.all()[i].head, cells.all()[i].layer);
        assert_eq!(at(0), (Place::Role(0), Some(0), 0));
        assert_eq!(at(13), (Place::Role(0), Some(1), 1));
        assert_eq!(at(287), (Place::Role(1), Some(11), 11));
    }

    #[test]
    fn a_grid_is_not_larger_than_what_is_kept_of_it() {
        let over = &[Over::Layer, Over::Head, Over::Position];
        // 12 · 12 · 19 places.
        assert_eq!(cells(1500, over).unwrap().all().len(), 2736);
        let error = cells(1600, over).err().unwrap();
        assert_eq!(error.field(), Some("over"));
        assert!(error.to_string().contains("2736 places for each of 1600 prompts"), "{error}");
    }
}
