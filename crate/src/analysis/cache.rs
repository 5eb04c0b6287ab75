//! Activations to take away: what chosen sites of a task's runs have, as a safetensors file by TransformerLens's names.

mod layout;
mod size;
mod spec;

use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::Tensor;
use serde::Serialize;

pub use layout::CachedTensor;
pub use spec::{CACHED, CacheSpec};

use self::layout::{Layout, Places};
use self::size::check_size;
use super::batch::whole;
use super::pattern::pattern;
use crate::Result;
use crate::engine::{Asked, Part, Probe, Read, Stop, Stopped};
use crate::job::{Analysis, Measures, Of, OnePass, TakenFile};
use crate::loader::LoadedModel;
use crate::model::Gpt2Config;
use crate::site::Activation;
use crate::task::{Example, Examples};
use crate::tokenizer::Tokenizer;

/// Whether a model can be asked it, as far as this can be said before it is run.
///
/// # Errors
/// As of [`CacheRun::new`].
pub(crate) fn check_cache(spec: &CacheSpec, config: &Gpt2Config, tokenizer: &Tokenizer) -> Result<()> {
    spec.check()?;
    spec.check_model(config)?;
    let examples = spec.task.examples(tokenizer, config.n_ctx)?;
    layout(spec, config, tokenizer, &examples).map(drop)
}

/// The places in the file, if it is not too large.
fn layout(
    spec: &CacheSpec,
    config: &Gpt2Config,
    tokenizer: &Tokenizer,
    examples: &Examples,
) -> Result<Layout> {
    // A tokenizer without such a token has another for what is no token.
    let layout = Layout::new(spec, config, examples, tokenizer.bos().unwrap_or(0))?;
    check_size(layout.bytes())?;
    Ok(layout)
}

/// Activations being read.
pub type CacheRun = OnePass<Cached>;

/// What a [`CacheRun`] reads.
pub struct Cached {
    spec: CacheSpec,
    config: Gpt2Config,
    score_scale: f64,
    examples: Examples,
    layout: Layout,
    places: Places,
    batches: Vec<Vec<usize>>,
    /// The file after its header.
    data: Rc<Vec<u8>>,
    needed: f64,
}

/// What is in the file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct CacheResult {
    pub spec: CacheSpec,
    pub prompts: usize,
    /// In the order of the file.
    pub tensors: Vec<CachedTensor>,
    /// What all tensors take.
    pub bytes: u64,
}

impl CacheRun {
    /// # Errors
    /// [`BadInput`](crate::Error::BadInput) naming the field that does not fit the model or the task, or for `layers` if the
    /// file would be too large; what a task's examples may have wrong with them.
    pub fn new(model: Rc<LoadedModel>, spec: &CacheSpec) -> Result<Self> {
        spec.check()?;
        let config = model.gpt2.config.clone();
        spec.check_model(&config)?;
        let examples = spec.task.examples(&model.tokenizer, config.n_ctx)?;
        let layout = layout(spec, &config, &model.tokenizer, &examples)?;
        let places = Places::new(spec, &examples)?;
        let lengths = examples.examples.iter().map(|example| example.end() + 1);
        let batches = whole(lengths.clone(), model.device.rows_per_batch());
        let needed = lengths.map(|length| config.forward_flops(length)).sum();
        let cached = Cached {
            spec: spec.clone(),
            score_scale: model.gpt2.blocks[0].attn.score_scale,
            config,
            examples,
            data: Rc::new(Vec::new()),
            layout,
            places,
            batches,
            needed,
        };
        Ok(Self::of(model, cached))
    }
}

impl Cached {
    fn batch(&self, batch: usize) -> impl Iterator<Item = &Example> {
        self.batches[batch].iter().map(|&example| &self.examples.examples[example])
    }

    /// What is read of a layer: for each site its parts, each at the positions that are read or at all up to END.
    fn parts(&self) -> Vec<(Part, bool)> {
        let parts = |site: &Activation| match site {
            Activation::Pattern => vec![(Part::Q, false), (Part::K, true)],
            other => vec![(part_of(*other), false)],
        };
        self.spec.sites.iter().flat_map(parts).collect()
    }
}

fn part_of(site: Activation) -> Part {
    match site {
        Activation::ResidPre => Part::ResidPre,
        Activation::Q => Part::Q,
        Activation::K => Part::K,
        Activation::V => Part::V,
        Activation::Z | Activation::Result => Part::Z,
        Activation::AttnOut => Part::AttnOut,
        Activation::ResidMid => Part::ResidMid,
        Activation::MlpOut => Part::MlpOut,
        Activation::ResidPost => Part::ResidPost,
        _ => unreachable!("the spec has been checked"),
    }
}

impl Probe for Cached {
    fn batches(&self) -> usize {
        self.batches.len()
    }

    fn stops(&self) -> Vec<Stop> {
        let stop = |layer| Stop { layer, what: "reading activations" };
        self.spec.layers(&self.config).into_iter().map(stop).collect()
    }

