//! A grid's edited runs, batch by batch: all of a few prompts' at a time.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use burn::tensor::Tensor;

use super::cells::{Cell, Cells};
use super::result::{Measured, PatchResult};
use crate::analysis::means::Means;
use crate::engine::{Asked, Forest, LnScale, Maker, Part, Placed, Probe, Read, Stop, Stopped, Value, Vector};
use crate::loader::LoadedModel;
use crate::metric::Metric;
use crate::model::Gpt2;
use crate::patch::{Direction, Fill, PatchSpec, Run};
use crate::site::Activation;
use crate::task::{Example, Examples};
use crate::{Error, Result};

pub struct Grid {
    model: Rc<LoadedModel>,
    spec: PatchSpec,
    examples: Rc<Examples>,
    cells: Rc<Cells>,
    pub means: Option<Means>,
    batches: Vec<Batch>,
    /// Of the run that is edited, and of the one where values come from; a value per example.
    runs: [Vec<Option<f64>>; 2],
    /// `[example · cell]`
    values: Vec<Option<f64>>,
}

/// Some cells of some examples.
struct Batch {
    examples: Vec<usize>,
    cells: Range<usize>,
}

/// The lists that a batch marks: the last nodes of the edited runs' origins, of the runs where values come from, and of
/// the edited runs, example by example and in each cell by cell; and which example and cell those are.
const BASE: usize = 0;
const SOURCE: usize = 1;
const EDITED: usize = 2;
const EXAMPLES: usize = 3;
const CELLS: usize = 4;

impl Grid {
    pub fn new(
        model: Rc<LoadedModel>,
        spec: &PatchSpec,
        examples: Rc<Examples>,
        cells: Rc<Cells>,
        means: Option<Means>,
        rows_per_batch: usize,
    ) -> Result<Self> {
        let width = match spec.site {
            site if site.per_head() && !site.is_input() && site != Activation::Result => {
                model.gpt2.config.d_head()
            }
            _ => model.gpt2.config.n_embd,
        };
        check_width(&spec.fill, width, model.gpt2.config.n_embd, spec.site)?;
        if let Metric::AttnScoreDiff(_) = spec.metric {
            for role in ["IO", "S1"] {
                examples
                    .role(role)
                    .map_err(|error| Error::input("metric", format!("{}: {error}", spec.metric)))?;
            }
        }
        let batches = batches(&cells, &examples, rows_per_batch);
        Ok(Self {
            runs: [vec![None; examples.len()], vec![None; examples.len()]],
            values: vec![None; cells.all().len() * examples.len()],
            spec: spec.clone(),
            model,
            examples,
            cells,
            means,
            batches,
        })
    }

    pub fn has_any(&self) -> bool {
        self.values.iter().any(Option::is_some)
    }

    /// Whether any cell has something to put in: where both runs begin alike there is nothing.
    pub fn has_edits(&self) -> bool {
        let differs = |example: &Example, cell: &Cell| {
            let last = cell.positions(example).and_then(|positions| positions.last().copied());
            last.is_some_and(|last| example.clean[..=last] != example.corrupted[..=last])
        };
        let of_cells = |example| self.cells.all().iter().any(|cell| differs(example, cell));
        !self.patches() || self.examples.examples.iter().any(of_cells)
    }

    /// Whether values come from the other run, which then is judged too.
    fn patches(&self) -> bool {
        self.spec.fill == Fill::Patch
    }

    /// Of what is measured.
    pub fn flops(&self) -> f64 {
        let runs = self.values.len() + (1 + usize::from(self.patches())) * self.examples.len();
        self.spec.metric.flops(&self.model.gpt2.config) * runs as f64
    }

    pub fn flops_one_by_one(&self) -> f64 {
        let config = &self.model.gpt2.config;
        let (d, inner) = (config.n_embd as f64, config.n_inner as f64);
        let forward = |example: &Example| {
            let tokens = (example.end() + 1) as f64;
            config.n_layer as f64 * tokens * (8.0 * d * d + 4.0 * d * inner + 2.0 * d * (tokens + 1.0))
        };
        let runs = (self.cells.all().len() + 1 + usize::from(self.patches())) as f64;
        self.examples.examples.iter().map(forward).sum::<f64>() * runs
    }

