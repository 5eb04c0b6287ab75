//! What is asked of grids of edits by a form's texts, and what is said and drawn of them, on the fixture.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::fixture::load;
use crate::fixture::patching::entries;
use patchbay::analysis::{CellResult, CellRun, CellSpec, PatchRun};
use patchbay::device::ComputeDevice;
use patchbay::experiment::EXPERIMENTS;
use patchbay::frame::Frame;
use patchbay::job::{self, Job};
use patchbay::loader::LoadedModel;
use patchbay::patch::PatchSpec;
use patchbay::report::Report;
use patchbay::schema::{self, About, Read};
use pollster::block_on;
use serde_json::{Value, json};

/// As many prompts as the fixture's vocabulary has words for.
const N: (&str, &str) = ("n", "20");

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

pub fn read(model: Option<&LoadedModel>, given: &[(&str, &str)]) -> Read {
    let texts: BTreeMap<String, String> =
        given.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let about = model.map(|model| About { config: &model.gpt2.config, tokenizer: &model.tokenizer });
    schema::read(EXPERIMENTS, "patch", &texts, about)
}

pub fn spec(given: &[(&str, &str)]) -> PatchSpec {
    let Read { spec, problems, .. } = read(None, given);
    assert_eq!(problems, []);
    serde_json::from_value(spec.unwrap()["spec"].take()).unwrap()
}

fn refused(model: &LoadedModel, given: &[(&str, &str)]) -> (String, String) {
    let Read { spec, problems, .. } = read(Some(model), given);
    assert_eq!((spec, problems.len()), (None, 1), "{problems:?}");
    let problem = problems.into_iter().next().unwrap();
    (problem.field, problem.message)
}

fn nested(frame: &Frame, column: &str) -> Value {
    frame.nested(column).unwrap()
}

/// With what is there before the end.
fn reports(model: &Rc<LoadedModel>, spec: &PatchSpec) -> (Vec<Report>, PatchRun) {
    let mut run = PatchRun::new(model.clone(), spec).unwrap();
    let mut partial = Vec::new();
    while !block_on(run.step()).unwrap().finished {
        partial.extend(run.report().unwrap());
    }
    (partial, run)
}

#[test]
fn a_sentence_of_texts_is_a_grid() {
    let usual = spec(&[]);
    let Value::Object(fields) = json!(usual) else { panic!("an object") };
    let of = |name: &str| fields[name].clone();
    assert_eq!([of("site"), of("over"), of("at")], [json!("z"), json!(["layer", "head"]), json!("all")]);
    assert_eq!(
        [of("direction"), of("fill"), of("metric")],
        [json!("denoise"), json!("patch"), json!("logit_diff")]
    );
    assert!(usual.per_prompt && !usual.freeze_ln);
    let zero = spec(&[
        ("patch_site", "resid_pre"),
        ("patch_edit", "zero"),
        ("patch_over", "layer,role"),
        ("patch_at", "nowhere"),
    ]);
    let zero = json!(zero);
    assert_eq!([&zero["direction"], &zero["fill"], &zero["at"]], ["noise", "zero", "all"]);
    let scored =
        json!(spec(&[("patch_metric", "attn_score_diff"), ("patch_scored", "9.9"), ("patch_at", "END")]));
    assert_eq!([&scored["metric"], &scored["at"]], ["attn_score_diff[9.9]", "END"]);
    assert_eq!(json!(spec(&[("patch_metric", "attn_score_diff")]))["metric"], "attn_score_diff[10.7]");
    // Only what heads read has a scale to keep.
    let frozen = |site: &str| spec(&[("patch_site", site), ("patch_freeze_ln", "true")]).freeze_ln;
    assert_eq!(["z", "q_input"].map(frozen), [false, true]);
}

