//! What a head attends to in a text and what comes next, on the fixture, natively on the CPU.

use std::rc::Rc;

use patchbay::ErrorKind;
use patchbay::analysis::{TextRun, TextSource, TextSpec};
use patchbay::device::ComputeDevice;
use patchbay::ioi::DatasetSpec;
use patchbay::job::{self, Job};
use patchbay::loader::LoadedModel;
use patchbay::report::Chart;
use patchbay::task::{IoiTask, PromptForm, TaskSpec};
use pollster::block_on;
use serde_json::json;

use crate::fixture;
use crate::fixture::text::{assert_texts, entries, text};
use crate::fixture::{CONFIG, load, load_bytes, with_rows_of_wpe};

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

fn of(text: &str, prepend_bos: bool) -> TextSpec {
    let source = TextSource::Text { text: text.into(), prepend_bos };
    TextSpec { source, layer: 2, head: 1, predictions: 3, zero: Vec::new() }
}

fn of_example(example: usize, run: PromptForm) -> TextSpec {
    let dataset = DatasetSpec { n: 6, symmetric: false, ..DatasetSpec::default() };
    let task = TaskSpec::Ioi(IoiTask { dataset, ..IoiTask::default() });
    TextSpec { source: TextSource::Example { task, example, run }, ..of("", true) }
}

fn refused(model: &Rc<LoadedModel>, spec: &TextSpec) -> (Option<&'static str>, String) {
    let error = TextRun::new(model.clone(), spec).err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::BadInput, "{error}");
    (error.field(), error.to_string())
}

#[test]
fn every_number_agrees_with_the_reference() {
    block_on(assert_texts(&model(), &entries()));
}

#[test]
fn a_text_of_more_rows_than_go_through_the_unembedding_at_once() {
    // The longest text that the tiny model reads has as many as its context: 64, which go at once. Twice
    // as many go in two steps, so it is one step's predictions that both must have.
    let config = CONFIG.replace("64", "130");
    let mut tensors = fixture::tensors();
    tensors.retain(|name, _| !name.ends_with(".attn.bias"));
    let (_, shape, data) = tensors.get_mut("wpe.weight").unwrap();
    shape[0] = 130;
    data.resize(130 * shape[1] * size_of::<f32>(), 0);
    let model = Rc::new(load_bytes(&config, &fixture::bytes(&tensors)).unwrap());
    let long = block_on(text(&model, &of(&"W".repeat(129), true))).unwrap();
    let short = block_on(text(&model, &of(&"W".repeat(20), true))).unwrap();
    assert_eq!((long.ids.len(), long.predictions.len()), (130, 130));
    for (long, short) in long.predictions.iter().zip(&short.predictions) {
        let ids = |of: &[patchbay::analysis::Prediction]| of.iter().map(|it| it.id).collect::<Vec<_>>();
        assert_eq!(ids(long), ids(short));
    }
}

#[test]
fn texts_are_anybodys() {
    let model = model();
    let n_ctx = model.gpt2.config.n_ctx;
    for (text, tokens) in [
        ("\u{0}", 1),
        ("\u{202e}\u{10ffff}", 7),
        ("\r\n\t ", 4),
        (" ", 1),
        ("<|endoftext|><|endoftext|>", 2),
        ("é", 2),
        ("👩‍👩‍👧", 18),
    ] {
        let result = block_on(self::text(&model, &of(text, false))).unwrap();
        assert_eq!((result.ids.len(), result.tokens.len()), (tokens, tokens), "{text:?}");
        assert!(result.tokens.iter().all(|token| !token.is_empty()), "{text:?}");
        for (query, row) in result.pattern.iter().enumerate() {
            // What float32 rounds in at most so many numbers below 1.
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5 && row.len() == query + 1);
        }
        for predictions in &result.predictions {
            assert!(predictions.windows(2).all(|pair| pair[0].probability >= pair[1].probability));
        }
    }
    let full = block_on(text(&model, &of(&"W".repeat(n_ctx - 1), true))).unwrap();
    assert_eq!(full.ids.len(), n_ctx);
}

