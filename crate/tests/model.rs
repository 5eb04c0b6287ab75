//! The model and its hooks on the fixture, natively on the CPU.

#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use std::collections::BTreeSet;
use std::rc::Rc;

use burn::tensor::Tensor;
use fixture::{assert_close, expected, load};
use patchbay::device::ComputeDevice;
use patchbay::hooks::{Activation, HookPoint, Hooks};

use patchbay::loader::LoadedModel;
use patchbay::model::PrefixTree;
use pollster::block_on;

const ALL: [Activation; 16] = {
    use Activation::*;
    [
        ResidPre, QInput, KInput, VInput, Ln1Scale, Q, K, V, AttnScores, Pattern, Z, Result, AttnOut,
        ResidMid, MlpOut, ResidPost,
    ]
};

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

fn prompt(i: usize) -> Vec<u32> {
    fixture::numbers(&expected()["dataset"]["tokens"][i]).into_iter().map(|id| id as u32).collect()
}

/// The prompt that the figures are for, and before it another, so that a mix-up between rows shows.
fn batch() -> [Vec<u32>; 2] {
    let (other, prompt_0) = (prompt(1), prompt(0));
    assert_eq!(other.len(), prompt_0.len());
    assert_ne!(other, prompt_0);
    [other, prompt_0]
}

fn points(activation: Activation, layer: usize) -> Vec<HookPoint> {
    if activation.per_head() {
        (0..4).map(|head| activation.at_head(layer, head)).collect()
    } else {
        vec![activation.at(layer)]
    }
}

/// One row of prompt 0's activation. `[width]`
fn row(x: &Tensor<3>, position: usize) -> Vec<f32> {
    let [batch, _, width] = x.dims();
    let row = x.clone().slice([batch - 1..batch, position..position + 1, 0..width]);
    row.into_data().iter::<f32>().collect()
}

#[test]
fn logits_have_the_raw_models_log_probabilities() {
    let model = model();
    let [other, tokens] = batch();
    let last = Activation::ResidPost.at(2);
    let resid_post = model.gpt2.run(&[&other, &tokens], &Hooks::new().read(last)).unwrap().get(last).unwrap();
    let logits = model.gpt2.logits(resid_post.narrow(0, 1, 1).flatten(0, 1)); // [pos, vocab]
    let log_probs = burn::tensor::activation::log_softmax(logits, 1);
    let expected = expected();
    let vocab = expected["log_probs"]["tokens"].as_array().unwrap();
    let positions = expected["log_probs"]["prompt_0"].as_array().unwrap();
    assert!(positions.len() > 10);
    for (position, expected) in positions.iter().enumerate() {
        let row: Vec<f32> = log_probs.clone().narrow(0, position, 1).into_data().iter::<f32>().collect();
        let found: Vec<f32> = vocab.iter().map(|token| row[token.as_u64().unwrap() as usize]).collect();
        assert_close(&found, expected, &format!("log-probabilities at {position}"));
    }
}

#[test]
fn unembedding_columns_are_computed_on_demand() {
    let expected = expected();
    let tokens: Vec<u32> =
        fixture::numbers(&expected["unembedding"]["tokens"]).iter().map(|&id| id as u32).collect();
    let columns: Vec<f32> = model().gpt2.w_u(&tokens).into_data().iter::<f32>().collect();
    assert_close(&columns, &expected["unembedding"]["columns"], "W_U");
}

#[test]
fn every_activation_can_be_read() {
    let model = model();
    let [other, tokens] = batch();
    let expected = expected();
    let end = expected["activations"]["position"].as_u64().unwrap() as usize;
    let every =
        || (0..3).flat_map(|layer| ALL.into_iter().flat_map(move |activation| points(activation, layer)));
    let together = every().fold(Hooks::new(), Hooks::read);
    let together = model.gpt2.run(&[&other, &tokens], &together).unwrap();
    for point in every() {
        // All in one run, and each in a run of its own, which takes the shortest way to it.
        let alone = model.gpt2.run(&[&other, &tokens], &Hooks::new().read(point)).unwrap();
        let figures = &expected["activations"]["values"][point.activation.name()][point.layer];
        let figures = point.head.map_or(figures, |head| &figures[head]);
        let width = figures.as_array().unwrap().len();
        for cache in [&together, &alone] {
            let found = row(&cache.get(point).unwrap(), end);
            assert_close(&found[..width], figures, &point.to_string());
        }
    }
}

#[test]
fn every_activation_can_be_replaced() {
    let model = model();
    let [other, tokens] = batch();
    let expected = expected();
    let end = expected["activations"]["position"].as_u64().unwrap() as usize;
    let runs = expected["edited_runs"].as_array().unwrap();
    let edited: BTreeSet<&str> = runs.iter().map(|run| run["hook"].as_str().unwrap()).collect();
    assert_eq!(edited, ALL.iter().map(|activation| activation.name()).collect());
    let last = Activation::ResidPost.at(2);
    let plain = model.gpt2.run(&[&other, &tokens], &Hooks::new().read(last)).unwrap().get(last).unwrap();
    for edited in runs {
        let activation = ALL.into_iter().find(|activation| activation.name() == edited["hook"]).unwrap();
        let point = HookPoint {
            layer: edited["layer"].as_u64().unwrap() as usize,
            activation,
            head: edited["head"].as_u64().map(|head| head as usize),
        };
        let place = |i: usize| edited["positions"][i].as_u64().unwrap() as usize;
        let factor = if edited["edit"] == "double" { 2.0 } else { 0.0 };
        let edit = |x: Tensor<3>| {
            let [batch, _, width] = x.dims();
            let range = [0..batch, place(0)..place(1), 0..width];
            let changed = x.clone().slice(range.clone()) * factor;
            x.slice_assign(range, changed)
        };
        let hooks = Hooks::new().edit(point, edit).read(last);
        let resid_post = model.gpt2.run(&[&other, &tokens], &hooks).unwrap().get(last).unwrap();
        let found = row(&resid_post, end);
        assert_close(&found, &edited["last_resid_post"], &point.to_string());
        assert_ne!(found, row(&plain, end), "editing {point} changed nothing");
    }
}

