//! Decompositions, linear functions, replacements and embeddings on the fixture, natively on the CPU.

use std::rc::Rc;

use patchbay::Error;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{
    DecomposeBy, Decomposition, DecompositionSpec, EffectiveEmbedding, ExperimentSpec, KeyIntervention,
    LinearFunctions, LinearFunctionsSpec, QueryIntervention, ResemblanceRun, Run, Side, Sweep, SweepSpec,
};
use patchbay::frame::Frame;
use patchbay::ioi::DatasetSpec;
use patchbay::job::Job;
use patchbay::loader::LoadedModel;
use patchbay::nearest::Nearest;
use patchbay::report::{Figure, Report};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture;
use crate::fixture::decompositions::{
    assert_decompositions, assert_embeddings, assert_linear_functions, assert_replacements, decompose,
    decomposition_spec, figures, linear, nearest, spec_at,
};
use crate::fixture::{TOLERANCE, load, numbers, run, spec};

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

/// At the fixture's head 2.1.
fn decomposition(by: DecomposeBy) -> DecompositionSpec {
    let ExperimentSpec { layer, head, dataset, .. } = spec(true);
    DecompositionSpec { layer, head, dataset, decompose_by: by, ..DecompositionSpec::default() }
}

fn field(error: Option<Error>) -> &'static str {
    error.expect("refused").field().expect("a field to blame")
}

#[test]
fn agree_with_the_reference_in_every_combination() {
    block_on(assert_decompositions(&model(), &figures()));
}

#[test]
fn linear_functions_agree_with_the_reference() {
    block_on(assert_linear_functions(&model(), &figures()));
}

#[test]
fn replacements_agree_with_the_reference() {
    block_on(assert_replacements(&model(), &figures()));
}

#[test]
fn what_takes_a_name_mover_is_left_out_where_there_is_none() {
    let model = model();
    let conditions = |name_mover| {
        let query = ExperimentSpec { experiment: "query_replacements".into(), name_mover, ..spec(true) };
        let result = block_on(run(&model, &query, false)).unwrap();
        assert_eq!(result.spec.name_mover, name_mover);
        result.conditions
    };
    let (all, left) = (conditions(Some([1, 3])), conditions(None)); // 9.9 is not in this model.
    let others: Vec<_> = all.iter().filter(|(name, _)| !name.starts_with("name mover")).collect();
    assert_eq!((all.len(), others.len(), left.len()), (8, 5, 5));
    for ((name, values), (other, wanted)) in left.iter().zip(others) {
        assert_eq!(name, other);
        // Layers that are run in parts round otherwise than those that are run whole.
        assert!((values.mean_diff - wanted.mean_diff).abs() < 1e-5, "{name}");
    }
}

#[test]
fn embeddings_and_their_neighbours_agree_with_the_reference() {
    block_on(assert_embeddings(&model()));
}

#[test]
fn add_up_to_what_the_experiment_measures_at_every_head() {
    // 90 prompts, so several batches of several lengths.
    let model = model();
    let dataset = DatasetSpec { n: 90, ..DatasetSpec::default() };
    for (layer, head) in [(0, 0), (0, 3), (1, 1), (2, 0), (2, 3)] {
        let plain = ExperimentSpec { layer, head, dataset: dataset.clone(), ..spec(true) };
        let measured = block_on(run(&model, &plain, false)).unwrap().conditions[0].1.mean_diff;
        for by in [DecomposeBy::Queries, DecomposeBy::Keys, DecomposeBy::Both] {
            if layer == 0 && by == DecomposeBy::Both {
                continue; // Nothing of MLP_0 is there to project on.
            }
            let spec = DecompositionSpec { layer, head, dataset: dataset.clone(), ..decomposition(by) };
            let books = block_on(decompose(&model, &spec)).accounting;
            assert!(books.holds && books.relative_miss < 1e-5, "{layer}.{head} {by:?}: {books:?}");
            assert!((books.measured - measured).abs() < 1e-6, "{} and {measured}", books.measured);
            assert!(books.measured_interval.unwrap().contains(books.measured), "{books:?}");
        }
    }
}

