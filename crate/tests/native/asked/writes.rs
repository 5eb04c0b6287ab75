//! Who writes the answer: what is said and drawn of logit differences, natively on the CPU.

use std::collections::BTreeMap;
use std::rc::Rc;

use patchbay::device::ComputeDevice;
use patchbay::experiment::EXPERIMENTS;
use patchbay::frame::Frame;
use patchbay::job::plan;
use patchbay::loader::LoadedModel;
use patchbay::report::{Chart, Figure, Report, words};
use patchbay::schema::{self, About};
use pollster::block_on;
use serde_json::Value;

use crate::fixture::load;

/// What a form's texts give on a model.
fn asked(model: &Rc<LoadedModel>, form: &str, texts: &[(&str, &str)]) -> (Value, Report) {
    let texts: BTreeMap<String, String> =
        texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let about = About { config: &model.gpt2.config, tokenizer: &model.tokenizer };
    let read = schema::read(EXPERIMENTS, form, &texts, Some(about));
    assert_eq!(read.problems, []);
    let mut job = plan(model.clone(), read.spec.unwrap()).unwrap();
    while !block_on(job.step()).unwrap().finished {
        assert!(job.report().unwrap().is_none());
    }
    let result = job.result().unwrap().unwrap().to_json().unwrap();
    (result, job.report().unwrap().unwrap())
}

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

fn figure<'a>(report: &'a Report, name: &str) -> &'a Figure {
    report.figures.iter().find(|figure| figure.name == name).unwrap_or_else(|| panic!("no figure {name}"))
}

fn values(frame: &Frame, column: &str) -> Vec<f64> {
    frame.column(column).unwrap().values.iter().map(|value| value.unwrap_or(f64::NAN)).collect()
}

fn labels(frame: &Frame) -> &[String] {
    &frame.axes().last().unwrap().labels
}

/// What float64 rounds in sums of some tens of numbers with absolute values up to 10.
const ROUNDING: f64 = 1e-9;

/// What the model rounds in float32, by itself and in parts.
const FLOAT32: f64 = 1e-6;

#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() < tolerance, "{what}: {found}, expected {expected}");
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        value => vec![value.as_f64().unwrap()],
    }
}

#[test]
fn an_attribution_is_summed_up_by_layers_and_kinds_and_ranked() {
    let (result, report) = asked(&model(), "attribute", &[("n", "30")]);
    let logit_diff = result["logit_diff"].as_f64().unwrap();
    let by_layer = &figure(&report, "layers").frame;
    assert_near(values(by_layer, "contribution").iter().sum(), logit_diff, FLOAT32, "all layers");
    let of_layer = |layer: usize| -> f64 { numbers(&result["heads"][layer]).iter().sum() };
    for (label, found) in labels(by_layer).iter().zip(values(by_layer, "contribution")) {
        let expected = match label.split_once('_') {
            Some(("attn", layer)) => {
                let layer = layer.parse().unwrap();
                of_layer(layer) + result["b_O"][layer].as_f64().unwrap()
            }
            Some(("MLP", layer)) => result["mlps"][layer.parse::<usize>().unwrap()].as_f64().unwrap(),
            _ => result[label].as_f64().unwrap(),
        };
        assert_near(found, expected, ROUNDING, label);
    }

    let sum = |part: &str| numbers(&result[part]).iter().sum::<f64>();
    let kinds = [sum("heads"), sum("mlps"), sum("W_E") + sum("W_pos"), sum("b_O") + sum("b_U"), logit_diff];
    let rows = &report.tables[0].rows;
    for (row, kind) in rows.iter().zip(kinds) {
        assert_eq!(row[1], words::signed(kind, 3), "{}", row[0]);
    }
    assert_eq!(rows.len(), kinds.len());

    let components = &figure(&report, "components").frame;
    let all = values(components, "contribution");
    assert_near(all.iter().sum(), logit_diff, FLOAT32, "all components");
    let mut sizes: Vec<f64> = all.iter().map(|value| value.abs()).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    let largest = &figure(&report, "largest").frame;
    let found: Vec<f64> = values(largest, "contribution").iter().map(|value| value.abs()).collect();
    assert_eq!(found, sizes[..found.len()]);
    // Each with the number and the interval that it has among all.
    for (i, label) in labels(largest).iter().enumerate() {
        let place = labels(components).iter().position(|other| other == label).unwrap();
        for column in ["contribution", "contribution_low", "contribution_high"] {
            assert_eq!(values(largest, column)[i], values(components, column)[place], "{label}: {column}");
        }
    }
}

