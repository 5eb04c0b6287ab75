//! Direct logit attribution and the logit lens, natively on the CPU: the figures, and that parts add up.

use std::rc::Rc;

use burn::tensor::{Tensor, TensorData};
use patchbay::analysis::{
    AttributeResult, AttributeRun, AttributeSpec, LensResult, LensScale, LensSpec, LogitParts,
};
use patchbay::device::ComputeDevice;
use patchbay::hooks::{Activation, HookPoint, Hooks};
use patchbay::ioi::DatasetSpec;
use patchbay::loader::LoadedModel;
use patchbay::patch::Node;
use patchbay::task::{Example, Examples, IoiTask, PromptForm, TaskSpec};
use pollster::block_on;

use crate::fixture::attribution::{assert_attribution, assert_lenses, attribute, examples, figures, lens};
use crate::fixture::interventions::Draws;
use crate::fixture::interventions::model::{LONGEST_PROMPT, Shape, VOCAB_SIZE, random_model};
use crate::fixture::{load, shipped};

#[test]
fn attributions_agree_with_the_reference() {
    block_on(assert_attribution(&block_on(load(ComputeDevice::cpu())), &figures()));
}

#[test]
fn lenses_agree_with_the_reference() {
    block_on(assert_lenses(&block_on(load(ComputeDevice::cpu())), &figures()));
}

/// In a context of 9 tokens, with one to three answers and wrong ones.
fn draw_examples(draws: &mut Draws) -> Examples {
    let token = |draws: &mut Draws| draws.below(VOCAB_SIZE) as u32;
    let tokens = |draws: &mut Draws, count: usize| (0..count).map(|_| token(draws)).collect::<Vec<u32>>();
    let example = |draws: &mut Draws, group: usize| {
        let length = 1 + draws.below(LONGEST_PROMPT);
        let [answers, wrong] = [1 + draws.below(3), 1 + draws.below(3)];
        Example {
            clean: tokens(draws, length),
            corrupted: tokens(draws, length),
            positions: vec![draws.below(length), length - 1],
            answers: tokens(draws, answers),
            wrong_answers: tokens(draws, wrong),
            group,
        }
    };
    let count = 1 + draws.below(7);
    Examples {
        roles: vec!["WORD".into(), "END".into()],
        examples: (0..count).map(|group| example(draws, group)).collect(),
    }
}

/// By the plain forward: some activations of a whole run, in which the nodes' z is zero. `[1, pos, d_model]` each
fn streams(
    model: &LoadedModel,
    examples: &Examples,
    example: &Example,
    spec: &AttributeSpec,
    read: &[HookPoint],
) -> Vec<Tensor<3>> {
    let (gpt2, tokens) = (&model.gpt2, example.up_to_end(spec.run));
    let mut hooks = read.iter().fold(Hooks::new(), |hooks, &point| hooks.read(point));
    for node in &spec.zero {
        let mut mask = vec![1.0_f32; tokens.len()];
        for position in node.places(examples).unwrap().positions(example) {
            mask[position] = 0.0;
        }
        let mask = TensorData::new(mask, [1, tokens.len(), 1]);
        let mask = Tensor::<3>::from_data(mask, &gpt2.device());
        hooks = hooks.edit(Activation::Z.at_head(node.layer, node.head), move |z| z * mask.clone());
    }
    let run = gpt2.run(&[tokens], &hooks).unwrap();
    read.iter().map(|&point| run.get(point).unwrap()).collect()
}

/// By all logits of a row. `[1, d_model]`
fn said_of(model: &LoadedModel, example: &Example, row: Tensor<2>) -> f64 {
    let logits: Vec<f32> = model.gpt2.logits(row).into_data().try_into_vec().unwrap();
    let mean = |of: &[u32]| of.iter().map(|&t| f64::from(logits[t as usize])).sum::<f64>() / of.len() as f64;
    mean(&example.answers) - mean(&example.wrong_answers)
}

fn row(stream: &Tensor<3>, position: usize) -> Tensor<2> {
    let [_, _, width] = stream.dims();
    stream.clone().narrow(1, position, 1).reshape([1, width])
}

