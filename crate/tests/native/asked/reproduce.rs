//! What repeats a run, natively: of runs that are made up, and of one on the fixture.

use patchbay::Error;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{EXPERIMENTS, Experiment, PATCHING_POSITIONS};
use patchbay::reproduce::{Finished, Headline, Reproduction, Texts, VERSION};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture;
use crate::fixture::{load, run, spec};

const HUB: &str = "openai-community/gpt2";
const OWN: &str = "Then, Alex and Anthony saw \"ß $&\". Anthony gave it to Alex";
const REVISION: &str = "607a30d783dfa663caf39e06633721c8d4cfcd7e";

/// A finished run of the notebook's experiment on one prompt of one's own.
fn record() -> Value {
    json!({
        "id": HUB,
        "date": "2026-01-02T03:04:05.678Z",
        "stem": "patchbay-GPT-2-small-place-L10H7-own1-seed42",
        "origin": {
            "from": "storage",
            "sha256": "24".repeat(32),
            "config_sha256": "c0".repeat(32),
            "tokenizer_sha256": "70".repeat(32),
            "bytes": 548_105_171,
            "revision": REVISION,
        },
        "device": { "device": "cpu", "adapter": "CPU" },
        "note": null,
        "model": { "n_layer": 12, "n_head": 12 },
        "timings_ms": { "load": 5000, "run": 1 },
        "left_out": [],
        "report": { "about": "head 10.7", "answer": "It attends to IO.", "notes": [], "tables": [], "figures": [] },
        "result": result(&PATCHING_POSITIONS),
    })
}

fn result(experiment: &Experiment) -> Value {
    let condition = |mean: f64| {
        let mut condition =
            json!({ "mean_diff": mean, "diff": [mean], "io_score": [mean + 1.0], "s1_score": [1.0] });
        if experiment.probability {
            condition["io_probability"] = json!([0.5]);
        }
        condition
    };
    let shown = experiment.shown().enumerate();
    let conditions: serde_json::Map<String, Value> =
        shown.map(|(i, case)| (case.condition.to_owned(), condition(i as f64 - 0.1))).collect();
    json!({
        "experiment": experiment.name,
        "head": [10, 7],
        "spec": {
            "experiment": experiment.name,
            "layer": 10,
            "head": 7,
            "dataset": {
                "n": 1,
                "seed": 42,
                "symmetric": false,
                "prompt_type": "mixed",
                "prepend_bos": true,
                "prompts": [{ "sentence": OWN, "io": "Alex", "s": "Anthony" }],
            },
            "flip": "ABB -> BAB, BAB -> ABB",
            "freeze_ln": true,
        },
        "positions": { "io": [4], "s1": [2], "end": [9] },
        "conditions": conditions,
        "evidence": { "edits": {}, "noop_max_abs_change": 0, "noops": {} },
        "accuracy": null,
    })
}

fn changed(path: &str, value: Value) -> Value {
    let mut record = record();
    *record.pointer_mut(path).expect(path) = value;
    record
}

/// The notebook's own settings.
fn generated() -> Value {
    let mut record = record();
    let spec = patchbay::experiment::ExperimentSpec::default();
    record["result"]["spec"] = json!(spec);
    for values in ["io", "s1", "end"] {
        record["result"]["positions"][values] = json!(vec![7; 150]);
    }
    for condition in record["result"]["conditions"].as_object_mut().unwrap().values_mut() {
        for values in ["diff", "io_score", "s1_score"] {
            condition[values] = json!(vec![1.0; 150]);
        }
    }
    record
}

fn finished(record: Value) -> Finished {
    Finished::read(record).unwrap_or_else(|error| panic!("{error}"))
}

fn said(record: Value) -> Reproduction {
    finished(record).reproduction()
}