#[test]
fn what_does_not_fit_is_said_at_its_field() {
    let model = model();
    let refused = |given: &[(&str, &str)]| refused(&model, given);
    let (field, message) = refused(&[N, ("patch_site", "mlp_out")]);
    assert_eq!(field, "patch_over");
    assert!(message.contains("mlp_out is shared by all heads"), "{message}");
    let (field, message) = refused(&[N, ("patch_at", "S9")]);
    assert_eq!(field, "patch_at");
    assert!(message.contains("IO, S1, S1+1, S2, END"), "{message}");
    let (field, _) = refused(&[N, ("patch_metric", "attn_score_diff"), ("patch_scored", "99.0")]);
    assert_eq!(field, "patch_metric");
    let (field, _) = refused(&[N, ("patch_scored", "9-9"), ("patch_metric", "attn_score_diff")]);
    assert_eq!(field, "patch_scored");
    // It says nothing beside another metric.
    assert_eq!(read(Some(&model), &[N, ("patch_scored", "9-9")]).problems, []);
    let asked = read(Some(&model), &[N]).spec.unwrap();
    assert!(job::plan(model, asked).is_ok());
}

#[test]
fn every_grid_of_the_reference_has_its_numbers_in_its_figures() {
    let model = model();
    let mut sizes = BTreeMap::new();
    for entry in entries() {
        let spec: PatchSpec = serde_json::from_value(entry["spec"].clone()).unwrap();
        let (_, run) = reports(&model, &spec);
        let (result, report) = (run.result().unwrap().unwrap(), run.report().unwrap().unwrap());
        let frame = &report.figures[0].frame;
        assert_eq!(json!(frame.axes()), json!(result.axes), "{}", report.about);
        let metric = spec.metric.to_string();
        assert_eq!(nested(frame, &metric), result.values);
        let ends = result.intervals.as_ref().unwrap();
        assert_eq!(
            [nested(frame, &format!("{metric}_low")), nested(frame, &format!("{metric}_high"))],
            [ends.low.clone(), ends.high.clone()]
        );
        let share = ["recovered", "lost"].into_iter().find(|share| frame.column(share).is_ok());
        if let (Some(share), Some(normalized)) = (share, &result.normalized) {
            let far = crate::fixture::nests::furthest(&nested(frame, share), normalized, |_| 1e-9, share);
            assert_eq!(far, None, "{}", report.about);
        }
        let counts = nested(frame, "count");
        match &result.counts {
            Some(expected) => assert_eq!(&counts, expected),
            None => assert!(
                frame.column("count").unwrap().values.iter().all(|it| *it == Some(result.prompts as f64))
            ),
        }
        assert!(report.answer.ends_with('.') && !report.answer.contains("NaN"), "{}", report.answer);
        *sizes.entry(report.figures.len()).or_insert(0) += 1;
    }
    assert!(sizes.keys().all(|count| (1..=2).contains(count)), "{sizes:?}");
}

#[test]
fn there_is_something_to_see_before_the_end() {
    let model = model();
    let spec = spec(&[N, ("patch_over", "role,layer,head")]);
    let (partial, run) = reports(&model, &spec);
    let first = partial.first().expect("a report before the end");
    assert!(first.answer.starts_with("So far, of "), "{}", first.answer);
    assert!(first.notes[0].starts_with("Prompts seen so far: "));
    assert_eq!(first.figures[0].name, "map");
    assert!(run.report().unwrap().unwrap().answer.starts_with("Of "));
}

fn looked_at(model: &Rc<LoadedModel>, grid: &PatchSpec, places: &[usize]) -> CellResult {
    let spec = CellSpec { grid: grid.clone(), places: places.to_vec(), example: 1 };
    let mut run = CellRun::new(model.clone(), &spec).unwrap();
    while !block_on(run.step()).unwrap().finished {
        assert!(run.result().unwrap().is_none());
    }
    let report = run.report().unwrap().unwrap();
    assert!(report.answer.starts_with("In prompt 2 the model says “"), "{}", report.answer);
    run.result().unwrap().unwrap()
}

