//! Pairs of one's own: the forms in which they are read, their roles and groups, and what is said of those that do not fit.

use std::collections::BTreeMap;

use patchbay::ErrorKind;
use patchbay::frame::Together;
use patchbay::left_out::{LeaveOut, LeftOut};
use patchbay::task::{Example, Examples, Pair, PairsFile, PairsTask, TaskSpec};
use patchbay::tokenizer::Tokenizer;
use serde_json::{Value, json};

/// GPT-2's tokenizer, cut down to the lexicon and the sets of pairs.
const GPT2_IOI: &[u8] = include_bytes!("../../../../tests/fixtures/gpt2-ioi/tokenizer.json");
const EIGHT_PROMPTS: &[u8] = include_bytes!("../../../../tests/fixtures/reference/eight-prompts.json");

const N_CTX: usize = 1024;

fn gpt2() -> Tokenizer {
    Tokenizer::from_json(GPT2_IOI).unwrap()
}

fn pair(clean: &str, corrupted: &str, answers: &[&str], wrong_answers: &[&str]) -> Pair {
    let owned = |answers: &[&str]| answers.iter().map(|&answer| answer.to_owned()).collect();
    Pair {
        clean: clean.into(),
        corrupted: corrupted.into(),
        answers: owned(answers),
        wrong_answers: owned(wrong_answers),
    }
}

/// Nine tokens.
fn mary() -> Pair {
    pair("When John and Mary went, John gave", "When John and Mary went, Mary gave", &[" Mary"], &[" John"])
}

fn task(prompts: &[Pair]) -> PairsTask {
    PairsTask { prompts: prompts.to_vec(), word_idxs: BTreeMap::new(), prepend_bos: true }
}

fn with_roles(prompts: &[Pair], roles: &[(&str, usize)]) -> PairsTask {
    let word_idxs = roles.iter().map(|&(name, position)| (name.to_owned(), position)).collect();
    PairsTask { word_idxs, ..task(prompts) }
}

fn read(task: &PairsTask) -> Examples {
    TaskSpec::Pairs(task.clone()).examples(&gpt2(), N_CTX).unwrap()
}

/// All of a file's, if all are pairs.
fn pairs(text: &str) -> Vec<Pair> {
    PairsFile::read(text.as_bytes()).unwrap().prompts.into_iter().map(|pair| pair.unwrap()).collect()
}

#[test]
fn the_eight_published_prompts_are_pairs() {
    let file = PairsFile::read(EIGHT_PROMPTS).unwrap();
    assert_eq!(file.prepend_bos, Some(true));
    let prompts: Vec<Pair> = file.prompts.into_iter().map(|pair| pair.unwrap()).collect();
    let examples = read(&task(&prompts));
    assert_eq!((examples.len(), examples.groups()), (8, 1));
    assert_eq!(examples.roles, ["DIFF1", "END"]);
    let tokenizer = gpt2();
    for (pair, example) in prompts.iter().zip(&examples.examples) {
        let Example { clean, corrupted, positions, answers, wrong_answers, .. } = example;
        // BOS, 13 words and a comma.
        assert_eq!((clean.len(), &positions[..]), (15, &[10, 14][..]));
        let text = |tokens: &[u32]| tokenizer.decode(tokens).unwrap();
        assert_eq!([text(&clean[1..]), text(&corrupted[1..])], [pair.clean.clone(), pair.corrupted.clone()]);
        assert_eq!(
            [text(answers), text(wrong_answers)],
            [pair.answers[0].clone(), pair.wrong_answers[0].clone()]
        );
        assert_eq!(clean[10], wrong_answers[0], "the subject is repeated, and is not the answer");
        assert_eq!(corrupted[10], answers[0]);
    }
}

