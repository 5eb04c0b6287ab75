//! A run beside what a link says of the result it was made from.

use serde::Serialize;

use super::headline::{DIGITS, Headline, Texts};
use super::{Finished, beginning, significant};
use crate::report::Table;
use crate::report::words::NONE;
use crate::{Error, Result};

/// A link's result beside one that was computed again.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Comparison {
    pub agrees: bool,
    /// In a sentence or two.
    pub verdict: String,
    /// A row for each of the link's conditions.
    pub table: Table,
}

/// Beside the rounding in the link. Float32 sums in another order, as on another device, move a mean by some 1e-5.
const TOLERANCE: f64 = 1e-4;
/// Half a unit of the last digit, as a share of the figure.
const ROUNDING: f64 = 0.5e-5;

impl Finished {
    /// What a link promised beside this run. Conditions that the link does not have are not held against it: an earlier
    /// version may have had fewer.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `means` if the link says nothing of a result, or what cannot be read.
    pub fn compare(&self, link: &Texts) -> Result<Comparison> {
        let stored = Headline::read(link).ok().flatten();
        let stored = stored.ok_or_else(|| Error::input("means", "the link's result cannot be read"))?;
        let here = self.headline();
        let mut others = 0;
        let mut rows = Vec::new();
        for (condition, before) in &stored.means {
            let now = here.means.iter().find(|(name, _)| name == condition).map(|(_, mean)| *mean);
            let agrees = now.is_some_and(|now| (now - before).abs() <= TOLERANCE + ROUNDING * before.abs());
            others += usize::from(!agrees);
            rows.push(vec![
                condition.clone(),
                significant(*before, DIGITS),
                now.map_or_else(|| NONE.into(), |now| significant(now, DIGITS)),
                if agrees { "agrees" } else { "differs" }.into(),
            ]);
        }
        let causes = stored.causes(&here).join("; ");
        let verdict = if others == 0 {
            let besides = if causes.is_empty() { causes } else { format!(" Still: {causes}.") };
            format!(
                "This result agrees with the one stored in the link, to the {TOLERANCE} that float32 may differ by on another device.{besides}"
            )
        } else {
            let why = if causes.is_empty() {
                "The model and the page's version are the same, as far as the link names them, so rounding on another device does not explain it: the link may have been changed.".to_owned()
            } else {
                format!("The likely cause: {causes}.")
            };
            let conditions = if rows.len() == 1 { "condition" } else { "conditions" };
            format!(
                "This result differs from the one stored in the link, in {others} of {} {conditions}. {why}",
                rows.len()
            )
        };
        let table = Table {
            name: "link",
            title: "The link's means beside this result's".into(),
            header: ["condition", "in the link", "here", "verdict"].map(String::from).into(),
            rows,
            caption: String::new(),
        };
        Ok(Comparison { agrees: others == 0, verdict, table })
    }
}

impl Headline {
    /// What is not the same about the program and the model, the weightiest first. What the link does not name is not held
    /// against it.
    fn causes(&self, here: &Self) -> Vec<String> {
        let short = |text: &str| format!("{}…", beginning(text, 8));
        let differ = |one: &Option<String>, other: &Option<String>| one.is_some() && one != other;
        let mut causes = Vec::new();
        let hashes =
            |of: &Self| [Some(of.sha256.clone()), of.config_sha256.clone(), of.tokenizer_sha256.clone()];
        let what = ["other weights", "another configuration", "another tokenizer"];
        for ((what, one), other) in what.into_iter().zip(hashes(self)).zip(hashes(here)) {
            if differ(&one, &other) {
                let [one, other] = [one, other].map(|it| short(&it.unwrap_or_default()));
                causes.push(format!("{what}, SHA-256 {one} in the link and {other} here"));
            }
        }
        if self.revision != here.revision {
            let [one, other] =
                [&self.revision, &here.revision].map(|it| it.as_deref().map_or_else(|| "none".into(), short));
            causes.push(format!("another revision of the model, {one} in the link and {other} here"));
        }
        if self.app != here.app {
            causes.push(format!(
                "another version of this page, {} in the link and {} here",
                self.app, here.app
            ));
        }
        causes
    }
}
