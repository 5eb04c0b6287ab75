//! A checkpoint of a GPT-2's shape with random weights: its time is GPT-2's, its numbers mean nothing.

use rand_mt::Mt;

use super::{GPT2_SMALL, gpt2};
use crate::model::Gpt2Config;
use crate::weights::tied_tensors;

/// ioi-mini's tokenizer, in which IOI prompts have about as many tokens as in GPT-2's.
pub const TOKENIZER: &[u8] = include_bytes!("../../../www/public/models/ioi-mini/tokenizer.json");

/// Numbers made at once.
const PIECE: usize = 1 << 18;

/// Which GPT-2's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Small,
    Medium,
    Large,
}

impl Shape {
    /// Its config.json, as far as it is read.
    pub fn config_json(self) -> String {
        match self {
            Self::Small => GPT2_SMALL.to_owned(),
            Self::Medium => gpt2(24, 16, 1024),
            Self::Large => gpt2(36, 20, 1280),
        }
    }
}

/// The bytes of model.safetensors, in pieces; the same for the same configuration and seed.
pub fn model_safetensors(config: &Gpt2Config, seed: u32) -> impl Iterator<Item = Vec<u8>> + use<> {
    let tensors = tied_tensors(config);
    let mut random = Mt::new(seed);
    let header = header(&tensors);
    let pieces = tensors.into_iter().flat_map(|(name, shape)| {
        let count: usize = shape.iter().product();
        (0..count).step_by(PIECE).map(move |from| (name.clone(), PIECE.min(count - from)))
    });
    let numbers = pieces.map(move |(name, count)| {
        let number = |_| match name.as_str() {
            // A LayerNorm that changes nothing.
            name if name.contains("ln_") && name.ends_with("weight") => 1.0,
            name if name.ends_with("bias") => 0.0,
            // As wide as GPT-2's first weights: 0.02 from 0, evenly.
            _ => (random.next_u32() as f32 / u32::MAX as f32 - 0.5) * 0.07,
        };
        (0..count).map(number).flat_map(f32::to_le_bytes).collect()
    });
    std::iter::once(header).chain(numbers)
}

fn header(tensors: &[(String, Vec<usize>)]) -> Vec<u8> {
    let mut end = 0;
    let entry = |(name, shape): &(String, Vec<usize>)| {
        let start = end;
        end += 4 * shape.iter().product::<usize>();
        format!(r#""{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{start},{end}]}}"#)
    };
    let entries: Vec<String> = tensors.iter().map(entry).collect();
    let json = format!("{{{}}}", entries.join(","));
    [&(json.len() as u64).to_le_bytes(), json.as_bytes()].concat()
}
