//! Training: a seed makes one model, a checkpoint goes on where it was, and the files hold what was trained.

use std::path::PathBuf;

use burn::tensor::activation::log_softmax;
use patchbay::Error;
use patchbay::device::ComputeDevice;
use patchbay::hooks::{Activation, Hooks};
use patchbay::loader::ModelLoader;
use patchbay::model::Gpt2;
use patchbay::training::{TrainSpec, Trainer, export};
use pollster::block_on;

/// Small enough for a test.
fn spec() -> TrainSpec {
    TrainSpec {
        seed: 5,
        n_layer: 2,
        n_head: 2,
        n_embd: 16,
        mlps: 1,
        n_inner: 32,
        steps: 12,
        batch: 8,
        // Most of these steps are warm-up.
        learning_rate: 0.1,
        ..TrainSpec::default()
    }
}

fn train(trainer: &mut Trainer, steps: usize) -> Vec<f32> {
    (0..steps).map(|_| block_on(trainer.train_step()).unwrap().loss).collect()
}

fn weights(trainer: &Trainer) -> Vec<u8> {
    block_on(export(trainer)).unwrap().remove("model.safetensors").unwrap()
}

/// A folder of this test's own, which is not there yet.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("patchbay-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

#[test]
fn it_learns_the_same_from_the_same_seed_also_across_a_checkpoint() {
    let cpu = ComputeDevice::cpu();
    let mut whole = Trainer::new(spec(), &cpu).unwrap();
    let losses = train(&mut whole, 12);
    // Rows of several kinds are drawn, and a step's loss goes with what it drew.
    let mean = |of: &[f32]| of.iter().sum::<f32>() / of.len() as f32;
    assert!(mean(&losses[8..]) < mean(&losses[..4]) - 0.3, "{losses:?}");

    let checkpoint = folder("checkpoint");
    assert!(Trainer::resume(&checkpoint, &spec(), &cpu).unwrap().is_none());
    let mut begun = Trainer::new(spec(), &cpu).unwrap();
    assert_eq!(train(&mut begun, 5), losses[..5]);
    begun.save(&checkpoint).unwrap();
    train(&mut begun, 1);
    // A second one takes the place of the first.
    begun.save(&checkpoint).unwrap();
    let mut resumed = Trainer::resume(&checkpoint, &spec(), &cpu).unwrap().unwrap();
    assert_eq!(resumed.step(), 6);
    assert_eq!(train(&mut resumed, 6), losses[6..]);
    assert!(weights(&resumed) == weights(&whole), "the weights differ");

    let other = TrainSpec { seed: 6, ..spec() };
    let refused = Trainer::resume(&checkpoint, &other, &cpu).map(drop).unwrap_err();
    assert!(matches!(refused, Error::BadInput { .. }), "{refused}");
    std::fs::write(checkpoint.join("optimizer.bpk"), "garbage").unwrap();
    let broken = Trainer::resume(&checkpoint, &spec(), &cpu).map(drop).unwrap_err();
    assert!(broken.to_string().contains("cannot be read"), "{broken}");
    std::fs::remove_dir_all(&checkpoint).unwrap();
}

#[test]
fn another_seed_makes_another_model() {
    let start = |seed| Trainer::new(TrainSpec { seed, ..spec() }, &ComputeDevice::cpu()).unwrap();
    assert!(weights(&start(5)) == weights(&start(5)));
    assert!(weights(&start(5)) != weights(&start(6)));
}

/// Log-probabilities of the token behind each of a text's.
fn log_probs(gpt2: &Gpt2, tokens: &[u32]) -> Vec<f32> {
    let resid_post = Activation::ResidPost.at(gpt2.config.n_layer - 1);
    let cache = gpt2.run(&[tokens], &Hooks::new().read(resid_post)).unwrap();
    let logits = gpt2.logits(cache.get(resid_post).unwrap().flatten(0, 1));
    log_softmax(logits, 1).into_data().iter::<f32>().collect()
}

#[test]
fn the_files_hold_what_was_trained() {
    let cpu = ComputeDevice::cpu();
    let mut trainer = Trainer::new(spec(), &cpu).unwrap();
    train(&mut trainer, 12);
    let files = block_on(export(&trainer)).unwrap();
    let config = std::str::from_utf8(&files["config.json"]).unwrap();
    let mut loader = ModelLoader::new(cpu, config, &files["tokenizer.json"]).unwrap();
    loader.push(&files["model.safetensors"]).unwrap();
    let loaded = block_on(loader.finish()).unwrap();

    let tokens = trainer.tokenizer().encode("Then, Alex and Anthony went to the store.").unwrap();
    assert_eq!(loaded.tokenizer.encode("Then, Alex and Anthony went to the store.").unwrap(), tokens);
    let (trained, read) = (log_probs(&trainer.model(), &tokens), log_probs(&loaded.gpt2, &tokens));
    let furthest = trained.iter().zip(&read).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    // float16 keeps eleven bits: weights move by at most 1/2048 of themselves, and logits of a few units by some 1e-3.
    assert!(furthest < 1e-2, "{furthest}");
    assert!(furthest > 0.0, "nothing was rounded: are these the files?");
}
