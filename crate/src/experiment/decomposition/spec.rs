use serde::{Deserialize, Serialize};

use crate::experiment::prompts::check_mlp_0;
use crate::experiment::{Edit, ExperimentSpec, Side, Token, Vector};
use crate::ioi::DatasetSpec;
use crate::model::EffectiveEmbedding;
use crate::{Error, Result};

/// All it takes to decompose the scores of a head again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(deny_unknown_fields)]
pub struct DecompositionSpec {
    pub layer: usize,
    pub head: usize,
    pub dataset: DatasetSpec,
    pub decompose_by: DecomposeBy,
    pub intervene_on_query: Option<QueryIntervention>,
    pub intervene_on_key: Option<KeyIntervention>,
    /// The score END→IO minus END→S1; else END→IO alone.
    #[serde(rename = "subtract_S1")]
    pub subtract_s1: bool,
    /// Project queries on span{W_U\[IO\], W_U\[S\]}.
    #[serde(rename = "include_S1_in_unembed_projection")]
    pub include_s1_in_unembed_projection: bool,
    /// And on the names' forms without the space, and in lower case.
    pub include_name_forms_in_unembed_projection: bool,
}

/// Which side is taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum DecomposeBy {
    Queries,
    Keys,
    /// Every component of the query with every one of the key, each in its part along the projection and its part
    /// perpendicular to it.
    Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum QueryIntervention {
    /// The query is computed from W_U\[IO\].
    #[serde(rename = "sub_W_U_IO")]
    SubUnembedding,
    /// In two parts, along the names' unembeddings and perpendicular to them.
    #[serde(rename = "project_to_W_U_IO")]
    ProjectToUnembedding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum KeyIntervention {
    /// Keys are computed from what MLP_0 writes at IO and S1.
    #[serde(rename = "sub_MLP0")]
    SubMlp0,
    /// In two parts, along what MLP_0 writes there and perpendicular to it.
    #[serde(rename = "project_to_MLP0")]
    ProjectToMlp0,
    /// Keys are computed from the names' effective embeddings.
    #[serde(rename = "sub_W_E (no MLPs)")]
    SubNoMlps,
    #[serde(rename = "sub_W_E (including MLPs)")]
    SubWithMlps,
    #[serde(rename = "sub_W_E (only MLPs)")]
    SubOnlyMlps,
}

/// What is done to one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intervention {
    Nothing,
    Substitute(Vector),
    Project,
}

impl Default for DecompositionSpec {
    /// The negative name mover 10.7 by keys, as it is.
    fn default() -> Self {
        let ExperimentSpec { layer, head, dataset, .. } = ExperimentSpec::default();
        Self {
            layer,
            head,
            dataset,
            decompose_by: DecomposeBy::Keys,
            intervene_on_query: None,
            intervene_on_key: None,
            subtract_s1: true,
            include_s1_in_unembed_projection: false,
            include_name_forms_in_unembed_projection: false,
        }
    }
}

impl DecompositionSpec {
    /// What can be said without the model.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the others.
    pub fn check(&self) -> Result<()> {
        self.dataset.check()?;
        self.check_side(Side::Queries)?;
        self.check_side(Side::Keys)?;
        self.check_layer()
    }

    /// Whether what is done to a side goes with what is decomposed.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the intervention.
    pub(crate) fn check_side(&self, side: Side) -> Result<()> {
        let (field, declared) = match side {
            Side::Queries => ("intervene_on_query", self.intervene_on_query.is_some()),
            Side::Keys => ("intervene_on_key", self.intervene_on_key.is_some()),
        };
        if self.decompose_by == DecomposeBy::Both && declared {
            return Err(Error::input(field, "decomposing by both projects both sides; leave it out"));
        }
        if self.side() == Some(side) && matches!(self.on(side), Intervention::Substitute(_)) {
            return Err(Error::input(
                field,
                "a side that is substituted cannot be decomposed; decompose by the other, or project",
            ));
        }
        Ok(())
    }

    /// # Errors
    /// [`Error::BadInput`] naming `layer` if nothing below it has written what the keys become.
    pub(crate) fn check_layer(&self) -> Result<()> {
        let reads_mlp_0 = match self.on(Side::Keys) {
            Intervention::Nothing => false,
            Intervention::Substitute(vector) => vector.is_written(),
            Intervention::Project => true,
        };
        if reads_mlp_0 { check_mlp_0(self.layer) } else { Ok(()) }
    }

    /// The side that is taken apart, if it is one.
    pub(super) fn side(&self) -> Option<Side> {
        match self.decompose_by {
            DecomposeBy::Queries => Some(Side::Queries),
            DecomposeBy::Keys => Some(Side::Keys),
            DecomposeBy::Both => None,
        }
    }

    pub(crate) fn on(&self, side: Side) -> Intervention {
        use Intervention::{Nothing, Project, Substitute};
        if self.decompose_by == DecomposeBy::Both {
            return Project;
        }
        match side {
            Side::Queries => match self.intervene_on_query {
                None => Nothing,
                Some(QueryIntervention::SubUnembedding) => Substitute(Vector::Unembedding(Token::Io)),
                Some(QueryIntervention::ProjectToUnembedding) => Project,
            },
            Side::Keys => {
                let embedding = |form| Substitute(Vector::Embedding(form));
                match self.intervene_on_key {
                    None => Nothing,
                    Some(KeyIntervention::SubMlp0) => Substitute(Vector::Mlp0),
                    Some(KeyIntervention::ProjectToMlp0) => Project,
                    Some(KeyIntervention::SubNoMlps) => embedding(EffectiveEmbedding::NoMlps),
                    Some(KeyIntervention::SubWithMlps) => embedding(EffectiveEmbedding::WithMlps),
                    Some(KeyIntervention::SubOnlyMlps) => embedding(EffectiveEmbedding::OnlyMlps),
                }
            }
        }
    }

    /// The edit under which the model itself gives the score that is decomposed.
    pub(crate) fn edit(&self) -> Option<Edit> {
        match (self.on(Side::Queries), self.on(Side::Keys)) {
            (Intervention::Substitute(vector), _) => Some(Edit::query_by(vector)),
            (_, Intervention::Substitute(vector)) => Some(Edit::keys_by(vector)),
            _ => None,
        }
    }

    /// The names of a side's parts.
    pub(super) fn parts(&self, side: Side) -> &'static [&'static str] {
        match (self.on(side), side) {
            (Intervention::Project, Side::Queries) => &["IO_dir", "IO_perp"],
            (Intervention::Project, Side::Keys) => &["MLP0_dir", "MLP0_perp"],
            _ => &["unchanged"],
        }
    }
}
