//! What every head attends to and does: what is said and drawn of it, natively on the CPU.

use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::Tensor;
use patchbay::analysis::{AttributeRun, AttributeSpec};
use patchbay::device::{ComputeDevice, read_back};
use patchbay::experiment::EXPERIMENTS;
use patchbay::frame::Column;
use patchbay::hooks::{Activation, Hooks};
use patchbay::job::plan;
use patchbay::loader::LoadedModel;
use patchbay::report::{Chart, Figure, Report, Table};
use patchbay::schema::{self, About, Read};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture::{load, load_bytes, tensors};

/// What float32 rounds, between the engine and the hooked forward.
const FLOAT32: f64 = 1e-5;

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

fn read(model: &LoadedModel, form: &str, texts: &[(&str, &str)]) -> Read {
    let texts: BTreeMap<_, _> = texts.iter().map(|&(name, text)| (name.into(), text.into())).collect();
    let about = About { config: &model.gpt2.config, tokenizer: &model.tokenizer };
    schema::read(EXPERIMENTS, form, &texts, Some(about))
}

/// What a form's texts give on a model.
fn asked(model: &Rc<LoadedModel>, form: &str, texts: &[(&str, &str)]) -> (Value, Report) {
    let read = read(model, form, texts);
    assert_eq!(read.problems, []);
    let mut job = plan(model.clone(), read.spec.unwrap()).unwrap();
    while !block_on(job.step()).unwrap().finished {
        assert!(job.report().unwrap().is_none());
    }
    let (answer, report) = (job.result().unwrap().unwrap(), job.report().unwrap().unwrap());
    let frame = job.frame().unwrap().unwrap();
    // The change without a head is drawn as what is lost.
    let is_drawn = |column: &&Column| !column.name.starts_with("ablated");
    let is_of = |figure: &Figure| {
        let drawn = &figure.frame;
        drawn.axes() == frame.axes()
            && frame.columns().iter().filter(is_drawn).all(|column| drawn.columns().contains(column))
    };
    assert!(report.figures.iter().any(is_of));
    (answer.to_json().unwrap(), report)
}

fn figure<'a>(report: &'a Report, name: &str) -> &'a Figure {
    report.figures.iter().find(|figure| figure.name == name).unwrap_or_else(|| panic!("no figure {name}"))
}

fn values(figure: &Figure, column: &str) -> Vec<Option<f64>> {
    figure.frame.column(column).unwrap().values.clone()
}

#[track_caller]
fn assert_near(found: &[Option<f64>], expected: &[Option<f64>], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let near = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < FLOAT32,
            (None, None) => true,
            _ => false,
        };
        assert!(near, "{what} at {i}: {found:?}, expected {expected:?}");
    }
}

#[test]
fn every_heads_pattern_is_what_the_head_by_itself_has() {
    let model = model();
    for texts in [
        &[("attention_of", "clean"), ("prompt", "3")][..],
        &[("attention_of", "corrupted")],
        &[("attention_of", "flipped"), ("attention_zero", "0.1@all,1.2@S2")],
        &[("attention_of", "text"), ("attention_text", "W W W"), ("attention_zero", "0.0@1+END")],
    ] {
        let (result, report) = asked(&model, "patterns", texts);
        let every = figure(&report, "patterns");
        assert_eq!(every.chart, Chart::Patterns);
        let names: Vec<&str> = every.frame.axes().iter().map(|axis| axis.name.as_str()).collect();
        assert_eq!(names, ["layer", "head", "query", "key"]);
        let all = values(every, "pattern");
        let size = result["tokens"].as_array().unwrap().len().pow(2);
        assert_eq!(all.len(), 12 * size);
        for (head, found) in all.chunks_exact(size).enumerate() {
            let (layer, index) = ((head / 4).to_string(), (head % 4).to_string());
            let (alone, of_head) =
                asked(&model, "attention", &[texts, &[("layer", &layer), ("head", &index)]].concat());
            assert_near(
                found,
                &values(figure(&of_head, "attention"), "pattern"),
                &format!("{layer}.{index}"),
            );
            assert_eq!((&alone["tokens"], &alone["roles"]), (&result["tokens"], &result["roles"]));
        }
    }
}

#[test]
fn where_most_heads_look_from_the_last_token_is_said() {
    let model = model();
    let (result, report) = asked(&model, "patterns", &[]);
    assert_eq!(report.about, "every head · prompt 1 of IOI, seed 42");
    let tokens = result["tokens"].as_array().unwrap();
    let (last, all) = (tokens.len() - 1, values(figure(&report, "patterns"), "pattern"));
    let mut counts = vec![0; tokens.len()];
    for map in all.chunks_exact(tokens.len().pow(2)) {
        let row = &map[last * tokens.len()..];
        counts[(0..=last).max_by(|&a, &b| row[a].partial_cmp(&row[b]).unwrap()).unwrap()] += 1;
    }
    let most = counts.iter().max().unwrap();
    let begin = format!("At “{}” (END), {most} of 12 heads attend most to “", tokens[last].as_str().unwrap());
    assert!(report.answer.starts_with(&begin), "{}", report.answer);
    let (_, one) = asked(
        &model,
        "patterns",
        &[("attention_of", "text"), ("attention_text", "W"), ("prepend_bos", "false")],
    );
    assert_eq!(one.answer, "There is one token, to which every head attends.");
}

