//! What models are asked on: the reference's roles, groups and ABC prompts, and what holds for every seed.

use std::collections::{BTreeMap, BTreeSet};

use patchbay::ErrorKind;
use patchbay::frame::Together;
use patchbay::ioi::{CustomPrompt, DatasetSpec, Lexicon, Prompt, PromptType, abc};
use patchbay::task::{Corruption, Example, Examples, GreaterThanTask, InductionTask, IoiTask, TaskSpec};
use patchbay::tokenizer::Tokenizer;
use serde_json::{Value, json};

const PATCHING: &str = include_str!("../../../../tests/fixtures/reference/patching-tiny-0.json");
/// GPT-2's tokenizer, cut down to the lexicon.
const GPT2_IOI: &[u8] = include_bytes!("../../../../tests/fixtures/gpt2-ioi/tokenizer.json");
/// One that makes several tokens of most words.
const TINY: &[u8] = include_bytes!("../../../../tests/fixtures/tiny/tokenizer.json");

const ROLES: [&str; 5] = ["IO", "S1", "S1+1", "S2", "END"];
const N_CTX: usize = 1024;

fn gpt2() -> Tokenizer {
    Tokenizer::from_json(GPT2_IOI).unwrap()
}

fn ioi(dataset: DatasetSpec, corruption: &str) -> TaskSpec {
    TaskSpec::Ioi(IoiTask { dataset, corruption: Corruption(corruption.into()) })
}

fn own(sentences: &[(&str, &str, &str)]) -> DatasetSpec {
    let prompt = |&(sentence, io, s): &(&str, &str, &str)| CustomPrompt {
        sentence: sentence.into(),
        io: io.into(),
        s: s.into(),
    };
    DatasetSpec { prompts: Some(sentences.iter().map(prompt).collect()), ..DatasetSpec::default() }
}

fn read(task: &TaskSpec) -> Examples {
    task.examples(&gpt2(), N_CTX).unwrap()
}

#[test]
fn roles_and_groups_are_the_references() {
    let reference: Value = serde_json::from_str(PATCHING).unwrap();
    let dataset: DatasetSpec = serde_json::from_value(reference["dataset"].clone()).unwrap();
    let examples = read(&ioi(dataset, reference["corruption"].as_str().unwrap()));
    assert_eq!(examples.roles, ROLES);
    for (i, role) in ROLES.into_iter().enumerate() {
        let positions: Vec<usize> = examples.examples.iter().map(|example| example.positions[i]).collect();
        assert_eq!(json!(positions), reference["roles"][role], "{role}");
        assert_eq!(examples.role(role), Ok(i));
    }
    let groups: Vec<usize> = examples.examples.iter().map(|example| example.group).collect();
    assert_eq!(json!(groups), reference["groups"]);
    assert_eq!(examples.groups(), 6);
}

#[test]
fn abc_prompts_are_the_references() {
    let reference: Value = serde_json::from_str(PATCHING).unwrap();
    let dataset: DatasetSpec = serde_json::from_value(reference["dataset"].clone()).unwrap();
    let prompts = dataset.generate().unwrap();
    let corrupted = abc(&prompts, dataset.seed).unwrap();
    let sentences: Vec<&str> = corrupted.iter().map(|prompt| prompt.sentence.as_str()).collect();
    assert_eq!(json!(sentences), reference["abc"]["sentences"]);
    for (prompt, corrupted) in prompts.iter().zip(&corrupted) {
        assert!(corrupted.sentence.ends_with(&format!(" {}", prompt.io)), "{}", corrupted.sentence);
        assert_eq!(corrupted.template, prompt.template);
    }
}

/// The roles' tokens in the clean and in the corrupted row.
fn names(example: &Example) -> [[u32; 3]; 2] {
    let [io, s1, _, s2, _] = example.positions[..] else { panic!("five roles") };
    [&example.clean, &example.corrupted].map(|row| [io, s1, s2].map(|position| row[position]))
}