#[test]
fn both_sides_taken_apart_say_what_one_side_says() {
    let model = model();
    let full = block_on(decompose(&model, &decomposition(DecomposeBy::Both)));
    let width = full.components.len();
    for (by, of_query) in [(DecomposeBy::Queries, true), (DecomposeBy::Keys, false)] {
        let one = block_on(decompose(&model, &decomposition(by)));
        for (component, &expected) in one.parts[0].values.iter().enumerate() {
            let is_of = |place: usize| {
                let [query, key] = [place / width, place % width];
                component == if of_query { query } else { key }
            };
            let pairs = full.parts.iter().flat_map(|part| part.values.iter().enumerate());
            let found: f64 = pairs.filter(|(place, _)| is_of(*place)).map(|(_, value)| value).sum();
            assert!((found - expected).abs() < 1e-5, "{}: {found}, {expected}", one.components[component]);
        }
    }
}

#[test]
fn a_linear_function_gives_the_score() {
    // For prompt 0: the map times LN of what the query reads, which the clean run measures.
    let model = model();
    let ExperimentSpec { layer, head, dataset, .. } = spec(true);
    let function = LinearFunctionsSpec {
        layer,
        head,
        dataset,
        func: Side::Queries,
        subtract_s1: true,
        only_effective_embeddings: None,
    };
    let result = block_on(linear(&model, &function));
    let clean = block_on(run(&model, &spec(true), false)).unwrap();
    let values = &fixture::expected()["activations"]["values"];
    let end: Vec<f64> = fixture::numbers(&values["resid_pre"][layer]);
    let scale = fixture::numbers(&values["ln1.scale"][layer][head])[0];
    let map = &result.linear_map[..result.d_model];
    let score: f64 = map.iter().zip(&end).map(|(map, x)| f64::from(*map) * x / scale).sum();
    let found = score + f64::from(result.bias[0]);
    assert!((found - f64::from(clean.conditions[0].1.diff[0])).abs() < 1e-5, "{found}");
}

/// What a job says that is pulled to its end. Before that it has nothing to say.
fn report(mut job: impl Job) -> Report {
    loop {
        assert!(job.report().unwrap().is_none());
        if block_on(job.step()).unwrap().finished {
            return job.report().unwrap().expect("a finished job has a report");
        }
    }
}

fn figure<'a>(report: &'a Report, name: &str) -> &'a Figure {
    report.figures.iter().find(|figure| figure.name == name).expect(name)
}

fn values(frame: &Frame, column: &str) -> Vec<f64> {
    frame.column(column).unwrap().values.iter().map(|value| value.expect("a value")).collect()
}

fn assert_near(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() < TOLERANCE, "{what} {i}: {a}, {b}");
    }
}

/// A component of a part, by its name, in the reference's layout; or what a layer's attention writes.
fn in_reference(entry: &Value, label: &str, name: &str) -> f64 {
    let rows: Vec<Vec<f64>> = entry["contributions"][label].as_array().unwrap().iter().map(numbers).collect();
    let biases = numbers(&entry["b_O"][label]);
    let place = |text: &str| text.parse::<usize>().unwrap();
    match name.split_once(['_', '.']) {
        None => rows[0][2], // bias
        Some(("W", which)) => rows[0][usize::from(which == "pos")],
        Some(("MLP", layer)) => *rows[1 + place(layer)].last().unwrap(),
        Some(("attn", layer)) => {
            let (_, heads) = rows[1 + place(layer)].split_last().unwrap();
            heads.iter().sum::<f64>() + biases[place(layer)]
        }
        Some(("b", layer)) => biases[place(layer.trim_start_matches("O_"))],
        Some((layer, head)) => rows[1 + place(layer)][place(head)],
    }
}

