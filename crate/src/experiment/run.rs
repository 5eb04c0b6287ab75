use std::rc::Rc;

use burn::tensor::Tensor;
use serde::Deserialize;

use super::measured::Measured;
use super::prompts::Prompts;
use super::runs::{Looked, Role, Runs};
use super::{ExperimentResult, ExperimentSpec, Vector};
use super::{report, result};
use crate::Result;
use crate::engine::{Asked, Part, Probe, Stop, Stopped};
use crate::ioi::Positions;
use crate::job::{Analysis, Measures, OnePass};
use crate::loader::LoadedModel;
use crate::report::Report;

/// A running experiment at one head: the clean and the flipped prompts run up to layer L, as far as END; there every
/// case reads what its edit makes of the head's query and keys. With accuracy asked for, the clean run goes on to the
/// logits.
pub type Run = OnePass<CasesAtHead>;

/// What a [`Run`] measures.
pub struct CasesAtHead {
    spec: ExperimentSpec,
    prompts: Prompts,
    n_layer: usize,
    /// By case.
    measured: Vec<Measured>,
    /// The logarithm of the sum of exp(score) over END's keys besides IO, in the clean run.
    other_keys: Option<Vec<f32>>,
    logit_diff: Option<Vec<f32>>,
}

/// An experiment at one head, and whether the clean run goes on to the logits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExperimentQuestion {
    spec: ExperimentSpec,
    #[serde(default)]
    accuracy: bool,
}

impl Run {
    /// Makes the dataset and plans the work.
    ///
    /// # Errors
    /// [`crate::Error::BadInput`] naming the field that does not fit; [`crate::Error::BadModel`] if the
    /// tokenizer or the context does not.
    pub fn new(model: Rc<LoadedModel>, spec: &ExperimentSpec, accuracy: bool) -> Result<Self> {
        let prompts = Prompts::at_head(&model, spec)?;
        let count = prompts.dataset.len();
        // The result says which name mover it was.
        let mover = prompts.cases.iter().any(|case| case.puts_in(Vector::is_of_name_mover));
        let name_mover = mover.then_some(prompts.edits.vectors.name_mover);
        let cases = CasesAtHead {
            spec: ExperimentSpec { name_mover, ..spec.clone() },
            n_layer: model.gpt2.config.n_layer,
            measured: vec![Measured::new(count); prompts.cases.len()],
            other_keys: prompts.experiment.probability.then(|| vec![0.0; count]),
            logit_diff: accuracy.then(|| vec![0.0; count]),
            prompts,
        };
        Ok(Self::of(model, cases))
    }
}

impl Analysis for Run {
    const NAME: &'static str = "experiment";
    type Question = ExperimentQuestion;

    fn plan(model: Rc<LoadedModel>, question: ExperimentQuestion) -> Result<Self> {
        Self::new(model, &question.spec, question.accuracy)
    }
}

impl Measures for CasesAtHead {
    type Result = ExperimentResult;

    fn result(&self) -> ExperimentResult {
        let Self { spec, prompts, measured, other_keys, logit_diff, .. } = self;
        let Prompts { experiment, cases, dataset, .. } = prompts;
        let (other_keys, logit_diff) = (other_keys.as_deref(), logit_diff.as_deref());
        result::summarize(experiment, cases, spec, &dataset.positions, measured, other_keys, logit_diff)
    }

    fn report(&self, finished: bool) -> Option<Report> {
        let Prompts { experiment, cases, dataset, .. } = &self.prompts;
        finished.then(|| report::of_run(experiment, cases, &self.result(), &dataset.prompts))
    }

    fn needed(&self) -> f64 {
        let clean = if self.logit_diff.is_some() { self.n_layer } else { self.spec.layer };
        self.prompts.forward_flops(clean, None) + self.prompts.flipped_flops(self.spec.layer, None)
    }
}

/// Where the edited runs' last nodes are marked: after the unedited runs, case by case.
const EDITED: usize = 2;

impl CasesAtHead {
    /// The nodes of a role of all cases' runs, `[case · prompt]`; and of the clean run once for each case.
    fn nodes(&self, at: &Stopped, runs: &Runs, role: Role) -> [Vec<usize>; 2] {
        let clean = runs.at(at.forest, &runs.clean, role);
        [runs.at(at.forest, &at.marked[EDITED], role), clean.repeat(self.prompts.cases.len())]
    }
}

impl Probe for CasesAtHead {
    fn batches(&self) -> usize {
        self.prompts.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        let mut stops = vec![Stop { layer: self.spec.layer, what: "the edits at the head" }];
        if self.logit_diff.is_some() {
            stops.push(Stop { layer: self.n_layer, what: "logits" });
        }
        stops
    }

