use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::metric::Metric;
use crate::model::Gpt2Config;
use crate::patch::Node;
use crate::site::Activation;
use crate::task::TaskSpec;
use crate::{Error, Result};

/// What heads send to others along single paths, and what that does to a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct PathSpec {
    pub task: TaskSpec,
    /// Whose z is the corrupted run's, one sender after the other; without any every head at all positions.
    #[serde(default)]
    pub senders: Vec<Node>,
    /// Which read what is sent, together.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string[]"))]
    pub receivers: Vec<Receiver>,
    #[serde(default)]
    pub mlps: Mlps,
    #[serde(default)]
    pub metric: Metric,
    /// Whether the result has each prompt's values too.
    #[serde(default)]
    pub per_prompt: bool,
}

/// What reads at the end of a path: the logits, or what a head makes its queries, keys or values of, as "9.9.q".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(try_from = "String", into = "String")]
pub enum Receiver {
    Logits,
    Head { layer: usize, head: usize, input: Activation },
}

/// What MLPs on the way do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum Mlps {
    /// They read what is sent.
    #[default]
    Recomputed,
    /// They write what they do in the clean run, so that only the direct path is left.
    Frozen,
}

impl PathSpec {
    /// What can be said without a model.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the others.
    pub fn check(&self) -> Result<()> {
        self.task.check()?;
        let wrong = |message: String| Err(Error::input("receivers", message));
        let Some(first) = self.receivers.first() else {
            return wrong("a path needs a receiver: logits, or q, k or v of heads, as 0.0.q".into());
        };
        if let Some(twice) =
            (1..self.receivers.len()).find(|&i| self.receivers[..i].contains(&self.receivers[i]))
        {
            return wrong(format!("\"{}\" is named twice; each may be there once", self.receivers[twice]));
        }
        if self.receivers.contains(&Receiver::Logits) {
            if self.receivers.len() > 1 {
                return wrong("expected the logits or heads, found both; ask for one after the other".into());
            }
            if let Metric::AttnScoreDiff(_) = self.metric {
                return Err(Error::input(
                    "metric",
                    format!(
                        "{} is no metric of the logits, which are the receiver; name q or k of heads",
                        self.metric
                    ),
                ));
            }
        }
        if let Receiver::Head { layer: 0, .. } = first
            && self.highest(0) == 0
        {
            return wrong(format!("{first} reads nothing that a head writes: no head is below layer 0"));
        }
        if let Some(twice) = (1..self.senders.len()).find(|&i| self.senders[..i].contains(&self.senders[i])) {
            return Err(Error::input("senders", format!("\"{}\" is named twice", self.senders[twice])));
        }
        Ok(())
    }

    /// What can be said of a model before its prompts are made.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the model.
    pub fn check_model(&self, config: &Gpt2Config) -> Result<()> {
        for receiver in &self.receivers {
            if let Receiver::Head { layer, head, .. } = *receiver {
                let said = |error: Error| Error::input("receivers", format!("\"{receiver}\": {error}"));
                config.check_head(layer, head).map_err(said)?;
            }
        }
        let highest = self.highest(config.n_layer);
        for sender in &self.senders {
            sender.check(config).map_err(|error| Error::input("senders", error.to_string()))?;
        }
        if !self.senders.is_empty() && self.senders.iter().all(|sender| sender.layer >= highest) {
            let names: Vec<String> = self.receivers.iter().map(Receiver::to_string).collect();
            return Err(Error::input(
                "senders",
                format!(
                    "there is no path: {} reads what layers below {highest} write, and every sender is in layer {} or above",
                    names.join(", "),
                    self.senders.iter().map(|sender| sender.layer).min().unwrap_or(0)
                ),
            ));
        }
        Ok(())
    }

    /// The layer below which a sender has to be.
    pub fn highest(&self, n_layer: usize) -> usize {
        self.receivers.iter().map(|receiver| receiver.layer(n_layer)).max().unwrap_or(0)
    }

    /// Whether something is read at END alone.
    pub fn reads_end_alone(&self) -> bool {
        self.receivers.iter().all(|receiver| !receiver.reads_everywhere())
    }
}

impl Receiver {
    /// The layer whose residual stream it reads: the number of layers stands for what the last one leaves.
    pub fn layer(&self, n_layer: usize) -> usize {
        match self {
            Self::Logits => n_layer,
            Self::Head { layer, .. } => *layer,
        }
    }

    /// In a sentence: "the logits", "the query of 9.9".
    pub fn spoken(&self) -> String {
        match self {
            Self::Logits => "the logits".into(),
            Self::Head { layer, head, input } => format!("the {} of {layer}.{head}", named(*input)[1]),
        }
    }

    /// Keys and values are read at every position, queries and logits at END.
    pub fn reads_everywhere(&self) -> bool {
        matches!(self, Self::Head { input: Activation::KInput | Activation::VInput, .. })
    }
}

/// With what is made of it, in words.
pub const INPUTS: [(&str, Activation, &str); 3] = [
    ("q", Activation::QInput, "query"),
    ("k", Activation::KInput, "key"),
    ("v", Activation::VInput, "value"),
];

/// How an input is written, and said.
fn named(input: Activation) -> [&'static str; 2] {
    let found = INPUTS.into_iter().find(|(_, activation, _)| *activation == input);
    found.map_or([""; 2], |(name, _, word)| [name, word])
}

impl fmt::Display for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Logits => f.write_str("logits"),
            Self::Head { layer, head, input } => write!(f, "{layer}.{head}.{}", named(*input)[0]),
        }
    }
}

impl FromStr for Receiver {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let head = || {
            let mut parts = text.split('.');
            let (layer, head) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let named = parts.next()?;
            let (_, input, _) = INPUTS.into_iter().find(|(name, ..)| *name == named)?;
            parts.next().is_none().then_some(Self::Head { layer, head, input })
        };
        match text {
            "logits" => Ok(Self::Logits),
            _ => head().ok_or_else(|| {
                Error::input(
                    "receivers",
                    format!("expected logits, or q, k or v of a head, as 0.0.q, found \"{text}\""),
                )
            }),
        }
    }
}

impl TryFrom<String> for Receiver {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Receiver> for String {
    fn from(receiver: Receiver) -> Self {
        receiver.to_string()
    }
}
