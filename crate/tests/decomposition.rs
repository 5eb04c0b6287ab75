//! Decompositions, linear functions, replacements and embeddings on the fixture, natively on the CPU.

#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use std::rc::Rc;

use fixture::decompositions::{
    assert_decompositions, assert_embeddings, assert_linear_functions, assert_replacements, decompose,
    figures, linear, nearest,
};
use fixture::{load, run, spec};
use patchbay::Error;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{
    DecomposeBy, Decomposition, DecompositionSpec, EffectiveEmbedding, ExperimentSpec, KeyIntervention,
    LinearFunctions, LinearFunctionsSpec, QueryIntervention, Run, Side, Sweep, SweepSpec,
};
use patchbay::ioi::DatasetSpec;
use patchbay::loader::LoadedModel;
use patchbay::nearest::Nearest;
use pollster::block_on;
use serde_json::json;

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
    // Of prompt 0: the map times LN of what the query reads, which the clean run measures.
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