/// What is said to be largest on each side is, among what is sure.
#[test]
fn the_components_that_write_most_are_named() {
    let (_, report) = asked(&model(), "attribute", &[("n", "30")]);
    let frame = &figure(&report, "components").frame;
    let [low, high] = ["contribution_low", "contribution_high"].map(|column| values(frame, column));
    let found = values(frame, "contribution");
    for (sign, side) in [(1.0, "most for the right answers"), (-1.0, "most against ")] {
        let sure = (0..found.len()).filter(|&i| found[i] * sign > 0.0 && low[i] * high[i] > 0.0);
        let most = sure.max_by(|&a, &b| found[a].abs().total_cmp(&found[b].abs()));
        match most {
            None => assert!(!report.answer.contains(side), "{}", report.answer),
            Some(i) => {
                let (before, after) = report.answer.split_once(side).expect("this side is named");
                let by = format!(", {}", words::signed_number(found[i]));
                assert!(before.contains(&labels(frame)[i]) && after.contains(&by), "{}", report.answer);
            }
        }
    }
    let caption = &report.tables[0].caption;
    assert!(caption.starts_with("All components together are the logit difference"), "{caption}");
    assert_eq!(report.answer.matches(". ").count(), 1, "{}", report.answer);
}

#[test]
fn a_lens_says_from_where_on_more_than_half_is_there() {
    let (result, report) = asked(&model(), "lens", &[("n", "30"), ("writes_run", "corrupted")]);
    let streams = numbers(&result["values"]);
    let frame = &figure(&report, "lens").frame;
    assert_eq!(values(frame, "logit_diff"), streams);
    assert!(report.about.contains("corrupted run"), "{}", report.about);
    let last = *streams.last().unwrap();
    if let Some((_, said)) = report.answer.split_once("From ") {
        let from = said.split(' ').next().unwrap();
        let from = labels(frame).iter().position(|label| label == from).unwrap();
        assert!(streams[from..].iter().all(|value| value / last > 0.5));
        assert!(from == 0 || streams[from - 1] / last <= 0.5);
    } else {
        let [low, high] =
            ["logit_diff_low", "logit_diff_high"].map(|column| *values(frame, column).last().unwrap());
        assert!(low <= 0.0 && high >= 0.0, "{}", report.answer);
    }
    // And at every role, of which END is the last.
    let (of_roles, at_roles) = (result["roles"].as_array().unwrap(), &figure(&report, "roles").frame);
    let ends = ["logit_diff", "logit_diff_low", "logit_diff_high"].map(|column| values(at_roles, column));
    for (place, role) in of_roles.iter().enumerate() {
        assert_eq!(labels(at_roles)[place], role["role"]);
        for (stream, value) in numbers(&role["values"]).into_iter().enumerate() {
            let [found, low, high] = ends.each_ref().map(|column| column[stream * of_roles.len() + place]);
            assert!(found == value && low <= value && value <= high, "{}, {stream}", role["role"]);
        }
    }
    assert_eq!(numbers(&of_roles.last().unwrap()["values"]), streams);
    // With the scale live, what is between two values was not added between them.
    let (_, live) = asked(&model(), "lens", &[("n", "30"), ("lens_scale", "live")]);
    assert!(!live.answer.contains("step") && report.answer.contains("The largest step is the "));
}

