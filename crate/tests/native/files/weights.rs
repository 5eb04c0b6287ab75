//! What the loader makes of checkpoints that are other than they should be.

use burn::tensor::Tensor;
use half::{bf16, f16};
use patchbay::device::ComputeDevice;
use patchbay::hooks::{Activation, Hooks};
use patchbay::loader::{LoadedModel, ModelLoader};
use patchbay::model::{Gelu, Gpt2Config};
use pollster::block_on;
use safetensors::Dtype;

use crate::fixture::variants::own_unembedding;
use crate::fixture::{CONFIG, TOKENIZER, Tensors, WEIGHTS, bytes, load_bytes as load, refusal, tensors};

fn resid_post(model: &LoadedModel) -> Vec<f32> {
    let last = Activation::ResidPost.at(2);
    let cache = model.gpt2.run(&[&[1, 2, 3, 4, 5]], &Hooks::new().read(last)).unwrap();
    Tensor::into_data(cache.get(last).unwrap()).iter::<f32>().collect()
}

#[test]
fn bytes_may_arrive_in_pieces_of_any_size() {
    let whole = resid_post(&load(CONFIG, WEIGHTS).unwrap());
    for size in [1, 7, 4096, WEIGHTS.len() - 1] {
        let mut loader = ModelLoader::new(ComputeDevice::cpu(), CONFIG, TOKENIZER).unwrap();
        let mut last = None;
        for chunk in WEIGHTS.chunks(size) {
            last = Some(loader.push(chunk).unwrap());
        }
        let last = last.unwrap();
        assert_eq!((last.bytes, last.total), (WEIGHTS.len() as u64, Some(WEIGHTS.len() as u64)));
        assert_eq!(resid_post(&block_on(loader.finish()).unwrap()), whole);
    }
}

#[test]
fn a_transformer_prefix_changes_nothing() {
    let prefixed =
        tensors().into_iter().map(|(name, tensor)| (format!("transformer.{name}"), tensor)).collect();
    let plain = resid_post(&load(CONFIG, WEIGHTS).unwrap());
    assert_eq!(resid_post(&load(CONFIG, &bytes(&prefixed)).unwrap()), plain);
}

#[test]
fn checkpoints_without_mask_buffers_load() {
    let mut without = tensors();
    let before = without.len();
    without.retain(|name, _| !name.ends_with(".attn.bias"));
    assert_eq!(without.len(), before - 3);
    let plain = resid_post(&load(CONFIG, WEIGHTS).unwrap());
    assert_eq!(resid_post(&load(CONFIG, &bytes(&without)).unwrap()), plain);
}

#[test]
fn half_precision_is_widened() {
    let full = resid_post(&load(CONFIG, WEIGHTS).unwrap());
    for dtype in [Dtype::F16, Dtype::BF16] {
        // Every half is a float32: a checkpoint of halves is that of the same numbers in float32, bit by bit.
        let (mut narrow, mut wide) = (tensors(), tensors());
        for (name, (kind, _, data)) in &mut narrow {
            let values: Vec<f32> = data.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
            let halves: Vec<(u16, f32)> = match dtype {
                Dtype::F16 => {
                    values.iter().map(|&x| f16::from_f32(x)).map(|x| (x.to_bits(), x.to_f32())).collect()
                }
                _ => values.iter().map(|&x| bf16::from_f32(x)).map(|x| (x.to_bits(), x.to_f32())).collect(),
            };
            *data = halves.iter().flat_map(|(bits, _)| bits.to_le_bytes()).collect();
            *kind = dtype;
            wide.get_mut(name).unwrap().2 = halves.iter().flat_map(|(_, x)| x.to_le_bytes()).collect();
        }
        let found = resid_post(&load(CONFIG, &bytes(&narrow)).unwrap());
        let expected = resid_post(&load(CONFIG, &bytes(&wide)).unwrap());
        let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&found), bits(&expected), "{dtype:?}");
        assert_ne!(found, full, "{dtype:?} has fewer digits");
    }
}