    fn ask(&self, batch: usize) -> Asked {
        let mut asked = Asked::default();
        let (mut all, mut read) = (Vec::new(), Vec::new());
        for example in self.batch(batch) {
            let end = asked.forest.run(example.up_to_end(self.spec.run));
            let path = asked.forest.path(end);
            read.extend(self.places.of(example).into_iter().map(|position| path[position]));
            all.extend_from_slice(path);
        }
        for layer in self.spec.layers(&self.config) {
            let parts = self.parts().into_iter().map(|(part, everywhere)| Read {
                layer,
                part,
                nodes: if everywhere { all.clone() } else { read.clone() },
            });
            asked.reads.extend(parts);
        }
        asked.marked = vec![read, all];
        asked
    }

    /// Part by part, row by row.
    fn measure(&self, at: &Stopped) -> Tensor<1> {
        let [read, all] = [&at.marked[0], &at.marked[1]];
        let attn = &at.gpt2.blocks[at.layer].attn;
        let sites = self.spec.sites.iter().flat_map(|site| match site {
            Activation::Pattern => vec![at.get(at.layer, Part::Q, read), at.get(at.layer, Part::K, all)],
            Activation::Result => {
                let z = at.get(at.layer, Part::Z, read); // [rows, head · d_head]
                let (w_o, _) = attn.output();
                let d_head = self.config.d_head();
                let of_head = |head: usize| {
                    let [z, w_o] = [
                        z.clone().narrow(1, head * d_head, d_head),
                        w_o.clone().narrow(0, head * d_head, d_head),
                    ];
                    z.matmul(w_o)
                };
                vec![Tensor::cat((0..self.config.n_head).map(of_head).collect(), 1)]
            }
            site => vec![at.get(at.layer, part_of(*site), read)],
        });
        Tensor::cat(sites.map(|rows: Tensor<2>| rows.flatten(0, 1)).collect(), 0)
    }

    fn keep(&mut self, at: &Stopped, values: &[f32]) {
        let mut values = values;
        let mut take = |count: usize| {
            let (first, rest) = values.split_at(count);
            values = rest;
            first
        };
        let data = Rc::get_mut(&mut self.data).expect("nobody has the file before it is whole");
        if data.is_empty() {
            *data = self.layout.empty(&self.spec, &self.examples);
        }
        let (d_model, n_head) = (self.config.n_embd, self.config.n_head);
        let [rows, all] = [at.marked[0].len(), at.marked[1].len()];
        for &site in &self.spec.sites {
            let tensor = self.layout.tensor(at.layer, site);
            if site == Activation::Pattern {
                let (queries, keys) = (take(rows * d_model), take(all * d_model));
                let (mut query, mut key) = (0, 0);
                for &number in &self.batches[at.batch] {
                    let example = &self.examples.examples[number];
                    let length = example.end() + 1;
                    let seen: Vec<&[f32]> =
                        keys[key * d_model..][..length * d_model].chunks_exact(d_model).collect();
                    for (place, position) in self.places.of(example).into_iter().enumerate() {
                        let of_query = &queries[query * d_model..][..d_model];
                        let weights = pattern(of_query, &seen[..=position], n_head, self.score_scale);
                        for (head, weights) in weights.chunks_exact(position + 1).enumerate() {
                            let numbers = weights.iter().map(|&weight| weight as f32);
                            self.layout.put(data, tensor, &[number, head, place], numbers);
                        }
                        query += 1;
                    }
                    key += length;
                }
                continue;
            }
            let width = if site == Activation::Result { n_head * d_model } else { d_model };
            let mut rows = take(rows * width).chunks_exact(width);
            for &number in &self.batches[at.batch] {
                let places = self.places.of(&self.examples.examples[number]).len();
                for (place, row) in rows.by_ref().take(places).enumerate() {
                    self.layout.put(data, tensor, &[number, place], row.iter().copied());
                }
            }
        }
    }
}

impl Measures for Cached {
    type Result = CacheResult;

    fn result(&self) -> CacheResult {
        CacheResult {
            spec: self.spec.clone(),
            prompts: self.examples.len(),
            tensors: self.layout.tensors().to_vec(),
            bytes: self.layout.bytes(),
        }
    }

    fn file_bytes(&self) -> Option<u64> {
        Some(self.layout.bytes())
    }

    fn file(&self, about: BTreeMap<String, String>) -> Option<TakenFile> {
        let about = about.into_iter().chain(self.spec.about(&self.examples)).collect();
        Some(TakenFile { header: self.layout.header(&about), data: self.data.clone() })
    }

    fn needed(&self) -> f64 {
        self.needed
    }
}

impl Analysis for CacheRun {
    const NAME: &'static str = "cache";
    type Question = Of<CacheSpec>;

    fn plan(model: Rc<LoadedModel>, Of { spec }: Self::Question) -> Result<Self> {
        Self::new(model, &spec)
    }
}