/// The sets that the page offers.
#[test]
fn every_ready_set_fits_gpt2_as_a_whole() {
    let sets = [
        ("eight", &include_bytes!("../../../../www/panels/prompts/sets/eight.json")[..], 8),
        ("capitals", include_bytes!("../../../../www/panels/prompts/sets/capitals.json"), 30),
        ("pronouns", include_bytes!("../../../../www/panels/prompts/sets/pronouns.json"), 24),
        ("agreement", include_bytes!("../../../../www/panels/prompts/sets/agreement.json"), 28),
    ];
    for (name, file, count) in sets {
        let prompts: Vec<Pair> =
            PairsFile::read(file).unwrap().prompts.into_iter().map(|pair| pair.unwrap()).collect();
        let examples = read(&task(&prompts));
        assert_eq!(
            (examples.len(), &examples.roles[..]),
            (count, &["DIFF1".into(), "END".into()][..]),
            "{name}"
        );
        let spaced = |pair: &Pair| [&pair.answers[..], &pair.wrong_answers].concat();
        assert!(prompts.iter().flat_map(spaced).all(|answer| answer.starts_with(' ')), "{name}");
    }
    let published = PairsFile::read(EIGHT_PROMPTS).unwrap();
    assert_eq!(published.prompts, PairsFile::read(sets[0].1).unwrap().prompts);
}

#[test]
fn one_set_of_pairs_is_read_alike_from_every_form() {
    let wanted =
        [mary(), pair("Then \"John\", he said", "Then \"Mary\", he said", &[" a", " the"], &[" to", ","])];
    let json = json!(wanted);
    assert_eq!(pairs(&json.to_string()), wanted);
    assert_eq!(pairs(&json!({ "prompts": json, "about": "notes" }).to_string()), wanted);
    let alias = json.to_string().replace("\"corrupt\"", "\"corrupted\"");
    assert_eq!(pairs(&format!("\u{feff}\n {alias}")), wanted);
    let csv = "\
clean,corrupted,answer,wrong
\"When John and Mary went, John gave\",\"When John and Mary went, Mary gave\", Mary, John
\"Then \"\"John\"\", he said\",\"Then \"\"Mary\"\", he said\", a| the,\" to|,\"
";
    assert_eq!(pairs(csv), wanted);
    assert_eq!(pairs(&format!("\u{feff}\r\n{}", csv.replace('\n', "\r\n"))), wanted);
    let tabs = "\
\twrong\tanswers\tcorrupt\tclean\tgroup
0\t John\t Mary\tWhen John and Mary went, Mary gave\tWhen John and Mary went, John gave\t0

1\t to|,\t a| the\t\"Then \"\"Mary\"\", he said\"\t\"Then \"\"John\"\", he said\"\t0
";
    assert_eq!(pairs(tabs), wanted);
}

#[test]
fn a_line_of_the_page_is_a_pair_whose_answer_changes() {
    let text = "
 Then, Alex and Mary met | in town. Mary gave a ring to Alex | Alex | Mary

Then, Mary and Alex met. Mary gave a ring to Alex\tAlex\tMary
";
    let read = pairs(text);
    assert_eq!(
        read,
        [
            pair(
                "Then, Alex and Mary met | in town. Mary gave a ring to",
                "Then, Alex and Mary met | in town. Alex gave a ring to",
                &[" Alex"],
                &[" Mary"]
            ),
            pair(
                "Then, Mary and Alex met. Mary gave a ring to",
                "Then, Mary and Alex met. Alex gave a ring to",
                &[" Alex"],
                &[" Mary"]
            ),
        ]
    );
    let broken = "\
Then, Alex and Mary met. Mary gave a ring to Alex. | Alex | Mary
Then, Alex and Mary met. She gave a ring to Alex | Alex | Mary
Then, Alex and Mary met. Alex gave a ring to Alex | Alex | Mary
Then, Alex and Alex met. Alex gave a ring to Alex | Alex | Alex
Alex | Mary
 | |
a ring to Alex | Alex | Mary
";
    let said = [
        "must end in IO \"Alex\", without a full stop",
        "must be IO \"Alex\" and twice S \"Mary\"",
        "must be IO \"Alex\" and twice S \"Mary\"",
        "must be IO \"Alex\" and twice S \"Alex\"",
        "sentence | IO | S",
        "must end in IO \"\"",
        "needs three words that are names",
    ];
    let file = PairsFile::read(broken.as_bytes()).unwrap();
    assert_eq!(file.prompts.len(), said.len());
    for (pair, said) in file.prompts.iter().zip(said) {
        let why = pair.as_ref().unwrap_err();
        assert!(why.contains(said), "{why}");
    }
}

