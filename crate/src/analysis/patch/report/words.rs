//! What a grid's edit does, and where, in words.

use crate::patch::{At, Direction, Fill, Over, PatchSpec, Run};
use crate::report::words::list;
use crate::site::Activation;

/// How the words for an edit go.
pub struct How {
    /// The run that is edited: "corrupted run".
    pub base: &'static str,
    /// The run where values come from.
    pub source: &'static str,
    /// What a share is called: "recovered".
    pub share: &'static str,
    /// What more of it is, of several and of one: "bring back".
    pub more: [&'static str; 2],
    /// What less of it is, of one.
    pub less: [&'static str; 2],
    /// What stands between these and what they are of, and after it: "bring back … ", "take … away".
    pub away: [&'static str; 2],
    /// What is done to several, each by itself, and to one, after what it does: " when set to zero by itself".
    pub by: [String; 2],
}

const CLEAN: &str = "clean run";
const CORRUPTED: &str = "corrupted run";

impl How {
    pub fn of(spec: &PatchSpec) -> Self {
        let by = |done: &str| {
            [format!("{done} by themselves"), format!("{} by itself", done.replace("their", "its"))]
        };
        match (&spec.fill, spec.run()) {
            (Fill::Patch, Run::Denoise) => Self {
                base: CORRUPTED,
                source: CLEAN,
                share: "recovered",
                more: ["bring back", "brings back"],
                less: ["take", "takes"],
                away: ["", " away"],
                by: by(""),
            },
            (Fill::Patch, Run::Noise) => Self::lost(by(" when patched")),
            (Fill::Zero, _) => Self::lost(by(" when set to zero")),
            (Fill::Mean, _) => Self::lost(by(" when set to their mean")),
            (_, Run::Noise) => Self::lost(by(" when edited")),
            (_, Run::Denoise) => Self { base: CORRUPTED, source: CLEAN, ..Self::lost(by(" when edited")) },
        }
    }

    /// What is lost of the clean run.
    pub fn lost(by: [String; 2]) -> Self {
        Self {
            base: CLEAN,
            source: CORRUPTED,
            share: "lost",
            more: ["take", "takes"],
            less: ["add", "adds"],
            away: [" away", ""],
            by,
        }
    }
}

/// Names of cells by their axes.
pub struct Named<'a> {
    axes: &'a [(Over, Vec<String>)],
}

impl<'a> Named<'a> {
    pub fn of(axes: &'a [(Over, Vec<String>)]) -> Self {
        Self { axes }
    }

    fn has(&self, axis: Over) -> bool {
        self.axes.iter().any(|(other, _)| *other == axis)
    }

    /// What so many cells are: "head", "layer", "place".
    pub fn kind(&self) -> &'static str {
        match self.axes.len() {
            2 if self.has(Over::Head) && self.has(Over::Layer) => "head",
            1 if self.has(Over::Head) => "head",
            1 if self.has(Over::Layer) => "layer",
            _ => "place",
        }
    }

    /// The label of a cell along an axis.
    fn label(&self, cell: usize, axis: Over) -> Option<&'a str> {
        let mut step = 1;
        for (other, labels) in self.axes.iter().rev() {
            if *other == axis {
                return Some(&labels[cell / step % labels.len()]);
            }
            step *= labels.len();
        }
        None
    }

    /// As tables and ranks have it: "9.9", "layer 9, S2", "9.9, END", "layer 3, position 5".
    pub fn cell(&self, cell: usize) -> String {
        let label = |axis| self.label(cell, axis);
        let site = label(Over::Site).map_or_else(String::new, |site| format!("{site} of "));
        let first = match (label(Over::Layer), label(Over::Head)) {
            (Some(layer), Some(head)) => Some(format!("{layer}.{head}")),
            (Some(layer), None) => Some(format!("layer {layer}")),
            (None, Some(head)) => Some(format!("head {head}")),
            (None, None) => None,
        };
        let at = label(Over::Role).map(str::to_owned);
        let at = at.or_else(|| label(Over::Position).map(|position| format!("position {position}")));
        site + &first.into_iter().chain(at).collect::<Vec<_>>().join(", ")
    }

    /// In a sentence: "head 9.9", "layer 9 at S2".
    pub fn spoken(&self, cell: usize) -> String {
        let name = self.cell(cell).replace(", position", " at position").replace(", ", " at ");
        let is_head = self.has(Over::Layer) && self.has(Over::Head) && !self.has(Over::Site);
        if is_head { format!("head {name}") } else { name }
    }
}

