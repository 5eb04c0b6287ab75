//! A grid's edited runs, batch by batch: all of a few prompts' at a time.

use std::cell::OnceCell;
use std::rc::Rc;

use burn::tensor::Tensor;

use super::cells::{Cell, Cells};
use super::edits::{Edits, check_directions};
use super::effects::Effects;
use super::report;
use super::result::{Measured, PatchResult};
use crate::Result;
use crate::analysis::batch::{Batch, batches};
use crate::analysis::judged::{Judged, Run as Judge};
use crate::analysis::means::Means;
use crate::engine::{Asked, Probe, Shared, Stop, Stopped};
use crate::frame::Frame;
use crate::job::Measures;
use crate::loader::LoadedModel;
use crate::patch::{Fill, PatchSpec, Run};
use crate::report::Report;
use crate::task::{Example, Examples, TaskSpec};

/// What a [`super::PatchRun`] measures.
pub struct Grid {
    model: Rc<LoadedModel>,
    spec: PatchSpec,
    examples: Rc<Examples>,
    cells: Rc<Cells>,
    means: Option<Means>,
    batches: Vec<Batch>,
    /// A column per cell; then the run that is edited, and the one where values come from.
    judged: Judged,
    /// What comes of all that is measured, once somebody asks.
    effects: OnceCell<Effects>,
}

impl Grid {
    pub(super) fn new(
        model: Rc<LoadedModel>,
        spec: &PatchSpec,
        examples: Rc<Examples>,
        cells: Rc<Cells>,
        means: Option<Means>,
    ) -> Result<Self> {
        check_directions(spec, &model.gpt2.config)?;
        let count = cells.all().len();
        let patches = spec.fill == Fill::Patch;
        let judged = Judged::new(&model, spec.metric, examples.clone(), count + 1 + usize::from(patches))?;
        let rows = |example: &Example, cell: usize| {
            let first = cells.all()[cell].positions(example).and_then(|positions| positions.first().copied());
            first.map_or(0, |first| example.end() + 1 - first)
        };
        let batches = batches(&examples, count, rows, model.device.rows_per_grid());
        Ok(Self {
            spec: spec.clone(),
            model,
            examples,
            cells,
            means,
            batches,
            judged,
            effects: OnceCell::new(),
        })
    }

    /// Whether any cell has something to put in: where both runs begin alike there is nothing.
    pub(super) fn has_edits(&self) -> bool {
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

    pub fn measured(&self) -> Measured<'_> {
        let Self { spec, examples, cells, judged, .. } = self;
        let count = cells.all().len();
        let base = judged.column(count);
        let source = self.patches().then(|| judged.column(count + 1));
        Measured { spec, examples, cells, base, source, values: judged.columns(0..count) }
    }

    /// To be asked for when the pass is finished.
    pub fn effects(&self) -> &Effects {
        self.effects.get_or_init(|| self.measured().effects(true))
    }
}

impl Measures for Grid {
    type Result = PatchResult;

    fn first(&mut self) -> Option<&mut dyn Probe> {
        self.means.as_mut().map(|means| means as &mut dyn Probe)
    }

    fn result(&self) -> PatchResult {
        self.measured().result(Some(self.effects()))
    }

    fn partial(&self) -> Option<PatchResult> {
        self.judged.has_any().then(|| self.measured().result(None))
    }

    fn report(&self, finished: bool) -> Option<Report> {
        let measured = self.measured();
        if finished {
            return Some(report::of_grid(&measured, self.effects(), true));
        }
        self.judged.has_any().then(|| report::of_grid(&measured, &measured.effects(false), false))
    }

    /// The cells' means with their intervals.
    fn frame(&self) -> Option<Frame> {
        let name = self.spec.metric.to_string();
        Some(self.measured().frame(self.effects(), &name, |effect| effect.mean))
    }

    fn needed(&self) -> f64 {
        let config = &self.model.gpt2.config;
        let forward = |example: &Example| config.forward_flops(example.end() + 1);
        let runs = (self.cells.all().len() + 1 + usize::from(self.patches())) as f64;
        self.examples.examples.iter().map(forward).sum::<f64>() * runs
    }

    fn measuring(&self) -> f64 {
        self.judged.flops(&self.model)
    }
}

impl Probe for Grid {
    fn batches(&self) -> usize {
        self.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        vec![self.judged.stop()]
    }

    fn ask(&self, batch: usize) -> Asked {
        let Batch { examples: which, edited } = &self.batches[batch];
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
        let count = self.cells.all().len();
        let mut runs = Vec::new();
        for (example, &end) in base.iter().enumerate() {
            let source = source.get(example).copied();
            runs.push(Judge { end, example, column: count });
            runs.extend(source.map(|end| Judge { end, example, column: count + 1 }));
            for column in edited.clone() {
                let of_cell = &self.cells.all()[column];
                let Some(of_cell) = edits.of_cell(of_cell, example, end, source) else { continue };
                let path = edits.forest.branch(end, of_cell);
                runs.push(Judge { end: *path.last().expect("a run has tokens"), example, column });
            }
        }
        let (forest, makers) = edits.finish();
        self.judged.ask(forest, makers, which, base, &runs)
    }

    fn measure(&self, at: &Stopped) -> Tensor<1> {
        self.judged.measure(at)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        self.judged.keep(at, values);
    }

    /// A mean ablation, which what heads do is told by; other grids nobody else asks for.
    fn shared(&mut self) -> Option<Shared<'_>> {
        let direction = Some(self.spec.run());
        let apart =
            PatchSpec { task: TaskSpec::default(), direction, per_prompt: false, ..self.spec.clone() };
        (apart.fill == Fill::Mean).then(|| self.judged.shared(format!("grid {apart:?}")))
    }
}
