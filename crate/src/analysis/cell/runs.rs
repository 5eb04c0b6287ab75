//! The runs of a cell: of every prompt that has it the unedited one and the edited one.

use std::rc::Rc;

use burn::tensor::Tensor;

use super::CellSpec;
use crate::Result;
use crate::analysis::batch::whole;
use crate::analysis::means::Means;
use crate::analysis::patch::{Cell, Cells, Edits, Named, check_directions};
use crate::engine::{Asked, Part, Probe, Read, Stop, Stopped};
use crate::loader::LoadedModel;
use crate::metric::Metric;
use crate::model::Gpt2Config;
use crate::patch::{Fill, PatchSpec, Run};
use crate::task::{Example, Examples};

pub struct Runs {
    spec: PatchSpec,
    config: Gpt2Config,
    examples: Rc<Examples>,
    cell: Cell,
    pub name: String,
    means: Option<Means>,
    /// The prompts that have the cell.
    those: Vec<usize>,
    /// Some of those each.
    batches: Vec<Vec<usize>>,
    /// What the last layer leaves at END of each prompt that has the cell, in their order: unedited and edited.
    pub rows: Vec<[Vec<f32>; 2]>,
}

impl Runs {
    /// # Errors
    /// As [`super::CellRun::new`].
    pub fn new(model: &Rc<LoadedModel>, CellSpec { grid: spec, places, .. }: &CellSpec) -> Result<Self> {
        spec.check()?;
        let config = &model.gpt2.config;
        spec.check_model(config)?;
        check_directions(spec, config)?;
        let examples = Rc::new(spec.task.examples(&model.tokenizer, config.n_ctx)?);
        let cells = Cells::new(spec, &examples, config)?.only(places)?;
        let [cell] = *cells.all() else { unreachable!("one cell is left") };
        let means = match spec.fill {
            Fill::Mean => Some(Means::new(model, examples.clone(), vec![cell.site], &cells)?),
            _ => None,
        };
        let those: Vec<usize> =
            (0..examples.len()).filter(|&it| cell.positions(&examples.examples[it]).is_some()).collect();
        // The edited run, and those that it is made of.
        let rows = those.iter().map(|&example| 3 * (examples.examples[example].end() + 1));
        let batches = whole(rows, model.device.rows_per_grid());
        let batches = batches.into_iter().map(|batch| batch.into_iter().map(|place| those[place]).collect());
        let batches = batches.collect();
        // Every metric is looked at, whichever the grid is of.
        let spec = PatchSpec { metric: Metric::LogitDiff, ..spec.clone() };
        let name = Named::of(&cells.axes).cell(0);
        Ok(Self {
            spec,
            config: config.clone(),
            examples,
            cell,
            name,
            means,
            those,
            batches,
            rows: Vec::new(),
        })
    }

    pub fn examples(&self) -> &Examples {
        &self.examples
    }

    /// The prompts that have the cell.
    pub fn those(&self) -> &[usize] {
        &self.those
    }

    pub fn first(&mut self) -> Option<&mut dyn Probe> {
        self.means.as_mut().map(|means| means as &mut dyn Probe)
    }

    /// The floating point operations of all runs from their first token, those that values come from among them.
    pub fn needed(&self) -> f64 {
        let runs = if matches!(self.spec.fill, Fill::Patch | Fill::Mean) { 3.0 } else { 2.0 };
        let forward = |&example: &usize| self.config.forward_flops(self.examples.examples[example].end() + 1);
        runs * self.those.iter().map(forward).sum::<f64>()
    }

    fn of_batch(&self, batch: usize) -> Vec<&Example> {
        self.batches[batch].iter().map(|&example| &self.examples.examples[example]).collect()
    }
}

/// The first of the lists that a batch marks: the last nodes of its unedited runs; then those of the edited ones.
const UNEDITED: usize = 0;

impl Probe for Runs {
    fn batches(&self) -> usize {
        self.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![Stop { layer: self.config.n_layer, what: "the edited runs" }]
    }

    fn ask(&self, batch: usize) -> Asked {
        let examples = self.of_batch(batch);
        let mut edits = Edits::new(&self.spec, &self.config, self.means.as_ref(), &examples);
        let (mut unedited, mut sources) = (Vec::new(), Vec::new());
        for example in &examples {
            let runs = [&example.clean, &example.corrupted];
            let [base, other] = match self.spec.run() {
                Run::Noise => runs,
                Run::Denoise => [runs[1], runs[0]],
            };
            unedited.push(edits.forest.run(&base[..=example.end()]));
            let source = (self.spec.fill == Fill::Patch).then(|| edits.forest.run(&other[..=example.end()]));
            sources.push(source);
        }
        // Branches come after the runs.
        let mut edited = Vec::new();
        for (place, (&base, source)) in unedited.iter().zip(sources).enumerate() {
            let edit = edits.of_cell(&self.cell, place, base, source).expect("these prompts have the cell");
            let path = edits.forest.branch(base, edit);
            edited.push(*path.last().expect("a run has tokens"));
        }
        let marked = vec![unedited, edited];
        let (forest, makers) = edits.finish();
        let reads = vec![Read { layer: self.config.n_layer, part: Part::ResidPre, nodes: marked.concat() }];
        Asked { forest, reads, makers, marked }
    }

    /// `[unedited, then edited · d_model]`
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        at.get(at.layer, Part::ResidPre, &at.marked.concat()).flatten(0, 1)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let rows: Vec<&[f32]> = values.chunks_exact(self.config.n_embd).collect();
        let (unedited, edited) = rows.split_at(at.marked[UNEDITED].len());
        self.rows.extend(unedited.iter().zip(edited).map(|(a, b)| [a.to_vec(), b.to_vec()]));
    }
}
