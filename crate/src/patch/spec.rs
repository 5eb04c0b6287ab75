use serde::{Deserialize, Serialize};

use super::{At, Fill, Over, Run};
use crate::metric::Metric;
use crate::model::Gpt2Config;
use crate::report::words::list;
use crate::site::Activation;
use crate::task::TaskSpec;
use crate::{Error, Result};

/// One edit at every place of a grid, and what each does to a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct PatchSpec {
    pub task: TaskSpec,
    /// Whose activation is edited; of an activation that there is once per head, all heads' where `head` is no axis and
    /// none is named.
    pub site: Activation,
    /// Further sites, each with a grid like the first one's: `site` is the first axis then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub also: Vec<Activation>,
    pub over: Vec<Over>,
    /// The positions, where neither `role` nor `position` is an axis.
    #[serde(default)]
    pub at: At,
    /// The layer, where it is no axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub layer: Option<usize>,
    /// The head, where it is no axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub head: Option<usize>,
    /// Without it the corrupted run is patched, and the clean one filled otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub direction: Option<Run>,
    #[serde(default)]
    pub fill: Fill,
    /// Keep ln1's scale as it was in the unedited run; for `q_input`, `k_input` and `v_input`.
    #[serde(default)]
    pub freeze_ln: bool,
    #[serde(default)]
    pub metric: Metric,
    /// Whether the result has each prompt's values too.
    #[serde(default)]
    pub per_prompt: bool,
}

impl PatchSpec {
    /// A site of every layer, at all positions, patched and judged as usual.
    pub fn of(task: TaskSpec, site: Activation) -> Self {
        Self {
            task,
            site,
            also: Vec::new(),
            over: vec![Over::Layer],
            at: At::All,
            layer: None,
            head: None,
            direction: None,
            fill: Fill::default(),
            freeze_ln: false,
            metric: Metric::default(),
            per_prompt: false,
        }
    }

    /// All sites, the first one first.
    pub fn sites(&self) -> Vec<Activation> {
        [&[self.site], &self.also[..]].concat()
    }

    /// "resid_pre, attn_out and mlp_out"
    pub fn site_names(&self) -> String {
        list(&self.sites().into_iter().map(|site| site.name().to_owned()).collect::<Vec<_>>())
    }

    /// The run that is edited.
    pub fn run(&self) -> Run {
        self.direction.unwrap_or(match self.fill {
            Fill::Patch => Run::Denoise,
            _ => Run::Noise,
        })
    }

    pub fn is_over(&self, axis: Over) -> bool {
        self.over.contains(&axis)
    }

    /// What can be said without a model.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the others.
    pub fn check(&self) -> Result<()> {
        self.task.check()?;
        let sites = self.sites();
        if let Some(odd) = sites.iter().find(|site| !site.is_site()) {
            return Err(unknown_site(odd.name()));
        }
        if let Some(twice) = (1..sites.len()).find(|&i| sites[..i].contains(&sites[i])) {
            let name = sites[twice].name();
            return Err(Error::input("site", format!("\"{name}\" is named twice; name each site once")));
        }
        self.check_axes()?;
        sites.iter().try_for_each(|site| self.check_axes_of(*site))?;
        if matches!(self.fill, Fill::Zero | Fill::Mean) && self.run() == Run::Denoise {
            return Err(Error::input(
                "direction",
                "an ablation (zero or mean) edits the clean run, which is \"noise\"; \"denoise\" puts clean values into the corrupted run, and has no such values to put",
            ));
        }
        if self.freeze_ln
            && let Some(site) = sites.iter().find(|site| !site.is_input())
        {
            let site = site.name();
            return Err(Error::input(
                "freeze_ln",
                format!("only what heads read has a scale to keep (q_input, k_input, v_input), found {site}"),
            ));
        }
        sites.iter().try_for_each(|site| self.check_fill(*site))
    }

    fn check_axes(&self) -> Result<()> {
        let over = |message: String| Err(Error::input("over", message));
        let names: Vec<&str> = self.over.iter().map(|axis| axis.name()).collect();
        if self.over.is_empty() {
            return over("a grid needs an axis: layer, head, role or position".into());
        }
        if let Some(twice) = (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
            return over(format!("\"{}\" is named twice; each axis may be there once", names[twice]));
        }
        if self.is_over(Over::Role) && self.is_over(Over::Position) {
            return over("roles are positions: expected role or position, found both".into());
        }
        if (self.is_over(Over::Role) || self.is_over(Over::Position)) && self.at != At::All {
            return Err(Error::input(
                "at",
                format!(
                    "the positions are an axis already, so they cannot be {} too; leave one out",
                    self.at
                ),
            ));
        }
        match (self.is_over(Over::Layer), self.layer) {
            (true, Some(_)) => Err(Error::input("layer", "the layer is an axis already; leave one out")),
            (false, None) => Err(Error::input("layer", "expected a layer, since it is no axis")),
            _ => Ok(()),
        }?;
        if self.head.is_some() && self.is_over(Over::Head) {
            return Err(Error::input("head", "the head is an axis already; leave one out"));
        }
        Ok(())
    }

    fn check_axes_of(&self, site: Activation) -> Result<()> {
        let name = site.name();
        if self.is_over(Over::Head) && !site.per_head() {
            return Err(Error::input(
                "over",
                format!(
                    "{name} is shared by all heads, so that \"head\" cannot be an axis; of each head there is {}",
                    Activation::SITES
                        .map(|site| if site.per_head() { site.name() } else { "" })
                        .join(" ")
                        .trim()
                ),
            ));
        }
        if self.head.is_some() && !site.per_head() {
            return Err(Error::input("head", format!("{name} is shared by all heads; name none")));
        }
        Ok(())
    }

    fn check_fill(&self, site: Activation) -> Result<()> {
        let is_vector = match &self.fill {
            Fill::Patch | Fill::Zero | Fill::Mean => return Ok(()),
            Fill::Project(span) | Fill::ProjectOut(span) if span.is_empty() => {
                return Err(Error::input("fill", "a projection needs a direction to project on"));
            }
            Fill::Project(_) | Fill::ProjectOut(_) | Fill::Add(..) => site != Activation::Pattern,
        };
        if !is_vector {
            return Err(Error::input(
                "fill",
                "a pattern is no vector: it can be patched, or filled with zero or mean",
            ));
        }
        Ok(())
    }

    /// What can be said of a model before its prompts are made.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming the field that does not fit the model.
    pub fn check_model(&self, config: &Gpt2Config) -> Result<()> {
        self.metric.check(config)?;
        let at_most = |field: &'static str, value: Option<usize>, count: usize| match value {
            Some(value) if value >= count => Err(Error::input(
                field,
                format!("the model has {field}s 0 to {}; there is no {field} {value}", count - 1),
            )),
            _ => Ok(()),
        };
        at_most("layer", self.layer, config.n_layer)?;
        at_most("head", self.head, config.n_head)
    }
}

pub fn unknown_site(found: &str) -> Error {
    let known = Activation::SITES.map(Activation::name).join(", ");
    Error::input("site", format!("there is no site \"{found}\"; there is {known}"))
}