#[test]
fn what_is_wrong_in_a_row_does_not_hide_the_others() {
    let good = json!(mary());
    let row = |change: fn(&mut Value)| {
        let mut row = good.clone();
        change(&mut row);
        row.to_string()
    };
    let rows = [
        good.to_string(),
        "7".into(),
        row(|row| row["answers"] = json!(" Mary")),
        row(|row| drop(row.as_object_mut().unwrap().remove("corrupt"))),
        row(|row| row["answer"] = json!([" Mary"])),
        r#"{"clean":"\ud800","corrupt":"x","answers":["a"],"wrong_answers":["b"]}"#.into(),
        row(|row| row["clean"] = json!("x".repeat(16_385))),
        row(|row| row["answers"] = json!(vec![" Mary"; 257])),
        good.to_string(),
    ];
    let said = [
        None,
        Some("invalid type: integer"),
        Some("invalid type: string"),
        Some("missing field `corrupt`"),
        Some("unknown field `answer`"),
        Some("lone surrogate"),
        Some("the clean prompt has 16385 bytes; at most 16384 are read"),
        Some("257 answers; at most 256"),
        None,
    ];
    let file = PairsFile::read(format!("[{}]", rows.join(",")).as_bytes()).unwrap();
    for (pair, said) in file.prompts.iter().zip(said) {
        match (pair, said) {
            (Ok(pair), None) => assert_eq!(pair, &mary()),
            (Err(why), Some(said)) => assert!(why.contains(said), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    let csv = "clean,corrupted,answer,wrong\na,b,c\nd,e,f,g\nh,i,j,k,l\nm,n,,\n";
    let file = PairsFile::read(csv.as_bytes()).unwrap();
    let [short, good, long, none] = &file.prompts[..] else { panic!("four rows") };
    assert!(short.as_ref().unwrap_err().contains("3 cells and the header 4"), "{short:?}");
    assert_eq!(good.as_ref().unwrap(), &pair("d", "e", &["f"], &["g"]));
    assert!(long.as_ref().unwrap_err().contains("5 cells and the header 4"), "{long:?}");
    assert_eq!(none.as_ref().unwrap(), &pair("m", "n", &[], &[]), "what is missing is told with the model");
}

#[test]
fn a_file_that_has_no_pairs_is_refused() {
    for (bytes, said) in [
        (&b""[..], "it is empty"),
        (b" \n\t\n", "it is empty"),
        (b"\xff\xfe", "it is not UTF-8"),
        (b"{}", "missing field `prompts`"),
        (b"{\"prompts\": 7}", "expected a sequence"),
        (b"{\"prompts\": [], \"word_idxs\": {\"IO\": -1}}", "invalid value: integer `-1`"),
        (b"{\"prompts\": [], \"word_idxs\": {\"IO\": [1, 2]}}", "invalid type: sequence"),
        (b"[1, 2", "as JSON: EOF"),
        (b"hello", "its first line is \"hello\""),
        (b"clean,corrupted,answer\n", "has no column wrong"),
        (b"clean,clean,corrupted,answer,wrong\n", "has more than one column clean"),
    ] {
        let error = PairsFile::read(bytes).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::BadInput, Some("pairs")));
        let error = error.to_string();
        assert!(error.starts_with("expected pairs as JSON, ") && error.contains(said), "{error}");
    }
    for none in ["[]", "{\"prompts\": []}", "clean,corrupted,answer,wrong\n"] {
        let error = TaskSpec::Pairs(task(&pairs(none))).check().unwrap_err();
        assert!(error.to_string().contains("from 1 to 2000 pairs, not 0"), "{error}");
    }
}

#[test]
fn roles_are_where_pairs_differ_and_what_is_named() {
    let two = pair(
        "When John and Mary went, John gave",
        "When Mary and John went, Mary gave",
        &[" Mary"],
        &[" John"],
    );
    // Differing pairs have as many as all have.
    for (prompts, roles, positions) in [
        (vec![two.clone()], vec!["DIFF1", "DIFF2", "DIFF3", "END"], vec![vec![2, 4, 7, 8]]),
        (vec![two.clone(), mary()], vec!["DIFF1", "END"], vec![vec![2, 8], vec![7, 8]]),
        (vec![Pair { corrupted: mary().clean, ..mary() }, two], vec!["END"], vec![vec![8], vec![8]]),
    ] {
        let examples = read(&task(&prompts));
        assert_eq!(examples.roles, roles);
        let found: Vec<Vec<usize>> =
            examples.examples.iter().map(|example| example.positions.clone()).collect();
        assert_eq!(found, positions);
    }
    // Without BOS in the file, with it in the example; by position, and END is the last.
    let named = with_roles(&[mary()], &[("S1+1", 2), ("IO", 3), ("A", 1), ("END", 7)]);
    let examples = read(&named);
    assert_eq!(examples.roles, ["A", "S1+1", "IO", "DIFF1", "END"]);
    assert_eq!(examples.examples[0].positions, [2, 3, 4, 7, 8]);
    let examples = read(&PairsTask { prepend_bos: false, ..named });
    assert_eq!(examples.examples[0].positions, [1, 2, 3, 6, 7]);
}

#[test]
fn a_group_is_a_length() {
    let longer = pair(
        "And when John and Mary went, John gave",
        "And when John and Mary went, Mary gave",
        &[" Mary"],
        &[" John"],
    );
    let examples = read(&task(&[mary(), longer.clone(), mary(), longer]));
    let groups: Vec<usize> = examples.examples.iter().map(|example| example.group).collect();
    assert_eq!(groups, [0, 1, 0, 1]);
}

#[test]
fn a_pair_that_is_repeated_or_turned_round_is_not_independent() {
    let other = Pair { clean: "When Mary and John went, Mary gave".into(), ..mary() };
    let turned = Pair { clean: mary().corrupted, corrupted: mary().clean, ..mary() };
    let together = |pairs: &[Pair]| TaskSpec::Pairs(task(pairs)).together();
    assert_eq!(together(&[mary(), other.clone(), mary(), turned]), Together::Alike(vec![0, 1, 0, 0]));
    assert_eq!(together(&[mary(), other]), Together::Neighbours(1));
}

/// What a model cannot be asked, and why.
fn unfit() -> Vec<(Pair, &'static str)> {
    vec![
        (
            Pair { corrupted: "When John and Mary went, Mary the gave".into(), ..mary() },
            "the clean prompt has 9 tokens and the corrupted one 10; they must have as many: \"When\", \" John\",",
        ),
        (Pair { clean: String::new(), ..mary() }, "the clean prompt is empty"),
        (Pair { corrupted: String::new(), ..mary() }, "the corrupted prompt is empty"),
        (Pair { answers: vec![], ..mary() }, "it has no answer"),
        (Pair { wrong_answers: vec![], ..mary() }, "it has no wrong answer"),
        (
            Pair { answers: vec![" Mary John".into()], ..mary() },
            "the answer \" Mary John\" must be one token, and is \" Mary\", \" John\"",
        ),
        (
            Pair { wrong_answers: vec![" John".into(), "Jeremy".into()], ..mary() },
            "\" Jeremy\", with a space before it, is one",
        ),
        (
            Pair { answers: vec![String::new()], ..mary() },
            "the answer \"\" must be one token, and is nothing",
        ),
        (
            Pair { answers: vec![" Mary".into(), " Mary".into()], ..mary() },
            "the answer \" Mary\" is there twice",
        ),
        (
            Pair { wrong_answers: vec![" John".into(), " Mary".into()], ..mary() },
            "\" Mary\" is an answer and a wrong answer as well",
        ),
        (
            pair(&" a".repeat(20), &" a".repeat(20), &[" Mary"], &[" John"]),
            "it has 21 tokens, but the model's context is 20",
        ),
        (
            pair("When John gave", "When Mary gave", &[" a"], &[" the"]),
            "PLACE is at position 5 of every prompt, but this one has positions 0 to 2",
        ),
    ]
}

#[test]
fn every_row_that_does_not_fit_is_named_and_the_others_are_run() {
    let unfit = unfit();
    let mut prompts = vec![mary()];
    prompts.extend(unfit.iter().map(|(pair, _)| pair.clone()));
    prompts.push(mary());
    let mut spec = TaskSpec::Pairs(with_roles(&prompts, &[("PLACE", 5)]));
    let left_out = spec.leave_out(&gpt2(), 20).unwrap();
    assert_eq!(left_out.len(), unfit.len());
    for ((LeftOut { prompt, why }, (_, said)), number) in left_out.iter().zip(&unfit).zip(2..) {
        assert_eq!(*prompt, number);
        assert!(why.contains(said), "{why}");
    }
    assert_eq!(spec, TaskSpec::Pairs(with_roles(&[mary(), mary()], &[("PLACE", 5)])));
    assert_eq!(spec.examples(&gpt2(), 20).unwrap().len(), 2);
    // Nothing of a spec is left out silently: the first is told.
    for (pair, said) in unfit {
        let spec = TaskSpec::Pairs(with_roles(&[mary(), pair], &[("PLACE", 5)]));
        let error = spec.examples(&gpt2(), 20).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::BadInput, Some("prompts")));
        let error = error.to_string();
        assert!(error.starts_with("prompt 2: ") && error.contains(said), "{error}");
    }
    let end = with_roles(&[mary()], &[("END", 6)]);
    let error = TaskSpec::Pairs(end).examples(&gpt2(), 20).unwrap_err().to_string();
    assert!(
        error.contains("END is the last token, here at position 7, and word_idxs has it at 6"),
        "{error}"
    );
}