/// The first of the prompts' likeliest tokens and every metric are those that grids of that metric have.
#[test]
fn a_cell_has_every_metric_that_grids_have() {
    let model = model();
    let (layer, head) = (2, 1);
    for (edit, over) in [
        ("denoise", "layer,head"),
        ("noise", "layer,role"),
        ("zero", "layer,head"),
        ("mean", "layer,position"),
    ] {
        let of =
            |metric: &str| spec(&[N, ("patch_edit", edit), ("patch_over", over), ("patch_metric", metric)]);
        let cell = looked_at(&model, &of("logit_diff"), &[layer, head]);
        assert_eq!((cell.before.len(), cell.after.len()), (5, 5));
        assert!(cell.before.is_sorted_by(|a, b| a.probability >= b.probability));
        for found in &cell.metrics {
            let (_, run) = reports(&model, &of(&found.metric.to_string()));
            let result = run.result().unwrap().unwrap();
            let expected = result.values[layer][head].as_f64().unwrap();
            let near = |a: f64, b: f64| (a - b).abs() < 2e-5 * b.abs().max(1.0);
            assert!(
                near(found.edited, expected),
                "{edit}, {}: {} is not {expected}",
                found.metric,
                found.edited
            );
            if result.counts.is_none() {
                assert!(near(found.unedited, result.base), "{edit}, {}", found.metric);
                assert_eq!(cell.prompts, 20);
            }
        }
    }
}

#[test]
fn a_cell_is_one_of_the_grid_that_the_prompt_has() {
    let model = model();
    let grid = spec(&[N, ("patch_over", "layer,position")]);
    let refused = |places: &[usize], example: usize| {
        let spec = CellSpec { grid: grid.clone(), places: places.to_vec(), example };
        CellRun::new(model.clone(), &spec).err().expect("refused")
    };
    for (places, example, field, message) in [
        (&[1][..], 0, "places", "expected a place along each axis of 3 × "),
        (&[3, 0], 0, "places", "found [3, 0]"),
        (&[0, 0], 20, "example", "there are prompts 0 to 19; there is no 20"),
    ] {
        let error = refused(places, example);
        assert_eq!(error.field(), Some(field));
        assert!(error.to_string().contains(message), "{error}");
    }
    let (_, run) = reports(&model, &grid);
    let result = run.result().unwrap().unwrap();
    let last = result.axes[1].labels.len() - 1;
    let short = (0..20).find(|&prompt| result.per_prompt.as_ref().unwrap()[prompt][0][last].is_null());
    let error = refused(&[0, last], short.expect("prompts of several lengths"));
    assert!(error.to_string().contains("is too short to have this place"), "{error}");
}

/// One run of several sites has a map for each, with the numbers that each has by itself.
#[test]
fn several_sites_are_one_run_with_a_grid_of_each() {
    let model = model();
    for (sites, edit, over) in [
        ("resid_pre,attn_out,mlp_out", "denoise", "layer,role"),
        ("z,q,k,v,pattern", "denoise", "layer,head"),
        ("z,q,k,v,pattern", "mean", "layer,head"),
        ("q_input,k_input,v_input", "zero", "layer,head"),
    ] {
        let grid = |site: &str| {
            let grid = spec(&[N, ("patch_site", site), ("patch_edit", edit), ("patch_over", over)]);
            let (_, run) = reports(&model, &grid);
            (run.result().unwrap().unwrap(), run.report().unwrap().unwrap())
        };
        let (all, report) = grid(sites);
        let names: Vec<&str> = sites.split(',').collect();
        let labels: Vec<String> = names.iter().map(ToString::to_string).collect();
        assert_eq!((all.axes[0].name.as_str(), &all.axes[0].labels[..]), ("site", &labels[..]));
        for (i, site) in names.iter().enumerate() {
            let (alone, _) = grid(site);
            let far = crate::fixture::nests::furthest(&all.values[i], &alone.values, |_| 1e-4, site);
            assert_eq!(far, None, "{site} of {sites}, {edit}");
        }
        let of = |name: &str| report.about.contains(name);
        assert!(names.iter().all(|name| of(name)), "{}", report.about);
        // A place is named with its site.
        let largest = &report.figures[1].frame.axes()[0].labels;
        assert!(
            largest.iter().all(|label| names.iter().any(|site| label.starts_with(&format!("{site} of "))))
        );
    }
}
