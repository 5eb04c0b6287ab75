//! Vectors that stand in for what a head reads, or that it is projected on; one per prompt.

use burn::tensor::Tensor;

use super::draws::Draws;
use super::names::{NameForms, name_tokens};
use super::runs::{Role, Runs};
use crate::engine::{Forest, Kept, Part};
use crate::model::{EffectiveEmbedding, Gpt2};
use crate::projection::project;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vector {
    /// The unembedding of a token.
    Unembedding(Token),
    /// What another head, a name mover, writes at END.
    NameMover(Without),
    /// The effective embedding of the token at the position.
    Embedding(EffectiveEmbedding),
    /// MLP_0's output at the position.
    Mlp0,
    /// One of the prompt's two random directions.
    RandomDirection(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Io,
    S,
    /// One of the prompt's two random names.
    RandomName(usize),
    /// Any token.
    Random,
}

/// The part of a vector perpendicular to a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    Nothing,
    /// W_U[IO].
    Io,
    /// The unembeddings of IO and S, each as " Mary", "Mary" and "mary".
    Names,
}

/// What vectors are made of, beside the batch.
pub struct Vectors {
    pub draws: Draws,
    /// Where a vector or a projection needs them.
    pub names: Option<NameForms>,
    pub name_mover: [usize; 2],
}

/// What a run has come by.
pub type Come<'a> = (&'a Gpt2, &'a Forest, &'a Kept);

impl Vector {
    /// Whether it is something that a layer below wrote.
    pub fn is_written(self) -> bool {
        self.is_of_name_mover() || self == Self::Mlp0
    }

    pub fn is_of_name_mover(self) -> bool {
        matches!(self, Self::NameMover(_))
    }

    /// What has to be kept for it, of its role.
    pub fn written(self, vectors: &Vectors) -> Option<(usize, Part)> {
        match self {
            Self::NameMover(_) => Some((vectors.name_mover[0], Part::Z)),
            Self::Mlp0 => Some((0, Part::MlpOut)),
            _ => None,
        }
    }
}

impl Vectors {
    /// A vector for some prompts of a batch, by their places in it, as it is at a role. `[places, d_model]`
    pub fn of(
        &self,
        vector: Vector,
        role: Role,
        runs: &Runs,
        places: &[usize],
        (gpt2, forest, kept): Come,
    ) -> Tensor<2> {
        let pick = |of: &[u32]| places.iter().map(|&at| of[at]).collect::<Vec<u32>>();
        let prompts = places.iter().map(|&at| runs.prompts[at]);
        let nodes = || -> Vec<usize> {
            let path = |&at: &usize| forest.path(runs.clean[at])[role.position(&runs.positions[at])];
            places.iter().map(path).collect()
        };
        match vector {
            Vector::Unembedding(token) => {
                let tokens: Vec<u32> = match token {
                    Token::Io => pick(&runs.io),
                    Token::S => pick(&runs.s),
                    Token::RandomName(which) => {
                        prompts.map(|prompt| self.draws.names(prompt)[which]).collect()
                    }
                    Token::Random => prompts.map(|prompt| self.draws.token(prompt)).collect(),
                };
                gpt2.w_u(&tokens)
            }
            Vector::NameMover(without) => {
                let [layer, head] = self.name_mover;
                let z = kept.get(forest, layer, Part::Z, &nodes());
                let result = gpt2.blocks[layer].attn.result(head, z);
                let span = match without {
                    Without::Nothing => return result,
                    Without::Io => vec![gpt2.w_u(&pick(&runs.io))],
                    Without::Names => self.unembedded_names(gpt2, runs, places, [true, true]),
                };
                result.clone() - project(result, &span)
            }
            Vector::Embedding(form) => {
                gpt2.effective_embedding(&pick(if role == Role::Io { &runs.io } else { &runs.s }), form)
            }
            Vector::Mlp0 => kept.get(forest, 0, Part::MlpOut, &nodes()),
            Vector::RandomDirection(_) => unreachable!("a batch asks for directions by their numbers"),
        }
    }

    /// The unembeddings of IO, and of S where asked for, also in their other forms where asked for.
    /// `[places, d_model]` each
    pub fn unembedded_names(
        &self,
        gpt2: &Gpt2,
        runs: &Runs,
        places: &[usize],
        which: [bool; 2],
    ) -> Vec<Tensor<2>> {
        let pick = |of: &[u32]| places.iter().map(|&at| of[at]).collect::<Vec<u32>>();
        let prompts: Vec<usize> = places.iter().map(|&at| runs.prompts[at]).collect();
        let tokens = name_tokens([&pick(&runs.io), &pick(&runs.s)], &prompts, self.names.as_ref(), which);
        tokens.iter().map(|tokens| gpt2.w_u(tokens)).collect()
    }
}