#[test]
fn a_hook_that_could_do_nothing_is_an_error() {
    use Activation::{Pattern, Q, QInput, ResidPost, ResidPre, VInput};
    let model = model();
    let [other, tokens] = batch();
    let same = |x| x;
    for (hooks, words) in [
        (Hooks::new().read(ResidPre.at(3)), "there is no resid_pre[3]: the model has layers 0 to 2"),
        (Hooks::new().read(Pattern.at_head(0, 4)), "there is no pattern[0.4]: the model has heads 0 to 3"),
        (Hooks::new().read(Pattern.at(0)), "pattern exists once a head: name one"),
        (Hooks::new().read(ResidPre.at_head(0, 0)), "resid_pre is shared by all heads: name none"),
        (
            Hooks::new().read(ResidPre.at(1)).edit(ResidPost.at(1), same),
            "editing resid_post[1] could change nothing",
        ),
        (Hooks::new().read(ResidPost.at(1)).edit(QInput.at_head(1, 9), same), "there is no q_input[1.9]"),
        (Hooks::new().edit(ResidPost.at(1), same), "must read at least one activation"),
        (
            Hooks::new().read(Q.at_head(1, 1)).edit(QInput.at_head(1, 0), same),
            "editing q_input[1.0] could change nothing",
        ),
        (
            Hooks::new().read(Pattern.at_head(1, 1)).edit(VInput.at_head(1, 1), same),
            "editing v_input[1.1] could change nothing",
        ),
        (
            Hooks::new().read(ResidPost.at(1)).edit(ResidPre.at(1), |x: Tensor<3>| x.narrow(1, 0, 2)),
            "the edit of resid_pre[1] must keep the shape",
        ),
    ] {
        let error = model.gpt2.run(&[&other, &tokens], &hooks).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let resid_pre = model.gpt2.embed(&[&other, &tokens]).unwrap();
    let error =
        model.gpt2.run_from(1, resid_pre, &Hooks::new().read(ResidPre.at(0))).unwrap_err().to_string();
    assert!(error.contains("comes before layer 1"), "{error}");
}

#[test]
fn the_cache_keeps_only_what_was_asked_for() {
    let asked = Activation::ResidMid.at(1);
    let cache = model().gpt2.run(&[&prompt(0)], &Hooks::new().read(asked)).unwrap();
    assert!(cache.get(asked).is_ok());
    assert!(cache.get(Activation::ResidPre.at(1)).unwrap_err().to_string().contains("was not asked for"));
}

#[test]
fn what_the_model_cannot_read_is_refused() {
    let model = model();
    let too_long = vec![0; 65];
    let error = model.gpt2.embed(&[&too_long]).unwrap_err().to_string();
    assert!(error.contains("from 1 to 64 tokens"), "{error}");
    let error = model.gpt2.embed(&[&[609]]).unwrap_err().to_string();
    assert!(error.contains("token 609"), "{error}");
}

/// Each node of a tree is what the plain run computes at its place in each of its sequences.
#[test]
fn layers_over_a_tree_are_the_plain_ones() {
    let gpt2 = &model().gpt2;
    let whole = prompt(0);
    let other = [&whole[..4], &[7, 8, 9]].concat();
    let sequences = [whole.clone(), other, whole[..6].to_vec()];
    let mut tree = PrefixTree::default();
    let ends = sequences.each_ref().map(|sequence| tree.insert(sequence));
    assert_eq!(tree.len(), whole.len() + 3);
    let every: Vec<usize> = (0..tree.len()).collect();
    let mut resid = gpt2.embed_tree(&tree).unwrap();
    for layer in 0..gpt2.config.n_layer {
        // Some nodes alone, in an order of their own, as a last layer is asked for.
        let some = [ends[1], 2, ends[0]];
        let of_some = values(gpt2.layer(layer, resid.clone(), &tree, &some));
        resid = gpt2.layer(layer, resid, &tree, &every);
        let of_nodes = values(resid.clone());
        let d_model = gpt2.config.n_embd;
        let node = |node: usize| &of_nodes[node * d_model..][..d_model];
        for (found, &expected) in of_some.chunks(d_model).zip(&some) {
            assert_near(found, node(expected));
        }
        let resid_post = Activation::ResidPost.at(layer);
        for (sequence, &end) in sequences.iter().zip(&ends) {
            let cache = gpt2.run(&[sequence], &Hooks::new().read(resid_post)).unwrap();
            let expected = values(cache.get(resid_post).unwrap().squeeze_dim(0));
            for (expected, &at) in expected.chunks(d_model).zip(&tree.paths[end]) {
                assert_near(node(at), expected);
            }
        }
    }
}

fn values(x: Tensor<2>) -> Vec<f32> {
    x.into_data().iter().collect()
}

/// Sums of at most 128 products in another order: some 1e-6 of values up to 10.
fn assert_near(found: &[f32], expected: &[f32]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 2e-5, "{found} is not {expected}");
    }
}
