//! What a head attends to if it reads something simple: the score and the attention with one vector in place of
//! the residual stream, prompt by prompt.

use super::vectors::{Token, Without};
use super::{Case, Edit, Experiment, Vector};
use crate::model::EffectiveEmbedding;

const CLEAN: Case =
    Case { condition: "clean", description: "Nothing is changed.", edit: None, control: false };

const fn shown(condition: &'static str, description: &'static str, edit: Edit) -> Case {
    Case { condition, description, edit: Some(edit), control: false }
}

/// What END's query is computed from.
pub const QUERY_REPLACEMENTS: Experiment = Experiment {
    name: "query_replacements",
    title: "Query replacements",
    question: "Does the head look for the name that is about to be predicted, and for nothing else?",
    probability: true,
    cases: &[
        CLEAN,
        shown(
            "W_U[IO]",
            "END's query is computed from the unembedding of IO.",
            Edit::query_by(Vector::Unembedding(Token::Io)),
        ),
        shown(
            "name mover",
            "From what the name mover writes at END.",
            Edit::query_by(Vector::NameMover(Without::Nothing)),
        ),
        shown(
            "name mover, without W_U[IO]",
            "From the part of that perpendicular to W_U[IO].",
            Edit::query_by(Vector::NameMover(Without::Io)),
        ),
        shown(
            "name mover, without names",
            "From the part of that perpendicular to the unembeddings of IO and S, each as \" Mary\", \"Mary\" and \"mary\".",
            Edit::query_by(Vector::NameMover(Without::Names)),
        ),
        shown("W_U[S]", "From the unembedding of S.", Edit::query_by(Vector::Unembedding(Token::S))),
        shown(
            "W_U[random name]",
            "From the unembedding of a random name that is not the prompt's, one for each prompt.",
            Edit::query_by(Vector::Unembedding(Token::RandomName(0))),
        ),
        shown(
            "W_U[random token]",
            "From the unembedding of any token, one for each prompt.",
            Edit::query_by(Vector::Unembedding(Token::Random)),
        ),
    ],
};

/// What the keys of IO and S1 are computed from.
pub const KEY_REPLACEMENTS: Experiment = Experiment {
    name: "key_replacements",
    title: "Key replacements",
    question: "Does the head find a name by the token alone?",
    probability: true,
    cases: &[
        CLEAN,
        shown(
            "W_E",
            "The keys of IO and S1 are computed from the names' token embeddings.",
            Edit::keys_by(Vector::Embedding(EffectiveEmbedding::NoMlps)),
        ),
        shown(
            "W_EE",
            "From the names' effective embeddings: what layer 0 makes of the token by itself, without position or context.",
            Edit::keys_by(Vector::Embedding(EffectiveEmbedding::WithMlps)),
        ),
        shown(
            "W_EE, only MLPs",
            "From MLP_0's part of that.",
            Edit::keys_by(Vector::Embedding(EffectiveEmbedding::OnlyMlps)),
        ),
        shown("MLP_0", "From what MLP_0 writes at IO and at S1.", Edit::keys_by(Vector::Mlp0)),
    ],
};