    /// `finished`: whether all is there.
    pub fn result(&self, finished: bool) -> PatchResult {
        let Self { spec, examples, cells, runs: [base, source], values, .. } = self;
        let source = self.patches().then_some(&source[..]);
        Measured { spec, examples, cells, base, source, values }.result(finished)
    }

    fn layer(&self) -> usize {
        self.spec.metric.layer(self.model.gpt2.config.n_layer)
    }

    /// The edit of a cell in one example; nothing where the metric reads none of it.
    fn placed(
        &self,
        asked: &mut Asking,
        cell: &Cell,
        place: usize,
        base: usize,
        source: Option<usize>,
    ) -> Option<Vec<Placed>> {
        let example = asked.examples[place];
        let positions = cell.positions(example)?;
        if let Metric::AttnScoreDiff([layer, head]) = self.spec.metric {
            // A head's score does not see what another of the same layer does.
            let elsewhere = cell.head.is_some_and(|of| of != head);
            if cell.layer > layer || (cell.layer == layer && elsewhere) {
                return Some(Vec::new());
            }
        }
        // What heads write is linear in their z, so that it is put in there.
        let site = match (self.spec.site, &self.spec.fill) {
            (Activation::Result, Fill::Patch | Fill::Zero | Fill::Mean) => Activation::Z,
            (site, _) => site,
        };
        // Where both runs begin alike there is nothing to put in.
        let is_other = |&position: &usize| {
            source
                .is_none_or(|source| asked.forest.path(source)[position] != asked.forest.path(base)[position])
        };
        let positions: Vec<usize> = positions.into_iter().filter(is_other).collect();
        let placed = |position: usize| Placed {
            layer: cell.layer,
            activation: site,
            head: cell.head,
            position,
            value: match &self.spec.fill {
                Fill::Patch => {
                    let source = source.expect("the other run is there where values come from it");
                    Value::Of(asked.forest.path(source)[position])
                }
                Fill::Zero => Value::Zero,
                Fill::Mean => Value::Is(asked.mean(self, cell.layer, example.group, position)),
                Fill::Project(span) => Value::Projected(
                    (0..span.len()).map(|direction| asked.direction(self, direction, place)).collect(),
                ),
                Fill::Add(..) => Value::Added(asked.direction(self, 0, place)),
            },
            ln: if self.spec.freeze_ln { LnScale::Frozen } else { LnScale::Live },
        };
        Some(positions.into_iter().map(placed).collect())
    }

    fn directions(&self) -> Vec<(&Direction, f32)> {
        match &self.spec.fill {
            Fill::Project(span) => span.iter().map(|direction| (direction, 1.0)).collect(),
            Fill::Add(direction, times) => vec![(direction, *times)],
            _ => Vec::new(),
        }
    }

    /// What makes a direction of each example of a batch.
    fn maker(&self, direction: &Direction, times: f32, examples: &[&Example]) -> Maker {
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
}

/// A batch's forest while it is made.
struct Asking<'a> {
    forest: Forest,
    examples: Vec<&'a Example>,
    means: HashMap<(usize, usize, usize), usize>,
    directions: HashMap<(usize, usize), usize>,
}

impl Asking<'_> {
    fn mean(&mut self, grid: &Grid, layer: usize, group: usize, position: usize) -> usize {
        let Self { forest, means, .. } = self;
        *means.entry((layer, group, position)).or_insert_with(|| {
            let means = grid.means.as_ref().expect("the means are taken where they are put in");
            forest.vector(Vector::Numbers(means.get(layer, group, position)))
        })
    }

    fn direction(&mut self, grid: &Grid, direction: usize, place: usize) -> usize {
        let Self { forest, directions, .. } = self;
        *directions.entry((direction, place)).or_insert_with(|| {
            forest.vector(match grid.directions()[direction] {
                (Direction::Numbers(numbers), times) => {
                    let (site, config) = (grid.spec.site, &grid.model.gpt2.config);
                    // A head's numbers, for whichever head it is.
                    let heads =
                        if numbers.len() < config.n_embd && site.per_head() { config.n_head } else { 1 };
                    let numbers: Vec<f32> = numbers.iter().map(|number| number * times).collect();
                    Vector::Numbers(numbers.repeat(heads).into())
                }
                _ => Vector::Made { by: direction, prompt: place },
            })
        })
    }
}

