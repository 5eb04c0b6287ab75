use serde::{Deserialize, Serialize};

use super::examples::Groups;
use super::{Corruption, Example, Examples, Task};
use crate::Result;
use crate::frame::Together;
use crate::ioi::{DatasetSpec, FlippedPositions, IoiDataset, Lexicon, Prompt};
use crate::tokenizer::Tokenizer;

/// Indirect object identification: IO is the answer, S the wrong one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct IoiTask {
    pub dataset: DatasetSpec,
    pub corruption: Corruption,
}

/// S1+1 is the token after S1, where a head that looks at the token before it finds S1.
const ROLES: [&str; 5] = ["IO", "S1", "S1+1", "S2", "END"];

/// Where name movers, S-inhibition, duplicate-token and previous-token heads look from and to.
const LOOKED_AT: [[&str; 2]; 5] = [["END", "IO"], ["END", "S1"], ["END", "S2"], ["S2", "S1"], ["S1+1", "S1"]];

impl IoiTask {
    /// The roles of a prompt's corrupted form, where its own names stand; S1 only where S stands twice. `up_to_end`: its tokens
    /// as far as END.
    ///
    /// # Errors
    /// As of its examples.
    pub(crate) fn corrupted_roles(
        &self,
        example: usize,
        up_to_end: &[u32],
        tokenizer: &Tokenizer,
    ) -> Result<Vec<(String, usize)>> {
        let corrupted = self.corruption.apply(&self.dataset.generate()?, self.dataset.seed)?;
        let Prompt { io, s, .. } = &corrupted[example];
        let FlippedPositions { io, s1, s2, end } = FlippedPositions::new([io, s], up_to_end, tokenizer)?;
        let positions = [io, s1, s1.map(|at| at + 1), s2, Some(end)];
        let named = ROLES.iter().zip(positions);
        Ok(named.filter_map(|(role, at)| Some(((*role).to_owned(), at?))).collect())
    }
}

impl Task for IoiTask {
    fn check(&self) -> Result<()> {
        self.dataset.check()?;
        self.corruption.check()
    }

    fn examples(&self, tokenizer: &Tokenizer, n_ctx: usize) -> Result<Examples> {
        let Self { dataset: spec, corruption } = self;
        spec.check_fit(tokenizer, n_ctx)?;
        let dataset = IoiDataset::new(spec.generate()?, tokenizer, spec.prepend_bos)?;
        let corrupted = corruption.apply(&dataset.prompts, spec.seed)?;
        let corrupted = dataset.flipped(corrupted, tokenizer, spec.prepend_bos)?;

        let mut groups = Groups::new();
        let mut examples = Vec::with_capacity(dataset.len());
        let rows = dataset.tokens.into_iter().zip(corrupted.tokens);
        for (i, (clean, corrupted)) in rows.enumerate() {
            let at = dataset.positions[i];
            let positions = vec![at.io, at.s1, at.s1 + 1, at.s2, at.end];
            // A template's prompts are alike in GPT-2's tokenizer. In one that makes several tokens of a place or an
            // object, they are of different lengths; and prompts that somebody wrote have no template.
            let group = groups.number((dataset.prompts[i].template, clean.len(), positions.clone()));
            examples.push(Example {
                clean,
                corrupted,
                positions,
                answers: vec![dataset.io_token_ids[i]],
                wrong_answers: vec![dataset.s_token_ids[i]],
                group,
            });
        }
        Ok(Examples { roles: ROLES.map(String::from).into(), examples })
    }

    fn together(&self) -> Together {
        self.dataset.together()
    }

    fn attention(&self, roles: &[String]) -> Vec<[usize; 2]> {
        let place = |role: &str| roles.iter().position(|other| other == role);
        LOOKED_AT.iter().filter_map(|[query, key]| Some([place(query)?, place(key)?])).collect()
    }

    /// All names of the lexicon that are one token.
    fn copied(&self, _examples: &Examples, tokenizer: &Tokenizer) -> Vec<u32> {
        Lexicon::get().names.iter().filter_map(|name| tokenizer.name(name).ok()).collect()
    }
}
