//! The edits of a batch's runs, from what the spec says of them.

use std::collections::HashMap;

use super::cells::Cell;
use crate::analysis::means::{MeanAt, Means};
use crate::engine::{Forest, LnScale, Maker, Placed, Value, Vector};
use crate::metric::Metric;
use crate::model::{Gpt2, Gpt2Config};
use crate::patch::{Direction, Fill, PatchSpec};
use crate::site::Activation;
use crate::task::Example;
use crate::{Error, Result};

/// A batch's forest while it is made.
pub struct Edits<'a> {
    pub forest: Forest,
    spec: &'a PatchSpec,
    config: &'a Gpt2Config,
    means: Option<&'a Means>,
    examples: &'a [&'a Example],
    /// The numbers of vectors in the forest: of means, and of directions.
    known_means: HashMap<MeanAt, usize>,
    known_directions: HashMap<(usize, usize, Activation), usize>,
}

impl<'a> Edits<'a> {
    /// `means`: where they are put in.
    pub fn new(
        spec: &'a PatchSpec,
        config: &'a Gpt2Config,
        means: Option<&'a Means>,
        examples: &'a [&'a Example],
    ) -> Self {
        Self {
            forest: Forest::default(),
            spec,
            config,
            means,
            examples,
            known_means: HashMap::new(),
            known_directions: HashMap::new(),
        }
    }

    /// The edit of a cell in an example, by its place in the batch, whose run ends in `base`, the run where values come
    /// from in `source`. Nothing where the example has no such place; none where the metric reads nothing of it.
    pub fn of_cell(
        &mut self,
        cell: &Cell,
        place: usize,
        base: usize,
        source: Option<usize>,
    ) -> Option<Vec<Placed>> {
        let spec = self.spec;
        let example = self.examples[place];
        let mut positions = cell.positions(example)?;
        if let Metric::AttnScoreDiff([layer, head]) = spec.metric {
            // A head's score does not see what another of the same layer does.
            let elsewhere = cell.head.is_some_and(|of| of != head);
            if cell.layer > layer || (cell.layer == layer && elsewhere) {
                return Some(Vec::new());
            }
        }
        // What heads write is linear in their z, so that it is put in there.
        let activation = match (cell.site, &spec.fill) {
            (Activation::Result, Fill::Patch | Fill::Zero | Fill::Mean) => Activation::Z,
            (site, _) => site,
        };
        if let Some(source) = source {
            // Where both runs begin alike there is nothing to put in.
            let path = |end| self.forest.path(end);
            positions.retain(|&position| path(source)[position] != path(base)[position]);
        }
        let placed = |position: usize| Placed {
            layer: cell.layer,
            activation,
            head: cell.head,
            position,
            value: match (&spec.fill, source) {
                (Fill::Patch, None) => unreachable!("the other run is there where values come from it"),
                (Fill::Patch, Some(source)) => Value::Of(self.forest.path(source)[position]),
                (Fill::Zero, _) => Value::Zero,
                (Fill::Mean, _) => {
                    let Cell { site, layer, .. } = *cell;
                    Value::Is(self.mean(MeanAt { site, layer, group: example.group, position }))
                }
                (Fill::Project(span), _) => Value::Projected(self.span(span.len(), place, cell.site)),
                (Fill::ProjectOut(span), _) => Value::ProjectedOut(self.span(span.len(), place, cell.site)),
                (Fill::Add(..), _) => Value::Added(self.direction(0, place, cell.site)),
            },
            ln: if spec.freeze_ln { LnScale::Frozen } else { LnScale::Live },
        };
        Some(positions.into_iter().map(placed).collect())
    }

    fn mean(&mut self, at: MeanAt) -> usize {
        let Self { forest, known_means, means, .. } = self;
        *known_means.entry(at).or_insert_with(|| {
            let means = means.expect("the means are taken where they are put in");
            forest.vector(Vector::Numbers(means.get(at)))
        })
    }

    fn span(&mut self, directions: usize, place: usize, site: Activation) -> Vec<usize> {
        (0..directions).map(|direction| self.direction(direction, place, site)).collect()
    }

    fn direction(&mut self, direction: usize, place: usize, site: Activation) -> usize {
        let Self { forest, known_directions, spec, config, .. } = self;
        *known_directions.entry((direction, place, site)).or_insert_with(|| {
            let (of_spec, times) = directions(&spec.fill)[direction];
            forest.vector(match of_spec.numbers() {
                Some(numbers) => {
                    // A head's numbers, for whichever head it is.
                    let is_of_head = site.per_head() && numbers.len() < config.n_embd;
                    let numbers: Vec<f32> = numbers.iter().map(|number| number * times).collect();
                    Vector::Numbers(numbers.repeat(if is_of_head { config.n_head } else { 1 }).into())
                }
                None => Vector::Made { by: direction, prompt: place },
            })
        })
    }

    /// The forest, and what makes each direction of the examples.
    pub fn finish(self) -> (Forest, Vec<Maker>) {
        let directions = directions(&self.spec.fill).into_iter();
        let makers = directions.map(|(direction, times)| maker(direction, times, self.examples)).collect();
        (self.forest, makers)
    }
}

