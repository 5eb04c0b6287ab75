//! Checkpoints as others save them: heads, wrappers, other number formats, several files, other vocabularies.

use burn::tensor::Tensor;
use patchbay::device::ComputeDevice;
use patchbay::hooks::{Activation, Hooks};
use patchbay::loader::{LoadedModel, ModelLoader};
use pollster::block_on;
use safetensors::Dtype;
use serde_json::json;

use crate::fixture::variants::{config_with, own_unembedding};
use crate::fixture::{CONFIG, TOKENIZER, Tensors, WEIGHTS, bytes, load_bytes, refusal, tensors};

/// The last residual stream of five tokens, and the logits of it.
fn computed(model: &LoadedModel) -> Vec<f32> {
    let last = Activation::ResidPost.at(2);
    let cache = model.gpt2.run(&[&[1, 2, 3, 4, 608]], &Hooks::new().read(last)).unwrap();
    let resid_post = cache.get(last).unwrap().flatten::<2>(0, 1);
    let numbers = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
    [numbers(resid_post.clone()), numbers(model.gpt2.logits(resid_post)), numbers(model.gpt2.w_u(&[0, 77]))]
        .concat()
}

fn plain() -> Vec<f32> {
    computed(&load_bytes(CONFIG, WEIGHTS).unwrap())
}

/// A checkpoint with a change, loaded.
fn with(change: impl FnOnce(&mut Tensors)) -> LoadedModel {
    let mut tensors = tensors();
    change(&mut tensors);
    load_bytes(CONFIG, &bytes(&tensors)).unwrap()
}

fn add(tensors: &mut Tensors, name: &str, dtype: Dtype, shape: &[usize]) {
    let size = shape.iter().product::<usize>() * dtype.bitsize() / 8;
    tensors.insert(name.into(), (dtype, shape.to_vec(), vec![1; size]));
}

#[test]
fn an_unembedding_that_is_wte_is_taken_for_it() {
    let twice = with(|t| drop(t.insert("lm_head.weight".into(), t["wte.weight"].clone())));
    assert!(twice.gpt2.lm_head.is_none());
    assert_eq!(twice.notes, ["lm_head.weight is wte.weight once more, and was dropped."]);
    assert_eq!(computed(&twice), plain());

    let alone = with(|t| {
        let wte = t.remove("wte.weight").unwrap();
        t.insert("lm_head.weight".into(), wte);
    });
    assert!(
        alone.gpt2.lm_head.is_none() && alone.notes[0].contains("it is taken for both"),
        "{:?}",
        alone.notes
    );
    assert_eq!(computed(&alone), plain());

    let neither = {
        let mut tensors = tensors();
        tensors.remove("wte.weight");
        refusal(CONFIG, &bytes(&tensors))
    };
    assert!(neither.contains("lacks wte.weight"), "{neither}");
}

#[test]
fn an_unembedding_of_its_own_is_used_wherever_it_comes_in_the_file() {
    // Files are in the order of names: before wte, and after it.
    let [first, last] = ["lm_head.weight", "module.lm_head.weight"].map(|name| {
        with(|t| {
            let (dtype, shape, _) = t["wte.weight"].clone();
            let rows = own_unembedding(t);
            let before = std::mem::take(t);
            t.extend(before.into_iter().map(|(name, tensor)| (format!("model.{name}"), tensor)));
            t.insert(name.into(), (dtype, shape, rows));
        })
    });
    assert!(first.notes[0].contains("W_U is computed from lm_head.weight"), "{:?}", first.notes);
    assert_eq!(computed(&first), computed(&last));
    assert_ne!(computed(&first)[5 * 32..], plain()[5 * 32..]);
    // What the layers compute has nothing to do with it.
    assert_eq!(computed(&first)[..5 * 32], plain()[..5 * 32]);

    // One number is enough.
    let almost = with(|t| {
        let (dtype, shape, mut data) = t["wte.weight"].clone();
        data[..4].copy_from_slice(&9.0_f32.to_le_bytes());
        t.insert("lm_head.weight".into(), (dtype, shape, data));
    });
    assert!(almost.gpt2.lm_head.is_some());

    let said = config_with(&json!({ "tie_word_embeddings": false }));
    let without = load_bytes(&said, WEIGHTS).unwrap();
    assert!(without.notes[0].contains("there is no lm_head.weight"), "{:?}", without.notes);
    assert_eq!(computed(&without), plain());
}

#[test]
fn what_nothing_reads_is_passed_over_and_named() {
    let model = with(|t| {
        add(t, "score.weight", Dtype::F32, &[2, 32]);
        add(t, "v_head.summary.bias", Dtype::I64, &[1]);
        add(t, "transformer.h.0.attn.masked_bias", Dtype::F32, &[]);
        add(t, "optimizer.state.h.0.ln_1.bias.exp_avg", Dtype::U8, &[3]);
        add(t, "multiple_choice_head.summary.weight", Dtype::F8_E4M3, &[1, 32]);
        add(t, "lm_head.bias", Dtype::F32, &[609]);
        add(t, "nothing", Dtype::BOOL, &[0]);
    });
    assert_eq!(computed(&model), plain());
    let [note] = model.notes.as_slice() else { panic!("{:?}", model.notes) };
    assert!(note.starts_with("Passed over, since nothing in GPT-2 reads it: "), "{note}");
    assert!(
        note.contains("lm_head.bias") && note.contains("score.weight") && note.ends_with("and 2 more."),
        "{note}"
    );

    let many = with(|t| {
        for i in 0..2000 {
            add(t, &format!("state.{i}.{}", "x".repeat(300)), Dtype::U8, &[1]);
        }
    });
    assert!(many.notes[0].ends_with("and 1995 more.") && many.notes[0].len() < 1500, "{:?}", many.notes);
    assert_eq!(computed(&many), plain());
    // GPT-2's own masks are nothing to speak of.
    assert!(load_bytes(CONFIG, WEIGHTS).unwrap().notes.is_empty());
}

