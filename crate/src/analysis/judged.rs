//! What a metric is of edited runs: how they are read, and a value for each, by example and column.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use burn::tensor::Tensor;

use crate::Result;
use crate::engine::{Asked, Forest, Key, Maker, Part, Read, Shared, Stop, Stopped};
use crate::loader::LoadedModel;
use crate::metric::Metric;
use crate::task::{Example, Examples};

/// What is, or will be, known of every example: the same columns, such as the cells of a grid.
pub struct Judged {
    metric: Metric,
    layer: usize,
    examples: Rc<Examples>,
    columns: usize,
    /// `[example · column]`
    values: Rc<Vec<Option<f64>>>,
}

/// A run of a batch of which the metric is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Its last node.
    pub end: usize,
    /// Its example, by its place in the batch.
    pub example: usize,
    pub column: usize,
}

/// The lists that a batch marks: its examples by their numbers and the last nodes of their unedited runs; then of each
/// [`Run`] what it is.
const EXAMPLES: usize = 0;
const UNEDITED: usize = 1;
const ENDS: usize = 2;
const PLACES: usize = 3;
const COLUMNS: usize = 4;

impl Judged {
    /// # Errors
    /// [`Error::BadInput`] for `metric` if the model has no such head, or the task not the roles that it reads.
    pub fn new(model: &LoadedModel, metric: Metric, examples: Rc<Examples>, columns: usize) -> Result<Self> {
        let config = &model.gpt2.config;
        metric.check(config)?;
        metric.check_roles(&examples)?;
        let values = Rc::new(vec![None; columns * examples.len()]);
        Ok(Self { metric, layer: metric.layer(config.n_layer), examples, columns, values })
    }

    /// The only place where a probe of this is held.
    pub fn stop(&self) -> Stop {
        Stop { layer: self.layer, what: "the metric" }
    }

    /// What a batch asks for. `unedited`: of each example the run that KL is told from.
    pub fn ask(
        &self,
        forest: Forest,
        makers: Vec<Maker>,
        examples: &[usize],
        unedited: Vec<usize>,
        runs: &[Run],
    ) -> Asked {
        let list = |of: fn(&Run) -> usize| runs.iter().map(of).collect::<Vec<_>>();
        let mut ends = list(|run| run.end);
        let mut reads = Vec::new();
        let layer = self.layer;
        if let Metric::AttnScoreDiff(_) = self.metric {
            let keys = runs.iter().flat_map(|run| {
                let example = &self.examples.examples[examples[run.example]];
                ["IO", "S1"].map(|role| forest.path(run.end)[example.positions[self.role(role)]])
            });
            reads.push(Read { layer, part: Part::K, nodes: keys.collect() });
            reads.push(Read { layer, part: Part::Q, nodes: ends.clone() });
        } else {
            if self.metric == Metric::Kl {
                ends.extend(&unedited);
            }
            reads.push(Read { layer, part: Part::ResidPre, nodes: ends });
        }
        let marked = vec![
            examples.to_vec(),
            unedited,
            list(|run| run.end),
            list(|run| run.example),
            list(|run| run.column),
        ];
        Asked { forest, reads, makers, marked }
    }

    /// The numbers of each different run that is read, in the order of [`different`].
    pub fn measure(&self, at: &Stopped) -> Tensor<1> {
        let (nodes, of) = different(at);
        let examples: Vec<&Example> =
            at.marked[EXAMPLES].iter().map(|&i| &self.examples.examples[i]).collect();
        if let Metric::AttnScoreDiff([layer, head]) = self.metric {
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
        let unedited = || at.get(at.layer, Part::ResidPre, &at.marked[UNEDITED]);
        self.metric.numbers(at.gpt2, rows, &of, &examples, unedited)
    }

    pub fn keep(&mut self, at: &Stopped, mut numbers: &[f32]) {
        let (nodes, of) = different(at);
        let examples = &at.marked[EXAMPLES];
        let mut values: HashMap<(usize, usize), f64> = HashMap::new();
        for (node, place) in nodes.into_iter().zip(of) {
            let example = &self.examples.examples[examples[place]];
            let (of_run, rest) = numbers.split_at(self.metric.width(example));
            values.insert((node, place), self.metric.value(example, of_run));
            numbers = rest;
        }
        let marked = |list: usize| at.marked[list].iter().copied();
        let known = Rc::make_mut(&mut self.values);
        for ((end, place), column) in marked(ENDS).zip(marked(PLACES)).zip(marked(COLUMNS)) {
            known[examples[place] * self.columns + column] = Some(values[&(end, place)]);
        }
    }

    /// All values, for whoever else needs them. `what`: all that they depend on but the examples.
    pub fn shared(&mut self, what: String) -> Shared<'_> {
        Shared { key: Key { examples: self.examples.clone(), what }, numbers: &mut self.values }
    }

    /// The values of some columns, of the examples that have one. `[example · column]`
    pub fn columns(&self, columns: Range<usize>) -> Vec<Option<f64>> {
        self.values.chunks_exact(self.columns).flat_map(|row| &row[columns.clone()]).copied().collect()
    }

    /// One value per example.
    pub fn column(&self, column: usize) -> Vec<Option<f64>> {
        self.columns(column..column + 1)
    }

    pub fn has_any(&self) -> bool {
        self.values.iter().any(Option::is_some)
    }

    /// The floating point operations of what is measured.
    pub fn flops(&self, model: &LoadedModel) -> f64 {
        self.metric.flops(&model.gpt2.config) * self.values.len() as f64
    }

    fn role(&self, name: &str) -> usize {
        self.examples.role(name).expect("it was looked for when the run was planned")
    }
}

/// The runs that are read, each once, and their examples: many an edit changes nothing that is read.
fn different(at: &Stopped) -> (Vec<usize>, Vec<usize>) {
    let marked = |list: usize| at.marked[list].iter().copied();
    let mut runs: Vec<(usize, usize)> = marked(ENDS).zip(marked(PLACES)).collect();
    runs.sort_unstable();
    runs.dedup();
    runs.into_iter().unzip()
}
