//! The mean of an activation over each group's corrupted runs, position by position: what a mean ablation puts in. One
//! vector is kept for each layer, group and position, however many prompts there are.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use burn::tensor::Tensor;

use super::batch::whole;
use super::pattern::pattern;
use crate::engine::{Asked, Bytes, Key, Part, Probe, Read, Shared, Stop, Stopped};
use crate::loader::LoadedModel;
use crate::site::Activation;
use crate::task::{Example, Examples};
use crate::{Error, Result};

/// Where means are wanted.
pub trait Wanted {
    /// Upwards, each once.
    fn layers(&self) -> Vec<usize>;

    /// Those of a layer in an example, upwards.
    fn positions(&self, layer: usize, example: &Example) -> Vec<usize>;
}

/// The most numbers that are kept, which are 8 bytes each: GPT-2 small's z at every position of 700 groups of prompts.
const MOST_NUMBERS: usize = 1 << 27;

/// Which activation a mean is of, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MeanAt {
    pub site: Activation,
    pub layer: usize,
    pub group: usize,
    pub position: usize,
}

/// Being summed up.
pub struct Means {
    examples: Rc<Examples>,
    batches: Vec<Vec<usize>>,
    sites: Vec<Activation>,
    n_head: usize,
    score_scale: Vec<f64>,
    layers: Vec<usize>,
    /// By layer and group: the positions that are wanted in any of the group's examples, upwards. Their mean is over all of
    /// its examples, which are as long.
    positions: BTreeMap<(usize, usize), Vec<usize>>,
    /// Sums, and of how many, until all batches are through a layer.
    sums: BTreeMap<MeanAt, (Vec<f64>, usize)>,
    means: Rc<Found>,
}

type Found = BTreeMap<MeanAt, Rc<[f32]>>;

impl Bytes for Found {
    fn bytes(&self) -> usize {
        self.values().map(|mean| size_of::<(MeanAt, Rc<[f32]>)>() + size_of_val(&mean[..])).sum()
    }
}

impl Means {
    /// # Errors
    /// [`Error::BadInput`] for `fill` if there are more of them than are kept.
    pub fn new(
        model: &LoadedModel,
        examples: Rc<Examples>,
        sites: Vec<Activation>,
        wanted: &dyn Wanted,
    ) -> Result<Self> {
        let config = &model.gpt2.config;
        let numbers_at = |position: usize| {
            let of = |site: &Activation| match site {
                Activation::Pattern => config.n_head * (position + 1),
                _ => config.n_embd,
            };
            sites.iter().map(of).sum::<usize>()
        };
        let layers = wanted.layers();
        let mut positions: BTreeMap<(usize, usize), BTreeSet<usize>> = BTreeMap::new();
        for &layer in &layers {
            for example in &examples.examples {
                let of_group = positions.entry((layer, example.group)).or_default();
                of_group.extend(wanted.positions(layer, example));
            }
        }
        let positions: BTreeMap<(usize, usize), Vec<usize>> = positions
            .into_iter()
            .map(|(place, positions)| (place, positions.into_iter().collect()))
            .collect();
        let numbers: usize = positions.values().flatten().map(|&position| numbers_at(position)).sum();
        if numbers > MOST_NUMBERS {
            return Err(Error::input(
                "fill",
                format!(
                    "the means of {} groups of prompts are {numbers} numbers, and at most {MOST_NUMBERS} are kept; take fewer prompts, or put in zero or the corrupted run's own",
                    examples.groups()
                ),
            ));
        }
        let rows = examples.examples.iter().map(|example| example.end() + 1);
        let batches = whole(rows, model.device.rows_per_grid());
        Ok(Self {
            batches,
            sites,
            n_head: config.n_head,
            score_scale: model.gpt2.blocks.iter().map(|block| block.attn.score_scale).collect(),
            layers,
            positions,
            examples,
            sums: BTreeMap::new(),
            means: Rc::default(),
        })
    }

    /// A group's mean, once all batches are through. As wide as the activation of all heads; of
    /// a pattern a weight per key, head by head.
    pub fn get(&self, at: MeanAt) -> Rc<[f32]> {
        // Before the means are there, only how much there is to do is asked for.
        self.means.get(&at).cloned().unwrap_or_default()
    }

    /// What is read of the corrupted runs, site by site.
    fn parts(&self) -> Vec<(Activation, Part)> {
        self.sites.iter().flat_map(|&site| parts_of(site).iter().map(move |&part| (site, part))).collect()
    }

    fn of_batch(&self, batch: usize) -> impl Iterator<Item = (usize, &Example)> {
        self.batches[batch].iter().map(|&i| (i, &self.examples.examples[i]))
    }

    /// The nodes of the positions that are wanted at a layer, example by example.
    fn nodes(&self, at: &Stopped, of: (Activation, Part)) -> Vec<usize> {
        let ends = &at.marked[0];
        let of_examples = self.batches[at.batch].iter().zip(ends);
        of_examples.flat_map(|(&i, &end)| self.nodes_of(at.layer, i, at.forest.path(end), of)).collect()
    }

