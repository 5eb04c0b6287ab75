//! A model held against what others have published of it: each figure beside ours, from the analysis that computes it.

mod compared;
mod comparison;
mod table;

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use compared::{Compared, Worst};

use self::comparison::Comparison;
use crate::job::{Analysis, Answer, InTurn, Job, Step, Work, answer, plan};
use crate::loader::LoadedModel;
use crate::published::Published;
use crate::{Error, ErrorKind, Result};

/// The jobs that give ours, one after the other.
pub struct VerifyRun {
    comparisons: Vec<Comparison>,
    /// Each different question once.
    questions: Vec<Value>,
    /// By question the place of its job, or why the model cannot be asked.
    planned: Vec<std::result::Result<usize, String>>,
    jobs: Vec<Box<dyn Job>>,
    turn: InTurn,
}

/// What a [`VerifyRun`] found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct VerifyResult {
    pub figures: Vec<Compared>,
    /// Whether all figures are.
    pub within: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyQuestion {
    figures: Published,
}

impl VerifyRun {
    /// A figure that the model cannot be asked for is found to be not comparable.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `figures` if these are not what they should be, as [`Published::check`] says.
    pub fn new(model: Rc<LoadedModel>, published: &Published) -> Result<Self> {
        published.check()?;
        let comparisons = table::comparisons(published)?;
        let (mut questions, mut planned, mut jobs) = (Vec::<Value>::new(), Vec::new(), Vec::new());
        for Comparison { name, question, .. } in &comparisons {
            if questions.contains(question) {
                continue;
            }
            questions.push(question.clone());
            planned.push(match plan(model.clone(), question.clone()) {
                Ok(job) => {
                    jobs.push(job);
                    Ok(jobs.len() - 1)
                }
                Err(error) if error.kind() == ErrorKind::DeviceError => return Err(error),
                // No model could be asked this.
                Err(error) if error.field() == Some("spec") => {
                    return Err(Error::input("figures", format!("{name}: {error}")));
                }
                Err(error) => Err(error.to_string()),
            });
        }
        let turn = InTurn::new(&dynamic(&mut jobs));
        Ok(Self { comparisons, questions, planned, jobs, turn })
    }

    /// The figures, or nothing while steps are left.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has failed since.
    pub fn result(&self) -> Result<Option<VerifyResult>> {
        if !self.turn.is_finished() {
            return Ok(None);
        }
        let mut answers = Vec::with_capacity(self.jobs.len());
        for job in &self.jobs {
            let answer = job.result()?.expect("all jobs are finished");
            answers.push(answer.to_json().expect("an answer's keys are texts"));
        }
        let figure = |comparison: &Comparison| {
            let question = self.questions.iter().position(|question| *question == comparison.question);
            let planned = &self.planned[question.expect("each question is there")];
            comparison.figure(planned.as_ref().map(|&job| &answers[job]).map_err(String::as_str))
        };
        let figures: Vec<Compared> = self.comparisons.iter().map(figure).collect();
        let within = figures.iter().all(|figure| figure.within);
        Ok(Some(VerifyResult { figures, within }))
    }
}

fn dynamic(jobs: &mut [Box<dyn Job>]) -> Vec<&mut dyn Job> {
    jobs.iter_mut().map(|job| &mut **job as &mut dyn Job).collect()
}

impl Analysis for VerifyRun {
    const NAME: &'static str = "verify";
    type Question = VerifyQuestion;

    fn plan(model: Rc<LoadedModel>, VerifyQuestion { figures }: VerifyQuestion) -> Result<Self> {
        Self::new(model, &figures)
    }
}

impl Job for VerifyRun {
    fn cost(&self) -> Work {
        self.turn.work()
    }

    fn step(&mut self) -> Step<'_> {
        let Self { jobs, turn, .. } = self;
        Box::pin(async move { turn.step(&mut dynamic(jobs)).await })
    }

    fn result(&self) -> Result<Option<Answer>> {
        Ok(self.result()?.map(answer))
    }
}
