//! Which tensors a file has, of what shape, and where: known before anything is computed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::spec::CacheSpec;
use crate::model::Gpt2Config;
use crate::site::Activation;
use crate::task::{Example, Examples};
use crate::{Error, Result};

/// A tensor of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct CachedTensor {
    /// As TransformerLens has it: "blocks.9.attn.hook_z".
    pub name: String,
    /// "F32", or "I64" of tokens and positions.
    pub dtype: &'static str,
    pub shape: Vec<usize>,
    /// Its first byte after the header.
    #[serde(skip)]
    at: usize,
}

impl CachedTensor {
    fn bytes(&self) -> u64 {
        let size = if self.dtype == "F32" { 4 } else { 8 };
        self.shape.iter().fold(size, |product, &n| product.saturating_mul(n as u64))
    }
}

/// The positions that are read of an example.
pub enum Places {
    All,
    /// By their places among the roles.
    Roles(Vec<usize>),
}

impl Places {
    /// # Errors
    /// [`Error::BadInput`] for `at` if the task has no such role.
    pub fn new(spec: &CacheSpec, examples: &Examples) -> Result<Self> {
        if spec.at.is_empty() {
            return Ok(Self::All);
        }
        let role = |name: &String| {
            examples
                .role(name)
                .map_err(|error| Error::input("at", format!("{error}; \"all\" is every position")))
        };
        spec.at.iter().map(role).collect::<Result<_>>().map(Self::Roles)
    }

    pub fn of(&self, example: &Example) -> Vec<usize> {
        match self {
            Self::All => (0..=example.end()).collect(),
            Self::Roles(roles) => roles.iter().map(|&role| example.positions[role]).collect(),
        }
    }
}

pub struct Layout {
    tensors: Vec<CachedTensor>,
    /// Which tensor each layer and site has.
    known: BTreeMap<(usize, Activation), usize>,
    pad: u32,
}

const TOKENS: usize = 0;
const LENGTHS: usize = 1;
const ROLES: usize = 2;

impl Layout {
    /// # Errors
    /// [`Error::BadInput`] for `at` if the task has no such role.
    pub fn new(spec: &CacheSpec, config: &Gpt2Config, examples: &Examples, pad: u32) -> Result<Self> {
        let longest = examples.examples.iter().map(|example| example.end() + 1).max().unwrap_or(0);
        let places = match Places::new(spec, examples)? {
            Places::All => longest,
            Places::Roles(roles) => roles.len(),
        };
        let count = examples.len();
        let mut layout = Self { tensors: Vec::new(), known: BTreeMap::new(), pad };
        layout.add("tokens".into(), "I64", vec![count, longest]);
        layout.add("lengths".into(), "I64", vec![count]);
        layout.add("roles".into(), "I64", vec![count, examples.roles.len()]);
        let (d_model, d_head, n_head) = (config.n_embd, config.d_head(), config.n_head);
        for layer in spec.layers(config) {
            for &site in &spec.sites {
                let shape = match site {
                    Activation::Pattern => vec![count, n_head, places, longest],
                    Activation::Result => vec![count, places, n_head, d_model],
                    site if site.per_head() => vec![count, places, n_head, d_head],
                    _ => vec![count, places, d_model],
                };
                layout.known.insert((layer, site), layout.tensors.len());
                layout.add(hook(layer, site), "F32", shape);
            }
        }
        Ok(layout)
    }

    fn add(&mut self, name: String, dtype: &'static str, shape: Vec<usize>) {
        // Beyond what can be written it is refused before anything is put anywhere.
        let at = usize::try_from(self.bytes()).unwrap_or(usize::MAX);
        self.tensors.push(CachedTensor { name, dtype, shape, at });
    }

    pub fn tensors(&self) -> &[CachedTensor] {
        &self.tensors
    }

    pub fn tensor(&self, layer: usize, site: Activation) -> usize {
        self.known[&(layer, site)]
    }

    /// What all tensors take.
    pub fn bytes(&self) -> u64 {
        self.tensors.iter().fold(0, |sum, tensor| sum.saturating_add(tensor.bytes()))
    }

    /// The file's first part: a length, and what is where. The safetensors library writes a header only together with all that
    /// comes after it, which would be there twice.
    pub fn header(&self, about: &BTreeMap<String, String>) -> Vec<u8> {
        let mut header = Map::from_iter([("__metadata__".to_owned(), json!(about))]);
        for tensor in &self.tensors {
            let CachedTensor { name, dtype, shape, at } = tensor;
            let to = *at as u64 + tensor.bytes();
            let info: Value = json!({ "dtype": dtype, "shape": shape, "data_offsets": [at, to] });
            header.insert(name.clone(), info);
        }
        let mut header = Value::Object(header).to_string().into_bytes();
        // So that the numbers begin where they can be mapped into memory.
        header.resize(header.len().next_multiple_of(8), b' ');
        [&(header.len() as u64).to_le_bytes()[..], &header].concat()
    }

    /// The file's second part before anything is read: tokens, lengths and roles, and activations of 0.
    pub fn empty(&self, spec: &CacheSpec, examples: &Examples) -> Vec<u8> {
        let mut data = vec![0; self.bytes() as usize];
        let mut put = |tensor: usize, numbers: &mut dyn Iterator<Item = u64>| {
            let places = data[self.tensors[tensor].at..].chunks_exact_mut(8);
            places.zip(numbers).for_each(|(place, number)| place.copy_from_slice(&number.to_le_bytes()));
        };
        let longest = self.tensors[TOKENS].shape[1];
        let all = || examples.examples.iter();
        let tokens = |example| {
            let tokens = Example::up_to_end(example, spec.run).iter().copied();
            tokens.chain(std::iter::repeat(self.pad)).take(longest).map(u64::from)
        };
        put(TOKENS, &mut all().flat_map(tokens));
        put(LENGTHS, &mut all().map(|example| example.end() as u64 + 1));
        put(ROLES, &mut all().flat_map(|example| example.positions.iter().map(|&position| position as u64)));
        data
    }

    /// Puts numbers in from a place on that its first axes name.
    pub fn put(&self, data: &mut [u8], tensor: usize, place: &[usize], numbers: impl Iterator<Item = f32>) {
        let CachedTensor { shape, at, .. } = &self.tensors[tensor];
        let first = shape
            .iter()
            .enumerate()
            .fold(0, |first, (axis, &size)| first * size + place.get(axis).copied().unwrap_or(0));
        let places = data[at + 4 * first..].chunks_exact_mut(4);
        places.zip(numbers).for_each(|(place, number)| place.copy_from_slice(&number.to_le_bytes()));
    }
}

/// TransformerLens's name of an activation of a layer.
fn hook(layer: usize, site: Activation) -> String {
    let of_attention = matches!(
        site,
        Activation::Q
            | Activation::K
            | Activation::V
            | Activation::Pattern
            | Activation::Z
            | Activation::Result
    );
    format!("blocks.{layer}.{}hook_{}", if of_attention { "attn." } else { "" }, site.name())
}