/// The tiny model with as many heads, and room for more tokens than their patterns may have.
#[test]
fn more_tokens_than_can_be_shown_of_every_head_are_refused_in_words() {
    let config = crate::fixture::CONFIG.replace("64", "300");
    let mut tensors = tensors();
    tensors.retain(|name, _| !name.ends_with(".attn.bias"));
    let (_, shape, data) = tensors.get_mut("wpe.weight").unwrap();
    shape[0] = 300;
    data.resize(300 * shape[1] * size_of::<f32>(), 0);
    let model = Rc::new(load_bytes(&config, &crate::fixture::bytes(&tensors)).unwrap());
    let source = |tokens: usize| json!({"text": "W".repeat(tokens), "prepend_bos": false});
    let planned = |tokens| {
        let question = json!({"analysis": "patterns", "spec": {"source": source(tokens)}});
        plan(model.clone(), question).map(drop)
    };
    // 12 heads of 223² numbers are 596 748.
    assert_eq!(planned(223), Ok(()));
    let error = planned(224).unwrap_err();
    assert_eq!(error.field(), Some("source"));
    assert_eq!(
        error.to_string(),
        "all 12 heads at once are shown of at most 223 tokens, and here are 224; one head at a time is shown of all of them"
    );
}

/// By the plain forward in which every activation can be read and replaced.
#[test]
fn values_and_edited_runs_are_those_of_the_hooked_forward() {
    let model = model();
    let (layer, head) = (2, 1);
    let texts =
        [("attention_of", "clean"), ("attention_zero", "0.3@all,1.0@S2+END"), ("layer", "2"), ("head", "1")];
    let (result, report) = asked(&model, "attention", &texts);
    assert!(
        report.about.ends_with("prompt 1 of IOI, seed 42, without 0.3@all and 1.0@S2+END"),
        "{}",
        report.about
    );
    assert_eq!(report.stem, "L2H1-ioi-seed42-prompt1-edited");
    let ids: Vec<u32> = serde_json::from_value(result["ids"].clone()).unwrap();
    let role = |name: &str| result["roles"][name].as_u64().unwrap() as usize;
    let pos = ids.len();
    let zeroed = |positions: Vec<usize>| {
        move |z: Tensor<3>| {
            let [batch, pos, width] = z.dims();
            positions.iter().fold(z, |z, &at| {
                let row = z.clone().slice([0..batch, at..at + 1, 0..width]).zeros_like();
                let before = z.clone().slice([0..batch, 0..at, 0..width]);
                if at + 1 == pos {
                    return Tensor::cat(vec![before, row], 1);
                }
                Tensor::cat(vec![before, row, z.slice([0..batch, at + 1..pos, 0..width])], 1)
            })
        }
    };
    let places = [
        (Activation::Z.at_head(0, 3), (0..pos).collect()),
        (Activation::Z.at_head(1, 0), vec![role("S2"), role("END")]),
    ];
    let read = [Activation::Pattern, Activation::V].map(|activation| activation.at_head(layer, head));
    let hooks = read.into_iter().fold(Hooks::new(), Hooks::read);
    let hooks = places.into_iter().fold(hooks, |hooks, (point, at)| hooks.edit(point, zeroed(at)));
    let cache = model.gpt2.run(&[&ids], &hooks).unwrap();
    let numbers = |point| block_on(read_back(cache.get(point).unwrap().flatten::<1>(0, 2))).unwrap();
    let [pattern, v] = read.map(numbers);
    let norm = |value: &[f32]| value.iter().map(|x| f64::from(x * x)).sum::<f64>().sqrt();
    let norms: Vec<f64> = v.chunks_exact(v.len() / pos).map(norm).collect();
    let seen = |weighted: bool| -> Vec<Option<f64>> {
        let of = |i: usize| {
            let (query, key) = (i / pos, i % pos);
            let share = f64::from(pattern[i]) * if weighted { norms[key] } else { 1.0 };
            (key <= query).then_some(share)
        };
        (0..pos * pos).map(of).collect()
    };
    let found = figure(&report, "attention");
    assert_near(&values(found, "pattern"), &seen(false), "pattern");
    assert_near(&values(found, "value_weighted"), &seen(true), "value-weighted");
    // It is another one than without the edit.
    let (unedited, _) = asked(
        &model,
        "attention",
        &texts.map(|(name, text)| if name == "attention_zero" { (name, "") } else { (name, text) }),
    );
    assert_ne!(unedited["pattern"], result["pattern"]);
}