#[test]
fn corrupted_rows_differ_in_the_names_alone() {
    let tokenizer = gpt2();
    let known: BTreeSet<u32> =
        Lexicon::get().names.iter().map(|name| tokenizer.name(name).unwrap()).collect();
    for seed in 0..50 {
        for (prompt_type, prepend_bos) in
            [(PromptType::Mixed, true), (PromptType::Abba, false), (PromptType::Baba, true)]
        {
            let spec = DatasetSpec { n: 20, seed, prompt_type, prepend_bos, ..DatasetSpec::default() };
            for corruption in [Corruption::DEFAULT, "abc"] {
                for example in read(&ioi(spec.clone(), corruption)).examples {
                    let Example { clean, corrupted, positions, .. } = &example;
                    assert_eq!(clean.len(), corrupted.len());
                    assert_eq!(example.end() + 2, clean.len(), "the answer follows END");
                    let [clean_names, corrupted_names] = names(&example);
                    let ([io], [s]) = (&example.answers[..], &example.wrong_answers[..]) else {
                        panic!("one answer each")
                    };
                    assert_eq!(clean_names, [*io, *s, *s]);
                    assert_eq!(clean.last(), Some(io));
                    if corruption == "abc" {
                        let new: BTreeSet<u32> = corrupted_names.into();
                        assert!(new.len() == 3 && new.is_subset(&known), "three names: {new:?}");
                        assert!(!new.contains(io) && !new.contains(s), "a name of the prompt's: {new:?}");
                    } else {
                        assert_eq!(corrupted_names, [*io, *s, *io], "the answer changes");
                    }
                    for at in
                        (0..clean.len()).filter(|at| ![0, 1, 3].map(|role| positions[role]).contains(at))
                    {
                        assert_eq!(clean[at], corrupted[at], "token {at}");
                    }
                }
            }
        }
    }
}

#[test]
fn groups_are_templates_where_these_are_of_one_length() {
    for seed in 0..20 {
        let spec = DatasetSpec { seed, ..DatasetSpec::default() };
        let prompts = spec.generate().unwrap();
        let examples = read(&ioi(spec, "abc"));
        let mut groups = BTreeMap::new();
        for (prompt, example) in prompts.iter().zip(&examples.examples) {
            let next = groups.len();
            assert_eq!(example.group, *groups.entry(prompt.template).or_insert(next));
        }
        assert_eq!(examples.groups(), groups.len());
    }
}

#[test]
fn a_template_of_several_lengths_is_several_groups() {
    let tokenizer = Tokenizer::from_json(TINY).unwrap();
    let spec = DatasetSpec::default();
    let prompts = spec.generate().unwrap();
    let examples = ioi(spec, "abc").examples(&tokenizer, N_CTX).unwrap();
    let templates: BTreeSet<_> = prompts.iter().map(|prompt| prompt.template).collect();
    assert!(examples.groups() > templates.len(), "{} groups test nothing", examples.groups());
    let mut shapes = BTreeMap::new();
    for (prompt, example) in prompts.iter().zip(&examples.examples) {
        let shape = (prompt.template, example.clean.len(), &example.positions);
        assert_eq!(shapes.entry(example.group).or_insert(shape), &shape);
    }
    assert_eq!(shapes.values().collect::<BTreeSet<_>>().len(), shapes.len(), "no two groups are alike");
}

#[test]
fn own_prompts_of_one_shape_are_a_group() {
    let examples = read(&ioi(
        own(&[
            ("Then, Alex and Mary went to the school. Mary gave a ring to Alex", "Alex", "Mary"),
            ("Then, Mary and Alex went to the school. Mary gave a ring to Alex", "Alex", "Mary"),
            ("Then, John and Anthony went to the store. Anthony gave a ring to John", "John", "Anthony"),
            ("After Alex and Mary went to the school, Mary gave a ring to Alex", "Alex", "Mary"),
        ]),
        Corruption::DEFAULT,
    ));
    let groups: Vec<usize> = examples.examples.iter().map(|example| example.group).collect();
    assert_eq!(groups, [0, 1, 0, 2]);
}

