//! Vectors of files as edits: by a form's texts, and what they do.

use std::rc::Rc;

use super::grids;
use crate::fixture::load;
use patchbay::analysis::PatchRun;
use patchbay::device::ComputeDevice;
use patchbay::job::Job;
use patchbay::loader::LoadedModel;
use patchbay::patch::{Direction, FileVector, Fill, PatchSpec};
use patchbay::schema::Read;
use pollster::block_on;
use serde_json::{Value, json};

fn vector(numbers: Vec<f32>) -> FileVector {
    FileVector {
        file: "probe.npy".into(),
        tensor: None,
        row: Some(3),
        sha256: "0123456789abcdef".repeat(4),
        numbers,
    }
}

/// As wide as the fixture's stream.
fn numbers() -> Vec<f32> {
    (0..32).map(|i| (i as f32 * 0.7).sin()).collect()
}

const GRID: [(&str, &str); 4] =
    [("n", "6"), ("patch_site", "resid_post"), ("patch_over", "layer"), ("patch_at", "END")];

fn read(model: Option<&LoadedModel>, given: &[(&str, &str)]) -> Read {
    grids::read(model, &[&GRID[..], given].concat())
}

fn spec(given: &[(&str, &str)]) -> PatchSpec {
    grids::spec(&[&GRID[..], given].concat())
}

fn run(model: &Rc<LoadedModel>, fill: Fill) -> (Vec<f64>, String) {
    let mut run =
        PatchRun::new(model.clone(), &PatchSpec { fill, ..spec(&[("patch_edit", "zero")]) }).unwrap();
    while !block_on(run.step()).unwrap().finished {}
    let mut result = json!(run.result().unwrap().unwrap());
    let values = serde_json::from_value(result["values"].take()).unwrap();
    (values, run.report().unwrap().unwrap().about)
}

#[test]
fn a_vector_is_a_text_and_an_edit_that_says_where_it_is_from() {
    let text = json!(vector(numbers())).to_string();
    let of = |edit, more: &[(&str, &str)]| {
        spec(&[&[("patch_edit", edit), ("patch_vector", text.as_str())], more].concat()).fill
    };
    let direction = || Direction::Vector(vector(numbers()));
    assert_eq!(of("add", &[("patch_times", "-2.5")]), Fill::Add(direction(), -2.5));
    assert_eq!(of("project", &[]), Fill::Project(vec![direction()]));
    assert_eq!(of("project_out", &[]), Fill::ProjectOut(vec![direction()]));
    // What it says counts beside an edit that takes none as little as how often.
    assert_eq!(of("zero", &[("patch_times", "often")]), Fill::Zero);
    let named = spec(&[("patch_edit", "add"), ("patch_vector", "W_U[wrong]")]).fill;
    assert_eq!(named, Fill::Add(Direction::Wrong, 1.0));
    let json = json!(of("add", &[]));
    let [_, times] = json["add"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!(*times, 1.0);
    assert_eq!(json["add"][0]["vector"]["sha256"], vector(numbers()).sha256);
}

#[test]
fn what_is_wrong_with_a_vector_is_said_at_its_field() {
    let model = block_on(load(ComputeDevice::cpu()));
    let text = |change: fn(&mut Value)| {
        let mut json = json!(vector(numbers()));
        change(&mut json);
        json.to_string()
    };
    for (vector, said) in [
        (String::new(), "expected a vector, found none"),
        ("W_U".into(), "there is no direction \"W_U\""),
        ("{".into(), "the vector cannot be read"),
        (text(|json| json["more"] = json!(1)), "unknown field"),
        (text(|json| json["sha256"] = json!("00")), "64 hexadecimal digits"),
        (text(|json| json["file"] = json!("a\u{202e}b")), "U+202E"),
        (text(|json| json["numbers"] = json!([1e39])), "finite"),
        (text(|json| json["numbers"] = json!([])), "found 0"),
        (text(|json| json["numbers"] = json!([1, 2, 3])), "has vectors of 32 numbers in this model"),
        (format!("{{{}", " ".repeat(200_000)), "expected at most 100000 bytes"),
    ] {
        let Read { spec, problems, .. } =
            read(Some(&model), &[("patch_edit", "add"), ("patch_vector", &vector)]);
        assert_eq!((spec, problems.len()), (None, 1), "{problems:?}");
        assert_eq!(problems[0].field, "patch_vector");
        assert!(problems[0].message.contains(said), "{}", problems[0].message);
    }
    let Read { problems, .. } =
        read(Some(&model), &[("patch_edit", "add"), ("patch_vector", "W_U[wrong]"), ("patch_times", "inf")]);
    assert_eq!((problems[0].field.as_str(), problems.len()), ("patch_times", 1));
}

#[test]
fn a_vector_does_what_its_numbers_do_and_is_named_in_the_report() {
    let model = block_on(load(ComputeDevice::cpu()));
    let of_file = |numbers| Direction::Vector(vector(numbers));
    let (added, about) = run(&model, Fill::Add(of_file(numbers()), 2.0));
    assert_eq!(added, run(&model, Fill::Add(Direction::Numbers(numbers()), 2.0)).0);
    assert!(about.contains("with 2 × probe.npy[3] (SHA-256 0123456789ab) added in the clean run"), "{about}");
    let (out, about) = run(&model, Fill::ProjectOut(vec![of_file(numbers())]));
    assert!(about.contains("without its part along probe.npy[3]"), "{about}");
    assert_ne!(out, run(&model, Fill::Project(vec![of_file(numbers())])).0);
    // A direction has no length, be it ever so short.
    let short = numbers().iter().map(|number| number * 1e-6).collect();
    let (of_short, _) = run(&model, Fill::ProjectOut(vec![of_file(short)]));
    for (short, long) in of_short.iter().zip(&out) {
        assert!((short - long).abs() < 1e-5, "{short} is not {long}");
    }
}
