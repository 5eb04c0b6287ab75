//! The model and its hooks on the fixture, natively on the CPU.

use std::rc::Rc;

use burn::tensor::Tensor;
use patchbay::device::ComputeDevice;
use patchbay::hooks::{Activation, Hooks};
use patchbay::loader::LoadedModel;
use pollster::block_on;

use crate::fixture;
use crate::fixture::activations::{
    assert_every_activation, assert_every_edit, assert_layers_over_a_forest, batch, prompt,
};
use crate::fixture::{assert_close, expected, load};

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
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
    block_on(assert_every_activation(&model()));
}

#[test]
fn every_activation_can_be_replaced() {
    block_on(assert_every_edit(&model()));
}

#[test]
fn layers_over_a_tree_are_the_plain_ones() {
    block_on(assert_layers_over_a_forest(&model()));
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