/// Names besides IO and S may be in a prompt that somebody wrote.
#[test]
fn abc_draws_no_name_that_is_anywhere_in_the_prompt() {
    let lexicon = &Lexicon::get().names;
    let prompt = |others: usize| Prompt {
        sentence: format!(
            "Then, {} and {} met {}. {1} gave a ring to {0}",
            lexicon[0],
            lexicon[1],
            lexicon[2..2 + others].join(", ")
        ),
        io: lexicon[0].clone(),
        s: lexicon[1].clone(),
        template: None,
    };
    // All but the last three are in the prompt.
    let others = lexicon.len() - 5;
    let free: BTreeSet<&str> = lexicon[2 + others..].iter().map(String::as_str).collect();
    for seed in 0..20 {
        let corrupted = abc(&[prompt(others)], seed).unwrap().remove(0);
        let words: Vec<&str> = corrupted.sentence.split(' ').collect();
        // With a comma or a full stop after them, the others are not exactly names, and stay.
        let drawn: BTreeSet<&str> = words.iter().copied().filter(|word| free.contains(word)).collect();
        assert_eq!(drawn, free);
    }
    let error = abc(&[prompt(others + 1)], 0).unwrap_err();
    assert_eq!(error.field(), Some("corruption"));
    assert!(error.to_string().contains("three names of the lexicon that are not in the prompt"), "{error}");
    let short = Prompt { sentence: "Then, Mary gave a ring to Alex".into(), ..prompt(1) };
    let error = abc(&[short], 0).unwrap_err();
    assert_eq!(error.field(), Some("corruption"));
    assert!(error.to_string().contains("needs three words that are names, and here are 2"), "{error}");
}

#[test]
fn a_task_is_read_as_it_is_written() {
    let task = TaskSpec::default();
    let written = json!({
        "task": "ioi",
        "dataset": { "n": 150, "seed": 42, "symmetric": true, "prompt_type": "mixed", "prepend_bos": true },
        "corruption": "ABB -> ABA, BAB -> BAA",
    });
    assert_eq!(json!(task), written);
    assert_eq!(serde_json::from_value::<TaskSpec>(written.clone()).unwrap(), task);
    for (pointer, what) in
        [("", "unknown field `flip`"), ("/dataset", "unknown field `flip`"), ("/task", "unknown variant")]
    {
        let mut wrong = written.clone();
        match wrong.pointer_mut(pointer).unwrap() {
            Value::Object(fields) => drop(fields.insert("flip".into(), json!("abc"))),
            name => *name = json!("oio"),
        }
        let error = serde_json::from_value::<TaskSpec>(wrong).unwrap_err().to_string();
        assert!(error.contains(what), "{pointer}: {error}");
    }
    let missing = json!({ "task": "ioi", "dataset": written["dataset"] });
    let error = serde_json::from_value::<TaskSpec>(missing).unwrap_err().to_string();
    assert!(error.contains("missing field `corruption`"), "{error}");
}

#[test]
fn a_wrong_setting_is_told_before_there_is_a_model() {
    ioi(DatasetSpec::default(), "abc").check().unwrap();
    for (task, field, message) in [
        (ioi(DatasetSpec { n: 0, ..DatasetSpec::default() }, "abc"), "n", "from 1 to 10000, not 0"),
        (ioi(DatasetSpec::default(), "ABC"), "corruption", "\"abc\" or a flip"),
        (ioi(DatasetSpec::default(), ""), "corruption", "at character 1, found the end"),
        (ioi(DatasetSpec::default(), "ABB => ABA"), "corruption", "at character 5, found \"=> ABA\""),
    ] {
        for error in [task.check().unwrap_err(), task.examples(&gpt2(), N_CTX).unwrap_err()] {
            assert_eq!((error.kind(), error.field()), (ErrorKind::BadInput, Some(field)));
            assert!(error.to_string().contains(message), "{error}");
        }
    }
}

