use burn::tensor::Tensor;

use super::{Activation, ActivationCache, HookPoint, Hooks};
use crate::{Error, Result, model::Gpt2Config};

/// One run of the model under hooks: the model passes every activation through it.
pub(crate) struct Session<'a> {
    hooks: &'a Hooks<'a>,
    cache: ActivationCache,
    last: HookPoint,
}

impl<'a> Session<'a> {
    pub fn new(hooks: &'a Hooks<'a>, config: &Gpt2Config, first_layer: usize) -> Result<Self> {
        Ok(Self { last: hooks.last_read(config, first_layer)?, hooks, cache: ActivationCache::default() })
    }

    pub fn finish(self) -> ActivationCache {
        self.cache
    }

    /// Whether everything asked for has been read once this activation has been passed.
    pub fn is_over(&self, layer: usize, activation: Activation) -> bool {
        (self.last.layer, self.last.activation) <= (layer, activation)
    }

    /// The heads that have to be computed in a layer: all where the run goes on behind them, else
    /// those that a hook names.
    pub fn heads(&self, layer: usize, n_head: usize) -> Vec<usize> {
        if self.is_over(layer, Activation::Result) {
            let mut heads: Vec<usize> = self.points(layer).filter_map(|point| point.head).collect();
            heads.sort_unstable();
            heads.dedup();
            heads
        } else {
            (0..n_head).collect()
        }
    }

    /// Whether a hook names one of these activations in a layer.
    pub fn any(&self, layer: usize, activations: &[Activation]) -> bool {
        self.points(layer).any(|point| activations.contains(&point.activation))
    }

    fn points(&self, layer: usize) -> impl Iterator<Item = &HookPoint> {
        let edits = self.hooks.edits.iter().map(|(point, _)| point);
        self.hooks.reads.iter().chain(edits).filter(move |point| point.layer == layer)
    }

    /// Applies the edits at a point to its activation and keeps it if it is asked for.
    pub fn pass(&mut self, point: HookPoint, mut value: Tensor<3>) -> Result<Tensor<3>> {
        for (_, edit) in self.hooks.edits.iter().filter(|(at, _)| *at == point) {
            let expected = value.dims();
            value = edit(value);
            if value.dims() != expected {
                return Err(Error::BadHook(format!(
                    "the edit of {point} must keep the shape {expected:?}, but made {:?}",
                    value.dims()
                )));
            }
        }
        if self.hooks.reads.contains(&point) {
            self.cache.0.insert(point, value.clone());
        }
        Ok(value)
    }

    /// [`Session::pass`] for an activation of several heads, held as `[batch, head, pos, _]`.
    pub fn pass_heads(
        &mut self,
        layer: usize,
        activation: Activation,
        heads: &[usize],
        mut values: Tensor<4>,
    ) -> Result<Tensor<4>> {
        for (i, &head) in heads.iter().enumerate() {
            let point = activation.at_head(layer, head);
            let edited = self.hooks.edits.iter().any(|(at, _)| *at == point);
            if !edited && !self.hooks.reads.contains(&point) {
                continue;
            }
            let value = self.pass(point, values.clone().narrow(1, i, 1).squeeze_dim(1))?;
            if edited {
                let [batch, _, pos, width] = values.dims();
                values = values.slice_assign([0..batch, i..i + 1, 0..pos, 0..width], value.unsqueeze_dim(1));
            }
        }
        Ok(values)
    }
}