#[test]
fn broken_tensors_are_refused_by_name() {
    let with = |change: &dyn Fn(&mut Tensors)| {
        let mut tensors = tensors();
        change(&mut tensors);
        refusal(CONFIG, &bytes(&tensors))
    };
    let missing = with(&|t| drop(t.remove("h.1.mlp.c_fc.weight")));
    assert!(missing.contains("lacks h.1.mlp.c_fc.weight"), "{missing}");
    let unknown = with(&|t| drop(t.insert("h.1.attn.c_query.weight".into(), t["wte.weight"].clone())));
    assert!(unknown.contains("has a tensor h.1.attn.c_query.weight"), "{unknown}");
    let adapter = with(&|t| {
        let name = "base_model.model.transformer.h.0.attn.c_attn.lora_A.default.weight";
        t.insert(name.into(), t["wte.weight"].clone());
    });
    assert!(adapter.contains("lora_A") && adapter.contains("merge_and_unload"), "{adapter}");
    let shaped = with(&|t| t.get_mut("h.0.attn.c_attn.weight").unwrap().1 = vec![96, 32]);
    assert!(
        shaped.contains("h.0.attn.c_attn.weight has the shape [96, 32], but config.json asks for [32, 96]")
            && shaped.contains("it is transposed"),
        "{shaped}"
    );
    let typed = with(&|t| t.get_mut("ln_f.bias").unwrap().0 = Dtype::I32);
    assert!(typed.contains("ln_f.bias is stored as I32; expected F32, F16, BF16 or F64"), "{typed}");
    for value in [f32::NAN, f32::INFINITY] {
        let broken =
            with(&|t| t.get_mut("h.2.ln_2.weight").unwrap().2[8..12].copy_from_slice(&value.to_le_bytes()));
        assert!(broken.contains(&format!("h.2.ln_2.weight holds {value} at place 2")), "{broken}");
    }
}

#[test]
fn files_of_the_wrong_length_are_refused() {
    assert!(refusal(CONFIG, b"").contains("an empty file"));
    for cut in [4, 8, 100, WEIGHTS.len() / 2, WEIGHTS.len() - 1] {
        let message = refusal(CONFIG, &WEIGHTS[..cut]);
        assert!(
            message.contains("is cut short") && message.contains(&format!("found {cut} bytes")),
            "{message}"
        );
    }
    let long = [WEIGHTS, b"x"].concat();
    assert!(refusal(CONFIG, &long).contains("goes on after its last tensor"));
}