fn logit_diff(model: &LoadedModel, examples: &Examples, example: &Example, spec: &AttributeSpec) -> f64 {
    let last = Activation::ResidPost.at(model.gpt2.config.n_layer - 1);
    let [stream] = &streams(model, examples, example, spec, &[last])[..] else { panic!("one was read") };
    said_of(model, example, row(stream, example.end()))
}

/// What ln_f divides a row by, in float64.
fn scale(model: &LoadedModel, row: Tensor<2>) -> f64 {
    let row: Vec<f32> = row.into_data().try_into_vec().unwrap();
    let row: Vec<f64> = row.into_iter().map(f64::from).collect();
    let mean = row.iter().sum::<f64>() / row.len() as f64;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / row.len() as f64;
    (variance + model.gpt2.config.layer_norm_epsilon).sqrt()
}

/// By the plain forward: the lens at a position, with the scale frozen and live. `[stream]` both
fn lenses(
    model: &LoadedModel,
    examples: &Examples,
    example: &Example,
    spec: &AttributeSpec,
    position: usize,
) -> [Vec<f64>; 2] {
    let config = &model.gpt2.config;
    let of_layer = |layer| [Activation::ResidPre.at(layer), Activation::ResidMid.at(layer)];
    let last = Activation::ResidPost.at(config.n_layer - 1);
    let points: Vec<HookPoint> = (0..config.n_layer).flat_map(of_layer).chain([last]).collect();
    let rows: Vec<Tensor<2>> =
        streams(model, examples, example, spec, &points).iter().map(|stream| row(stream, position)).collect();
    let last = scale(model, rows.last().unwrap().clone());
    let bias = said_of(model, example, rows[0].zeros_like());
    let live: Vec<f64> = rows.iter().map(|row| said_of(model, example, row.clone())).collect();
    let frozen =
        rows.into_iter().zip(&live).map(|(row, live)| (live - bias) * scale(model, row) / last + bias);
    [frozen.collect(), live]
}

fn draw_spec(draws: &mut Draws, shape: &Shape) -> AttributeSpec {
    let node = |draws: &mut Draws| {
        let at = draws.of(&["all", "END", "WORD", "WORD+END"]);
        format!("{}.{}@{at}", draws.below(shape.n_layer), draws.below(shape.n_head)).parse().unwrap()
    };
    let zeroed = draws.below(4);
    AttributeSpec {
        run: draws.of(&[PromptForm::Clean, PromptForm::Corrupted]),
        zero: (0..zeroed).map(|_| node(draws)).collect::<Vec<Node>>(),
        per_prompt: true,
        ..AttributeSpec::of(TaskSpec::default())
    }
}

/// Where a layer begins, in its middle and after it, the frozen lens has what all parts so far come to.
fn assert_lens_has_the_sums(parts: &LogitParts, values: &[f64], tolerance: f64) {
    let mut sum = parts.w_e + parts.w_pos + parts.b_u;
    let mut sums = vec![sum];
    for ((heads, b_o), mlp) in parts.heads.iter().zip(&parts.b_o).zip(&parts.mlps) {
        sum += heads.iter().sum::<f64>() + b_o;
        sums.push(sum);
        sum += mlp;
        sums.push(sum);
    }
    assert_eq!(values.len(), sums.len());
    for (place, (value, sum)) in values.iter().zip(sums).enumerate() {
        assert!((value - sum).abs() < tolerance, "{place}: the lens has {value}, the parts {sum}");
    }
}

/// What float32 rounds in sums of some tens of numbers with absolute values up to 5.
const DRAWN_TOLERANCE: f64 = 2e-5;

