//! Programs for other libraries: what is written into them. That they compute what they should is tested where Python is, in
//! tests/python.

use std::rc::Rc;

use patchbay::Error;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{EXPERIMENTS, ExperimentSpec};
use patchbay::job;
use patchbay::loader::LoadedModel;
use patchbay::reproduce::{Library, ModelOf, Script, ScriptForm};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture;
use crate::fixture::{load, run, spec};

const TOLD: &str = "openai-community/gpt2";

fn model_of(id: &str) -> ModelOf {
    let origin = json!({
        "sha256": "24".repeat(32), "config_sha256": "c0".repeat(32), "tokenizer_sha256": "70".repeat(32),
        "revision": "607a30d783dfa663caf39e06633721c8d4cfcd7e",
    });
    ModelOf { id: id.into(), origin }
}

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

fn written(
    analysis: &str,
    result: Value,
    id: &str,
    library: Library,
    model: &LoadedModel,
) -> patchbay::Result<String> {
    Script::of(analysis, result, &model_of(id), library, model)?.whole(ScriptForm::Python)
}

fn answer(model: &Rc<LoadedModel>, question: Value) -> Value {
    let mut job = job::plan(model.clone(), question).unwrap();
    while !block_on(job.step()).unwrap().finished {}
    job.result().unwrap().expect("a finished job has a result").to_json().unwrap()
}

/// Without the last word, which is the answer.
fn up_to_end(sentence: &Value) -> &str {
    sentence.as_str().and_then(|text| text.rsplit_once(' ')).map(|(before, _)| before).expect("a sentence")
}

fn grid(prompts: Value) -> Value {
    let task = json!({ "task": "pairs", "prompts": prompts, "word_idxs": {}, "prepend_bos": true });
    json!({ "analysis": "patch", "spec": { "task": task, "site": "z", "over": ["layer", "role"] } })
}

#[test]
fn an_experiments_script_has_its_settings_examples_and_means() {
    let model = model();
    let result = json!(block_on(run(&model, &spec(true), true)).unwrap());
    let text = written("experiment", result.clone(), TOLD, Library::default(), &model).unwrap();
    let dataset = &fixture::expected()["dataset"];
    let mean = result["conditions"]["patched"]["mean_diff"].as_f64().unwrap();
    for part in [
        &format!("HUB = \"{TOLD}\"\nREVISION = \"607a30d7"),
        "\"model.safetensors\": \"242424",
        "\"layer\": 2",
        "[\"patched\", \"q\", None, \"flipped\", True]",
        "[\"projected\", \"q\", [\"END\"], \"projected on IO and S\", True]",
        "ROLES = [\"IO\", \"S1\", \"END\"]\n",
        &format!("\"patched\": {}", mean.to_string().split_at(7).0),
        &format!("    # <|endoftext|>{}\n", up_to_end(&dataset["sentences"][0])),
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(text.matches("\n    [[").count(), dataset["sentences"].as_array().unwrap().len());
}

#[test]
fn whatever_is_in_a_prompt_stays_in_one_line_of_a_comment() {
    let model = model();
    let pair =
        |text: &str| json!({ "clean": text, "corrupt": text, "answers": [" a"], "wrong_answers": [" Amy"] });
    let mut question = grid(json!([pair("it\nimport os \"\\ \u{202e}")]));
    question["spec"]["site"] = json!("resid_pre");
    question["spec"]["fill"] = json!("zero");
    let text = written(
        "patch",
        answer(&model, question),
        "url:https://a.example/\nimport os",
        Library::default(),
        &model,
    );
    let text = text.unwrap();
    assert!(text.is_ascii());
    assert!(text.contains("    # <|endoftext|>it"), "{text}");
    assert!(text.lines().all(|line| !line.starts_with("import os")), "{text}");
    assert!(
        text.contains("# From \"https://a.example/\\u000aimport os\"; its folder")
            && text.contains("HUB = None\n")
    );
    // Once, as an example.
    assert!(!text.contains("\"prompts\""));
}

#[test]
fn there_is_a_script_of_every_experiment_with_each_of_its_conditions() {
    let model = model();
    for experiment in EXPERIMENTS {
        let name_mover = Some([1, 3]);
        let spec = ExperimentSpec { experiment: experiment.name.into(), name_mover, ..spec(true) };
        let result = block_on(run(&model, &spec, false)).unwrap();
        for library in Library::ALL {
            let text = written("experiment", json!(result), "folder", library, &model).unwrap();
            for case in experiment.cases.iter().filter(|case| case.edit.is_some() && !case.control) {
                let condition = format!("[\"{}\", \"", case.condition.replace('"', "\\\""));
                assert!(text.contains(&condition), "{condition} of {}", experiment.name);
            }
        }
    }
}

#[test]
fn what_there_is_no_script_of_is_refused_by_name() {
    let model = model();
    for library in Library::ALL {
        match written("verify", json!({}), "folder", library, &model) {
            Err(Error::BadInput { field: "script", message }) => assert!(message.contains("\"verify\"")),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(Library::of("decompose"), Library::ALL);
    assert_eq!(Library::of("verify"), []);
}

#[test]
fn a_notebook_has_the_scripts_code_in_cells() {
    let model = model();
    let marked = "it\n# %% it";
    let pair =
        json!({ "clean": marked, "corrupt": "he\n# %% it", "answers": [" a"], "wrong_answers": [" Amy"] });
    let result = answer(&model, grid(json!([pair])));
    let script = Script::of("patch", result, &model_of("folder"), Library::default(), &model).unwrap();
    let code = script.whole(ScriptForm::Python).unwrap();
    let notebook: Value = serde_json::from_str(&script.whole(ScriptForm::Notebook).unwrap()).unwrap();
    let [about, cells @ ..] = notebook["cells"].as_array().unwrap().as_slice() else { panic!("no cells") };
    assert_eq!((&about["cell_type"], &notebook["nbformat"]), (&json!("markdown"), &json!(4)));
    assert_eq!(cells.len(), code.matches("\n# %% ").count());
    let joined = |cell: &Value| {
        let lines = cell["source"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
        lines.collect::<String>()
    };
    for cell in cells {
        let (title, code_of_cell) =
            joined(cell).split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert!(
            code.contains(&format!("# %% {}\n{code_of_cell}", title.trim_start_matches("# "))),
            "{title}"
        );
    }
    // The page has the parts from its site.
    assert!(script.write(ScriptForm::Python, |_| None).is_err());
}
