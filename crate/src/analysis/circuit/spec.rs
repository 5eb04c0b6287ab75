use serde::{Deserialize, Serialize};

use super::preset::Preset;
use crate::metric::Metric;
use crate::model::Gpt2Config;
use crate::patch::Node;
use crate::report::words::{in_words, list};
use crate::task::TaskSpec;
use crate::{Error, Result};

/// How much of a metric some heads keep, where all others are ablated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct CircuitSpec {
    pub task: TaskSpec,
    /// The circuit.
    pub keep: Keep,
    #[serde(default)]
    pub fill: Ablation,
    #[serde(default)]
    pub metric: Metric,
    /// Whether each node, and each class of a preset, is also taken out of the circuit and of the model.
    #[serde(default)]
    pub examine: bool,
    /// Whether the result has each prompt's values too.
    #[serde(default)]
    pub per_prompt: bool,
}

/// Heads, each at some positions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    Nodes(Vec<Node>),
    Preset(Preset),
}

/// What the z of a head that is left out becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum Ablation {
    /// The mean of the corrupted run over the prompt's group, position by position.
    #[default]
    Mean,
    Zero,
    /// The same prompt's corrupted run's.
    Patch,
}

impl CircuitSpec {
    /// What can be said without a model.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the others.
    pub fn check(&self) -> Result<()> {
        self.task.check()?;
        let nodes = self.keep.nodes();
        if nodes.is_empty() {
            return Err(keep(
                "a circuit needs a head, as 0.0@END; what is left without any is in every result, as \"empty\"",
            ));
        }
        match (1..nodes.len()).find(|&i| nodes[..i].contains(&nodes[i])) {
            Some(twice) => Err(keep(format!("\"{}\" is named twice; name each node once", nodes[twice].0))),
            None => Ok(()),
        }
    }

    /// What can be said of a model before its prompts are made.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the model.
    pub fn check_model(&self, config: &Gpt2Config) -> Result<()> {
        for (node, _) in self.keep.nodes() {
            node.check(config).map_err(|error| match &self.keep {
                Keep::Nodes(_) => keep(error.to_string()),
                Keep::Preset(preset) => keep(format!(
                    "the circuit \"{}\" is one of GPT-2 small's, and this model has layers 0 to {} of heads 0 to {}: there is no {}.{}; name heads of this model",
                    preset.name(),
                    config.n_layer - 1,
                    config.n_head - 1,
                    node.layer,
                    node.head
                )),
            })?;
        }
        self.metric.check(config)?;
        if self.metric.layer(config.n_layer) == 0 {
            return Err(Error::input(
                "metric",
                format!(
                    "{} reads nothing that a head writes; choose a higher layer, or another metric",
                    self.metric
                ),
            ));
        }
        Ok(())
    }
}

impl Keep {
    /// In a sentence: "the circuit of Wang et al. 2022", "9.9@END and 5.5@S2", "7 nodes".
    pub fn spoken(&self) -> String {
        const NAMED: usize = 3;
        match self {
            Self::Preset(Preset::Ioi) => "the circuit of Wang et al. 2022".into(),
            Self::Nodes(nodes) if nodes.len() <= NAMED => {
                list(&nodes.iter().map(ToString::to_string).collect::<Vec<_>>())
            }
            Self::Nodes(nodes) => format!("{} nodes", in_words(nodes.len())),
        }
    }

    /// Each with its class, where it has one.
    pub fn nodes(&self) -> Vec<(Node, Option<&'static str>)> {
        match self {
            Self::Nodes(nodes) => nodes.iter().map(|node| (node.clone(), None)).collect(),
            Self::Preset(preset) => preset.nodes().map(|(node, class)| (node, Some(class))).collect(),
        }
    }
}

/// What is wrong with the circuit.
pub fn keep(message: impl Into<String>) -> Error {
    Error::input("keep", message)
}