#[test]
fn parts_add_up_to_the_logit_difference_of_the_plain_forward_in_drawn_models() {
    for seed in 0..60 {
        let mut draws = Draws::new(seed);
        let shape = Shape::draw(&mut draws);
        let model = block_on(random_model(&shape, seed, ComputeDevice::cpu()));
        let asked = draw_examples(&mut draws);
        let spec = draw_spec(&mut draws, &shape);
        let found = block_on(attribute(&model, &spec, asked.clone())).unwrap();
        let prompts = found.per_prompt.unwrap();
        for (example, parts) in asked.examples.iter().zip(&prompts) {
            let expected = logit_diff(&model, &asked, example, &spec);
            let of = [parts.sum(), parts.logit_diff].map(|found| (found - expected).abs());
            assert!(of.iter().all(|&miss| miss < DRAWN_TOLERANCE), "{seed}: {of:?}, {expected}\n{spec:?}");
        }
        let zero = spec.zero.clone();
        let of_lens = LensSpec { run: spec.run, zero, per_prompt: true, ..LensSpec::of(TaskSpec::default()) };
        let frozen = block_on(lens(&model, &of_lens, asked.clone())).unwrap();
        for (parts, values) in prompts.iter().zip(frozen.per_prompt.unwrap()) {
            assert_lens_has_the_sums(parts, &values, DRAWN_TOLERANCE);
        }
        let live = block_on(lens(&model, &LensSpec { scale: LensScale::Live, ..of_lens }, asked)).unwrap();
        for (parts, values) in prompts.iter().zip(live.per_prompt.unwrap()) {
            assert!((values.last().unwrap() - parts.logit_diff).abs() < DRAWN_TOLERANCE);
        }
    }
}

fn of(n: u32, symmetric: bool) -> TaskSpec {
    TaskSpec::Ioi(IoiTask {
        dataset: DatasetSpec { n, symmetric, ..DatasetSpec::default() },
        ..IoiTask::default()
    })
}

fn on_task(model: &Rc<LoadedModel>, spec: &AttributeSpec) -> AttributeResult {
    block_on(attribute(model, spec, examples(model, &spec.task))).unwrap()
}

fn lens_on_task(model: &Rc<LoadedModel>, spec: &LensSpec) -> LensResult {
    block_on(lens(model, spec, examples(model, &spec.task))).unwrap()
}

