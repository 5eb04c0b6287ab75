//! What every head looks at, copies and is worth.

mod copying;
mod each;
mod report;
mod result;
mod rows;
mod scores;
mod spec;

use std::cell::OnceCell;
use std::rc::Rc;

pub use result::{HeadEnds, HeadIntervals, HeadsResult, PerHead};
pub use scores::{HeadScores, HeadScoresRun};
pub use spec::{HeadFigure, HeadsSpec};

use self::copying::Copying;
use self::each::ByPrompt;
use self::result::{Beside, Figure};
use super::attention::Attention;
use super::attribution::{AttributeRun, AttributeSpec};
use super::patch::PatchRun;
use crate::engine::Progress;
use crate::frame::{Axis, Bootstrap, Column, Frame, Together};
use crate::job::{Analysis, Answer, InTurn, Job, Of, OnePass, Step, Work, answer};
use crate::loader::LoadedModel;
use crate::patch::{self, Fill, PatchSpec};
use crate::report::{Report, Table};
use crate::site::Activation;
use crate::{Error, Result};

/// The jobs that give the figures asked for, one after the other.
pub struct HeadsRun {
    spec: HeadsSpec,
    /// Layers and heads.
    axes: [Axis; 2],
    prompts: usize,
    sequences: usize,
    /// The names of what is looked at, in sequences and then between roles.
    looks: Vec<String>,
    parts: Parts,
    turn: InTurn,
    /// Once all is finished and somebody asks: intervals take their time.
    found: OnceCell<Found>,
}

struct Found {
    figures: Vec<Figure>,
    /// The clean runs' mean over prompts.
    logit_diff: Option<f64>,
}

struct Parts {
    attention: Option<OnePass<Attention>>,
    copying: Option<Copying>,
    direct: Option<AttributeRun>,
    ablated: Option<PatchRun>,
}

impl Parts {
    fn jobs(&mut self) -> Vec<&mut dyn Job> {
        fn job<J: Job>(job: &mut Option<J>) -> Option<&mut dyn Job> {
            job.as_mut().map(|job| job as &mut dyn Job)
        }
        let Self { attention, copying, direct, ablated } = self;
        [job(attention), job(copying), job(direct), job(ablated)].into_iter().flatten().collect()
    }
}

impl HeadsRun {
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the model, the task, or the others; what a task's examples
    /// may have wrong with them.
    pub fn new(model: Rc<LoadedModel>, spec: &HeadsSpec) -> Result<Self> {
        spec.check()?;
        let config = &model.gpt2.config;
        let examples = spec.task.examples(&model.tokenizer, config.n_ctx)?;
        let mut looks = rows::SEQUENCES.map(String::from).to_vec();
        let mut sequences = 0;
        let attention = if spec.has(HeadFigure::Attention) {
            let mut rows = rows::of_sequences(&spec.sequences, &model)?;
            sequences = rows.len();
            let (of_roles, names) = rows::of_roles(&spec.task, &examples);
            rows.extend(of_roles);
            looks.extend(names);
            Some(OnePass::of(model.clone(), Attention::new(model.clone(), rows, looks.len())))
        } else {
            None
        };
        let copying = if spec.has(HeadFigure::Copying) {
            let copied = spec.task.copied(&examples, &model.tokenizer);
            if copied.is_empty() {
                return Err(Error::input(
                    "figures",
                    "there is nothing to copy, since this model's tokenizer makes one token of none of the names; leave copying out",
                ));
            }
            Some(Copying::new(model.clone(), copied))
        } else {
            None
        };
        let ablation = PatchSpec {
            over: vec![patch::Over::Layer, patch::Over::Head],
            fill: Fill::Mean,
            ..PatchSpec::of(spec.task.clone(), Activation::Z)
        };
        let direct = AttributeSpec::of(spec.task.clone());
        let direct = spec.has(HeadFigure::Direct).then(|| AttributeRun::new(model.clone(), &direct));
        let ablated = spec.has(HeadFigure::Ablated).then(|| PatchRun::new(model.clone(), &ablation));
        let (direct, ablated) = (direct.transpose()?, ablated.transpose()?);
        let mut parts = Parts { attention, copying, direct, ablated };
        let turn = InTurn::new(&parts.jobs());
        let axes = [Axis::numbered("layer", config.n_layer), Axis::numbered("head", config.n_head)];
        let (spec, prompts, found) = (spec.clone(), examples.len(), OnceCell::new());
        Ok(Self { spec, axes, prompts, sequences, looks, parts, turn, found })
    }

    /// What it costs.
    pub fn work(&self) -> Work {
        self.turn.work()
    }

    /// Does the next step.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails or gives numbers that are not finite; the run is over then.
    pub async fn step(&mut self) -> Result<Progress> {
        self.turn.step(&mut self.parts.jobs()).await
    }