#[test]
fn a_prompt_that_a_model_cannot_run_is_told() {
    let sentence = "Then, Alex and Mary went to the school. Mary gave a ring to Alex";
    let alex = ("Alex", "Mary");
    // 16 tokens up to END.
    let task = ioi(own(&[(sentence, alex.0, alex.1)]), "abc");
    let end = task.examples(&gpt2(), 16).unwrap().examples[0].end();
    assert_eq!(end, 15);
    let error = task.examples(&gpt2(), 15).unwrap_err();
    assert_eq!(error.field(), Some("prompts"));
    assert!(error.to_string().contains("prompt 1: it has 16 tokens up to END"), "{error}");

    let error = ioi(DatasetSpec::default(), "abc").examples(&gpt2(), 15).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadModel);
    assert!(error.to_string().contains("but the model's context is 15"), "{error}");

    let error = ioi(own(&[(sentence, "Alex", "Alex")]), "abc").examples(&gpt2(), N_CTX).unwrap_err();
    assert_eq!(error.field(), Some("prompts"));
}

#[test]
fn prompts_of_a_symmetric_dataset_are_drawn_in_pairs() {
    let drawn = |dataset| ioi(dataset, "abc").together();
    let own = own(&[("Then, Alex and Mary met. Mary gave a ring to Alex", "Alex", "Mary")]);
    assert_eq!(drawn(DatasetSpec::default()), Together::Neighbours(2));
    assert_eq!(drawn(DatasetSpec { symmetric: false, ..DatasetSpec::default() }), Together::Neighbours(1));
    assert_eq!(drawn(DatasetSpec { symmetric: true, ..own }), Together::Neighbours(1));
}

fn induction(n: u32, seed: u32, length: u32) -> InductionTask {
    InductionTask { n, seed, length, prepend_bos: true }
}

#[test]
fn induction_is_the_references() {
    let reference: Value = serde_json::from_str(PATCHING).unwrap();
    let wanted = &reference["induction"];
    let number = |name: &str| u32::try_from(wanted[name].as_u64().unwrap()).unwrap();
    let task = TaskSpec::Induction(induction(number("n"), number("seed"), number("length")));
    // The fixture has GPT-2's last token, and so its number of tokens.
    let examples = read(&task);
    assert_eq!(examples.roles, ["FIRST", "NEXT", "END"]);
    for (i, example) in examples.examples.iter().enumerate() {
        let end = example.end();
        assert_eq!(json!(example.clean[..=end]), wanted["clean"][i]);
        assert_eq!(json!(example.corrupted[..=end]), wanted["corrupted"][i]);
        assert_eq!(json!(example.answers), json!([wanted["answer"][i]]));
        assert_eq!(json!(example.wrong_answers), json!([wanted["wrong"][i]]));
        for (role, &position) in examples.roles.iter().zip(&example.positions) {
            assert_eq!(json!(position), wanted["roles"][role], "{role}");
        }
    }
}

#[test]
fn what_follows_in_induction_followed_before() {
    // A few dozen tokens, so that what must not be drawn would be.
    let tokenizer = Tokenizer::from_json(&small_vocabulary(40)).unwrap();
    let bos = tokenizer.bos().unwrap();
    for seed in 0..200 {
        for (length, prepend_bos) in [(2, true), (7, false), (31, true)] {
            let task = InductionTask { prepend_bos, ..induction(5, seed, length) };
            let length = length as usize;
            let examples = TaskSpec::Induction(task).examples(&tokenizer, 64).unwrap();
            assert_eq!(examples.groups(), 1);
            for example in &examples.examples {
                let Example { clean, corrupted, positions, answers, wrong_answers, .. } = example;
                let [first, next, end] = positions[..] else { panic!("three roles") };
                let begin = usize::from(prepend_bos);
                assert_eq!(clean.len(), begin + 2 * length);
                assert_eq!(corrupted.len(), clean.len());
                assert_eq!(prepend_bos, clean[0] == bos);
                assert!(!clean[begin..].contains(&bos) && !corrupted[begin..].contains(&bos));
                assert!(!answers.contains(&bos) && !wrong_answers.contains(&bos));
                let (repeated, again) = clean[begin..].split_at(length);
                assert_eq!(repeated, again);
                assert_eq!(corrupted[begin + length..], *again, "only what was before is another");
                assert_ne!(corrupted[begin..begin + length], *repeated);
                // Two tokens of two drawn from forty are equal now and then; the roles are places.
                assert_eq!((next, end), (first + 1, clean.len() - 2));
                assert_eq!(clean[first], clean[end]);
                assert_eq!((clean[next], clean[end + 1]), (answers[0], answers[0]));
                assert_ne!(answers, wrong_answers);
            }
        }
    }
}