/// What a fill is made of, and how many times.
fn directions(fill: &Fill) -> Vec<(&Direction, f32)> {
    match fill {
        Fill::Project(span) | Fill::ProjectOut(span) => {
            span.iter().map(|direction| (direction, unit(direction))).collect()
        }
        Fill::Add(direction, times) => vec![(direction, *times)],
        _ => Vec::new(),
    }
}

/// What makes numbers a vector of length 1, whose span is the same: the shortest ones would be taken for none.
fn unit(direction: &Direction) -> f32 {
    let squares = direction.numbers().unwrap_or_default().iter().map(|&number| f64::from(number).powi(2));
    let length = squares.sum::<f64>().sqrt();
    if length > 0.0 { (1.0 / length) as f32 } else { 1.0 }
}

fn maker(direction: &Direction, times: f32, examples: &[&Example]) -> Maker {
    let answers: Vec<Vec<u32>> = examples.iter().map(|example| example.answers.clone()).collect();
    let wrong: Vec<Vec<u32>> = examples.iter().map(|example| example.wrong_answers.clone()).collect();
    let direction = direction.clone();
    Box::new(move |gpt2: &Gpt2, _, _, places: &[usize]| {
        let of = |tokens: &[Vec<u32>]| {
            gpt2.mean_w_u(&places.iter().map(|&at| &tokens[at][..]).collect::<Vec<_>>())
        };
        let vector = match direction {
            Direction::Answers => of(&answers),
            Direction::Wrong => of(&wrong),
            _ => of(&answers) - of(&wrong),
        };
        vector * times
    })
}

/// Whether directions are as wide as the activation.
///
/// # Errors
/// [`Error::BadInput`] for `fill`.
pub fn check_directions(spec: &PatchSpec, config: &Gpt2Config) -> Result<()> {
    spec.sites().into_iter().try_for_each(|site| check_directions_of(spec, site, config))
}

fn check_directions_of(spec: &PatchSpec, site: Activation, config: &Gpt2Config) -> Result<()> {
    let of_head = site.per_head() && !site.is_input() && site != Activation::Result;
    let (width, site) = (if of_head { config.d_head() } else { config.n_embd }, site.name());
    for (direction, times) in directions(&spec.fill) {
        if let Direction::Vector(vector) = direction {
            vector.check()?;
        }
        let numbers = direction.numbers().unwrap_or_default();
        let found = direction.numbers().map_or(config.n_embd, <[f32]>::len);
        if found != width {
            return Err(Error::input(
                "fill",
                format!(
                    "{site} has vectors of {width} numbers in this model, found a direction of {found}; take one that was made of this activation"
                ),
            ));
        }
        if let Some(number) = numbers.iter().chain([&times]).find(|number| !number.is_finite()) {
            return Err(Error::input(
                "fill",
                format!("a direction must be of finite numbers, found {number}"),
            ));
        }
    }
    Ok(())
}