    /// The figures, or nothing while steps are left.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed before.
    pub fn result(&self) -> Result<Option<HeadsResult>> {
        let result = |found: &Found| {
            let beside = Beside {
                spec: self.spec.clone(),
                prompts: self.prompts,
                copied: self.parts.copying.as_ref().map(Copying::copied),
                logit_diff: found.logit_diff,
            };
            HeadsResult::new(beside, &found.figures, self.axes[1].labels.len())
        };
        Ok(self.found()?.map(result))
    }

    fn found(&self) -> Result<Option<&Found>> {
        if self.found.get().is_none() && self.turn.is_finished() {
            // Nobody else sets it.
            let _ = self.found.set(self.find()?);
        }
        Ok(self.found.get())
    }

    /// The figures of jobs that are finished.
    fn find(&self) -> Result<Found> {
        let Parts { attention, copying, direct, ablated } = &self.parts;
        let mut figures = Vec::new();
        if let Some(means) = attention.as_ref().map(OnePass::result).transpose()?.flatten() {
            figures.extend(self.looks(means));
        }
        if let Some([positive, negative]) = copying.as_ref().and_then(Copying::shares) {
            figures.push(Figure::new("copying", "share", positive));
            figures.push(Figure::new("copying_negative", "share", negative));
        }
        let mut logit_diff = None;
        if let Some(direct) = direct.as_ref().map(OnePass::result).transpose()?.flatten() {
            logit_diff = Some(direct.mean.logit_diff);
            let ends = direct.intervals.map(|intervals| [intervals.heads.low, intervals.heads.high]);
            figures.push(Figure::new("direct", "logits", direct.mean.heads.concat()).within(ends));
        }
        if let Some(changes) = ablated.as_ref().map(|run| run.change("ablated")).transpose()?.flatten() {
            figures.extend(Figure::means(&changes));
        }
        // Both judge the clean runs.
        if let (None, Some(ablated)) = (logit_diff, ablated) {
            logit_diff = ablated.result()?.map(|result| result.base);
        }
        Ok(Found { figures, logit_diff })
    }

    /// What is told of each head by itself, where all figures were asked for.
    fn each(&self) -> Result<Vec<Table>> {
        let Parts { attention: Some(_), direct: Some(direct), ablated: Some(ablated), .. } = &self.parts
        else {
            return Ok(Vec::new());
        };
        let of = self.found()?.zip(direct.of_heads()?.zip(ablated.change_by_prompt()?));
        let Some((found, (direct, ablated))) = of else { return Ok(Vec::new()) };
        let figures: Vec<Figure> = found.figures.iter().map(Figure::shown).collect();
        Ok(each::tables(&figures, &ByPrompt { direct, ablated }, self.axes[1].labels.len()))
    }

    /// The means over sequences, and over prompts. `[figure][row · layer · head]`
    fn looks(&self, mut means: Vec<Vec<Option<f64>>>) -> Vec<Figure> {
        let heads = self.axes.iter().map(|axis| axis.labels.len()).product::<usize>();
        let of_sequences = rows::SEQUENCES.len();
        let of_roles = means
            .split_off(of_sequences)
            .into_iter()
            .map(|mut means| means.split_off(self.sequences * heads));
        let of_roles: Vec<_> = of_roles.collect();
        means.iter_mut().for_each(|means| means.truncate(self.sequences * heads));
        let figures = |names: &[String], rows: usize, means: Vec<Vec<Option<f64>>>, together: Together| {
            let columns = names.iter().zip(means).map(|(name, means)| Column::new(name, "attention", means));
            let axes = [&[Axis::numbered(ROW, rows)], &self.axes[..]].concat();
            let frame = Frame::new(axes, columns.collect());
            let means = frame.bootstrap_over(ROW, &Bootstrap::of(together));
            Figure::means(&means.expect("the frame has this axis"))
        };
        let (in_sequences, between_roles) = self.looks.split_at(of_sequences);
        [
            figures(in_sequences, self.sequences, means, 1.into()),
            figures(between_roles, self.prompts, of_roles, self.spec.task.together()),
        ]
        .concat()
    }
}

const ROW: &str = "row";

impl Analysis for HeadsRun {
    const NAME: &'static str = "heads";
    type Question = Of<HeadsSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}

impl Job for HeadsRun {
    fn cost(&self) -> Work {
        self.work()
    }

    fn step(&mut self) -> Step<'_> {
        Box::pin(self.step())
    }

    fn result(&self) -> Result<Option<Answer>> {
        Ok(self.result()?.map(answer))
    }

    fn report(&self) -> Result<Option<Report>> {
        let Some((result, found)) = self.result()?.zip(self.found()?) else { return Ok(None) };
        let columns = found.figures.iter().flat_map(|figure| figure.shown().columns()).collect();
        Ok(Some(report::report(&result, Frame::new(self.axes.to_vec(), columns), self.each()?)))
    }

    /// A column for each figure, and the ends of its interval where it has one, over layers and heads.
    fn frame(&self) -> Result<Option<Frame>> {
        let columns = |found: &Found| found.figures.iter().flat_map(Figure::columns).collect();
        Ok(self.found()?.map(|found| Frame::new(self.axes.to_vec(), columns(found))))
    }
}