/// A tokenizer of so many tokens, and one that texts begin with.
fn small_vocabulary(tokens: u32) -> Vec<u8> {
    let mut tokenizer: Value = serde_json::from_slice(TINY).unwrap();
    let vocab = tokenizer["model"]["vocab"].as_object_mut().unwrap();
    vocab.retain(|_, id| id.as_u64().unwrap() < tokens.into());
    tokenizer["model"]["merges"] = json!([]);
    tokenizer["added_tokens"][0]["id"] = json!(tokens);
    serde_json::to_vec(&tokenizer).unwrap()
}

#[test]
fn an_induction_that_a_model_cannot_be_asked_is_told() {
    for (task, n_ctx, field, message) in [
        (induction(0, 1, 10), 64, "n", "from 1 to 10000, not 0"),
        (induction(1, 1, 0), 64, "length", "at least 2, not 0"),
        (induction(1, 1, 1), 64, "length", "at least 2, not 1"),
        (induction(1, 1, 32), 64, "length", "context of 64, room for a length of at most 31"),
        (induction(1, 1, u32::MAX), 64, "length", "context of 64, room for a length of at most 31"),
        (induction(1, 1, 2), 4, "length", "context of 4, too few for this task"),
    ] {
        let error = TaskSpec::Induction(task).examples(&gpt2(), n_ctx).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::BadInput, Some(field)));
        assert!(error.to_string().contains(message), "{error}");
    }
    let longest = InductionTask { prepend_bos: false, ..induction(1, 1, 32) };
    TaskSpec::Induction(longest).examples(&gpt2(), 64).unwrap();
    let two = InductionTask { prepend_bos: false, ..induction(3, 1, 2) };
    TaskSpec::Induction(two.clone())
        .examples(&Tokenizer::from_json(&small_vocabulary(2)).unwrap(), 64)
        .unwrap();
    let one = Tokenizer::from_json(&small_vocabulary(1)).unwrap();
    let error = TaskSpec::Induction(two).examples(&one, 64).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadModel);
    assert!(error.to_string().contains("needs two tokens at least"), "{error}");
}

fn greater_than(n: u32, seed: u32, prepend_bos: bool) -> TaskSpec {
    TaskSpec::GreaterThan(GreaterThanTask { n, seed, prepend_bos })
}

#[test]
fn greater_than_is_the_references() {
    let reference: Value = serde_json::from_str(PATCHING).unwrap();
    let wanted = &reference["greater_than"];
    let number = |name: &str| u32::try_from(wanted[name].as_u64().unwrap()).unwrap();
    let examples = read(&greater_than(number("n"), number("seed"), true));
    assert_eq!(examples.roles, ["NOUN", "XX", "YY", "END"]);
    assert_eq!(json!(examples.len()), wanted["n"]);
    for (example, wanted) in examples.examples.iter().zip(wanted["prompts"].as_array().unwrap()) {
        assert_eq!(json!(example.clean), wanted["tokens"]);
        assert_eq!(json!(example.corrupted), wanted["corrupted_tokens"]);
        assert_eq!(json!(example.answers), wanted["answers"]);
        assert_eq!(json!(example.wrong_answers), wanted["wrong_answers"]);
        for (role, &position) in examples.roles.iter().zip(&example.positions) {
            assert_eq!(json!(position), wanted["roles"][role], "{role}");
        }
    }
}