    fn positions(&self, layer: usize, example: usize) -> &[usize] {
        &self.positions[&(layer, self.examples.examples[example].group)]
    }

    fn nodes_of(&self, layer: usize, example: usize, path: &[usize], of: (Activation, Part)) -> Vec<usize> {
        let wanted = self.positions(layer, example);
        if of == (Activation::Pattern, Part::K) {
            // All that the last of the queries sees.
            let keys = wanted.last().map_or(0, |last| last + 1);
            return path[..keys].to_vec();
        }
        wanted.iter().map(|&position| path[position]).collect()
    }
}

impl Probe for Means {
    fn batches(&self) -> usize {
        self.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        let layers = self.layers.iter();
        layers.map(|&layer| Stop { layer, what: "means of the corrupted runs" }).collect()
    }

    fn ask(&self, batch: usize) -> Asked {
        let mut asked = Asked::default();
        let ends: Vec<usize> = self
            .of_batch(batch)
            .map(|(_, example)| asked.forest.run(&example.corrupted[..=example.end()]))
            .collect();
        for &layer in &self.layers {
            for of in self.parts() {
                let of_examples = self.batches[batch].iter().zip(&ends);
                let nodes = of_examples
                    .flat_map(|(&i, &end)| self.nodes_of(layer, i, asked.forest.path(end), of))
                    .collect();
                asked.reads.push(Read { layer, part: of.1, nodes });
            }
        }
        asked.marked = vec![ends];
        asked
    }

    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let of_part = |of: (Activation, Part)| at.get(at.layer, of.1, &self.nodes(at, of)).flatten(0, 1);
        Tensor::cat(self.parts().into_iter().map(of_part).collect(), 0)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let parts = self.parts();
        let counts: Vec<usize> = parts.iter().map(|&of| self.nodes(at, of).len()).collect();
        let width = values.len() / counts.iter().sum::<usize>();
        let mut rest = values;
        let mut of_part = counts.iter().map(|count| {
            let (rows, after) = rest.split_at(count * width);
            rest = after;
            rows
        });
        for site in self.sites.clone() {
            let rows = of_part.next().expect("each site has a part");
            let keys = if site == Activation::Pattern { of_part.next().expect("and keys") } else { &[] };
            self.keep_of(site, at, rows.chunks_exact(width), keys.chunks_exact(width));
        }
        if at.batch + 1 == self.batches.len() {
            let whole = self.sums.extract_if(.., |of, _| of.layer == at.layer);
            let mean =
                |(sum, count): (Vec<f64>, usize)| sum.iter().map(|sum| (sum / count as f64) as f32).collect();
            Rc::make_mut(&mut self.means).extend(whole.map(|(of, sums)| (of, mean(sums))));
        }
    }

    /// Circuits and grids put the same means in.
    fn shared(&mut self) -> Option<Shared<'_>> {
        let what = format!("means of {:?} at {:?}", self.sites, self.positions);
        Some(Shared { key: Key { examples: self.examples.clone(), what }, numbers: &mut self.means })
    }
}

impl Means {
    /// `rows`: of the positions that are wanted, example by example; `keys`: of a pattern all that the last of them sees.
    fn keep_of<'a>(
        &mut self,
        site: Activation,
        at: &Stopped,
        mut rows: impl Iterator<Item = &'a [f32]>,
        mut keys: impl Iterator<Item = &'a [f32]>,
    ) {
        let layer = at.layer;
        for &i in &self.batches[at.batch] {
            let group = self.examples.examples[i].group;
            let wanted = self.positions[&(layer, group)].clone();
            let keys: Vec<&[f32]> = match wanted.last() {
                Some(&last) if site == Activation::Pattern => keys.by_ref().take(last + 1).collect(),
                _ => Vec::new(),
            };
            for (&position, row) in wanted.iter().zip(rows.by_ref()) {
                let row: Vec<f64> = if site == Activation::Pattern {
                    pattern(row, &keys[..=position], self.n_head, self.score_scale[layer])
                } else {
                    row.iter().map(|&x| f64::from(x)).collect()
                };
                let nothing = || (vec![0.0; row.len()], 0);
                let at = MeanAt { site, layer, group, position };
                let (sum, count) = self.sums.entry(at).or_insert_with(nothing);
                sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
                *count += 1;
            }
        }
    }
}

/// The mean of what heads write is made from the mean of their z, in which it is linear.
fn parts_of(site: Activation) -> &'static [Part] {
    use Activation::*;
    match site {
        ResidPre | QInput | KInput | VInput => &[Part::ResidPre],
        Q => &[Part::Q],
        K => &[Part::K],
        V => &[Part::V],
        Pattern => &[Part::Q, Part::K],
        AttnOut => &[Part::AttnOut],
        ResidMid => &[Part::ResidMid],
        MlpOut => &[Part::MlpOut],
        ResidPost => &[Part::ResidPost],
        _ => &[Part::Z],
    }
}
