//! The form of the file. `gpt2-small.json` is one.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Numbers;
use crate::patch::Node;
use crate::site::Activation;
use crate::task::Corruption;
use crate::{Error, Result};

/// Figures of one model. Each has its `source`, and says in `about` what is said nowhere else.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    pub about: Option<String>,
    /// Whose figures these are.
    pub model: Option<Weights>,
    pub eight_prompts: Option<EightPrompts>,
    pub head_scores: Option<HeadScores>,
    pub patching_positions: Option<PatchingPositions>,
    pub wang_et_al_2022: Option<Ioi>,
    pub hanna_et_al_2023: Option<GreaterThan>,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    pub name: String,
    /// The hash of model.safetensors, in hexadecimal.
    pub sha256: String,
}

/// Figures of some prompts that the file has. All prompts have as many tokens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EightPrompts {
    pub source: Option<String>,
    pub about: Option<String>,
    /// The settings of the task `pairs`.
    pub task: Value,
    pub clean_logit_diff: Option<Numbers>,
    pub corrupted_logit_diff: Option<Numbers>,
    /// `[prompt]`
    pub logit_diff_by_prompt: Option<Numbers>,
    /// The scale is that of the last layer's stream. `[2 · layer + 1]`
    pub logit_lens: Option<Labelled>,
    pub direct_logit_attribution: Option<Attribution>,
    pub denoising: Option<Denoising>,
    pub zero_ablation: Option<ZeroAblation>,
}

/// Numbers by name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labelled {
    pub about: Option<String>,
    pub labels: Vec<String>,
    pub values: Numbers,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    pub about: Option<String>,
    /// What the token and the position embeddings write, and then each layer's attention with its bias and its MLP.
    pub layers: Option<Labelled>,
    /// `[layer][head]`
    pub heads: Option<Numbers>,
}

/// By site.
pub type Grids = BTreeMap<Activation, Numbers>;

/// Grids of clean values in the corrupted run, by site, as shares of the way from the corrupted to the clean run.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denoising {
    pub about: Option<String>,
    /// `[layer][position]`
    #[serde(default)]
    pub layer_by_position: Grids,
    /// At all positions. `[layer][head]`
    #[serde(default)]
    pub layer_by_head: Grids,
    /// `[layer][head][position]`
    #[serde(default)]
    pub layer_by_head_by_position: Grids,
}

impl Denoising {
    /// The grids by site, with their name in the file and their axes.
    pub fn grids(&self) -> [(&'static str, &Grids, &'static [&'static str]); 3] {
        [
            ("layer_by_position", &self.layer_by_position, &["layer", "position"]),
            ("layer_by_head", &self.layer_by_head, &["layer", "head"]),
            ("layer_by_head_by_position", &self.layer_by_head_by_position, &["layer", "head", "position"]),
        ]
    }
}

/// The clean run without a head.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZeroAblation {
    pub about: Option<String>,
    pub node: Node,
    pub logit_diff: Option<Numbers>,
    /// What heads then write directly. `[layer][head]`
    pub heads: Option<Numbers>,
}

/// Attention in rows of tokens, each of which is run with itself appended.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadScores {
    pub source: Option<String>,
    pub about: Option<String>,
    /// Nothing is put in front of them. `[row][token]`
    pub tokens: Vec<Vec<u32>>,
    /// `[layer][head]`, as those below.
    pub previous_token: Option<Numbers>,
    pub duplicate_token: Option<Numbers>,
    pub induction: Option<Numbers>,
}

/// The experiment "patching positions" with its usual settings: mean attention score differences.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatchingPositions {
    pub source: Option<String>,
    pub head: [usize; 2],
    pub clean: Option<Numbers>,
    pub patched: Option<Numbers>,
    pub projected: Option<Numbers>,
}

/// Means over prompts of the IOI task that are not the same as ours.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ioi {
    pub source: Option<String>,
    pub about: Option<String>,
    pub prepend_bos: bool,
    pub logit_diff: Option<Numbers>,
    /// The share of prompts in which IO is more likely than S.
    pub io_over_s: Option<Numbers>,
    pub probability_of_io: Option<Numbers>,
    pub circuit: Option<Circuit>,
    pub knockout: Option<Knockout>,
    pub signals: Option<Signals>,
}

