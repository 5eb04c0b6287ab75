//! What heads look at, copy and are worth, on the fixture, natively on the CPU.

use std::rc::Rc;

use patchbay::analysis::{HeadEnds, HeadFigure, HeadsRun, HeadsSpec, PerHead};
use patchbay::device::ComputeDevice;
use patchbay::ioi::DatasetSpec;
use patchbay::job::Job;
use patchbay::loader::LoadedModel;
use patchbay::task::{InductionTask, IoiTask, TaskSpec};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture::heads::{assert_heads, entries, heads, spec};
use crate::fixture::load;

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

fn ioi(n: u32) -> TaskSpec {
    let dataset = DatasetSpec { n, symmetric: false, ..DatasetSpec::default() };
    TaskSpec::Ioi(IoiTask { dataset, ..IoiTask::default() })
}

#[test]
fn every_figure_agrees_with_the_reference() {
    block_on(assert_heads(&model(), &entries()));
}

#[test]
fn figures_asked_for_alone_are_what_they_are_together() {
    let model = model();
    let all = spec(&entries()[1]);
    let together = json!(block_on(heads(&model, &all)).unwrap());
    for (figure, fields) in [
        (HeadFigure::Attention, &["previous_token", "duplicate_token", "induction", "attention"][..]),
        (HeadFigure::Copying, &["copying", "copying_negative", "copied"]),
        (HeadFigure::Direct, &["direct", "logit_diff"]),
        (HeadFigure::Ablated, &["ablated", "logit_diff"]),
    ] {
        let alone =
            json!(block_on(heads(&model, &HeadsSpec { figures: vec![figure], ..all.clone() })).unwrap());
        let there = |of: &Value| {
            let figures = of.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
            let besides = |name: &String| !["spec", "prompts", "intervals"].contains(&name.as_str());
            figures.map(|(name, _)| name.clone()).filter(besides).collect::<Vec<_>>()
        };
        let mut expected = fields.to_vec();
        expected.sort_unstable();
        assert_eq!(there(&alone), expected);
        let near = |field: &str| {
            let [alone, together] = [&alone, &together].map(|of| of[field].as_f64().unwrap());
            (alone - together).abs() < 1e-6
        };
        for &field in fields {
            if field == "logit_diff" {
                // Both the attribution and the ablation know it, to float32's rounding of logits near 1.
                assert!(near(field));
                continue;
            }
            // A batch's products are the same, whatever else is asked.
            assert_eq!(alone[field], together[field], "{field}");
            assert_eq!(alone["intervals"][field], together["intervals"][field], "{field}");
        }
    }
}

#[test]
fn intervals_are_about_their_means_and_there_from_two_prompts_on() {
    let model = model();
    let spec = |n| HeadsSpec::of(ioi(n), 1, Some(8), model.gpt2.config.n_ctx);
    let found = block_on(heads(&model, &spec(5))).unwrap();
    let within = |mean: &Option<PerHead>, ends: &Option<HeadEnds>| {
        let (mean, ends) = (mean.as_ref().unwrap().concat(), ends.as_ref().unwrap());
        for ((mean, low), high) in mean.into_iter().zip(ends.low.concat()).zip(ends.high.concat()) {
            let (mean, low, high) = (mean.unwrap(), low.unwrap(), high.unwrap());
            assert!(low < mean && mean < high, "{low}, {mean}, {high}");
        }
    };
    within(&found.previous_token, &found.intervals.previous_token);
    within(&found.induction, &found.intervals.induction);
    within(&found.direct, &found.intervals.direct);
    within(&found.ablated, &found.intervals.ablated);
    for (roles, mean) in found.attention.unwrap() {
        let ends = found.intervals.attention.as_ref().unwrap().get(&roles).cloned();
        within(&Some(mean), &ends);
    }
    let one = block_on(heads(&model, &spec(1))).unwrap().intervals;
    let nothing = vec![vec![None; 4]; 3];
    for ends in [one.direct, one.attention.unwrap().remove("END->IO")] {
        assert_eq!(ends, Some(HeadEnds { low: nothing.clone(), high: nothing.clone() }));
    }
    // There are ten sequences, however many prompts.
    assert!(one.previous_token.unwrap().low.concat().iter().all(Option::is_some));
}

#[test]
fn what_is_done_is_known_before_and_only_ever_grows() {
    let model = model();
    let all = HeadsSpec::of(ioi(3), 1, Some(8), model.gpt2.config.n_ctx);
    let mut run = HeadsRun::new(model.clone(), &all).unwrap();
    let cost = run.cost();
    let alone = |figure| {
        HeadsRun::new(model.clone(), &HeadsSpec { figures: vec![figure], ..all.clone() }).unwrap().cost()
    };
    let sum: f64 = HeadFigure::ALL.map(|figure| alone(figure).done).iter().sum();
    assert_eq!(cost.done, sum);
    let mut last = 0;
    loop {
        assert!(run.result().unwrap().is_none());
        let progress = block_on(run.step()).unwrap();
        assert!(progress.done >= last && progress.done <= progress.total);
        assert_eq!(progress.finished, progress.done == progress.total);
        last = progress.done;
        if progress.finished {
            break;
        }
    }
    assert_eq!(run.cost(), cost);
    assert!(run.result().unwrap().is_some());
    assert!(block_on(run.step()).unwrap().finished);
}

#[test]
fn copying_costs_what_its_products_do() {
    let model = model();
    let spec = HeadsSpec {
        figures: vec![HeadFigure::Copying],
        ..HeadsSpec::of(ioi(2), 1, Some(8), model.gpt2.config.n_ctx)
    };
    let config = &model.gpt2.config;
    let [d, inner, vocab] = [config.n_embd, config.n_inner, config.vocab_size].map(|size| size as f64);
    // W_V and W_O of layer 0 and the MLP, once a name; a head's W_V and W_O and the unembedding, once a name and head.
    let of_name = 4.0 * d * d + 4.0 * d * inner + 12.0 * (4.0 * d * config.d_head() as f64 + 2.0 * d * vocab);
    assert_eq!(HeadsRun::new(model.clone(), &spec).unwrap().cost().done, 109.0 * of_name);
}

#[test]
fn what_does_not_fit_is_refused_by_field() {
    let model = model();
    let of = |length| HeadsSpec::of(ioi(2), 1, Some(length), model.gpt2.config.n_ctx);
    let refused = |spec: &HeadsSpec| {
        let error = HeadsRun::new(model.clone(), spec).err().expect("refused");
        (error.field(), error.to_string())
    };
    // The context has 64 positions, BOS's among them.
    assert!(HeadsRun::new(model.clone(), &of(31)).is_ok());
    let (field, message) = refused(&of(32));
    assert_eq!(field, Some("length"));
    assert!(message.contains("context of 64") && message.contains("at most 31"), "{message}");
    let (field, message) = refused(&HeadsSpec { figures: vec![], ..of(8) });
    assert_eq!(field, Some("figures"));
    assert!(message.contains("attention, copying, direct, ablated"), "{message}");
}

#[test]
fn sequences_are_the_tasks_own_or_as_long_as_the_context_holds() {
    let own = InductionTask { n: 3, seed: 7, length: 9, ..InductionTask::default() };
    assert_eq!(HeadsSpec::of(TaskSpec::Induction(own.clone()), 1, None, 64).sequences, own);
    let length = |n_ctx| HeadsSpec::of(ioi(2), 1, None, n_ctx).sequences.length;
    assert_eq!([64, 101, 1024].map(length), [31, 50, 50]);
}
