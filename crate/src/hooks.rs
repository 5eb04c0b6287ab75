//! Reading and replacing activations while the model runs.
//!
//! Activations have TransformerLens's names. A [`HookPoint`] addresses one of them, at one layer and,
//! where it exists once a head, at one head; so every hooked value is a tensor of rank 3.

mod session;

use std::{collections::BTreeMap, fmt};

use burn::tensor::Tensor;

pub use crate::site::Activation;
pub(crate) use session::Session;

use crate::{Error, Result, model::Gpt2Config};

/// One activation of one layer (of one head).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HookPoint {
    pub layer: usize,
    pub activation: Activation,
    /// Given exactly where the activation exists once a head.
    pub head: Option<usize>,
}

impl fmt::Display for HookPoint {
    /// "resid_pre\[10\]", "q_input\[10.7\]".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.activation.name();
        match self.head {
            Some(head) => write!(f, "{name}[{}.{head}]", self.layer),
            None => write!(f, "{name}[{}]", self.layer),
        }
    }
}

impl HookPoint {
    /// Whether an edit here can change what is read there.
    fn influences(&self, read: &Self) -> bool {
        if self.layer != read.layer {
            return self.layer < read.layer;
        }
        let other_head = self.head.is_some() && read.head.is_some() && self.head != read.head;
        !other_head && self.activation.feeds(read.activation)
    }

    fn check(&self, config: &Gpt2Config) -> Result<()> {
        let n_head = config.n_head;
        let problem = if self.layer >= config.n_layer {
            format!("the model has layers 0 to {}", config.n_layer - 1)
        } else {
            match (self.activation.per_head(), self.head) {
                (true, Some(head)) if head < n_head => return Ok(()),
                (true, Some(_)) => format!("the model has heads 0 to {} in each layer", n_head - 1),
                (true, None) => format!("{} exists once a head: name one", self.activation.name()),
                (false, Some(_)) => format!("{} is shared by all heads: name none", self.activation.name()),
                (false, None) => return Ok(()),
            }
        };
        Err(Error::BadHook(format!("there is no {self}: {problem}")))
    }
}

/// Takes an activation and gives the one to use in its place, of the same shape.
pub type Edit<'a> = Box<dyn Fn(Tensor<3>) -> Tensor<3> + 'a>;

/// What to read and what to replace in one run of the model.
///
/// An activation that is both edited and read is read as edited, as TransformerLens caches it.
#[derive(Default)]
pub struct Hooks<'a> {
    reads: Vec<HookPoint>,
    edits: Vec<(HookPoint, Edit<'a>)>,
}

impl<'a> Hooks<'a> {
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the activation in the run's [`ActivationCache`].
    pub fn read(mut self, point: HookPoint) -> Self {
        self.reads.push(point);
        self
    }

    /// Replaces the activation by what `edit` makes of it. Edits of one point apply in order.
    pub fn edit(mut self, point: HookPoint, edit: impl Fn(Tensor<3>) -> Tensor<3> + 'a) -> Self {
        self.edits.push((point, Box::new(edit)));
        self
    }

    /// Where the run may stop: behind the last activation read.
    ///
    /// # Errors
    /// [`Error::BadHook`] if a point does not exist in the model or comes before layer `first`, if an
    /// edit could change nothing that is read, or if nothing is read.
    fn last_read(&self, config: &Gpt2Config, first: usize) -> Result<HookPoint> {
        let edited = self.edits.iter().map(|(point, _)| point);
        for point in self.reads.iter().chain(edited.clone()) {
            point.check(config)?;
            if point.layer < first {
                return Err(Error::BadHook(format!(
                    "{point} comes before layer {first}, where this run starts"
                )));
            }
        }
        let Some(last) = self.reads.iter().max_by_key(|point| (point.layer, point.activation)) else {
            return Err(Error::BadHook("a run must read at least one activation".into()));
        };
        for point in edited {
            if !self.reads.iter().any(|read| point.influences(read)) {
                return Err(Error::BadHook(format!(
                    "editing {point} could change nothing that is read; the last activation read is {last}"
                )));
            }
        }
        Ok(*last)
    }
}

/// The activations that a run was asked to keep, and no others.
#[derive(Debug, Clone, Default)]
pub struct ActivationCache(BTreeMap<HookPoint, Tensor<3>>);

impl ActivationCache {
    /// The activation at a point; shapes are those of [`Activation`].
    ///
    /// # Errors
    /// [`Error::BadHook`] if the run was not asked to keep it.
    pub fn get(&self, point: HookPoint) -> Result<Tensor<3>> {
        self.0
            .get(&point)
            .cloned()
            .ok_or_else(|| Error::BadHook(format!("{point} was not asked for in this run")))
    }
}
