//! What is put where in a branch.

use crate::site::Activation;

/// The steps of a layer, each of which begins with what may be replaced there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// `resid_pre`.
    ResidPre,
    /// What heads read, and the queries, keys and values that they make of it.
    Inputs,
    /// The pattern.
    Attention,
    Z,
    /// What attention writes, and `resid_mid`.
    Mid,
    /// What the MLP writes, and `resid_post`.
    Post,
}

/// A step of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    pub layer: usize,
    pub step: Step,
}

/// What is put in the place of an activation.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// The same activation of another node, as it is there before changes of this activation, but after all others.
    Of(usize),
    Zero,
    /// A vector; of a pattern its weights, head by head.
    Is(usize),
    /// The part of what is there inside the span of vectors.
    Projected(Vec<usize>),
    /// The part of what is there outside the span of vectors.
    ProjectedOut(Vec<usize>),
    /// What is there and a vector.
    Added(usize),
    /// What a head reads becomes such that LayerNorm with the unedited run's scale makes of it the vector, brought to mean 0
    /// and standard deviation 1 (unbiased).
    Normalized(usize),
}

/// ln1's scale where what a head reads is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LnScale {
    /// That of what is put in.
    Live,
    /// The unedited run's.
    Frozen,
}

/// One edit of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub layer: usize,
    pub activation: Activation,
    /// Which head, for an activation that there is once per head; all if it is not named.
    pub head: Option<usize>,
    pub position: usize,
    pub value: Value,
    pub ln: LnScale,
}

/// One edit of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub node: usize,
    pub layer: usize,
    pub activation: Activation,
    pub head: Option<usize>,
    pub value: Value,
    pub ln: LnScale,
}

impl Change {
    pub fn step(&self) -> Step {
        step_of(self.activation)
    }

    pub fn point(&self) -> Point {
        Point { layer: self.layer, step: self.step() }
    }

    /// The other node that its value is of.
    pub fn source(&self) -> Option<usize> {
        match self.value {
            Value::Of(node) => Some(node),
            _ => None,
        }
    }
}

impl Placed {
    /// Where the edited position first differs.
    pub fn point(&self) -> Point {
        Point { layer: self.layer, step: step_of(self.activation) }
    }

    /// Where the positions after it first differ: where they attend to it as it is now.
    pub fn spreads(&self) -> Point {
        use Activation::{K, KInput, ResidPre, V, VInput};
        let at_once = matches!(self.activation, ResidPre | KInput | VInput | K | V);
        Point { layer: if at_once { self.layer } else { self.layer + 1 }, step: Step::Attention }
    }
}

pub fn step_of(activation: Activation) -> Step {
    use Activation::*;
    match activation {
        ResidPre => Step::ResidPre,
        QInput | KInput | VInput | Ln1Scale | Q | K | V => Step::Inputs,
        AttnScores | Pattern => Step::Attention,
        Z => Step::Z,
        Result | AttnOut | ResidMid => Step::Mid,
        MlpOut | ResidPost => Step::Post,
    }
}