#[test]
fn roles_that_could_be_taken_for_others_are_refused() {
    for (name, said) in [
        ("", "from 1 to 64 bytes; \"\" has 0"),
        (&"x".repeat(65), "from 1 to 64 bytes"),
        ("a b", "no spaces, commas or @"),
        ("a,b", "no spaces, commas or @"),
        ("9.9@END", "no spaces, commas or @"),
        ("a\u{1b}[31m", "no spaces, commas or @"),
        ("all", "cannot be called \"all\""),
        ("12", "cannot be called \"12\""),
        ("+12", "cannot be called \"+12\""),
        ("DIFF1", "cannot be called \"DIFF1\""),
        ("DIFF99", "cannot be called \"DIFF99\""),
    ] {
        let mut spec = TaskSpec::Pairs(with_roles(&[mary()], &[(name, 1)]));
        for error in [spec.check().unwrap_err(), spec.leave_out(&gpt2(), N_CTX).unwrap_err()] {
            assert_eq!(error.field(), Some("word_idxs"));
            assert!(error.to_string().contains(said), "{error}");
        }
    }
    TaskSpec::Pairs(with_roles(&[mary()], &[("DIFF", 1), ("All", 2), ("S1+1", 3), ("Ž", 4)]))
        .check()
        .unwrap();
    let many: Vec<(String, usize)> = (0..65).map(|i| (format!("R{i}"), 1)).collect();
    let many: Vec<(&str, usize)> = many.iter().map(|(name, position)| (name.as_str(), *position)).collect();
    let error = TaskSpec::Pairs(with_roles(&[mary()], &many)).check().unwrap_err();
    assert!(error.to_string().contains("at most 64 named roles, not 65"), "{error}");
    let error = TaskSpec::Pairs(task(&vec![mary(); 2_001])).check().unwrap_err();
    assert!(error.to_string().contains("from 1 to 2000 pairs, not 2001"), "{error}");
}