impl Probe for Grid {
    fn batches(&self) -> usize {
        self.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![Stop { layer: self.layer(), what: "the metric" }]
    }

    fn ask(&self, batch: usize) -> Asked {
        let Batch { examples: which, cells } = &self.batches[batch];
        let examples: Vec<&Example> = which.iter().map(|&i| &self.examples.examples[i]).collect();
        let mut asking = Asking {
            forest: Forest::default(),
            examples: examples.clone(),
            means: HashMap::new(),
            directions: HashMap::new(),
        };
        let (mut base, mut source) = (Vec::new(), Vec::new());
        for example in &examples {
            let runs = [&example.clean, &example.corrupted];
            let [edited, other] = match self.spec.run() {
                Run::Noise => runs,
                Run::Denoise => [runs[1], runs[0]],
            };
            base.push(asking.forest.run(&edited[..=example.end()]));
            if self.patches() {
                source.push(asking.forest.run(&other[..=example.end()]));
            }
        }
        let mut marked = vec![base.clone(), source.clone(), Vec::new(), Vec::new(), Vec::new()];
        for (place, &end) in base.iter().enumerate() {
            for cell in cells.clone() {
                let of_cell = &self.cells.all()[cell];
                let Some(edits) = self.placed(&mut asking, of_cell, place, end, source.get(place).copied())
                else {
                    continue;
                };
                let path = asking.forest.branch(end, edits);
                marked[EDITED].push(*path.last().expect("a run has tokens"));
                marked[EXAMPLES].push(place);
                marked[CELLS].push(cell);
            }
        }
        let directions = self.directions();
        let makers = directions.iter().map(|(direction, times)| self.maker(direction, *times, &examples));
        let mut asked = Asked { forest: asking.forest, reads: Vec::new(), makers: makers.collect(), marked };
        let ends: Vec<usize> = asked.marked[..=EDITED].concat();
        let layer = self.layer();
        match self.spec.metric {
            Metric::AttnScoreDiff(_) => {
                let of_examples = self.of_examples(&asked.marked);
                let roles = ["IO", "S1"].map(|role| self.role(role));
                let keys = ends.iter().zip(&of_examples).flat_map(|(&end, &place)| {
                    roles.map(|role| asked.forest.path(end)[examples[place].positions[role]])
                });
                let keys = keys.collect();
                asked.reads.push(Read { layer, part: Part::Q, nodes: ends });
                asked.reads.push(Read { layer, part: Part::K, nodes: keys });
            }
            _ => asked.reads.push(Read { layer, part: Part::ResidPre, nodes: ends }),
        }
        asked
    }

    /// The numbers of each different run that is read, in the order of [`Grid::different`].
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let (nodes, of) = self.different(at);
        let examples: Vec<&Example> =
            self.batches[at.batch].examples.iter().map(|&i| &self.examples.examples[i]).collect();
        if let Metric::AttnScoreDiff([layer, head]) = self.spec.metric {
            let attn = &at.gpt2.blocks[layer].attn;
            let [rows, d_head] = [nodes.len(), at.gpt2.config.d_head()];
            let of_head = |part, nodes: &[usize]| at.get(layer, part, nodes).narrow(1, head * d_head, d_head);
            let queries = of_head(Part::Q, &nodes);
            let score = |role: &str| {
                let role = self.role(role);
                let keys: Vec<usize> = nodes
                    .iter()
                    .zip(&of)
                    .map(|(&node, &place)| at.forest.path(node)[examples[place].positions[role]])
                    .collect();
                (queries.clone() * of_head(Part::K, &keys)).sum_dim(1) * attn.score_scale // [rows, 1]
            };
            return Tensor::cat(vec![score("IO"), score("S1")], 1).reshape([2 * rows]);
        }
        let rows = at.get(at.layer, Part::ResidPre, &nodes);
        let base = at.get(at.layer, Part::ResidPre, &at.marked[BASE]);
        self.spec.metric.numbers(at.gpt2, rows, &of, &examples, base)
    }

    fn keep(&mut self, at: &Stopped, mut numbers: &[f32]) {
        let (nodes, of) = self.different(at);
        let Batch { examples, .. } = &self.batches[at.batch];
        let metric = self.spec.metric;
        let mut values: HashMap<(usize, usize), f64> = HashMap::new();
        for (node, place) in nodes.into_iter().zip(of) {
            let example = &self.examples.examples[examples[place]];
            let (of_run, rest) = numbers.split_at(metric.width(example));
            values.insert((node, place), metric.value(example, of_run));
            numbers = rest;
        }
        for (run, list) in self.runs.iter_mut().zip([BASE, SOURCE]) {
            for (place, &end) in at.marked[list].iter().enumerate() {
                run[examples[place]] = Some(values[&(end, place)]);
            }
        }
        let marked = |list: usize| at.marked[list].iter().copied();
        for ((end, place), cell) in marked(EDITED).zip(marked(EXAMPLES)).zip(marked(CELLS)) {
            self.values[examples[place] * self.cells.all().len() + cell] = Some(values[&(end, place)]);
        }
    }
}

