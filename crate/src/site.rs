use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::hooks::HookPoint;
use crate::patch::unknown_site;
use crate::{Error, Result};

/// The activations of one layer, in the order in which they are computed.
///
/// Shapes with a head are given for one head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(try_from = "String", into = "&'static str")]
pub enum Activation {
    /// The residual stream before the layer. `[batch, pos, d_model]`
    ResidPre,
    /// What a head's queries read: the residual stream before ln1, a copy a head. `[batch, pos, d_model]`
    QInput,
    /// What a head's keys read. `[batch, pos, d_model]`
    KInput,
    /// What a head's values read. `[batch, pos, d_model]`
    VInput,
    /// ln1's scale, sqrt(variance + eps), a copy a head. `[batch, pos, 1]`
    ///
    /// Like TransformerLens's hook it is passed three times, by the q, k and v inputs in turn: an edit
    /// applies to all three, and what is read is the last.
    Ln1Scale,
    /// Queries. `[batch, pos, d_head]`
    Q,
    /// Keys. `[batch, pos, d_head]`
    K,
    /// Values. `[batch, pos, d_head]`
    V,
    /// q·k/√d_head, causally masked. `[batch, query, key]`
    AttnScores,
    /// The softmax of the scores over keys. `[batch, query, key]`
    Pattern,
    /// The pattern's mean of the values. `[batch, pos, d_head]`
    Z,
    /// What one head adds to the residual stream. `[batch, pos, d_model]`
    Result,
    /// What attention adds to the residual stream, biases included. `[batch, pos, d_model]`
    AttnOut,
    /// The residual stream between attention and MLP. `[batch, pos, d_model]`
    ResidMid,
    /// What the MLP adds to the residual stream. `[batch, pos, d_model]`
    MlpOut,
    /// The residual stream behind the layer. `[batch, pos, d_model]`
    ResidPost,
}

impl Activation {
    /// This activation of a layer, for those that all heads share.
    pub fn at(self, layer: usize) -> HookPoint {
        HookPoint { layer, activation: self, head: None }
    }

    /// This activation of one head.
    pub fn at_head(self, layer: usize, head: usize) -> HookPoint {
        HookPoint { layer, activation: self, head: Some(head) }
    }

    /// Whether the activation exists once a head.
    pub fn per_head(self) -> bool {
        !matches!(self, Self::ResidPre | Self::AttnOut | Self::ResidMid | Self::MlpOut | Self::ResidPost)
    }

    /// Those that can be edited, as TransformerLens names them.
    pub const SITES: [Self; 14] = [
        Self::ResidPre,
        Self::AttnOut,
        Self::ResidMid,
        Self::MlpOut,
        Self::ResidPost,
        Self::QInput,
        Self::KInput,
        Self::VInput,
        Self::Q,
        Self::K,
        Self::V,
        Self::Pattern,
        Self::Z,
        Self::Result,
    ];

    pub fn is_site(self) -> bool {
        Self::SITES.contains(&self)
    }

    /// Whether it is what a head's queries, keys or values read.
    pub fn is_input(self) -> bool {
        matches!(self, Self::QInput | Self::KInput | Self::VInput)
    }

    /// Whether another activation of the same layer (and head) is computed from this one, or is it.
    pub(crate) fn feeds(self, other: Self) -> bool {
        use Activation::{AttnScores, K, KInput, Ln1Scale, Pattern, Q, QInput, V, VInput};
        let besides: &[Self] = match self {
            QInput => &[KInput, VInput, Ln1Scale, K, V],
            KInput => &[VInput, Ln1Scale, Q, V],
            VInput => &[Q, K, AttnScores, Pattern],
            Q => &[K, V],
            K => &[V],
            V => &[AttnScores, Pattern],
            _ => &[],
        };
        self <= other && !besides.contains(&other)
    }

    /// TransformerLens's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResidPre => "resid_pre",
            Self::QInput => "q_input",
            Self::KInput => "k_input",
            Self::VInput => "v_input",
            Self::Ln1Scale => "ln1.scale",
            Self::Q => "q",
            Self::K => "k",
            Self::V => "v",
            Self::AttnScores => "attn_scores",
            Self::Pattern => "pattern",
            Self::Z => "z",
            Self::Result => "result",
            Self::AttnOut => "attn_out",
            Self::ResidMid => "resid_mid",
            Self::MlpOut => "mlp_out",
            Self::ResidPost => "resid_post",
        }
    }
}

impl FromStr for Activation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::SITES.into_iter().find(|site| site.name() == text).ok_or_else(|| unknown_site(text))
    }
}

impl TryFrom<String> for Activation {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Activation> for &'static str {
    fn from(activation: Activation) -> Self {
        activation.name()
    }
}
