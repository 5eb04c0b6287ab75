//! What a run does in each batch, step by step.

use std::fmt;

use super::{Case, Experiment, Replacement};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Embed(Input),
    /// One layer of the network.
    Layer(Input, usize),
    /// Every case of the experiment, at the layer it edits.
    Cases,
    Logits,
}

/// Which prompts go through the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    Clean,
    Flipped,
}

/// The clean run below L, the flipped one where a case needs it, the cases, and the rest of the clean run
/// where the logits are asked for.
pub fn tasks(experiment: &Experiment, layer: usize, logits_behind: Option<usize>) -> Vec<Task> {
    let flips = |case: &Case| case.edit.is_some_and(|edit| edit.replacement == Replacement::Flipped);
    let mut inputs = vec![Input::Clean];
    if experiment.cases.iter().any(flips) {
        inputs.push(Input::Flipped);
    }
    let mut tasks = Vec::new();
    for input in inputs {
        tasks.push(Task::Embed(input));
        tasks.extend((0..layer).map(|layer| Task::Layer(input, layer)));
    }
    tasks.push(Task::Cases);
    if let Some(n_layer) = logits_behind {
        tasks.extend((layer..n_layer).map(|layer| Task::Layer(Input::Clean, layer)));
        tasks.push(Task::Logits);
    }
    tasks
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |input: &Input| match input {
            Input::Clean => "clean run",
            Input::Flipped => "flipped run",
        };
        match self {
            Self::Embed(input) => write!(f, "{}, embedding", name(input)),
            Self::Layer(input, layer) => write!(f, "{}, layer {layer}", name(input)),
            Self::Cases => f.write_str("the edits at the head"),
            Self::Logits => f.write_str("logits"),
        }
    }
}