impl Grid {
    fn role(&self, name: &str) -> usize {
        self.examples.role(name).expect("it was looked for when the run was planned")
    }

    /// The example of each run of the first three lists, one list after the other.
    fn of_examples(&self, marked: &[Vec<usize>]) -> Vec<usize> {
        let all = |list: usize| 0..marked[list].len();
        all(BASE).chain(all(SOURCE)).chain(marked[EXAMPLES].iter().copied()).collect()
    }

    /// The runs that are read, each once, and their examples: many an edit changes nothing that is read.
    fn different(&self, at: &Stopped) -> (Vec<usize>, Vec<usize>) {
        let ends = at.marked[..=EDITED].concat();
        let mut runs: Vec<(usize, usize)> = ends.into_iter().zip(self.of_examples(at.marked)).collect();
        runs.sort_unstable();
        runs.dedup();
        runs.into_iter().unzip()
    }
}

/// As many examples as make about so many rows, with all their cells; or parts of an example's cells.
fn batches(cells: &Cells, examples: &Examples, rows_per_batch: usize) -> Vec<Batch> {
    let all = cells.all();
    let mut batches: Vec<Batch> = Vec::new();
    let mut rows = 0;
    for (i, example) in examples.examples.iter().enumerate() {
        let runs = 2 * (example.end() + 1);
        let of_cell = |cell: &Cell| {
            let first = cell.positions(example).and_then(|positions| positions.first().copied());
            first.map_or(0, |first| example.end() + 1 - first)
        };
        let of_cells: Vec<usize> = all.iter().map(of_cell).collect();
        let of_example = runs + of_cells.iter().sum::<usize>();
        let goes_on = batches.last().is_some_and(|batch| batch.cells == (0..all.len()));
        if goes_on && rows + of_example <= rows_per_batch {
            rows += of_example;
            batches.last_mut().expect("there is one").examples.push(i);
            continue;
        }
        let (mut from, mut sum) = (0, runs);
        for (cell, rows) in of_cells.iter().enumerate() {
            if cell > from && sum + rows > rows_per_batch {
                batches.push(Batch { examples: vec![i], cells: from..cell });
                (from, sum) = (cell, runs);
            }
            sum += rows;
        }
        batches.push(Batch { examples: vec![i], cells: from..all.len() });
        rows = of_example;
    }
    batches
}

fn check_width(fill: &Fill, width: usize, d_model: usize, site: Activation) -> Result<()> {
    let directions: Vec<&Direction> = match fill {
        Fill::Project(span) => span.iter().collect(),
        Fill::Add(direction, _) => vec![direction],
        _ => return Ok(()),
    };
    let site = site.name();
    for direction in directions {
        let found = match direction {
            Direction::Numbers(numbers) => numbers.len(),
            _ => d_model,
        };
        if found != width {
            return Err(Error::input(
                "fill",
                format!("{site} has vectors of {width} numbers in this model, found a direction of {found}"),
            ));
        }
        if let Direction::Numbers(numbers) = direction
            && let Some(number) = numbers.iter().find(|number| !number.is_finite())
        {
            return Err(Error::input(
                "fill",
                format!("a direction must be of finite numbers, found {number}"),
            ));
        }
    }
    Ok(())
}