#[test]
fn years_that_are_answers_come_after() {
    let tokenizer = gpt2();
    let text = |token: u32| tokenizer.text(token).unwrap();
    for seed in 0..20 {
        for prepend_bos in [true, false] {
            for example in read(&greater_than(30, seed, prepend_bos)).examples {
                let Example { clean, corrupted, positions, answers, wrong_answers, .. } = &example;
                let [noun, xx, yy, end] = positions[..] else { panic!("four roles") };
                assert_eq!((yy, end, clean.len()), (xx + 1, xx + 5, xx + 6));
                assert_eq!(
                    clean[noun + 1..xx].iter().map(|&id| text(id)).collect::<String>(),
                    " lasted from the year"
                );
                assert_eq!(clean[xx], clean[end], "one century");
                assert_eq!(text(corrupted[yy]), "01");
                assert!((0..=end).all(|at| at == yy || clean[at] == corrupted[at]), "one token differs");
                let year: usize = text(clean[yy]).parse().unwrap();
                assert!((2..=98).contains(&year));
                let digits: Vec<String> = wrong_answers.iter().chain(answers).map(|&id| text(id)).collect();
                assert_eq!(digits, (0..100).map(|year| format!("{year:02}")).collect::<Vec<_>>());
                assert_eq!(wrong_answers.len(), year + 1);
            }
        }
    }
}

/// GPT-2's tokenizer, which makes several tokens of one.
fn without_merge(token: &str) -> Vec<u8> {
    let mut tokenizer: Value = serde_json::from_slice(GPT2_IOI).unwrap();
    let merges = tokenizer["model"]["merges"].as_array_mut().unwrap();
    merges.retain(|merge| merge.as_str().unwrap().replace(' ', "") != token);
    serde_json::to_vec(&tokenizer).unwrap()
}

#[test]
fn a_noun_of_several_tokens_makes_a_group_of_its_own() {
    let tokenizer = Tokenizer::from_json(&without_merge("Ġillness")).unwrap();
    let examples = greater_than(500, 1, true).examples(&tokenizer, N_CTX).unwrap();
    let shapes: BTreeSet<_> = examples
        .examples
        .iter()
        .map(|example| (example.clean.len(), example.positions.clone(), example.group))
        .collect();
    let shapes: Vec<_> = shapes.into_iter().map(|(length, positions, _)| (length, positions)).collect();
    assert_eq!(shapes, [(13, vec![2, 7, 8, 12]), (14, vec![3, 8, 9, 13])]);
}

#[test]
fn a_vocabulary_that_cannot_speak_of_years_is_told() {
    let years =
        "greater_than needs years that are read as \" 17\" and \"32\"; this tokenizer reads \" 1732\" as";
    for (tokenizer, message) in [
        (TINY.to_vec(), years.to_owned()),
        (small_vocabulary(300), format!("{years} \" \", \"1\", \"7\", \"3\", \"2\"")),
        (without_merge("00"), "needs 00 to 99 as one token each, without a space before it; this tokenizer reads \"00\" as \"0\", \"0\"".to_owned()),
    ] {
        let tokenizer = Tokenizer::from_json(&tokenizer).unwrap();
        let error = greater_than(1, 1, true).examples(&tokenizer, N_CTX).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadModel);
        assert!(error.to_string().contains(&message), "{error}");
    }
    let error = greater_than(10_001, 1, true).examples(&gpt2(), N_CTX).unwrap_err();
    assert_eq!(error.field(), Some("n"));
    let error = greater_than(1, 1, true).examples(&gpt2(), 12).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadModel);
    assert!(error.to_string().contains("but the model's context is 12"), "{error}");
}
