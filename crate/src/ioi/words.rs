//! A dataset in words, as reports and names of files have it.

use super::DatasetSpec;
use crate::report::words::counted;

impl DatasetSpec {
    /// "IOI, 150 prompts, seed 42, mixed, symmetric"; "20 own prompts".
    pub(crate) fn about(&self) -> String {
        let Self { n, seed, symmetric, prompt_type, prepend_bos, .. } = self;
        let bos = if *prepend_bos { "" } else { ", no BOS" };
        match &self.prompts {
            Some(own) => format!("{}{bos}", counted(own.len(), "own prompt")),
            None => {
                let symmetric = if *symmetric { ", symmetric" } else { "" };
                let prompts = counted(*n as usize, "prompt");
                format!("IOI, {prompts}, seed {seed}, {}{symmetric}{bos}", prompt_type.name())
            }
        }
    }

    /// "n150-seed42", "own20-seed42"
    pub(crate) fn stem(&self) -> String {
        match &self.prompts {
            Some(own) => format!("own{}-seed{}", own.len(), self.seed),
            None => format!("n{}-seed{}", self.n, self.seed),
        }
    }
}
