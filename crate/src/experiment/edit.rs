//! What an edit is: which activation, where, by what, and what becomes of LayerNorm's scale.

use super::vectors::{Token, Vector};
use crate::site::Activation;

/// Replaces what head H's queries or keys read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// `q_input`, what queries are computed from, or `k_input`, what keys are.
    pub input: Activation,
    pub positions: EditedPositions,
    pub replacement: Replacement,
    pub ln: LnScale,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditedPositions {
    All,
    End,
    /// IO and S1, the two whose keys are compared.
    Names,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// `resid_pre[L]` of the clean run itself.
    Clean,
    /// `resid_pre[L]` of the flipped run.
    Flipped,
    /// The part of the input inside a span.
    ProjectedOn(Span),
    /// A vector, so scaled that LN makes it mean 0 and standard deviation 1 (unbiased) where ln1's scale is
    /// frozen.
    Normalized(Vector),
}

/// What a prompt's input is projected on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// span{W_U[:,IO], W_U[:,S]}.
    IoAndS,
    /// The line of W_U[:,IO].
    Io,
    /// The line of W_U[:,S].
    S,
    /// span{W_U[:,a], W_U[:,b]} of the prompt's two random names.
    RandomNames,
    /// The span of the prompt's two random directions.
    RandomDirections,
}

impl Span {
    pub fn directions(self) -> &'static [Vector] {
        use Vector::{RandomDirection, Unembedding};
        match self {
            Self::IoAndS => &[Unembedding(Token::Io), Unembedding(Token::S)],
            Self::Io => &[Unembedding(Token::Io)],
            Self::S => &[Unembedding(Token::S)],
            Self::RandomNames => &[Unembedding(Token::RandomName(0)), Unembedding(Token::RandomName(1))],
            Self::RandomDirections => &[RandomDirection(0), RandomDirection(1)],
        }
    }
}

/// ln1's scale at layer L where an input is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LnScale {
    /// As the spec's `freeze_ln` says.
    AsSpec,
    /// The clean run's.
    Frozen,
    /// That of the edited input.
    Live,
}

impl LnScale {
    /// Whether the clean run's scale stays.
    pub fn is_frozen(self, freeze_ln: bool) -> bool {
        match self {
            Self::AsSpec => freeze_ln,
            Self::Frozen => true,
            Self::Live => false,
        }
    }
}

impl Edit {
    /// `q_input` at every position, the scale as the spec says.
    pub const fn query(replacement: Replacement) -> Self {
        Self { input: Activation::QInput, positions: EditedPositions::All, replacement, ln: LnScale::AsSpec }
    }

    /// `k_input` at every position, the scale as the spec says.
    pub const fn key(replacement: Replacement) -> Self {
        Self { input: Activation::KInput, ..Self::query(replacement) }
    }

    /// `q_input` at END, whose normalized form becomes a vector's.
    pub const fn query_by(vector: Vector) -> Self {
        Self::query(Replacement::Normalized(vector)).at_end().with_ln(LnScale::Frozen)
    }

    /// `k_input` at IO and S1, whose normalized forms become vectors.
    pub const fn keys_by(vector: Vector) -> Self {
        let edit = Self::key(Replacement::Normalized(vector)).with_ln(LnScale::Frozen);
        Self { positions: EditedPositions::Names, ..edit }
    }

    /// The same edit at END alone.
    pub const fn at_end(self) -> Self {
        Self { positions: EditedPositions::End, ..self }
    }

    /// The same edit with a scale of its own.
    pub const fn with_ln(self, ln: LnScale) -> Self {
        Self { ln, ..self }
    }
}