fn refused(record: Value) -> String {
    match Finished::read(record) {
        Err(Error::BadInput { field: "run", message }) => message,
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn the_command_names_model_head_prompts_and_seed_and_what_is_not_usual() {
    let command = |record| said(record).command;
    let usual = format!("patchbay run --model {HUB}@{REVISION} --layer 10 --head 7");
    assert_eq!(command(generated()), format!("{usual} -n 150 --seed 42"));

    let mut other = generated();
    other["id"] = json!("ioi-mini");
    other["result"]["accuracy"] = json!(0.5);
    let spec = &mut other["result"]["spec"];
    spec["flip"] = json!("ABB -> CDD, BAB -> DCD");
    spec["freeze_ln"] = json!(false);
    spec["dataset"]["symmetric"] = json!(false);
    spec["dataset"]["prompt_type"] = json!("BABA");
    spec["dataset"]["prepend_bos"] = json!(false);
    assert_eq!(
        command(other),
        "patchbay run --model ioi-mini --layer 10 --head 7 -n 150 --prompt-type BABA --seed 42 --flip 'ABB -> CDD, BAB -> DCD' --no-symmetric --no-bos --live-ln --accuracy"
    );

    let Reproduction { command, about_command, files, .. } = said(changed("/id", json!("folder")));
    let file = "patchbay-GPT-2-small-place-L10H7-own1-seed42-prompts.json";
    assert_eq!(
        command,
        format!("patchbay run --model FOLDER --layer 10 --head 7 --prompts {file} --seed 42")
    );
    assert!(about_command.contains("of these prompts from a file") && about_command.contains("FOLDER is"));
    assert_eq!(files.iter().map(|file| file.what).collect::<Vec<_>>(), ["JSON", "CSV", "prompts"]);
    assert_eq!(files[2].name, file);
    let prompts = finished(record()).file("prompts").unwrap();
    assert_eq!(serde_json::from_str::<Value>(&prompts).unwrap()[0]["sentence"], OWN);
}

#[test]
fn a_citation_says_which_program_model_question_prompts_and_day() {
    assert_eq!(
        said(generated()).citation,
        format!(
            "Patchbay {VERSION}; {HUB}, revision {REVISION}, SHA-256 242424242424 (weights), c0c0c0c0c0c0 (configuration), 707070707070 (tokenizer); patching positions, head 10.7; n=150, seed 42, mixed, symmetric, BOS, flip \"ABB -> BAB, BAB -> ABB\", LayerNorm scale frozen, CPU; 2026-01-02."
        )
    );
    let own = said(changed("/id", json!("url:https://example.org/"))).citation;
    assert!(own.contains("; https://example.org/, revision") && own.contains("; 1 own prompt, seed 42, BOS"));
}

#[test]
fn the_notebooks_figures_are_for_its_model_and_settings_only() {
    let published = said(generated()).published.expect("the notebook's settings");
    assert_eq!(published.rows[0], ["clean", "3.2874", "-0.1000"]);
    for (path, value) in [
        ("/id", json!("folder")),
        ("/result/spec/head", json!(9)),
        ("/result/spec/freeze_ln", json!(false)),
        ("/result/spec/dataset/seed", json!(43)),
    ] {
        let mut record = generated();
        *record.pointer_mut(path).unwrap() = value;
        assert_eq!(said(record).published, None, "{path}");
    }
    assert_eq!(said(record()).published, None);
}

#[test]
fn files_number_prompts_from_1() {
    let run = finished(record());
    let file: Value = serde_json::from_str(&run.file("JSON").unwrap()).unwrap();
    assert_eq!(file["patchbay"], VERSION);
    let model = &file["model"];
    assert_eq!((&model["id"], &model["n_layer"]), (&json!(HUB), &json!(12)));
    assert_eq!(model["bytes"], 548_105_171);
    assert_eq!(file["spec"]["dataset"]["prompts"][0]["sentence"], OWN);
    let [prompt] = file["prompts"].as_array().unwrap().as_slice() else { panic!("one prompt") };
    assert_eq!((&prompt["prompt"], &prompt["positions"]["end"]), (&json!(1), &json!(9)));
    assert_eq!(prompt["scores"]["projected"]["s1_score"], 1.0);
    let csv = run.file("CSV").unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!((lines[0], lines.len()), ("condition,prompt,io_score,s1_score,diff", 5));
    assert!(lines[2].starts_with("patched,1,1.89999"), "{}", lines[2]);
    assert!(run.file("other").is_err());

    let replaced = finished(changed("/result", result(EXPERIMENTS[2])));
    assert!(
        replaced.file("CSV").unwrap().starts_with("condition,prompt,io_score,s1_score,diff,io_probability\n")
    );
}

#[test]
fn a_run_that_does_not_fit_its_settings_is_refused() {
    for (path, value, expected) in [
        ("/origin/sha256", json!(null), "hash"),
        ("/result/positions/end", json!([9, 9]), "for each of 1 prompts, found 2"),
        ("/result/conditions/clean/diff", json!([]), "for each of 1 prompts, found 0"),
        ("/result/conditions/clean/io_probability", json!([0.5]), "probabilities"),
        (
            "/result/conditions/other",
            json!({ "mean_diff": 1, "diff": [1], "io_score": [1], "s1_score": [1] }),
            "no condition other",
        ),
    ] {
        let mut record = record();
        let (parent, name) = path.rsplit_once('/').unwrap();
        record.pointer_mut(parent).unwrap()[name] = value;
        let message = refused(record);
        assert!(message.contains(expected), "{path}: {message}");
    }
}

/// Positions are where the model reads the roles, and numbers are the run's.
#[test]
fn a_run_of_the_fixture_is_written_as_it_was() {
    let model = block_on(load(ComputeDevice::cpu()));
    let result = block_on(run(&model, &spec(true), false)).unwrap();
    let found = json!(result);
    let run = finished(changed("/result", found.clone()));
    let file: Value = serde_json::from_str(&run.file("JSON").unwrap()).unwrap();
    let expected = &fixture::expected()["dataset"];
    for (i, prompt) in file["prompts"].as_array().unwrap().iter().enumerate() {
        assert_eq!(prompt["sentence"], expected["sentences"][i]);
        assert_eq!(prompt["positions"]["io"], expected["word_idx"]["IO"][i]);
        assert_eq!(prompt["positions"]["s1"], expected["word_idx"]["S1"][i]);
        assert_eq!(prompt["positions"]["end"], expected["word_idx"]["end"][i]);
        for (name, condition) in found["conditions"].as_object().unwrap() {
            // What is read from JSON may be another in the last digit of a double; single precision knows nothing of that.
            let [written, was] = [&prompt["scores"][name]["diff"], &condition["diff"][i]]
                .map(|value| value.as_f64().expect("a number") as f32);
            assert_eq!(written, was, "{name}");
        }
    }
}

// What a link says of a result.

fn good() -> Texts {
    headline(record())
}

fn headline(record: Value) -> Texts {
    finished(record).headline().texts().into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn with(name: &str, text: &str) -> Texts {
    let mut texts = good();
    texts.insert(name.into(), text.into());
    texts
}

#[test]
fn a_headline_is_rounded_and_comes_back_from_a_link_as_it_went() {
    let texts = good();
    assert_eq!(texts["means"], "clean:-0.1;patched:0.9;projected:1.9;projected on random directions:2.9");
    assert_eq!(texts["revision"], REVISION);
    let mut link = texts.clone();
    link.insert("n".into(), "20".into());
    let read = Headline::read(&link).unwrap().expect("a headline");
    assert_eq!(read, finished(record()).headline());
    for (mean, expected) in
        [(3.287_412_34, "clean:3.28741;"), (-1.234_567_8e-6, "clean:-0.00000123457;"), (0.0, "clean:0;")]
    {
        let texts = headline(changed("/result/conditions/clean/mean_diff", json!(mean)));
        assert!(texts["means"].starts_with(expected), "{}", texts["means"]);
        assert!(Headline::read(&texts).is_ok());
    }
    assert_eq!(Headline::read(&Texts::from([("n".into(), "20".into())])), Ok(None));
    assert_eq!(headline(changed("/origin/revision", json!(null))).get("revision"), None);
}

#[test]
fn a_headline_of_version_0_1_has_the_hash_of_the_weights_alone() {
    let mut old = good();
    old.retain(|name, _| !matches!(name.as_str(), "config_sha256" | "tokenizer_sha256"));
    let found = finished(record()).compare(&old).unwrap();
    assert!(found.agrees && !found.verdict.contains("Still"), "{}", found.verdict);
}

#[test]
fn a_bad_headline_is_refused_by_the_parts_name() {
    let hash = "5c".repeat(32);
    for (name, text) in [
        ("app", "1.0"),
        ("app", "<b>1.0.0</b>"),
        ("app", &format!("0.1.0-{}", "x".repeat(50))),
        ("sha256", "5c"),
        ("sha256", &"G".repeat(64)),
        ("sha256", &hash.to_uppercase()),
        ("config_sha256", "C0"),
        ("tokenizer_sha256", ""),
        ("revision", "main"),
        ("revision", ""),
        ("means", ""),
        ("means", "clean"),
        ("means", "clean:"),
        ("means", ":1"),
        ("means", "clean:NaN"),
        ("means", "clean:Infinity"),
        ("means", "clean:1e400"),
        ("means", "clean:0x10"),
        ("means", "clean: 1"),
        ("means", "clean:+1"),
        ("means", "clean:1;"),
        ("means", "clean:1;clean:2"),
        ("means", &format!("{}:1", "x".repeat(61))),
        ("means", &format!("clean:{}", "9".repeat(400))),
        ("means", "cl\u{202e}ean:1"),
        ("means", &"a:1;".repeat(600)),
        ("means", &(0..41).map(|i| format!("c{i}:1")).collect::<Vec<_>>().join(";")),
    ] {
        let problems = Headline::read(&with(name, text)).expect_err(text);
        assert_eq!(problems.iter().map(|problem| &problem.field[..]).collect::<Vec<_>>(), [name], "{text}");
        assert!(problems[0].message.len() < 300, "{}", problems[0].message);
    }
    for name in ["app", "sha256", "means"] {
        let mut texts = good();
        texts.remove(name);
        let problems = Headline::read(&texts).expect_err(name);
        assert_eq!(problems[0].message, "missing, but the link has other parts of a stored result");
        assert_eq!((problems.len(), &problems[0].field[..]), (1, name));
    }
}

#[test]
fn a_replay_agrees_within_the_rounding_of_another_device() {
    let compare = |clean: f64| {
        finished(changed("/result/conditions/clean/mean_diff", json!(clean)))
            .compare(&with("means", "clean:3.2874"))
            .unwrap()
    };
    let found = compare(3.287_45);
    assert!(found.agrees);
    assert_eq!(
        found.verdict,
        "This result agrees with the one stored in the link, to the 0.0001 that float32 may differ by on another device."
    );
    assert_eq!(found.table.rows, [["clean", "3.2874", "3.28745", "agrees"]]);
    assert!(!compare(3.287_6).agrees);
    // Half a unit of the last of six digits.
    let large = changed("/result/conditions/clean/mean_diff", json!(123_456.7));
    assert!(finished(large).compare(&with("means", "clean:123457")).unwrap().agrees);
}

#[test]
fn a_replay_that_differs_says_in_what_and_names_the_likely_cause() {
    let verdict = |changes: &[(&str, &str)]| {
        let mut link = with("means", "clean:1.5;patched:0.9");
        link.extend(changes.iter().map(|(name, text)| (name.to_string(), text.to_string())));
        finished(record()).compare(&link).unwrap().verdict
    };
    let others = "ab".repeat(32);
    assert!(verdict(&[]).contains("in 1 of 2 conditions. The model and the page's version are the same"));
    assert!(
        verdict(&[("sha256", &others), ("revision", &"ab".repeat(20)), ("app", "0.0.1")]).ends_with(&format!(
            "The likely cause: other weights, SHA-256 abababab… in the link and 24242424… here; another revision of the model, abababab… in the link and 607a30d7… here; another version of this page, 0.0.1 in the link and {VERSION} here."
        ))
    );
    for (part, what) in [("config_sha256", "configuration c0"), ("tokenizer_sha256", "tokenizer 70")] {
        let (what, hash) = what.split_once(' ').unwrap();
        let expected = format!(
            "The likely cause: another {what}, SHA-256 abababab… in the link and {}… here.",
            hash.repeat(4)
        );
        assert!(verdict(&[(part, &others)]).ends_with(&expected), "{}", verdict(&[(part, &others)]));
    }
    assert!(verdict(&[("means", "clean:-0.1"), ("sha256", &others)]).contains("Still: other weights"));
    let gone = finished(record()).compare(&with("means", "clean:-0.1;gone:1")).unwrap();
    assert_eq!(gone.table.rows[1], ["gone", "1", "–", "differs"]);
    assert!(finished(record()).compare(&Texts::new()).is_err());
}
