//! The engine against the hooked forward, on interventions that are drawn.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::Tensor;
use patchbay::device::ComputeDevice;
use patchbay::engine::{Asked, Forest, Forward, LnScale, Part, Placed, Read, Value};
use patchbay::hooks::Activation;
use patchbay::model::Gpt2;

use crate::fixture;
use crate::fixture::interventions::{Case, Drawn, Draws, check};

const MODELS: u64 = 40;
const CASES: u64 = 20;

/// What is wrong, be it a difference or a panic.
fn wrong(drawn: &Drawn, case: &Case) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| pollster::block_on(check(drawn, case)))) {
        Ok(checked) => checked.err(),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|&said| said.to_owned()));
            Some(format!("panicked: {}", said.unwrap_or_default()))
        }
    }
}

/// The case without what can be left out so that it is still wrong.
fn smallest(drawn: &Drawn, mut case: Case) -> Case {
    loop {
        let smaller = smaller(&case).into_iter().find(|smaller| wrong(drawn, smaller).is_some());
        match smaller {
            Some(smaller) => case = smaller,
            None => return case,
        }
    }
}

fn smaller(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    for read in 0..case.reads.len() {
        let mut smaller = case.clone();
        smaller.reads.remove(read);
        if !smaller.reads.is_empty() {
            all.push(smaller);
        }
        for place in 0..case.reads[read].places.len() {
            let mut smaller = case.clone();
            smaller.reads[read].places.remove(place);
            if !smaller.reads[read].places.is_empty() {
                all.push(smaller);
            }
        }
    }
    for run in 0..case.edited.len() {
        for edit in case.edited[run].inherited..case.edited[run].edits.len() {
            all.push(case.clone().without(run, edit));
        }
    }
    all
}

#[test]
fn every_intervention_is_as_by_itself() {
    for of_model in 0..MODELS {
        let drawn = pollster::block_on(Drawn::new(of_model, &ComputeDevice::cpu()));
        for seed in of_model * CASES..(of_model + 1) * CASES {
            let case = Case::draw(&drawn.shape, &mut Draws::new(seed));
            if wrong(&drawn, &case).is_some() {
                let case = smallest(&drawn, case);
                let wrong = wrong(&drawn, &case).expect("it was when it was larger");
                panic!("model {of_model}, {:?}, case {seed}: {wrong}\n{case:?}", drawn.shape);
            }
        }
    }
}

/// The tiny checkpoint's two runs and what is placed in the first of them, read after the last layer.
struct Patched {
    forward: Forward,
    /// The unedited runs' paths, and the edited one's.
    paths: [Vec<usize>; 3],
}

const CLEAN: [u32; 6] = [608, 1, 2, 3, 4, 5];
const CORRUPTED: [u32; 6] = [608, 6, 2, 7, 4, 8];

impl Patched {
    /// `edits`: by the other run's path.
    fn new(
        gpt2: &Gpt2,
        edits: impl Fn(&[usize]) -> Vec<Placed>,
        reads: impl Fn(&[usize]) -> Vec<Read>,
    ) -> Self {
        let mut forest = Forest::default();
        let ends = [&CLEAN, &CORRUPTED].map(|tokens| forest.run(tokens));
        let [clean, corrupted] = ends.map(|end| forest.path(end).to_vec());
        let edited = forest.branch(ends[0], edits(&corrupted));
        let reads = [&clean, &corrupted, &edited].into_iter().flat_map(|path| reads(path)).collect();
        let forward = Forward::new(Asked { forest, reads, ..Asked::default() }, gpt2.config.n_layer);
        Self { forward, paths: [clean, corrupted, edited] }
    }
}

fn placed(layer: usize, activation: Activation, position: usize, value: Value) -> Placed {
    Placed { layer, activation, head: None, position, value, ln: LnScale::Live }
}

#[test]
fn with_all_of_the_embedding_patched_a_run_is_the_other() {
    let model = pollster::block_on(fixture::load(ComputeDevice::cpu()));
    let n_layer = model.gpt2.config.n_layer;
    let of_other = |other: &[usize]| -> Vec<Placed> {
        let edit = |(position, &node)| placed(0, Activation::ResidPre, position, Value::Of(node));
        other.iter().enumerate().map(edit).collect()
    };
    let read = |path: &[usize]| -> Vec<Read> {
        let read = |layer| Read { layer, part: Part::ResidPre, nodes: path.to_vec() };
        (0..=n_layer).map(read).collect()
    };
    let mut patched = Patched::new(&model.gpt2, of_other, read);
    patched.forward.embed(&model.gpt2).unwrap();
    for layer in 0..=n_layer {
        patched.forward.layer(&model.gpt2, layer);
        let [clean, corrupted, edited] = patched
            .paths
            .each_ref()
            .map(|path| patched.forward.kept.get(&patched.forward.forest, layer, Part::ResidPre, path));
        let most = |difference: Tensor<2>| difference.abs().max().into_scalar::<f32>();
        // The same numbers at another place in the same products.
        assert!(most(edited - corrupted.clone()) < 1e-6, "layer {layer}");
        assert!(most(clean - corrupted) > 0.1, "layer {layer}");
    }
}

