//! What a head attends to if it reads something simple: the score and the attention with one vector in place of
//! the residual stream, prompt by prompt.

use super::vectors::{Token, Without};
use super::{Case, Edit, Experiment, Vector};
use crate::model::EffectiveEmbedding;

/// What END's query is computed from.
pub const QUERY_REPLACEMENTS: Experiment = Experiment {
    name: "query_replacements",
    title: "Query replacements",
    question: "Does the head look for the name that is about to be predicted, and for nothing else?",
    reading: "If a query made of W_U[IO] attends to IO as the clean one does, and one made of other names or tokens does not, the head looks for the name that is about to be predicted. What the name mover writes, and what is left of that without the names, says whether it is this that the head reads.",
    probability: true,
    cases: &[
        Case::CLEAN,
        Case::shown(
            "W_U[IO]",
            "END's query is computed from the unembedding of IO.",
            Edit::query_by(Vector::Unembedding(Token::Io)),
        )
        .said("If END's query is computed from W_U[IO]"),
        Case::shown(
            "name mover",
            "From what the name mover writes at END.",
            Edit::query_by(Vector::NameMover(Without::Nothing)),
        )
        .said("from what the name mover writes"),
        Case::shown(
            "name mover, without W_U[IO]",
            "From the part of that perpendicular to W_U[IO].",
            Edit::query_by(Vector::NameMover(Without::Io)),
        ),
        Case::shown(
            "name mover, without names",
            "From the part of that perpendicular to the unembeddings of IO and S, each as \" Mary\", \"Mary\" and \"mary\".",
            Edit::query_by(Vector::NameMover(Without::Names)),
        ),
        Case::shown("W_U[S]", "From the unembedding of S.", Edit::query_by(Vector::Unembedding(Token::S)))
            .said("from W_U[S]"),
        Case::shown(
            "W_U[random name]",
            "From the unembedding of a random name that is not the prompt's, one for each prompt.",
            Edit::query_by(Vector::Unembedding(Token::RandomName(0))),
        )
        .said("from a random name's unembedding"),
        Case::shown(
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
    reading: "If keys made of the names' tokens are found as the clean ones are, the head needs neither place nor context to find a name. W_E is the token as it is embedded, W_EE what layer 0 makes of it.",
    probability: true,
    cases: &[
        Case::CLEAN,
        Case::shown(
            "W_E",
            "The keys of IO and S1 are computed from the names' token embeddings.",
            Edit::keys_by(Vector::Embedding(EffectiveEmbedding::NoMlps)),
        )
        .said("If the keys of IO and S1 are computed from W_E"),
        Case::shown(
            "W_EE",
            "From the names' effective embeddings: what layer 0 makes of the token by itself, without position or context.",
            Edit::keys_by(Vector::Embedding(EffectiveEmbedding::WithMlps)),
        )
        .said("from W_EE"),
        Case::shown(
            "W_EE, only MLPs",
            "From MLP_0's part of that.",
            Edit::keys_by(Vector::Embedding(EffectiveEmbedding::OnlyMlps)),
        ),
        Case::shown("MLP_0", "From what MLP_0 writes at IO and at S1.", Edit::keys_by(Vector::Mlp0))
            .said("from what MLP_0 writes there"),
    ],
};