#[test]
fn a_spec_has_the_pairs_themselves_and_is_a_file_of_them() {
    let spec = TaskSpec::Pairs(with_roles(&[mary()], &[("IO", 3)]));
    let written = json!({
        "task": "pairs",
        "prompts": [{
            "clean": "When John and Mary went, John gave",
            "corrupt": "When John and Mary went, Mary gave",
            "answers": [" Mary"],
            "wrong_answers": [" John"],
        }],
        "word_idxs": { "IO": 3 },
        "prepend_bos": true,
    });
    assert_eq!(json!(spec), written);
    assert_eq!(serde_json::from_value::<TaskSpec>(written.clone()).unwrap(), spec);
    assert!(json!(TaskSpec::Pairs(task(&[mary()]))).get("word_idxs").is_none());
    let file = PairsFile::read(written.to_string().as_bytes()).unwrap();
    assert_eq!(file.prompts, [Ok(mary())]);
    assert_eq!((file.word_idxs["IO"], file.prepend_bos), (3, Some(true)));
    for (pointer, what) in [("", "unknown field `flip`"), ("/prompts/0", "unknown field `flip`")] {
        let mut wrong = written.clone();
        wrong.pointer_mut(pointer).unwrap()["flip"] = json!("abc");
        let error = serde_json::from_value::<TaskSpec>(wrong).unwrap_err().to_string();
        assert!(error.contains(what), "{pointer}: {error}");
    }
}
