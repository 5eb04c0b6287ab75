use std::rc::Rc;

use burn::tensor::Tensor;

use super::batch::Batch;
use super::cases::HeadCases;
use super::measured::Measured;
use super::pass::{Pass, Probe, Progress, Stopped};
use super::plan::{Reads, Stop};
use super::prompts::{Edits, Prompts};
use super::result;
use super::work::Work;
use super::{Case, Experiment, ExperimentResult, ExperimentSpec, Vector};
use crate::Result;
use crate::hooks::Activation;
use crate::ioi::Positions;
use crate::loader::LoadedModel;

/// A running experiment at one head.
///
/// In each batch the clean and the flipped prompts run up to layer L, as far as END; then every case starts
/// from there. With accuracy asked for, the clean run goes on to the logits.
pub struct Run {
    pass: Pass,
    cases: CasesAtHead,
}

/// What a [`Run`] measures.
struct CasesAtHead {
    spec: ExperimentSpec,
    experiment: &'static Experiment,
    cases: Vec<&'static Case>,
    edits: Edits,
    n_layer: usize,
    /// By case.
    measured: Vec<Measured>,
    /// The logarithm of the sum of exp(score) over END's keys besides IO, in the clean run.
    other_keys: Option<Vec<f32>>,
    logit_diff: Option<Vec<f32>>,
}

impl Run {
    /// Makes the dataset and plans the work.
    ///
    /// # Errors
    /// [`crate::Error::BadInput`] naming the field that does not fit; [`crate::Error::BadModel`] if the
    /// tokenizer or the context does not.
    pub fn new(model: Rc<LoadedModel>, spec: &ExperimentSpec, accuracy: bool) -> Result<Self> {
        let prompts = Prompts::at_head(&model, spec)?;
        let (batches, count) = (prompts.batches(&model), prompts.dataset.len());
        let experiment = prompts.experiment;
        // The result says which name mover it was.
        let mover = prompts.cases.iter().any(|case| case.puts_in(Vector::is_of_name_mover));
        let name_mover = mover.then_some(prompts.edits.vectors.name_mover);
        let cases = CasesAtHead {
            spec: ExperimentSpec { name_mover, ..spec.clone() },
            experiment,
            n_layer: model.gpt2.config.n_layer,
            measured: vec![Measured::new(count); prompts.cases.len()],
            other_keys: experiment.probability.then(|| vec![0.0; count]),
            logit_diff: accuracy.then(|| vec![0.0; count]),
            cases: prompts.cases,
            edits: prompts.edits,
        };
        Ok(Self { pass: Pass::new(model, batches, &cases), cases })
    }

    /// What it costs.
    pub fn work(&self) -> Work {
        self.pass.work()
    }

    /// Does the next step.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails or gives numbers that are not finite; the run is over
    /// then, and every further call gives the same error.
    pub async fn step(&mut self) -> Result<Progress> {
        self.pass.step(&mut self.cases).await
    }

    /// What was measured, or nothing while steps are left: nothing half-done is shown.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device has failed since.
    pub fn result(&self) -> Result<Option<ExperimentResult>> {
        let CasesAtHead { spec, experiment, cases, measured, other_keys, logit_diff, .. } = &self.cases;
        let summary = || {
            result::summarize(experiment, cases, spec, measured, other_keys.as_deref(), logit_diff.as_deref())
        };
        Ok(self.pass.is_finished()?.then(summary))
    }
}

impl Probe for CasesAtHead {
    fn stops(&self) -> Vec<Stop> {
        let mut stops = vec![Stop {
            layer: self.spec.layer,
            flipped: self.experiment.flips(),
            reads: if self.other_keys.is_some() { Reads::All } else { Reads::Roles },
            written: self.cases.iter().any(|case| case.puts_in(Vector::is_written)),
            what: "the edits at the head",
        }];
        if self.logit_diff.is_some() {
            stops.push(Stop {
                layer: self.n_layer,
                flipped: false,
                reads: Reads::Roles,
                written: false,
                what: "logits",
            });
        }
        stops
    }

    /// What every case gives, `[case · quantity · prompt]`, and then END's clean scores where all are asked for,
    /// `[prompt · key]`; behind the last layer the logit differences.
    fn measure(&self, at: &Stopped) -> Result<Tensor<1>> {
        use Activation::{AttnScores, K, KInput, Q, QInput};
        if at.layer == self.n_layer {
            let resid_post = at.places.at_end(at.clean.clone());
            return Ok(at.gpt2.logit_diff(resid_post, at.gpt2.answer_directions(&at.batch.answers())));
        }
        let cases = HeadCases::new(at, &self.edits, self.spec.head, &[QInput, KInput, Q, K, AttnScores])?;
        let mut columns = Vec::new();
        for case in &self.cases {
            let cache = cases.run(case)?;
            let point = |activation: Activation| activation.at_head(at.layer, self.spec.head);
            let scores = cache.get(point(AttnScores))?;
            columns.push(at.places.score(scores.clone(), |p| p.io));
            columns.push(at.places.score(scores, |p| p.s1));
            for activation in [QInput, Q, KInput, K] {
                let change = cache.get(point(activation))? - cases.clean.get(point(activation))?;
                let length = (change.clone() * change).sum_dim(2).sqrt(); // [batch, pos, 1]
                let at_role =
                    |role: fn(&Positions) -> usize| at.places.rows_at(length.clone(), role).squeeze_dim(1);
                if matches!(activation, QInput | Q) {
                    columns.push(at_role(|p| p.end));
                } else {
                    columns.push(at_role(|p| p.io));
                    columns.push(at_role(|p| p.s1));
                }
            }
        }
        if self.other_keys.is_some() {
            let scores = cases.clean.get(AttnScores.at_head(at.layer, self.spec.head))?;
            columns.push(at.places.at_end(scores).flatten(0, 1));
        }
        Ok(Tensor::cat(columns, 0))
    }

    fn keep(&mut self, layer: usize, batch: &Batch, values: &[f32]) {
        if layer == self.n_layer {
            batch.scatter(values, self.logit_diff.as_mut().expect("there is such a stop only then"));
            return;
        }
        let columns = self.measured.iter_mut().flat_map(Measured::columns);
        for (column, values) in columns.zip(values.chunks_exact(batch.len())) {
            batch.scatter(values, column);
        }
        if let Some(column) = &mut self.other_keys {
            let (rows, positions) = (batch.len() * batch.places.pos, &batch.places.positions);
            let rows = values[values.len() - rows..].chunks_exact(batch.places.pos);
            let others: Vec<f32> = rows.zip(positions).map(|(row, p)| other_keys(row, p)).collect();
            batch.scatter(&others, column);
        }
    }
}

/// The logarithm of the sum of exp(score) over END's keys besides IO, from its row of scores.
fn other_keys(scores: &[f32], p: &Positions) -> f32 {
    let others = || (0..=p.end).filter(|&key| key != p.io).map(|key| scores[key]);
    let most = others().fold(f32::MIN, f32::max);
    most + others().map(|score| (score - most).exp()).sum::<f32>().ln()
}