/// A circuit's heads.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circuit {
    pub about: Option<String>,
    /// By class.
    pub heads: BTreeMap<String, Vec<String>>,
    /// Where the heads of a class are in it.
    pub positions: BTreeMap<String, String>,
    /// The logit difference of the circuit as a share of the model's.
    pub faithfulness: Option<Numbers>,
}

/// The model without a class of the circuit's heads.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knockout {
    pub about: Option<String>,
    pub class: String,
    /// The logit difference as a share of the whole model's.
    pub share_left: Numbers,
}

/// What a class of the circuit's heads tells of S2, taken from prompts in which it would tell another thing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signals {
    pub about: Option<String>,
    pub class: String,
    pub figures: Vec<Signal>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// What becomes of the token that is told of, in a word.
    pub token: String,
    /// And of its first position.
    pub position: String,
    /// The flip that makes such prompts; none where nothing is taken from others.
    pub corruption: Option<String>,
    pub logit_diff: Numbers,
}

/// Means over prompts of the task `greater_than` that are not the same as ours.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GreaterThan {
    pub source: Option<String>,
    pub prob_diff: Numbers,
}

impl Published {
    /// # Errors
    /// [`Error::BadInput`] for `figures` if it is no such file.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let published: Self = serde_json::from_slice(json)
            .map_err(|error| Error::input("figures", format!("these are no published figures: {error}")))?;
        published.check()?;
        Ok(published)
    }

    /// Those of the hub's GPT-2 small.
    pub fn gpt2_small() -> Self {
        Self::from_json(include_bytes!("gpt2-small.json")).expect("gpt2-small.json is a part of the program")
    }

    /// What the form does not say.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `figures`, naming what does not fit.
    pub fn check(&self) -> Result<()> {
        let problem = |message: String| Err(Error::input("figures", message));
        if self.eight_prompts.as_ref().is_some_and(|figures| !figures.task.is_object()) {
            return problem("eight_prompts.task: expected an object with the settings of pairs".into());
        }
        if let Some(HeadScores { tokens, .. }) = &self.head_scores {
            let length = tokens.first().map_or(0, Vec::len);
            if length < 2 || tokens.iter().any(|row| row.len() != length) {
                return problem(
                    "head_scores.tokens: expected rows of as many tokens each, at least 2".into(),
                );
            }
        }
        let Some(ioi) = &self.wang_et_al_2022 else { return Ok(()) };
        for class in ioi.classes() {
            ioi.nodes(class)?;
        }
        for rule in
            ioi.signals.iter().flat_map(|signals| &signals.figures).filter_map(|it| it.corruption.clone())
        {
            let said = |error| problem(format!("wang_et_al_2022.signals: {error}"));
            Corruption(rule).check().or_else(said)?;
        }
        Ok(())
    }
}

impl Ioi {
    /// The classes that figures are about.
    fn classes(&self) -> impl Iterator<Item = &str> {
        let of_circuit = self.circuit.iter().flat_map(|circuit| circuit.heads.keys());
        let of_others =
            self.knockout.iter().map(|it| &it.class).chain(self.signals.iter().map(|it| &it.class));
        of_circuit.chain(of_others).map(String::as_str)
    }

    /// The heads of a class, at their positions.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `figures` if there is no such class, or it has no positions.
    pub fn nodes(&self, class: &str) -> Result<Vec<Node>> {
        let found =
            self.circuit.as_ref().and_then(|it| Some((it.heads.get(class)?, it.positions.get(class)?)));
        let Some((heads, at)) = found else {
            return Err(Error::input(
                "figures",
                format!(
                    "wang_et_al_2022.circuit: expected heads and positions of \"{class}\", found no such class"
                ),
            ));
        };
        let node = |head: &String| format!("{head}@{at}").parse();
        let nodes = heads.iter().map(node).collect::<Result<_>>();
        nodes.map_err(|error| Error::input("figures", format!("wang_et_al_2022.circuit: {error}")))
    }

    /// All heads of the circuit, class by class.
    ///
    /// # Errors
    /// As [`Ioi::nodes`].
    pub fn all_nodes(&self) -> Result<Vec<Node>> {
        let classes = self.circuit.iter().flat_map(|circuit| circuit.heads.keys());
        let nodes: Vec<Vec<Node>> = classes.map(|class| self.nodes(class)).collect::<Result<_>>()?;
        Ok(nodes.concat())
    }
}