#[test]
fn configurations_that_are_not_gpt_2s_are_refused() {
    let refused = |json: &str| Gpt2Config::from_json(json).unwrap_err().to_string();
    let with = |from: &str, to: &str| {
        assert!(CONFIG.contains(from));
        refused(&CONFIG.replace(from, to))
    };
    assert!(refused("not json").contains("config.json is not a GPT-2 configuration"));
    assert!(refused("{}").contains("it has neither model_type nor any of n_layer"));
    assert!(refused(r#"{"hidden_size": 8, "n_layer": null}"#).contains("it has neither model_type"));
    assert!(with("\"n_layer\": 3", "\"n_layer\": 1000000000").contains("n_layer must be from 1 to 512"));
    assert!(with("\"n_layer\": 3", "\"n_layer\": -1").contains("invalid value"));
    assert!(with("\"n_head\": 4", "\"n_head\": 5").contains("multiple of n_head 5"));
    assert!(with("\"n_layer\": 3", "\"n_inner\": 0, \"n_layer\": 3").contains("n_inner must be from 1"));
    let twice = with("\"n_layer\": 3", "\"hidden_size\": 64, \"n_layer\": 3");
    assert!(twice.contains("n_embd 32 and hidden_size 64"), "{twice}");
    let attending = with("\"n_layer\": 3", "\"add_cross_attention\": true, \"n_layer\": 3");
    assert!(attending.contains("add_cross_attention must be false"), "{attending}");
    assert!(with("\"n_head\": 4", "\"n_head\": 0").contains("n_head must be from 1"));
    for other in ["relu", "silu", "quick_gelu", "gelu_10"] {
        assert!(with("gelu_new", other).contains("activation_function must be gelu_new"));
    }
    for other in ["llama", "gpt_neo", "gptj"] {
        assert!(with("gpt2\"", &format!("{other}\"")).contains("model_type must be gpt2"));
    }
    assert!(with("1e-05", "-1").contains("layer_norm_epsilon must be above 0"));
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let deeper = CONFIG.replace("\"n_layer\": 3", "\"n_layer\": 4");
    assert!(refusal(&deeper, WEIGHTS).contains("lacks h.3."));
    let shallower = CONFIG.replace("\"n_layer\": 3", "\"n_layer\": 2");
    assert!(refusal(&shallower, WEIGHTS).contains("h.2."));
}

#[test]
fn configurations_that_mean_the_same_are_read() {
    let plain = Gpt2Config::from_json(CONFIG).unwrap();
    for (from, to) in [
        ("\"n_layer\"", "\"n_inner\": 128, \"n_layer\""),
        ("\"n_layer\"", "\"n_inner\": null, \"n_layer\""),
        ("\"n_positions\": 64", "\"n_positions\": null"),
        ("\"n_ctx\": 64,", ""),
        ("\"n_ctx\": 64,", "\"n_ctx\": 1024,"),
        ("\"n_layer\"", "\"num_hidden_layers\""),
        ("\"n_embd\"", "\"hidden_size\": 32, \"n_embd\""),
        ("gelu_new", "gelu_fast"),
        ("gelu_new", "gelu_pytorch_tanh"),
        ("gelu_new", "gelu_python_tanh"),
        ("gelu_new", "gelu_accurate"),
        ("  \"layer_norm_epsilon\": 1e-05,\n", ""),
        ("{", "\u{feff}{"),
    ] {
        assert!(CONFIG.contains(from));
        assert_eq!(Gpt2Config::from_json(CONFIG.replacen(from, to, 1)).unwrap(), plain);
    }
}

#[test]
fn what_a_configuration_leaves_out_is_as_in_transformers() {
    // As GPT2Config of transformers 5.24 has it.
    let (config, notes) = Gpt2Config::with_notes(br#"{"model_type": "gpt2"}"#).unwrap();
    let shape =
        [config.n_layer, config.n_head, config.n_embd, config.n_inner, config.n_ctx, config.vocab_size];
    assert_eq!(shape, [12, 12, 768, 3072, 1024, 50257]);
    assert_eq!((config.layer_norm_epsilon, config.gelu), (1e-5, Gelu::Tanh));
    assert!(config.scale_attn_weights && !config.scale_attn_by_inverse_layer_idx);
    assert!(
        notes[0].contains("n_layer 12, n_head 12, n_embd 768, n_positions 1024, vocab_size 50257"),
        "{notes:?}"
    );
    let (_, notes) = Gpt2Config::with_notes(CONFIG.as_bytes()).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    let other = CONFIG.replace("\"n_ctx\": 64", "\"n_ctx\": 1024");
    let (config, notes) = Gpt2Config::with_notes(other.as_bytes()).unwrap();
    assert_eq!(config.n_ctx, 64);
    assert!(notes[0].contains("n_ctx 1024 and n_positions 64"), "{notes:?}");
    for exact in ["gelu", "gelu_python"] {
        assert_eq!(Gpt2Config::from_json(CONFIG.replace("gelu_new", exact)).unwrap().gelu, Gelu::Exact);
    }
}

#[test]
fn parameters_are_counted_as_the_checkpoint_has_them() {
    let numbers = |tensors: &Tensors| -> u64 {
        let counted = tensors.iter().filter(|(name, _)| !name.ends_with(".attn.bias"));
        counted.map(|(_, (_, shape, _))| shape.iter().product::<usize>() as u64).sum()
    };
    let tied = tensors();
    assert_eq!(load(CONFIG, WEIGHTS).unwrap().gpt2.parameters(), numbers(&tied));

    let mut twice = tied.clone();
    twice.insert("lm_head.weight".into(), tied["wte.weight"].clone());
    assert_eq!(load(CONFIG, &bytes(&twice)).unwrap().gpt2.parameters(), numbers(&tied), "wte once more");

    let mut untied = twice;
    untied.get_mut("lm_head.weight").unwrap().2 = own_unembedding(&tied);
    assert_eq!(load(CONFIG, &bytes(&untied)).unwrap().gpt2.parameters(), numbers(&untied));
}