impl PatchSpec {
    /// "z patched from the clean run into the corrupted one, at END · logit difference · IOI, 150 prompts, …"
    pub(in crate::analysis) fn about(&self) -> String {
        let site = self.site_names();
        let of = match (self.layer, self.head) {
            (Some(layer), Some(head)) => format!(" of {layer}.{head}"),
            (Some(layer), None) => format!(" of layer {layer}"),
            (None, Some(head)) => format!(" of head {head}"),
            (None, None) => String::new(),
        };
        let edited = match self.run() {
            Run::Noise => CLEAN,
            Run::Denoise => CORRUPTED,
        };
        let named = |span: &[Direction]| list(&span.iter().map(ToString::to_string).collect::<Vec<_>>());
        let done = match (&self.fill, self.run()) {
            (Fill::Patch, Run::Denoise) => "patched from the clean run into the corrupted run".to_owned(),
            (Fill::Patch, Run::Noise) => "patched from the corrupted run into the clean run".into(),
            (Fill::Zero, _) => "set to zero in the clean run".into(),
            (Fill::Mean, _) => "set to its mean over the corrupted runs, in the clean run".into(),
            (Fill::Project(span), _) => format!("projected on {} in the {edited}", named(span)),
            (Fill::ProjectOut(span), _) => format!("without its part along {} in the {edited}", named(span)),
            (Fill::Add(direction, times), _) => format!("with {times} × {direction} added in the {edited}"),
        };
        let at = if self.is_over(Over::Role) || self.is_over(Over::Position) {
            String::new()
        } else {
            match &self.at {
                At::All => ", at all positions".to_owned(),
                At::Role(role) => format!(", at {role}"),
                At::Index(index) => format!(", at position {index}"),
            }
        };
        let ln = if self.freeze_ln { ", LayerNorm scale frozen" } else { "" };
        format!("{site}{of} {done}{at}{ln} · {} · {}", self.metric.title(), self.task.about_corrupted())
    }

    /// For names of files: "z-denoise-layer-head-n150-seed42".
    pub(in crate::analysis) fn stem(&self) -> String {
        let done = match (&self.fill, self.run()) {
            (Fill::Patch, Run::Denoise) => "denoise",
            (Fill::Patch, Run::Noise) => "noise",
            (Fill::Zero, _) => "zero",
            (Fill::Mean, _) => "mean",
            (Fill::Project(_), _) => "project",
            (Fill::ProjectOut(_), _) => "project-out",
            (Fill::Add(..), _) => "add",
        };
        let over: Vec<&str> = self.over.iter().map(|axis| axis.name()).collect();
        let at = match &self.at {
            At::All => String::new(),
            at => format!("-{at}").replace('+', "-"),
        };
        let sites: Vec<&str> = self.sites().into_iter().map(Activation::name).collect();
        format!("{}-{done}-{}{at}-{}", sites.join("-"), over.join("-"), self.task.stem())
    }
}

/// What a map shows. `shared`: whether shares are told.
pub fn title(spec: &PatchSpec, shared: bool) -> String {
    let edited = edited(spec);
    match (&spec.fill, spec.run()) {
        (Fill::Patch, Run::Denoise) if shared => format!("Recovered by patching {edited}"),
        (Fill::Patch, _) if shared => format!("Lost by patching {edited}"),
        (Fill::Zero, _) if shared => format!("Lost without {edited}"),
        (Fill::Mean, _) if shared => format!("Lost with the mean for {edited}"),
        (Fill::Patch, _) => format!("Changed by patching {edited}"),
        (Fill::Zero, _) => format!("Changed without {edited}"),
        (Fill::Mean, _) => format!("Changed with the mean for {edited}"),
        _ if shared => format!("Lost by editing {edited}"),
        _ => format!("Changed by editing {edited}"),
    }
}

/// What is edited, in a title: "one head's z", "resid_pre".
fn edited(spec: &PatchSpec) -> String {
    let site = spec.site.name();
    if !spec.also.is_empty() {
        return "one activation".into();
    }
    match spec.site {
        Activation::ResidPre | Activation::ResidMid | Activation::ResidPost => {
            format!("the residual stream ({site})")
        }
        _ if spec.site.per_head() && spec.is_over(Over::Head) => format!("one head's {site}"),
        _ if spec.site.per_head() && spec.head.is_none() => format!("all heads' {site}"),
        _ => site.to_owned(),
    }
}
