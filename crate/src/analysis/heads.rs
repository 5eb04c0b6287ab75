//! What every head looks at, copies and is worth.

mod copying;
mod each;
mod report;
mod result;
mod rows;
mod scores;
mod spec;

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
    /// Of layers and heads.
    axes: [Axis; 2],
    prompts: usize,
    sequences: usize,
    /// The names of what is looked at, in sequences and then between roles.
    looks: Vec<String>,
    parts: Parts,
    turn: InTurn,
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
        Ok(Self { spec: spec.clone(), axes, prompts: examples.len(), sequences, looks, parts, turn })
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
    /// [`Error::Device`] if the device has failed since.
    pub fn result(&self) -> Result<Option<HeadsResult>> {
        let Some(figures) = self.figures()? else { return Ok(None) };
        let Parts { copying, direct, ablated, .. } = &self.parts;
        // Both judge the clean runs.
        let logit_diff = match (direct, ablated) {
            (Some(direct), _) => direct.result()?.map(|result| result.mean.logit_diff),
            (None, Some(ablated)) => ablated.result()?.map(|result| result.base),
            (None, None) => None,
        };
        let beside = Beside {
            spec: self.spec.clone(),
            prompts: self.prompts,
            copied: copying.as_ref().map(Copying::copied),
            logit_diff,
        };
        Ok(Some(HeadsResult::new(beside, &figures, self.axes[1].labels.len())))
    }

    fn figures(&self) -> Result<Option<Vec<Figure>>> {
        if !self.turn.is_finished() {
            return Ok(None);
        }
        let Parts { attention, copying, direct, ablated } = &self.parts;
        let mut figures = Vec::new();
        if let Some(means) = attention.as_ref().map(OnePass::result).transpose()?.flatten() {
            figures.extend(self.looks(means));
        }
        if let Some([positive, negative]) = copying.as_ref().and_then(Copying::shares) {
            figures.push(Figure::new("copying", "share", positive));
            figures.push(Figure::new("copying_negative", "share", negative));
        }
        if let Some(direct) = direct.as_ref().map(OnePass::result).transpose()?.flatten() {
            let ends = direct.intervals.map(|intervals| [intervals.heads.low, intervals.heads.high]);
            figures.push(Figure::new("direct", "logits", direct.mean.heads.concat()).within(ends));
        }
        if let Some(changes) = ablated.as_ref().map(|run| run.change("ablated")).transpose()?.flatten() {
            figures.extend(Figure::means(&changes));
        }
        Ok(Some(figures))
    }

    /// What is told of each head by itself, where all figures were asked for.
    fn each(&self) -> Result<Vec<Table>> {
        let Parts { attention: Some(_), direct: Some(direct), ablated: Some(ablated), .. } = &self.parts
        else {
            return Ok(Vec::new());
        };
        let of = self.figures()?.zip(direct.of_heads()?.zip(ablated.change_by_prompt()?));
        let Some((figures, (direct, ablated))) = of else { return Ok(Vec::new()) };
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
        let of = self.result()?.zip(Job::frame(self)?);
        let Some((result, frame)) = of else { return Ok(None) };
        Ok(Some(report::report(&result, frame, self.each()?)))
    }

    /// A column for each figure, and the ends of its interval where it has one, over layers and heads.
    fn frame(&self) -> Result<Option<Frame>> {
        let columns = |figures: Vec<Figure>| figures.iter().flat_map(Figure::columns).collect();
        Ok(self.figures()?.map(|figures| Frame::new(self.axes.to_vec(), columns(figures))))
    }
}