#[test]
fn effects_are_what_heads_write_and_what_their_absence_costs() {
    let (result, report) = asked(&model(), "effects", &[("n", "30")]);
    let scatter = figure(&report, "effects");
    assert_eq!(scatter.chart, Chart::Scatter);
    let absence = numbers(&result["ablated"]).into_iter().map(|change| -change);
    let expected: Vec<f64> = numbers(&result["direct"]).into_iter().chain(absence).collect();
    assert_eq!(values(&scatter.frame, "effect"), expected);
    let [low, high] = ["effect_low", "effect_high"].map(|column| values(&scatter.frame, column));
    for (i, value) in expected.iter().enumerate() {
        assert!(low[i] <= *value && *value <= high[i], "{}", labels(&scatter.frame)[i % low.len()]);
    }
    assert_eq!(result["previous_token"], Value::Null);
}

#[test]
fn heads_that_the_model_has_not_are_refused_where_they_are_named() {
    let model = model();
    let about = About { config: &model.gpt2.config, tokenizer: &model.tokenizer };
    for text in ["99.0@END", "9", "1.1@END,x"] {
        let texts = BTreeMap::from([("writes_zero".to_owned(), text.to_owned())]);
        let read = schema::read(EXPERIMENTS, "attribute", &texts, Some(about));
        let fields: Vec<&str> = read.problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["writes_zero"], "{text}");
    }
    let (_, report) = asked(&model, "attribute", &[("n", "2"), ("writes_zero", "1.0@END")]);
    assert!(report.about.starts_with("every component, without 1.0@END · "), "{}", report.about);
}

/// The last stream says what the model does, without heads too.
#[test]
fn what_each_layer_says_ends_with_what_the_model_says() {
    let model = model();
    let mut ends = Vec::new();
    for (run, zero) in [("clean", ""), ("corrupted", ""), ("clean", "1.2@END, 0.1@all")] {
        let prompt = [("n", "6"), ("prompt", "3")];
        let (result, report) =
            asked(&model, "says", &[&prompt[..], &[("writes_run", run), ("writes_zero", zero)]].concat());
        let texts = [("attention_of", run), ("attention_zero", zero)];
        let (read, _) = asked(&model, "attention", &[&prompt[..], &texts].concat());
        assert_eq!(
            report.about.contains(", without 1.2@END and 0.1@all"),
            !zero.is_empty(),
            "{}",
            report.about
        );
        let streams = result["said"].as_array().unwrap();
        assert_eq!(streams.len(), model.gpt2.config.n_layer + 1);
        assert_eq!(result["streams"].as_array().unwrap().last().unwrap(), "final_post");
        let positions = numbers(&result["positions"]);
        assert!(positions.is_sorted() && result["roles"].as_array().unwrap().last().unwrap() == "END");
        for (place, position) in positions.iter().enumerate() {
            let position = *position as usize;
            assert_eq!(result["tokens"][place], read["tokens"][position]);
            let (found, expected) = (&streams.last().unwrap()[place], &read["predictions"][position]);
            for best in 0..3 {
                assert_eq!(found[best]["id"], expected[best]["id"], "{run}, position {position}");
                let [found, expected] =
                    [found, expected].map(|said| said[best]["probability"].as_f64().unwrap());
                assert_near(found, expected, FLOAT32, "probability");
            }
        }
        let table = &report.tables[0];
        assert_eq!((table.rows.len(), table.header.len()), (streams.len(), positions.len() + 1));
        assert_eq!(table.rows[0][0], "final_post");
        assert!(report.answer.starts_with("At END "), "{}", report.answer);
        ends.push(streams.last().unwrap().as_array().unwrap().last().unwrap().clone());
    }
    assert_ne!(ends[0], ends[2], "without heads it says something else");
}