/// Without heads too.
#[test]
fn lenses_at_every_role_are_the_plain_forwards_in_drawn_models() {
    for seed in 0..20 {
        let mut draws = Draws::new(seed);
        let shape = Shape::draw(&mut draws);
        let model = block_on(random_model(&shape, seed, ComputeDevice::cpu()));
        let asked = draw_examples(&mut draws);
        let spec = draw_spec(&mut draws, &shape);
        for (place, scale) in [LensScale::Frozen, LensScale::Live].into_iter().enumerate() {
            let of_lens = LensSpec {
                run: spec.run,
                zero: spec.zero.clone(),
                scale,
                ..LensSpec::of(TaskSpec::default())
            };
            let found = block_on(lens(&model, &of_lens, asked.clone())).unwrap();
            let roles: Vec<&str> = found.roles.iter().map(|it| it.role.as_str()).collect();
            assert_eq!(roles, ["WORD", "END"]);
            assert_eq!(found.roles[1].values, found.values);
            for (role, found) in found.roles.iter().enumerate() {
                let expected = asked.examples.iter().map(|example| {
                    let [frozen, live] = lenses(&model, &asked, example, &spec, example.positions[role]);
                    [frozen, live][place].clone()
                });
                let expected: Vec<Vec<f64>> = expected.collect();
                assert_eq!(found.values.len(), expected[0].len());
                for (stream, found) in found.values.iter().enumerate() {
                    let expected =
                        expected.iter().map(|row| row[stream]).sum::<f64>() / expected.len() as f64;
                    let miss = (found - expected).abs();
                    // Where a stream's own scale is small, float32's error is divided by it.
                    assert!(
                        miss < 10.0 * DRAWN_TOLERANCE,
                        "{seed}: {role}, {stream}: {found} and {expected}\n{spec:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_accounting_of_the_shipped_model_sums() {
    let model = Rc::new(shipped());
    for run in [PromptForm::Clean, PromptForm::Corrupted] {
        let spec = AttributeSpec { run, per_prompt: true, ..AttributeSpec::of(of(60, true)) };
        let found = on_task(&model, &spec);
        // Its logit differences are some 10 units; float32 has seven digits, and some 20 parts are summed.
        assert!(found.adds_up() && found.relative_miss < 3e-6, "{}", found.relative_miss);
        let asked = examples(&model, &spec.task);
        for (example, parts) in asked.examples.iter().zip(found.per_prompt.as_ref().unwrap()) {
            let expected = logit_diff(&model, &asked, example, &spec);
            assert!((parts.sum() - expected).abs() < 1e-4, "{} and {expected}", parts.sum());
            assert!((parts.logit_diff - expected).abs() < 1e-4, "{} and {expected}", parts.logit_diff);
        }
        let frozen = lens_on_task(&model, &LensSpec { run, ..LensSpec::of(of(60, true)) });
        assert_lens_has_the_sums(&found.mean, &frozen.values, 1e-4);
    }
}

#[test]
fn a_head_whose_z_is_zero_at_end_adds_nothing_and_what_was_written_before_stays() {
    let model = block_on(load(ComputeDevice::cpu()));
    let spec = AttributeSpec { per_prompt: true, ..AttributeSpec::of(of(20, true)) };
    let zero = vec!["1.2@END".parse().unwrap()];
    let before = on_task(&model, &spec).per_prompt.unwrap();
    let after = on_task(&model, &AttributeSpec { zero, ..spec }).per_prompt.unwrap();
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(after.heads[1][2], 0.0);
        // But for ln_f's scale, by which the whole prompt's parts are divided.
        let ratio = after.w_e / before.w_e;
        let same = |after: f64, before: f64| (after - before * ratio).abs() < 1e-5;
        assert!((0..4).all(|head| head == 2 || same(after.heads[1][head], before.heads[1][head])));
        assert!((0..4).all(|head| same(after.heads[0][head], before.heads[0][head])));
        assert!(same(after.mlps[0], before.mlps[0]) && !same(after.mlps[1], before.mlps[1]));
    }
}

#[test]
fn prompts_do_not_depend_on_their_batch() {
    let model = block_on(load(ComputeDevice::cpu()));
    let spec = |n| AttributeSpec { per_prompt: true, ..AttributeSpec::of(of(n, false)) };
    let mut many = AttributeRun::new(model.clone(), &spec(400)).unwrap();
    let total = block_on(many.step()).unwrap().total;
    let steps_per_batch = 1 + (model.gpt2.config.n_layer + 1) + 1;
    assert!(total >= 3 * steps_per_batch, "{total} steps");
    while !block_on(many.step()).unwrap().finished {}
    let many = many.result().unwrap().unwrap();
    assert_eq!(many.per_prompt.as_ref().unwrap().len(), 400);
    let few = on_task(&model, &spec(7)).per_prompt.unwrap();
    // Sums of another number of rows may be made in another order: some 1e-6 of a few units.
    for (found, expected) in many.per_prompt.unwrap().iter().zip(&few) {
        assert!((found.logit_diff - expected.logit_diff).abs() < 1e-5);
        assert!((found.heads[2][1] - expected.heads[2][1]).abs() < 1e-5);
    }
    let last = &many.intervals.unwrap();
    assert!(last.logit_diff.low < many.mean.logit_diff && many.mean.logit_diff < last.logit_diff.high);
}

#[test]
fn one_prompt_has_no_interval() {
    let model = block_on(load(ComputeDevice::cpu()));
    assert_eq!(on_task(&model, &AttributeSpec::of(of(1, false))).intervals, None);
    assert_eq!(on_task(&model, &AttributeSpec::of(of(2, true))).intervals, None);
    assert!(lens_on_task(&model, &LensSpec::of(of(2, false))).intervals.is_some());
}

#[test]
fn what_is_no_node_of_the_model_or_task_is_refused() {
    let model = block_on(load(ComputeDevice::cpu()));
    for (node, said) in [
        ("3.0@END", "\"3.0@END\""),
        ("0.4@END", "\"0.4@END\""),
        ("0.0@S3", "there is no role \"S3\" in this task; there is IO, S1, S1+1, S2, END, and all"),
        ("0.0@90", "there is no 90"),
    ] {
        let zero = vec!["1.1@END".parse().unwrap(), node.parse().unwrap()];
        let spec = AttributeSpec { zero, ..AttributeSpec::of(of(4, true)) };
        let error = AttributeRun::new(model.clone(), &spec).err().expect("refused");
        assert_eq!(error.field(), Some("zero"));
        assert!(error.to_string().contains(said), "{error}");
    }
}
