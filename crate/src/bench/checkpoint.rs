//! A checkpoint of GPT-2 small's shape with random weights: its time is GPT-2's, its numbers mean nothing.

use rand_mt::Mt;

/// GPT-2 small's configuration.
pub const CONFIG: &str = r#"{
  "model_type": "gpt2", "activation_function": "gelu_new", "n_layer": 12, "n_head": 12, "n_embd": 768,
  "n_ctx": 1024, "n_positions": 1024, "vocab_size": 50257, "layer_norm_epsilon": 1e-05
}
"#;
/// ioi-mini's tokenizer, in which IOI prompts have about as many tokens as in GPT-2's.
pub const TOKENIZER: &[u8] = include_bytes!("../../../www/public/models/ioi-mini/tokenizer.json");

const LAYERS: usize = 12;
const D_MODEL: usize = 768;
const N_CTX: usize = 1024;
const VOCAB: usize = 50_257;
/// Numbers made at once.
const PIECE: usize = 1 << 18;

/// The bytes of model.safetensors, in pieces; the same for the same seed.
pub fn model_safetensors(seed: u32) -> impl Iterator<Item = Vec<u8>> {
    let tensors = tensors();
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

/// Names and shapes, in the file's order.
fn tensors() -> Vec<(String, Vec<usize>)> {
    let d = D_MODEL;
    let mut tensors = vec![("wte.weight".into(), vec![VOCAB, d]), ("wpe.weight".into(), vec![N_CTX, d])];
    for layer in 0..LAYERS {
        let of_layer = [
            ("ln_1.weight", vec![d]),
            ("ln_1.bias", vec![d]),
            ("attn.c_attn.weight", vec![d, 3 * d]),
            ("attn.c_attn.bias", vec![3 * d]),
            ("attn.c_proj.weight", vec![d, d]),
            ("attn.c_proj.bias", vec![d]),
            ("ln_2.weight", vec![d]),
            ("ln_2.bias", vec![d]),
            ("mlp.c_fc.weight", vec![d, 4 * d]),
            ("mlp.c_fc.bias", vec![4 * d]),
            ("mlp.c_proj.weight", vec![4 * d, d]),
            ("mlp.c_proj.bias", vec![d]),
        ];
        tensors.extend(of_layer.map(|(name, shape)| (format!("h.{layer}.{name}"), shape)));
    }
    tensors.extend([("ln_f.weight".into(), vec![d]), ("ln_f.bias".into(), vec![d])]);
    tensors
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