#[test]
fn what_does_not_fit_is_refused_by_field() {
    let model = model();
    for (spec, field, words) in [
        (of("", true), "text", vec!["expected a text, found none"]),
        (
            of(&"W".repeat(64), true),
            "text",
            vec!["has 65 tokens, with the one before it", "at most 64", "by 1"],
        ),
        (of(&"W".repeat(70), false), "text", vec!["has 70 tokens;", "at most 64", "by 6"]),
        (of(&"W".repeat(2 << 20), false), "text", vec!["2097152 bytes", "at most 1048576"]),
        (TextSpec { layer: 3, ..of("W", true) }, "layer", vec!["layers 0 to 2"]),
        (TextSpec { head: 4, ..of("W", true) }, "head", vec!["heads 0 to 3"]),
        (TextSpec { predictions: 0, ..of("W", true) }, "predictions", vec!["from 1 to 20", "found 0"]),
        (TextSpec { predictions: 21, ..of("W", true) }, "predictions", vec!["from 1 to 20", "found 21"]),
        (of_example(6, PromptForm::Clean), "example", vec!["prompts 1 to 6", "no prompt 7"]),
        (of_example(usize::MAX, PromptForm::Clean), "example", vec!["no prompt 18446744073709551616"]),
    ] {
        let (found, message) = refused(&model, &spec);
        assert_eq!(found, Some(field), "{message}");
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    }
    let TextSource::Example { task: TaskSpec::Ioi(mut task), .. } = of_example(0, PromptForm::Clean).source
    else {
        unreachable!()
    };
    task.dataset.n = 0;
    let source = TextSource::Example { task: TaskSpec::Ioi(task), example: 0, run: PromptForm::Clean };
    assert_eq!(refused(&model, &TextSpec { source, ..of("", true) }).0, Some("n"));
}

#[test]
fn a_text_that_a_tokenizer_cannot_read_is_refused() {
    // Without a token for the byte of "W".
    let mut tokenizer: serde_json::Value = serde_json::from_slice(fixture::TOKENIZER).unwrap();
    let vocab = tokenizer["model"]["vocab"].as_object_mut().unwrap();
    let id = vocab.remove("W").unwrap();
    vocab.insert("a token that no text has".into(), id);
    let merges = tokenizer["model"]["merges"].as_array_mut().unwrap();
    merges.retain(|merge| !merge.to_string().contains('W'));
    let json = serde_json::to_vec(&tokenizer).unwrap();
    let mut loader = patchbay::loader::ModelLoader::new(ComputeDevice::cpu(), CONFIG, &json).unwrap();
    loader.push(fixture::WEIGHTS).unwrap();
    let model = Rc::new(block_on(loader.finish()).unwrap());
    let (field, message) = refused(&model, &of("aWa", true));
    assert_eq!(field, Some("text"));
    assert!(message.contains("no token for 'W'"), "{message}");
    assert!(TextRun::new(model, &of("aa", true)).is_ok());
}

#[test]
fn a_source_is_one_of_two() {
    let read = |source: serde_json::Value| {
        let spec = json!({ "analysis": "text", "spec": { "source": source, "layer": 0, "head": 0 } });
        job::plan(model(), spec).map(drop).map_err(|error| (error.field(), error.to_string()))
    };
    assert_eq!(read(json!({ "text": "W", "prepend_bos": true })), Ok(()));
    let task = json!(TaskSpec::default());
    assert_eq!(read(json!({ "task": task, "example": 149, "run": "corrupted" })), Ok(()));
    assert_eq!(read(json!({ "task": task, "example": 0 })), Ok(()));
    for (source, said) in [
        (json!({ "text": "W" }), "a text with prepend_bos, or a task with example and run"),
        (json!({ "text": "W", "prepend_bos": true, "example": 1 }), "a text with prepend_bos, or a task"),
        (json!({ "task": task, "example": -1 }), "invalid value: integer `-1`"),
        (json!({ "task": task, "example": 0, "run": "flipped" }), "expected `clean` or `corrupted`"),
        (json!({ "task": task, "example": 0, "of": 1 }), "unknown field `of`"),
        (json!({ "task": { "task": "ioi", "corruption": "abc" }, "example": 0 }), "missing field `dataset`"),
    ] {
        let (field, message) = read(source).unwrap_err();
        assert_eq!(field, Some("spec"));
        assert!(message.contains(said), "{message}");
    }
    // What is left out is written back as it was taken.
    let spec: TextSpec =
        serde_json::from_value(json!({ "source": { "task": task, "example": 2 }, "layer": 0, "head": 1 }))
            .unwrap();
    assert_eq!(
        json!(spec),
        json!({ "source": { "task": task, "example": 2, "run": "clean" }, "layer": 0, "head": 1, "predictions": 3 })
    );
}