#[test]
fn what_looks_like_a_weight_is_no_leftover() {
    for name in ["h.3.ln_1.weight", "transformer.h.3.attn.bias", "wte.bias", "model.wpe.extra", "ln_f.scale"]
    {
        let mut tensors = tensors();
        add(&mut tensors, name, Dtype::F32, &[1]);
        let message = refusal(CONFIG, &bytes(&tensors));
        assert!(message.contains(&format!("has a tensor {name}")), "{message}");
    }
    let mut tensors = tensors();
    let wte = tensors["wte.weight"].clone();
    tensors.insert("module.transformer.wte.weight".into(), wte);
    assert!(refusal(CONFIG, &bytes(&tensors)).contains("wte.weight is there twice"));
}

#[test]
fn wrappers_change_nothing() {
    for wrapper in [
        "transformer.",
        "_orig_mod.",
        "module.",
        "model.",
        "base_model.model.transformer.",
        "_orig_mod.module.pretrained_model.transformer.",
    ] {
        let model = with(|t| {
            let before = std::mem::take(t);
            t.extend(before.into_iter().map(|(name, tensor)| (format!("{wrapper}{name}"), tensor)));
        });
        assert_eq!(computed(&model), plain(), "{wrapper}");
        assert!(model.notes.is_empty(), "{:?}", model.notes);
    }
    let unknown: Tensors =
        tensors().into_iter().map(|(name, tensor)| (format!("my_net.{name}"), tensor)).collect();
    let message = refusal(CONFIG, &bytes(&unknown));
    assert!(message.contains("lacks ") && message.contains("There is my_net.wte.weight"), "{message}");
}

#[test]
fn float64_is_read() {
    let wide = with(|t| {
        for (dtype, _, data) in t.values_mut() {
            let doubles = data.as_chunks().0.iter().map(|b| f64::from(f32::from_le_bytes(*b)));
            *data = doubles.flat_map(f64::to_le_bytes).collect();
            *dtype = Dtype::F64;
        }
    });
    assert_eq!(computed(&wide), plain());
}

/// The fixture in several files of so many tensors each.
fn shards(tensors_each: usize) -> Vec<Vec<u8>> {
    let all: Vec<_> = tensors().into_iter().collect();
    all.chunks(tensors_each).map(|some| bytes(&some.iter().cloned().collect())).collect()
}

fn loader() -> ModelLoader {
    ModelLoader::new(ComputeDevice::cpu(), CONFIG, TOKENIZER).unwrap()
}

#[test]
fn several_files_are_one_model() {
    for tensors_each in [1, 7, 30] {
        for reversed in [false, true] {
            let mut files = shards(tensors_each);
            if reversed {
                files.reverse();
            }
            let mut loader = loader();
            for (i, file) in files.iter().enumerate() {
                loader.next_file(&format!("model-{i}.safetensors")).unwrap();
                for chunk in file.chunks(1009) {
                    loader.push(chunk).unwrap();
                }
                let progress = loader.push(&[]).unwrap();
                assert_eq!((progress.bytes, progress.total), (file.len() as u64, Some(file.len() as u64)));
            }
            loader.check_whole().unwrap();
            assert_eq!(computed(&block_on(loader.finish()).unwrap()), plain());
        }
    }
}

#[test]
fn of_several_files_each_must_be_whole_and_none_may_be_missing() {
    let files = shards(20);
    let [a, b, ..] = files.as_slice() else { panic!("two files") };
    let said = |error: patchbay::Error| error.to_string();

    let mut cut = loader();
    cut.next_file("a.safetensors").unwrap();
    cut.push(&a[..a.len() - 1]).unwrap();
    assert!(said(cut.next_file("b.safetensors").unwrap_err()).starts_with("a.safetensors is cut short"));
    let mut empty = loader();
    empty.next_file("a.safetensors").unwrap();
    assert!(said(empty.next_file("b.safetensors").unwrap_err()).contains("an empty file"));

    let mut missing = loader();
    missing.next_file("a.safetensors").unwrap();
    missing.push(a).unwrap();
    let message = said(missing.check_whole().unwrap_err());
    assert!(message.contains("the model's files lacks "), "{message}");

    let mut twice = loader();
    twice.next_file("a.safetensors").unwrap();
    twice.push(a).unwrap();
    twice.next_file("b.safetensors").unwrap();
    assert!(said(twice.push(a).unwrap_err()).contains("is there twice"));

    let mut page = loader();
    page.next_file("a.safetensors").unwrap();
    page.push(a).unwrap();
    page.next_file("b.safetensors").unwrap();
    let message = said(page.push(b"<!DOCTYPE html>").unwrap_err());
    assert!(message.starts_with("b.safetensors is not a safetensors file: found an HTML page"), "{message}");
    assert!(page.push(b).is_err(), "nothing is made of a file after an error");
}
