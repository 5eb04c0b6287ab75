//! What one question has measured another one does not compute again, and its numbers are the same as if it were asked first.

use std::collections::BTreeMap;
use std::rc::Rc;

use patchbay::device::ComputeDevice;
use patchbay::experiment::EXPERIMENTS;
use patchbay::job::{Work, plan};
use patchbay::loader::LoadedModel;
use patchbay::report::Report;
use patchbay::schema::{self, About};
use pollster::block_on;
use serde_json::Value;

use crate::fixture::load;

type Question = (&'static str, &'static [(&'static str, &'static str)]);

const KEEP: (&str, &str) = ("circuit_keep", "2.1@END, 1.0@S2+END");
const EVERY_HEAD: &[(&str, &str)] =
    &[("patch_site", "z"), ("patch_over", "layer,head"), ("patch_edit", "mean"), ("patch_at", "all")];

/// What a question gives, what was said that it costs, and how many layers were gone through for it.
struct Asked {
    result: Value,
    report: Report,
    cost: Work,
    layers: usize,
}

fn ask(model: &Rc<LoadedModel>, (form, given): Question) -> Asked {
    let given = given.iter().chain(&[("n", "20")]);
    let texts: BTreeMap<String, String> =
        given.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let about = About { config: &model.gpt2.config, tokenizer: &model.tokenizer };
    let read = schema::read(EXPERIMENTS, form, &texts, Some(about));
    assert_eq!(read.problems, [], "{form}");
    let mut job = plan(model.clone(), read.spec.unwrap()).unwrap();
    let cost = job.cost();
    assert!(job.result().unwrap().is_none(), "{form}: there is no answer before the first step");
    let mut layers = 0;
    loop {
        let progress = block_on(job.step()).unwrap();
        layers += usize::from(progress.step.contains(": layer "));
        assert!(progress.done <= progress.total && (progress.done == progress.total) == progress.finished);
        if progress.finished {
            break;
        }
    }
    let result = job.result().unwrap().unwrap().to_json().unwrap();
    Asked { result, report: job.report().unwrap().unwrap(), cost, layers }
}

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

/// The second has the same numbers as by itself, to the last bit, for fewer layers; how many, of each.
#[track_caller]
fn again(first: Question, second: Question) -> [usize; 2] {
    let alone = ask(&model(), second);
    let model = model();
    let before = ask(&model, first);
    let after = ask(&model, second);
    assert!(before.layers > 0 && before.cost.done > 0.0);
    let what = format!("{first:?}, then {second:?}");
    assert_eq!(after.result, alone.result, "{what}");
    assert_eq!(after.report, alone.report, "{what}");
    assert_eq!(after.cost.needed, alone.cost.needed, "{what}");
    assert!(after.layers < alone.layers && after.cost.done < alone.cost.done, "{what}");
    assert_eq!(after.layers == 0, after.cost.done == 0.0, "{what}");
    [alone.layers, after.layers]
}

#[test]
fn attribution_and_lenses_are_one_pass() {
    for second in [("lens", &[][..]), ("lens", &[("lens_scale", "live")]), ("attribute", &[])] {
        assert_eq!(again(("attribute", &[]), second)[1], 0);
    }
    assert_eq!(again(("lens", &[]), ("attribute", &[]))[1], 0);
    let without: &[(&str, &str)] = &[("writes_zero", "1.0@END"), ("writes_run", "corrupted")];
    assert_eq!(again(("attribute", without), ("lens", without))[1], 0);
}

#[test]
fn what_heads_do_is_measured_once() {
    assert_eq!(again(("heads", &[]), ("effects", &[]))[1], 0);
    // What is left is the heads' attention.
    let [alone, after] = again(("effects", &[]), ("heads", &[]));
    assert!(after < alone / 2, "{after} of {alone}");
    again(("attribute", &[]), ("effects", &[]));
    assert_eq!(again(("effects", &[]), ("patch", EVERY_HEAD))[1], 0);
    assert_eq!(again(("heads", &[]), ("attribute", &[]))[1], 0);
}

#[test]
fn means_of_the_corrupted_runs_are_taken_once() {
    let circuit: Question = ("circuit", &[KEEP]);
    again(circuit, ("examine", &[KEEP]));
    again(circuit, ("circuit", &[("circuit_keep", "1.1@END")]));
    again(circuit, ("effects", &[]));
    again(("effects", &[]), circuit);
}

#[test]
fn other_prompts_runs_and_edits_are_measured_by_themselves() {
    let model = model();
    let first = ask(&model, ("attribute", &[]));
    for given in [&[("seed", "7")][..], &[("writes_run", "corrupted")], &[("writes_zero", "1.0@END")]] {
        let other = ask(&model, ("attribute", given));
        assert_eq!(other.layers, first.layers, "{given:?}");
        assert_ne!(other.result["logit_diff"], first.result["logit_diff"], "{given:?}");
    }
    let other = ask(&model, ("patch", &[("patch_site", "z"), ("patch_edit", "mean")]));
    ask(&model, ("patch", EVERY_HEAD));
    let again = ask(&model, ("patch", &[("patch_site", "z"), ("patch_edit", "mean")]));
    assert_eq!((again.layers, &again.result), (0, &other.result));
    // Patches are nobody else's.
    assert!(ask(&model, ("patch", &[])).layers > 0 && ask(&model, ("patch", &[])).layers > 0);
    model.memo.clear();
    assert_eq!(ask(&model, ("attribute", &[])).layers, first.layers);
}