    fn ask(&self, batch: usize) -> Asked {
        let Self { spec: ExperimentSpec { layer, head, .. }, prompts, .. } = self;
        let mut asking = prompts.asking(batch);
        let runs = asking.runs.clone();
        let edited: Vec<usize> = prompts
            .cases
            .iter()
            .flat_map(|case| {
                let edit = case.edit.as_ref();
                asking.edit(edit, &prompts.edits, *layer, Some(*head), Looked::AtRoles)
            })
            .collect();
        let forest = &asking.asked.forest;
        let ends = [&runs.clean[..], &edited].concat();
        let [end, io, s1] = [Role::End, Role::Io, Role::S1].map(|role| runs.at(forest, &ends, role));
        let keys = [io, s1].concat();
        let all_keys: Vec<usize> = match self.other_keys {
            Some(_) => runs.clean.iter().flat_map(|&end| forest.path(end).to_vec()).collect(),
            None => Vec::new(),
        };
        asking.read(*layer, Part::QInput, end.clone());
        asking.read(*layer, Part::Q, end);
        asking.read(*layer, Part::KInput, keys.clone());
        asking.read(*layer, Part::K, [keys, all_keys].concat());
        if self.logit_diff.is_some() {
            asking.read(self.n_layer, Part::ResidPre, runs.clean.clone());
        }
        asking.asked.marked.push(edited);
        asking.finish()
    }

    /// What every case gives, `[quantity · case · prompt]`, and then END's clean scores where all are asked for;
    /// after the last layer the logit differences.
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let runs = self.prompts.runs(at);
        if at.layer == self.n_layer {
            let resid_post = at.get(at.layer, Part::ResidPre, &runs.clean);
            return at.gpt2.logit_diff(resid_post, at.gpt2.answer_directions(&runs.answers()));
        }
        let ExperimentSpec { layer, head, .. } = self.spec;
        let d_head = at.gpt2.config.d_head();
        let [end, io, s1] = [Role::End, Role::Io, Role::S1].map(|role| self.nodes(at, &runs, role));
        let score = |[queries, _]: &[Vec<usize>; 2], [keys, _]: &[Vec<usize>; 2]| {
            at.scores(layer, queries, keys).narrow(1, head, 1).squeeze_dim::<1>(1)
        };
        // ‖Δ‖ against the clean run.
        let change = |part: Part, [edited, clean]: &[Vec<usize>; 2]| {
            let change = at.get(layer, part, edited) - at.get(layer, part, clean);
            let of_head = matches!(part, Part::Q | Part::K);
            let change = if of_head { change.narrow(1, head * d_head, d_head) } else { change };
            (change.clone() * change).sum_dim(1).sqrt().squeeze_dim::<1>(1)
        };
        let mut columns = vec![
            score(&end, &io),
            score(&end, &s1),
            change(Part::QInput, &end),
            change(Part::Q, &end),
            change(Part::KInput, &io),
            change(Part::KInput, &s1),
            change(Part::K, &io),
            change(Part::K, &s1),
        ];
        if self.other_keys.is_some() {
            let pairs =
                runs.clean.iter().flat_map(|&end| at.forest.path(end).iter().map(move |&key| (end, key)));
            let (queries, keys): (Vec<usize>, Vec<usize>) = pairs.unzip();
            columns.push(at.scores(layer, &queries, &keys).narrow(1, head, 1).squeeze_dim(1));
        }
        Tensor::cat(columns, 0)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let runs = self.prompts.runs(at);
        if at.layer == self.n_layer {
            runs.scatter(values, self.logit_diff.as_mut().expect("there is such a stop only then"));
            return;
        }
        let of_quantity = self.measured.len() * runs.len();
        let (measured, mut scores) = values.split_at(Measured::COLUMNS * of_quantity);
        for (quantity, values) in measured.chunks_exact(of_quantity).enumerate() {
            for (case, values) in self.measured.iter_mut().zip(values.chunks_exact(runs.len())) {
                runs.scatter(values, case.columns()[quantity]);
            }
        }
        if let Some(column) = &mut self.other_keys {
            let others = runs.positions.iter().map(|p| {
                let (of_prompt, rest) = scores.split_at(p.end + 1);
                scores = rest;
                other_keys(of_prompt, p)
            });
            let others: Vec<f32> = others.collect();
            runs.scatter(&others, column);
        }
    }
}

/// The logarithm of the sum of exp(score) over END's keys besides IO, from its row of scores.
fn other_keys(scores: &[f32], p: &Positions) -> f32 {
    let others = || (0..=p.end).filter(|&key| key != p.io).map(|key| scores[key]);
    let most = others().fold(f32::MIN, f32::max);
    most + others().map(|score| (score - most).exp()).sum::<f32>().ln()
}