#[test]
fn reports_of_decompositions_show_the_references_figures() {
    let (model, figures) = (model(), figures());
    for of_head in figures["heads"].as_array().unwrap() {
        for entry in of_head["decompositions"].as_array().unwrap() {
            let spec = decomposition_spec(of_head, entry, entry["decompose_by"].as_str().unwrap());
            let plain = Decomposition::new(model.clone(), &spec).unwrap();
            let report = report(plain);
            let labels = block_on(decompose(&model, &spec)).parts.into_iter().map(|part| part.label);
            let labels: Vec<String> = labels.collect();
            let maps = if spec.layer == 0 { vec!["components"] } else { vec!["layers", "components"] };
            let mut all = Vec::new();
            for name in maps {
                let frame = &figure(&report, name).frame;
                let components = &frame.axes().last().unwrap().labels;
                assert_eq!(frame.axes().len(), 1 + usize::from(labels.len() > 1));
                let of_part = |label| components.iter().map(move |name| in_reference(entry, label, name));
                all = labels.iter().flat_map(|label| of_part(label)).collect();
                assert_near(&values(frame, "contribution"), &all, name);
            }
            all.sort_by(|a, b| b.abs().total_cmp(&a.abs()));
            all.truncate(20);
            let largest = &figure(&report, "largest").frame;
            // Nearly equal ones may change places, not sizes.
            let sizes = |values: &[f64]| values.iter().map(|value| value.abs()).collect::<Vec<_>>();
            assert_near(&sizes(&values(largest, "contribution")), &sizes(&all), "largest");
        }
        for entry in of_head["full"].as_array().unwrap() {
            let spec = decomposition_spec(of_head, entry, "both");
            let report = report(Decomposition::new(model.clone(), &spec).unwrap());
            let pairs = figure(&report, "pairs").frame.nested("contribution").unwrap();
            assert_near(&numbers(&pairs), &numbers(&entry["values"]), "pairs");
            let layers = values(&figure(&report, "layers").frame, "contribution");
            let sum: f64 = numbers(&entry["values"]).iter().sum();
            assert!((layers.iter().sum::<f64>() - sum).abs() < TOLERANCE, "{sum}");
            assert_eq!(figure(&report, "largest").frame.len(), 40);
        }
    }
}

#[test]
fn reports_of_what_is_measured_by_prompt_show_the_references_figures() {
    let (model, figures) = (model(), figures());
    for of_head in figures["heads"].as_array().unwrap() {
        let spec = serde_json::from_value(spec_at(of_head, json!({}))).unwrap();
        let report = report(ResemblanceRun::new(model.clone(), &spec).unwrap());
        let names = EffectiveEmbedding::ALL.map(|form| json!(form));
        let columns = names.iter().flat_map(|name| {
            let of_form = &of_head["resemblance"][name.as_str().unwrap()];
            [numbers(&of_form["input"]), numbers(&of_form["key"])]
        });
        assert_by_prompt(&report, "cosine", &columns.collect::<Vec<_>>());
    }
    let of_head = &figures["heads"][0];
    for entry in of_head["linear_functions"].as_array().unwrap() {
        let fields = json!({
            "func": entry["func"], "subtract_S1": entry["subtract_S1"],
            "only_effective_embeddings": entry["only_effective_embeddings"],
        });
        let spec = serde_json::from_value(spec_at(of_head, fields)).unwrap();
        let report = report(LinearFunctions::new(model.clone(), &spec).unwrap());
        assert_by_prompt(&report, "score", &[numbers(&entry["linear_map_norm"]), numbers(&entry["bias"])]);
    }
}

/// `columns`: numbers by prompt.
fn assert_by_prompt(report: &Report, column: &str, columns: &[Vec<f64>]) {
    let prompts = &figure(report, "prompts").frame;
    assert_near(&values(prompts, column), &columns.concat(), column);
    assert_eq!(prompts.axes()[1].labels[..2], ["1", "2"]);
    let mean = |column: &Vec<f64>| column.iter().sum::<f64>() / column.len() as f64;
    let means: Vec<f64> = columns.iter().map(mean).collect();
    let frame = &figure(report, "means").frame;
    assert_near(&values(frame, column), &means, "means");
    let ends = ["low", "high"].map(|end| values(frame, &format!("{column}_{end}")));
    for (i, mean) in means.iter().enumerate() {
        // Where all prompts have the same number the interval is that, but for rounding.
        assert!(ends[0][i] - 1e-6 <= *mean && *mean <= ends[1][i] + 1e-6);
    }
}

