//! Vectors that stand in for what a head reads, or that it is projected on; one a prompt.

use burn::tensor::Tensor;

use super::batch::Batch;
use super::draws::Draws;
use super::names::NameForms;
use super::pass::Stopped;
use super::places::Role;
use crate::model::EffectiveEmbedding;
use crate::projection::project;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vector {
    /// The unembedding of a token.
    Unembedding(Token),
    /// What another head, a name mover, writes at END.
    NameMover(Without),
    /// Of the token at the position.
    Embedding(EffectiveEmbedding),
    /// MLP_0's output at the position.
    Mlp0,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Io,
    S,
    /// The first of the prompt's two random names.
    RandomName,
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

impl Vector {
    /// Whether it is something that a layer below wrote.
    pub fn is_written(self) -> bool {
        self.is_of_name_mover() || self == Self::Mlp0
    }

    pub fn is_of_name_mover(self) -> bool {
        matches!(self, Self::NameMover(_))
    }
}

impl Vectors {
    /// One a prompt, as it is at a role. `[batch, d_model]`
    pub fn of(&self, vector: Vector, at: &Stopped, role: Role) -> Tensor<2> {
        match vector {
            Vector::Unembedding(token) => at.gpt2.w_u(&self.tokens(token, at.batch)),
            Vector::NameMover(without) => {
                let result = at.written().result(at.gpt2, self.name_mover, Role::End);
                let span = match without {
                    Without::Nothing => return result,
                    Without::Io => vec![at.gpt2.w_u(&at.batch.io)],
                    Without::Names => self.unembedded_names(at, true, true),
                };
                result.clone() - project(result, &span)
            }
            Vector::Embedding(form) => {
                let tokens = if role == Role::Io { &at.batch.io } else { &at.batch.s };
                at.gpt2.effective_embedding(tokens, form)
            }
            Vector::Mlp0 => at.written().mlp_out(0, role),
        }
    }

    /// The unembeddings of IO, and of S where asked for, also in their other forms where asked for.
    /// `[batch, d_model]` each
    pub fn unembedded_names(&self, at: &Stopped, with_s: bool, all_forms: bool) -> Vec<Tensor<2>> {
        let mut tokens = vec![at.batch.io.clone()];
        let others = || self.names.as_ref().expect("known where they are asked for");
        if all_forms {
            tokens.extend(others().of(Role::Io, at.batch.prompts()));
        }
        if with_s {
            tokens.push(at.batch.s.clone());
            if all_forms {
                tokens.extend(others().of(Role::S1, at.batch.prompts()));
            }
        }
        tokens.iter().map(|tokens| at.gpt2.w_u(tokens)).collect()
    }

    fn tokens(&self, token: Token, batch: &Batch) -> Vec<u32> {
        let prompts = batch.prompts().iter();
        match token {
            Token::Io => batch.io.clone(),
            Token::S => batch.s.clone(),
            Token::RandomName => prompts.map(|&prompt| self.draws.names(prompt)[0]).collect(),
            Token::Random => prompts.map(|&prompt| self.draws.token(prompt)).collect(),
        }
    }
}