#[test]
fn progress_grows_to_what_was_said_and_costs_what_the_products_do() {
    let model = model();
    let mut run = TextRun::new(model.clone(), &of("When Mary", true)).unwrap();
    let config = &model.gpt2.config;
    let cost = run.cost();
    let rows = block_on(text(&model, &of("When Mary", true))).unwrap().ids.len();
    let unembedding = 2.0 * (rows * config.n_embd * config.vocab_size) as f64;
    // Every position is read after the last layer, so that nothing is saved.
    assert_eq!(cost.done, config.forward_flops(rows) + unembedding);
    assert_eq!(cost.needed, cost.done);
    let mut last = 0;
    loop {
        assert!(Job::result(&run).unwrap().is_none() && run.report().unwrap().is_none());
        let progress = block_on(run.step()).unwrap();
        assert!(progress.done > last && progress.done <= progress.total, "{progress:?}");
        last = progress.done;
        assert_eq!(progress.finished, progress.done == progress.total);
        if progress.finished {
            break;
        }
    }
    assert!(run.report().unwrap().is_some() && run.frame().unwrap().is_some());
    assert!(block_on(run.step()).unwrap().finished);
}

#[test]
fn the_answer_says_what_the_last_token_attends_to_and_what_comes_next() {
    let model = model();
    let mut run = TextRun::new(model.clone(), &of_example(2, PromptForm::Corrupted)).unwrap();
    while !block_on(run.step()).unwrap().finished {}
    let result = run.result().unwrap().unwrap();
    let report = run.report().unwrap().unwrap();
    assert_eq!(report.about, "head 2.1 · prompt 3 of IOI, seed 42, corrupted");
    assert_eq!(report.stem, "L2H1-ioi-seed42-prompt3-corrupted");
    let last = result.tokens.len() - 1;
    assert_eq!(result.roles["END"], last);
    let row = &result.pattern[last];
    let most = (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
    let begin =
        format!("At “{}” (END), head 2.1 attends most to “{}”", result.tokens[last], result.tokens[most]);
    assert!(report.answer.starts_with(&begin), "{}", report.answer);
    assert!(report.answer.contains(&format!("{:.2})", row[most])), "{}", report.answer);
    let says =
        format!("After “{}” the model says “{}” (", result.tokens[last], result.predictions[last][0].token);
    assert!(report.answer.contains(&says), "{}", report.answer);

    let [attention, predictions] = &report.figures[..] else { panic!("two figures") };
    assert_eq!((attention.name, attention.chart), ("attention", Chart::Attention));
    let [query, key] = attention.frame.axes() else { panic!("two axes") };
    assert_eq!((query.name.as_str(), key.name.as_str()), ("query", "key"));
    let mut labels = key.labels.clone();
    assert_eq!(labels[0], "0 <|endoftext|>");
    labels.sort();
    labels.dedup();
    assert_eq!(labels.len(), result.tokens.len());
    let size = labels.len();
    let of = |column: &str| attention.frame.column(column).unwrap().values.clone();
    assert_eq!(of("score")[last * size + most], Some(f64::from(result.scores[last][most])));
    assert_eq!(of("pattern")[last * size + most], Some(f64::from(row[most])));
    assert_eq!([of("pattern")[1], of("score")[size - 1]], [None, None]);
    assert_eq!(attention.frame, run.frame().unwrap().unwrap());

    assert_eq!((predictions.name, predictions.chart), ("predictions", Chart::Bars));
    let likeliest = predictions.frame.column("probability").unwrap().values[0];
    assert_eq!(likeliest, Some(result.predictions[last][0].probability));
}

#[test]
fn one_token_attends_to_itself() {
    let model = model();
    let mut run = TextRun::new(model, &TextSpec { predictions: 1, ..of("W", false) }).unwrap();
    while !block_on(run.step()).unwrap().finished {}
    let report = run.report().unwrap().unwrap();
    assert!(
        report.answer.starts_with(
            "At “W”, head 2.1 attends to that token alone, which is the first. After “W” the model says “"
        ),
        "{}",
        report.answer
    );
    assert_eq!(
        (report.about.as_str(), report.stem.as_str()),
        ("head 2.1 · a text of 1 token, no BOS", "L2H1-text")
    );
    assert_eq!(report.notes, [""; 0]);
}

#[test]
fn parts_of_characters_are_shown_and_said_to_be_parts() {
    let mut run = TextRun::new(model(), &of("é é", true)).unwrap();
    while !block_on(run.step()).unwrap().finished {}
    let report = run.report().unwrap().unwrap();
    assert_eq!(report.notes, ["A character that is several tokens is shown as � in each."]);
    assert_eq!(report.figures[0].frame.axes()[1].labels[1..3], ["1 �", "2 �"]);
}

#[test]
fn a_model_with_a_short_context_reads_short_texts() {
    let config = CONFIG.replace("64", "8");
    let model = Rc::new(load_bytes(&config, &with_rows_of_wpe(8)).unwrap());
    assert!(TextRun::new(model.clone(), &of("WWWWWWW", true)).is_ok());
    let (_, message) = refused(&model, &of("WWWWWWWW", true));
    assert!(message.contains("has 9 tokens") && message.contains("at most 8"), "{message}");
}