#[test]
fn answers_are_in_words() {
    let model = model();
    let keys = report(Decomposition::new(model.clone(), &decomposition(DecomposeBy::Keys)).unwrap());
    assert!(keys.answer.starts_with("What head 2.1 reads of "), "{}", keys.answer);
    assert_eq!(
        (keys.about.as_str(), keys.stem.as_str()),
        ("head 2.1 · IOI, 20 prompts, seed 42, mixed, symmetric", "L2H1-n20-seed42")
    );
    let few = "These are few prompts: 20 in 10 pairs, each of which counts once. ";
    assert!(keys.notes.iter().any(|note| note.starts_with(few)), "{:?}", keys.notes);

    let nearest = |texts: &[&str]| Nearest::new(model.clone(), texts, 3).unwrap();
    let mary = report(nearest(&[" Mary"]));
    assert!(
        mary.answer.starts_with("Of all other tokens the nearest to \" Mary\" by cosine are "),
        "{}",
        mary.answer
    );
    assert_eq!(mary.figures.len(), 4);
    // Each of several tokens has a report of its own.
    let mut two = nearest(&[" Mary", " John"]);
    while !block_on(two.step()).unwrap().finished {}
    assert!(Job::report(&two).unwrap().is_none());
}

#[test]
fn what_does_not_fit_is_refused_by_its_field() {
    let model = model();
    let refused = |change: &dyn Fn(&mut DecompositionSpec)| {
        let mut spec = decomposition(DecomposeBy::Keys);
        change(&mut spec);
        field(Decomposition::new(model.clone(), &spec).err())
    };
    let mlp0 = Some(KeyIntervention::ProjectToMlp0);
    assert_eq!(refused(&|spec| spec.layer = 3), "layer");
    assert_eq!(refused(&|spec| spec.head = 4), "head");
    assert_eq!(refused(&|spec| spec.dataset.n = 0), "n");
    assert_eq!(refused(&|spec| spec.intervene_on_key = Some(KeyIntervention::SubMlp0)), "intervene_on_key");
    assert_eq!(
        refused(&|spec| {
            spec.decompose_by = DecomposeBy::Queries;
            spec.intervene_on_query = Some(QueryIntervention::SubUnembedding);
        }),
        "intervene_on_query"
    );
    assert_eq!(
        refused(&|spec| {
            spec.decompose_by = DecomposeBy::Both;
            spec.intervene_on_key = mlp0;
        }),
        "intervene_on_key"
    );
    // A head of layer 0 reads nothing of MLP_0.
    assert_eq!(refused(&|spec| (spec.layer, spec.intervene_on_key) = (0, mlp0)), "layer");
    assert_eq!(refused(&|spec| (spec.layer, spec.decompose_by) = (0, DecomposeBy::Both)), "layer");

    let ExperimentSpec { layer, head, dataset, .. } = spec(true);
    let function = LinearFunctionsSpec {
        layer,
        head,
        dataset,
        func: Side::Keys,
        subtract_s1: false,
        only_effective_embeddings: Some(EffectiveEmbedding::NoMlps),
    };
    assert_eq!(field(LinearFunctions::new(model.clone(), &function).err()), "only_effective_embeddings");

    let replaced = |layer, name_mover| {
        let spec =
            ExperimentSpec { experiment: "query_replacements".into(), layer, name_mover, ..spec(true) };
        field(Run::new(model.clone(), &spec, false).err())
    };
    assert_eq!(replaced(2, Some([2, 0])), "name_mover");
    assert_eq!(replaced(2, Some([1, 4])), "name_mover");
    let keys = ExperimentSpec { experiment: "key_replacements".into(), ..spec(true) };
    assert_eq!(
        field(Run::new(model.clone(), &ExperimentSpec { layer: 0, ..keys.clone() }, false).err()),
        "layer"
    );
    assert_eq!(field(Sweep::new(model.clone(), &SweepSpec::from(keys)).err()), "experiment");

    for text in ["", " Mary Mary"] {
        assert_eq!(field(Nearest::new(model.clone(), &[text], 3).err()), "token");
    }
    assert_eq!(block_on(nearest(&model, &[" Mary"], 0))[0].spaces[0].tokens, []);
}

#[test]
fn a_spec_is_read_strictly() {
    let spec = decomposition(DecomposeBy::Queries);
    let mut json = json!(spec);
    assert_eq!(serde_json::from_value::<DecompositionSpec>(json.clone()).unwrap(), spec);
    json["experiment"] = json!("patching_positions");
    assert!(
        serde_json::from_value::<DecompositionSpec>(json).unwrap_err().to_string().contains("experiment")
    );
}
