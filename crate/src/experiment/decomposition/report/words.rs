//! What a decomposition's score, its parts and its settings are called, in sentences and beside charts.

use super::super::result::Accounting;
use super::super::spec::{DecomposeBy, DecompositionSpec, KeyIntervention, QueryIntervention};
use crate::experiment::words::score;
use crate::model::EffectiveEmbedding;
use crate::report::words::{counted, rounded};

impl DecompositionSpec {
    /// "score END→IO minus END→S1"
    pub(super) fn score(&self) -> &'static str {
        score(self.subtract_s1)
    }

    /// Where the decomposed side is read.
    pub(super) fn at(&self) -> &'static str {
        match self.decompose_by {
            DecomposeBy::Queries => "at END",
            _ if self.subtract_s1 => "at IO rather than at S1",
            _ => "at IO",
        }
    }

    /// What queries are projected on.
    fn span(&self) -> String {
        let names = if self.include_s1_in_unembed_projection { "W_U[IO] and W_U[S]" } else { "W_U[IO]" };
        let forms = if self.include_name_forms_in_unembed_projection { ", all forms" } else { "" };
        format!("{names}{forms}")
    }

    /// A part by its label, "query along W_U\[IO\], key perpendicular to MLP_0"; empty where nothing is projected.
    pub(super) fn part(&self, label: &str) -> String {
        let words = label.split('|').filter_map(|part| match part {
            "IO_dir" => Some(format!("query along {}", self.span())),
            "IO_perp" => Some(format!("query perpendicular to {}", self.span())),
            "MLP0_dir" => Some("key along MLP_0".into()),
            "MLP0_perp" => Some("key perpendicular to MLP_0".into()),
            _ => None,
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// From what a side that is replaced is computed: "with the query computed from W_U\[IO\]".
    pub(super) fn replaced(&self) -> Option<String> {
        let key = |from: &str| Some(format!("with the keys computed from {from}"));
        let embedding = |form: EffectiveEmbedding| key(form.name());
        match (self.intervene_on_query, self.intervene_on_key) {
            (Some(QueryIntervention::SubUnembedding), _) => {
                Some("with the query computed from W_U[IO]".into())
            }
            (_, Some(KeyIntervention::SubMlp0)) => key("MLP_0's output"),
            (_, Some(KeyIntervention::SubNoMlps)) => embedding(EffectiveEmbedding::NoMlps),
            (_, Some(KeyIntervention::SubWithMlps)) => embedding(EffectiveEmbedding::WithMlps),
            (_, Some(KeyIntervention::SubOnlyMlps)) => embedding(EffectiveEmbedding::OnlyMlps),
            _ => None,
        }
    }

    /// What was asked, in a sentence: "The keys are decomposed, the query is projected on W_U\[IO\]."
    pub(super) fn asked(&self) -> String {
        let both = self.decompose_by == DecomposeBy::Both;
        let decomposed = match self.decompose_by {
            DecomposeBy::Queries => "The query is decomposed",
            DecomposeBy::Keys => "The keys are decomposed",
            DecomposeBy::Both => "Query and keys are decomposed",
        };
        let query = both || self.intervene_on_query == Some(QueryIntervention::ProjectToUnembedding);
        let key = both || self.intervene_on_key == Some(KeyIntervention::ProjectToMlp0);
        let query = query.then(|| format!("the query is projected on {}", self.span()));
        let key = key.then(|| "the keys are projected on MLP_0's output".to_owned());
        let said = [Some(decomposed.to_owned()), query, key, self.replaced()];
        format!("{}.", said.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

/// A part beside a name in a chart: "q∥ k⊥"; empty where nothing is projected.
pub fn signs(label: &str) -> String {
    let signs = label.split('|').filter_map(|part| match part {
        "IO_dir" => Some("q∥"),
        "IO_perp" => Some("q⊥"),
        "MLP0_dir" => Some("k∥"),
        "MLP0_perp" => Some("k⊥"),
        _ => None,
    });
    signs.collect::<Vec<_>>().join(" ")
}

/// What signs mean, for a caption.
pub const SIGNS: &str =
    "q and k are the parts of query and key: ∥ along what they are projected on, ⊥ perpendicular to it.";

/// What the contributions come to, beside what the model itself computed.
pub fn accounting(books: &Accounting, prompts: usize) -> String {
    let Accounting { measured, sum, normalization, miss, relative_miss, holds, .. } = books;
    let rest = if books.has_rest() {
        format!(" and LN's normalization ({})", rounded(*normalization, 4))
    } else {
        String::new()
    };
    let sums = format!(
        "All contributions, with those of the biases b_O{rest}, sum to {}; the model's own score is {}, mean over {}.",
        rounded(*sum, 4),
        rounded(*measured, 4),
        counted(prompts, "prompt"),
    );
    let apart = format!("They are {miss:.1e} apart, {relative_miss:.1e} of the score's size");
    if *holds {
        format!("{sums} {apart}: they add up.")
    } else {
        format!("This decomposition is wrong. {sums} {apart}, and rounding explains 1e-4 at most.")
    }
}