#[test]
fn heads_that_cannot_be_left_out_are_refused_at_their_field() {
    let model = model();
    for form in ["attention", "patterns"] {
        for (texts, words) in [
            (vec![("attention_zero", "9")], "expected a head and its positions"),
            (vec![("attention_zero", "9.0@END")], "layers 0 to 2"),
            (vec![("attention_zero", "1.1@S3")], "there is IO, S1, S1+1, S2, END, and all"),
            (
                vec![("attention_of", "text"), ("attention_text", "W"), ("attention_zero", "1.1@IO")],
                "there is END, and all",
            ),
        ] {
            let problems = read(&model, form, &texts).problems;
            let [problem] = &problems[..] else { panic!("{texts:?}: {problems:?}") };
            assert_eq!(problem.field, "attention_zero");
            assert!(problem.message.contains(words), "{}", problem.message);
        }
    }
}

fn table<'a>(report: &'a Report, name: &str) -> &'a Table {
    report.tables.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"))
}

fn of_head<'a>(table: &'a Table, head: &'a str) -> impl Iterator<Item = &'a [String]> {
    table.rows.iter().filter(move |row| row[0] == head).map(|row| &row[1..])
}

#[test]
fn each_head_has_its_figures_with_their_places_among_all() {
    let model = model();
    let (result, report) = asked(&model, "heads", &[("n", "30")]);
    let map = figure(&report, "heads");
    assert_eq!(map.chart, Chart::HeatMap);
    let rows = &result["ablated"];
    let changes = rows.as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    // The change without a head is what is lost with the other sign.
    let lost: Vec<_> = changes.map(|change| change.as_f64().map(|change| -change)).collect();
    assert_eq!(values(map, "total"), lost);
    let scores = table(&report, "scores");
    assert_eq!(scores.header.last().unwrap(), "rank of 12");
    for (label, column, by_size) in [
        ("previous token", "previous_token", false),
        ("END→IO", "END->IO", false),
        ("copying", "copying", false),
        ("direct effect", "direct", true),
        ("total effect", "total", true),
    ] {
        let all: Vec<f64> = values(map, column).into_iter().map(Option::unwrap).collect();
        let size = |value: f64| if by_size { value.abs() } else { value };
        for (head, value) in all.iter().enumerate() {
            let name = format!("{}.{}", head / 4, head % 4);
            let found: Vec<_> = of_head(scores, &name).filter(|row| row[0] == label).collect();
            let [row] = found[..] else { panic!("{name}: {found:?}") };
            let place = 1 + all.iter().filter(|&&other| size(other) > size(*value)).count();
            let digits: String = row[3].chars().take_while(char::is_ascii_digit).collect();
            assert_eq!(digits, place.to_string(), "{row:?}");
            assert!((row[1].parse::<f64>().unwrap() - value).abs() <= 0.000_500_1, "{row:?}, {value}");
            // Copying has no interval.
            assert_eq!(row[2] == "–", column == "copying", "{row:?}");
        }
    }
    for head in ["0.0", "2.1"] {
        let [said] = of_head(table(&report, "said"), head).next().unwrap() else { panic!("a sentence") };
        assert!(said.contains(&format!("ead {head}")) && said.contains(" the logit difference"), "{said}");
    }
}

#[test]
fn the_prompts_where_a_head_matters_most_are_those_of_its_largest_effects() {
    let model = model();
    let (result, report) = asked(&model, "heads", &[("n", "30")]);
    let task = serde_json::from_value(result["spec"]["task"].clone()).unwrap();
    let spec = AttributeSpec { per_prompt: true, ..AttributeSpec::of(task) };
    let mut run = AttributeRun::new(model.clone(), &spec).unwrap();
    while !block_on(run.step()).unwrap().finished {}
    let direct = run.result().unwrap().unwrap().per_prompt.unwrap();
    let grid = json!({"task": result["spec"]["task"], "site": "z", "over": ["layer", "head"], "fill": "mean", "per_prompt": true});
    let mut job = plan(model, json!({"analysis": "patch", "spec": grid})).unwrap();
    while !block_on(job.step()).unwrap().finished {}
    let ablated = job.result().unwrap().unwrap().to_json().unwrap();
    let (layer, head) = (1, 2);
    let effects = |prompt: usize| {
        let [edited, base] =
            [&ablated["per_prompt"][prompt][layer][head], &ablated["per_prompt_base"][prompt]];
        [direct[prompt].heads[layer][head], base.as_f64().unwrap() - edited.as_f64().unwrap()]
    };
    let size = |prompt: usize| effects(prompt).map(f64::abs).into_iter().fold(0.0, f64::max);
    let largest = (0..30).map(size).fold(0.0, f64::max);
    let rows: Vec<_> = of_head(table(&report, "prompts"), "1.2").collect();
    assert_eq!(rows.len(), 5);
    let mut last = f64::INFINITY;
    for row in rows {
        let prompt = row[0].parse::<usize>().unwrap() - 1;
        for (said, effect) in row[1..].iter().zip(effects(prompt)) {
            assert!((said.parse::<f64>().unwrap() - effect).abs() < 0.000_51, "{row:?}, {effect}");
        }
        assert!(
            size(prompt) <= last + FLOAT32 && (last.is_finite() || (size(prompt) - largest).abs() < FLOAT32)
        );
        last = size(prompt);
    }
}

#[test]
fn two_effects_alone_say_nothing_of_each_head() {
    let (_, report) = asked(&model(), "effects", &[("n", "4")]);
    assert_eq!(report.tables, []);
}
