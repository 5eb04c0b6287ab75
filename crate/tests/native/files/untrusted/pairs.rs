//! Files of pairs: whatever is in them, they are read or refused with a reason.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use patchbay::left_out::LeaveOut;
use patchbay::task::{Pair, PairsFile, PairsTask, TaskSpec};
use patchbay::tokenizer::Tokenizer;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::fixture::TOKENIZER;

const N_CTX: usize = 16;

/// What pairs are made of, and what is between them in one form or another.
fn any_text() -> impl Strategy<Value = String> {
    let parts = [
        "Mary",
        " Mary",
        " John",
        "\n",
        "\r\n",
        ",",
        "\t",
        "|",
        " | ",
        "\"",
        "clean",
        "corrupted",
        "answer",
        "wrong",
        "{",
        "}",
        "[",
        "]",
        ":",
        "prompts",
        "\\ud800",
        "\0",
        "\u{feff}",
        "é",
        "東",
        "<|endoftext|>",
    ];
    prop::collection::vec(select(parts.to_vec()), 0..30).prop_map(|parts| parts.concat())
}

fn any_answers() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(select(vec![" Mary", " John", "Mary", "", " Alex", " a b", "é"]), 0..4)
        .prop_map(|answers| answers.into_iter().map(str::to_owned).collect())
}

fn any_pair() -> impl Strategy<Value = Pair> {
    let prompt = || {
        prop_oneof![select(vec![" Mary John", " John Mary", " Alex", ""]).prop_map(str::to_owned), any_text()]
    };
    (prompt(), prompt(), any_answers(), any_answers()).prop_map(
        |(clean, corrupted, answers, wrong_answers)| Pair { clean, corrupted, answers, wrong_answers },
    )
}

/// What a command does with a file: no model is asked on anything that is not of one shape.
fn run(file: PairsFile, prepend_bos: bool) -> Result<(), TestCaseError> {
    let count = file.prompts.len();
    let prompts: Vec<Pair> = file.prompts.into_iter().filter_map(Result::ok).collect();
    let read = prompts.len();
    prop_assert!(read <= count);
    let mut spec = TaskSpec::Pairs(PairsTask { prompts, word_idxs: file.word_idxs, prepend_bos });
    static TINY: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::from_json(TOKENIZER).unwrap());
    let tokenizer = &*TINY;
    let Ok(left_out) = spec.leave_out(tokenizer, N_CTX) else { return Ok(()) };
    prop_assert!(left_out.iter().all(|left_out| !left_out.why.is_empty() && left_out.prompt <= read));
    let Ok(examples) = spec.examples(tokenizer, N_CTX) else {
        prop_assert_eq!(left_out.len(), read, "what was not left out can be run");
        return Ok(());
    };
    prop_assert_eq!(examples.len() + left_out.len(), read);
    for example in &examples.examples {
        prop_assert_eq!(example.clean.len(), example.corrupted.len());
        prop_assert_eq!(example.end() + 1, example.clean.len());
        prop_assert_eq!(example.positions.len(), examples.roles.len());
        prop_assert!(example.clean.len() <= N_CTX);
        prop_assert!(!example.answers.is_empty() && !example.wrong_answers.is_empty());
        for (role, &position) in examples.roles.iter().zip(&example.positions) {
            let differ = example.clean[position] != example.corrupted[position];
            prop_assert!(differ || !role.starts_with("DIFF"), "{}", role);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(file) = PairsFile::read(&bytes) {
            run(file, true)?;
        }
    }

    #[test]
    fn any_text_is_read_or_refused(begin in select(vec!["", "[", "{\"prompts\":[", "clean,corrupted,answer,wrong\n", "clean\tcorrupted\tanswer\twrong\n"]), text in any_text()) {
        if let Ok(file) = PairsFile::read(format!("{begin}{text}").as_bytes()) {
            run(file, true)?;
        }
    }

    #[test]
    fn any_pairs_are_run_or_left_out(
        pairs in prop::collection::vec(any_pair(), 1..6),
        roles in prop::collection::btree_map(select(vec!["IO", "END", "S1+1", "all", "DIFF1", ""]), 0_usize..6, 0..3),
        prepend_bos in any::<bool>(),
    ) {
        let roles: BTreeMap<String, usize> = roles.into_iter().map(|(name, position)| (name.to_owned(), position)).collect();
        let written: Value = json!({ "prompts": pairs, "word_idxs": roles });
        let file = PairsFile::read(written.to_string().as_bytes()).unwrap();
        prop_assert_eq!(file.prompts.iter().flatten().collect::<Vec<_>>(), pairs.iter().collect::<Vec<_>>());
        run(file, prepend_bos)?;
    }

    /// What a table can hold of them comes out of it as it went in.
    #[test]
    fn a_table_gives_its_pairs_again(pairs in prop::collection::vec(any_pair(), 1..6), tab in any::<bool>()) {
        let pairs: Vec<Pair> = pairs.into_iter().filter(|pair| [&pair.answers, &pair.wrong_answers].iter().all(|answers| **answers != [""])).collect();
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let between = if tab { "\t" } else { "," };
        let mut table = format!("{}\n", ["clean", "corrupted", "answer", "wrong"].join(between));
        for Pair { clean, corrupted, answers, wrong_answers } in &pairs {
            let cells = [quoted(clean), quoted(corrupted), quoted(&answers.join("|")), quoted(&wrong_answers.join("|"))];
            table += &format!("{}\n", cells.join(between));
        }
        let file = PairsFile::read(table.as_bytes()).unwrap();
        let read: Vec<Pair> = file.prompts.into_iter().map(|pair| pair.unwrap()).collect();
        prop_assert_eq!(read, pairs);
    }
}