#[test]
fn an_edit_at_the_end_computes_the_end_alone() {
    let model = pollster::block_on(fixture::load(ComputeDevice::cpu()));
    let config = &model.gpt2.config;
    let end = CLEAN.len() - 1;
    let (d, inner) = (config.n_embd as f64, config.n_inner as f64);
    let read =
        |path: &[usize]| vec![Read { layer: config.n_layer, part: Part::ResidPre, nodes: path.to_vec() }];
    let flops =
        |edits: Vec<Placed>| Patched::new(&model.gpt2, |_| edits.clone(), read).forward.flops(&model.gpt2);
    // Two operations for each weight, and for each number of each key and value.
    let (inputs, output, mlp) = (6.0 * d * d, 2.0 * d * d, 4.0 * d * inner);
    let attention = 4.0 * d * CLEAN.len() as f64;
    let unedited = flops(Vec::new());
    for (activation, in_layer_1) in [
        (Activation::ResidPre, inputs + attention + output + mlp),
        (Activation::Q, attention + output + mlp),
        (Activation::Z, output + mlp),
        (Activation::ResidMid, mlp),
        (Activation::ResidPost, 0.0),
    ] {
        let more: Vec<f64> = flops(vec![placed(1, activation, end, Value::Zero)])
            .iter()
            .zip(&unedited)
            .map(|(edited, unedited)| edited - unedited)
            .collect();
        assert_eq!(more, [0.0, in_layer_1, inputs + attention + output + mlp, 0.0], "{activation:?}");
    }
    // At the first position, all after it too: from the next layer's attention on.
    let more = flops(vec![placed(1, Activation::Z, 0, Value::Zero)]);
    let attention: f64 = (1..=CLEAN.len()).map(|keys| 4.0 * d * keys as f64).sum();
    let nodes = CLEAN.len() as f64;
    let of_layer_2 = inputs + attention + nodes * (output + mlp);
    assert_eq!(more[2] - unedited[2], of_layer_2);
    assert_eq!(more[1] - unedited[1], output + mlp);
}

#[test]
fn what_is_put_back_is_not_computed() {
    let model = pollster::block_on(fixture::load(ComputeDevice::cpu()));
    let config = &model.gpt2.config;
    let end = CLEAN.len() - 1;
    let (d, inner) = (config.n_embd as f64, config.n_inner as f64);
    // z at END, and from there on what attention wrote, and the MLP too: what is left is one product in layer 0.
    let path = |activations: &[Activation]| {
        let flops = |with_edited: bool| {
            let mut forest = Forest::default();
            let clean = forest.run(&CLEAN);
            let restored = (0..config.n_layer).flat_map(|layer| {
                activations.iter().map(move |&activation| placed(layer, activation, end, Value::Of(clean)))
            });
            let restored = restored.filter(|edit| (edit.layer, edit.activation) != (0, Activation::AttnOut));
            let z = placed(0, Activation::Z, end, Value::Zero);
            let edited = forest.branch(clean, [z].into_iter().chain(restored).collect());
            let nodes = if with_edited { vec![clean, edited[end]] } else { vec![clean] };
            let reads = vec![Read { layer: config.n_layer, part: Part::ResidPre, nodes }];
            Forward::new(Asked { forest, reads, ..Asked::default() }, config.n_layer).flops(&model.gpt2)
        };
        flops(true).iter().zip(flops(false)).map(|(both, alone)| both - alone).collect::<Vec<f64>>()
    };
    let (output, mlp) = (2.0 * d * d, 4.0 * d * inner);
    assert_eq!(path(&[Activation::AttnOut]), [output + mlp, mlp, mlp, 0.0]);
    assert_eq!(path(&[Activation::AttnOut, Activation::MlpOut]), [output, 0.0, 0.0, 0.0]);
}

#[test]
fn an_edited_run_that_is_edited_further_computes_what_differs() {
    let model = pollster::block_on(fixture::load(ComputeDevice::cpu()));
    let config = &model.gpt2.config;
    let end = CLEAN.len() - 1;
    let flops = |further: bool| {
        let mut forest = Forest::default();
        let clean = forest.run(&CLEAN);
        let everywhere = (0..=end).map(|position| placed(0, Activation::ResidPre, position, Value::Zero));
        let mut path = forest.branch(clean, everywhere.collect());
        let mut ends = vec![*path.last().unwrap()];
        if further {
            path = forest.branch(ends[0], vec![placed(2, Activation::ResidMid, end, Value::Zero)]);
            ends.push(*path.last().unwrap());
        }
        let reads = vec![Read { layer: config.n_layer, part: Part::ResidPre, nodes: ends }];
        Forward::new(Asked { forest, reads, ..Asked::default() }, config.n_layer).flops(&model.gpt2)
    };
    let more: Vec<f64> = flops(true).iter().zip(flops(false)).map(|(more, less)| more - less).collect();
    assert_eq!(more, [0.0, 0.0, 4.0 * (config.n_embd * config.n_inner) as f64, 0.0]);
}
