//! A grid's edited runs, batch by batch: all of a few prompts' at a time.

use std::collections::HashMap;
use std::rc::Rc;

use burn::tensor::Tensor;

use super::batch::{Batch, batches};
use super::cells::{Cell, Cells};
use super::edits::{Edits, check_directions};
use super::result::Measured;
use crate::analysis::means::Means;
use crate::engine::{Asked, Part, Probe, Read, Stop, Stopped};
use crate::loader::LoadedModel;
use crate::metric::Metric;
use crate::patch::{Fill, PatchSpec, Run};
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
        check_directions(spec, &model.gpt2.config)?;
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

    pub fn measured(&self) -> Measured<'_> {
        let Self { spec, examples, cells, runs: [base, source], values, .. } = self;
        let source = self.patches().then_some(&source[..]);
        Measured { spec, examples, cells, base, source, values }
    }

    fn layer(&self) -> usize {
        self.spec.metric.layer(self.model.gpt2.config.n_layer)
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
        let config = &self.model.gpt2.config;
        let mut edits = Edits::new(&self.spec, config, self.means.as_ref(), &examples);
        let (mut base, mut source) = (Vec::new(), Vec::new());
        for example in &examples {
            let runs = [&example.clean, &example.corrupted];
            let [edited, other] = match self.spec.run() {
                Run::Noise => runs,
                Run::Denoise => [runs[1], runs[0]],
            };
            base.push(edits.forest.run(&edited[..=example.end()]));
            if self.patches() {
                source.push(edits.forest.run(&other[..=example.end()]));
            }
        }
        let mut marked = vec![base.clone(), source.clone(), Vec::new(), Vec::new(), Vec::new()];
        for (place, &end) in base.iter().enumerate() {
            for cell in cells.clone() {
                let of_cell = &self.cells.all()[cell];
                let source = source.get(place).copied();
                let Some(of_cell) = edits.of_cell(of_cell, place, end, source) else { continue };
                let path = edits.forest.branch(end, of_cell);
                marked[EDITED].push(*path.last().expect("a run has tokens"));
                marked[EXAMPLES].push(place);
                marked[CELLS].push(cell);
            }
        }
        let (forest, makers) = edits.finish();
        let mut asked = Asked { forest, makers, marked, reads: Vec::new() };
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
            let score = |role: &str| {
                let role = self.role(role);
                let keys = nodes
                    .iter()
                    .zip(&of)
                    .map(|(&node, &place)| at.forest.path(node)[examples[place].positions[role]]);
                at.scores(layer, &nodes, &keys.collect::<Vec<_>>()).narrow(1, head, 1) // [rows, 1]
            };
            return Tensor::cat(vec![score("IO"), score("S1")], 1).flatten(0, 1);
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
