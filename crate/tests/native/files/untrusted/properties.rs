use patchbay::Error;
use patchbay::device::ComputeDevice;
use patchbay::ioi::{CustomPrompt, DatasetSpec, DatasetView};
use patchbay::model::{Gpt2, Gpt2Config};
use patchbay::tokenizer::{Tokenizer, from_vocabulary};
use patchbay::weights::{WeightReader, shard_files};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::{file, parts};
use crate::fixture::{CONFIG, TOKENIZER, WEIGHTS, bytes, tensors};

/// Some JSON value, of the kinds that files hold and of others.
fn any_json() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0_u64..100).prop_map(Value::from),
        "[a-zA-Z0-9._|<>]{0,8}".prop_map(Value::from),
        prop::collection::vec(any::<u64>(), 0..4).prop_map(Value::from),
        prop::sample::select(vec!["F32", "F16", "BF16", "BOOL", "gpt2", "BPE"]).prop_map(Value::from),
    ]
}

/// Some entry of a JSON object, two levels down at most, set to something else.
fn change(json: &mut Value, (at, below, new): &(Index, Index, Value)) {
    let object = json.as_object_mut().unwrap();
    let count = object.len();
    let entry = object.values_mut().nth(at.index(count)).unwrap();
    match entry.as_object_mut() {
        Some(inner) if !inner.is_empty() => {
            let count = inner.len();
            *inner.values_mut().nth(below.index(count)).unwrap() = new.clone();
        }
        _ => *entry = new.clone(),
    }
}

/// The weights as they are read, in pieces that end at these bytes.
fn read(config: &Gpt2Config, weights: &[u8], cuts: &[usize]) -> patchbay::Result<Vec<f32>> {
    let mut reader = WeightReader::new(config.clone(), ComputeDevice::cpu().burn);
    let mut begin = 0;
    for &end in cuts.iter().chain([&weights.len()]) {
        reader.push(&weights[begin..end])?;
        begin = end;
    }
    Ok(numbers(&reader.finish()?.0))
}

/// Some of a model's.
fn numbers(model: &Gpt2) -> Vec<f32> {
    let tensors = [
        model.wte.chunks[0].val(),
        model.wpe.val(),
        model.blocks[0].attn.c_attn.weight.val(),
        model.blocks[2].mlp.c_proj.weight.val(),
    ];
    tensors.into_iter().flat_map(|tensor| tensor.into_data().iter::<f32>().collect::<Vec<_>>()).collect()
}

/// Loaded or refused, but not in any other way.
fn is_decided<T>(result: patchbay::Result<T>) -> std::result::Result<(), TestCaseError> {
    match result {
        Ok(_) | Err(Error::BadModel(_)) => Ok(()),
        Err(other) => Err(TestCaseError::fail(format!("not a BadModel: {other}"))),
    }
}

fn config() -> Gpt2Config {
    Gpt2Config::from_json(CONFIG).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_of_any_size_give_the_same_weights(cuts in prop::collection::vec(0..WEIGHTS.len(), 0..40)) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        prop_assert_eq!(read(&config(), WEIGHTS, &cuts).unwrap(), read(&config(), WEIGHTS, &[]).unwrap());
    }

    #[test]
    fn a_file_cut_anywhere_is_cut_short(at in 1..WEIGHTS.len()) {
        let error = read(&config(), &WEIGHTS[..at], &[]).unwrap_err().to_string();
        prop_assert!(error.contains("is cut short"), "{}", error);
    }

    #[test]
    fn changed_bytes_are_read_or_refused(
        changes in prop::collection::vec((0..WEIGHTS.len(), any::<u8>()), 1..4),
        in_header in prop::collection::vec((0..parts().0.len() + 8, any::<u8>()), 0..3),
    ) {
        let mut weights = WEIGHTS.to_vec();
        for (place, byte) in changes.into_iter().chain(in_header) {
            weights[place] = byte;
        }
        is_decided(read(&config(), &weights, &[]))?;
    }

    #[test]
    fn changed_headers_are_read_or_refused(
        changes in prop::collection::vec((any::<Index>(), any::<Index>(), any_json()), 1..4),
    ) {
        let (header, data) = parts();
        let mut header: Value = serde_json::from_str(header).unwrap();
        changes.iter().for_each(|new| change(&mut header, new));
        is_decided(read(&config(), &file(&header.to_string(), data), &[]))?;
    }

    #[test]
    fn changed_configurations_are_read_or_refused(
        changes in prop::collection::vec((any::<Index>(), any::<Index>(), any_json()), 1..4),
    ) {
        let mut json: Value = serde_json::from_str(CONFIG).unwrap();
        changes.iter().for_each(|new| change(&mut json, new));
        is_decided(Gpt2Config::from_json(json.to_string()).and_then(|config| read(&config, WEIGHTS, &[])))?;
    }

    #[test]
    fn any_text_is_no_configuration(text in ".{0,200}") {
        prop_assert!(Gpt2Config::from_json(&text).is_err());
    }

    #[test]
    fn changed_tokenizers_are_read_or_refused(
        changes in prop::collection::vec((any::<Index>(), any::<Index>(), any_json()), 1..4),
        place in 0..TOKENIZER.len(),
        byte in any::<u8>(),
    ) {
        let mut json: Value = serde_json::from_slice(TOKENIZER).unwrap();
        changes.iter().for_each(|new| change(&mut json, new));
        is_decided(Tokenizer::from_json(json.to_string().as_bytes()).and_then(|it| it.encode("Then, Mary")))?;
        let mut bytes = TOKENIZER.to_vec();
        bytes[place] = byte;
        is_decided(Tokenizer::from_json(&bytes).and_then(|it| it.encode("Then, Mary")))?;
    }

    #[test]
    fn changed_vocabularies_are_read_or_refused(
        changes in prop::collection::vec((any::<Index>(), any::<Index>(), any_json()), 0..3),
        place in any::<Index>(),
        line in "[a-d\u{120} #\r]{0,8}",
    ) {
        let whole: Value = serde_json::from_slice(TOKENIZER).unwrap();
        let mut vocab = whole["model"]["vocab"].clone();
        let merges = whole["model"]["merges"].as_array().unwrap().iter();
        let mut merges: Vec<String> =
            merges.map(|merge| format!("{} {}", merge[0].as_str().unwrap(), merge[1].as_str().unwrap())).collect();
        changes.iter().for_each(|new| change(&mut vocab, new));
        *place.get_mut(&mut merges) = line;
        let made = from_vocabulary(vocab.to_string().as_bytes(), merges.join("\n").as_bytes());
        is_decided(made.and_then(|json| Tokenizer::from_json(&json)?.encode("Then, Mary")))?;
    }

    #[test]
    fn names_of_files_are_plain_or_refused(name in "[a-c./\\\\%]{0,6}(\\.safetensors|\\.bin)?") {
        let index = json!({ "weight_map": { "wte.weight": name } });
        let files = shard_files(index.to_string().as_bytes());
        if let Ok(files) = &files {
            prop_assert_eq!(files.as_slice(), std::slice::from_ref(&name));
            prop_assert!(name.ends_with(".safetensors") && !name.contains(['/', '\\', '%']) && !name.contains(".."));
        }
        is_decided(files)?;
    }

    #[test]
    fn a_model_in_two_files_is_that_in_one(at in 1..30_usize, chunk in 1..5000_usize) {
        let all: Vec<_> = tensors().into_iter().collect();
        let mut reader = WeightReader::new(config(), ComputeDevice::cpu().burn);
        for some in [&all[at..], &all[..at]] {
            reader.next_file("a.safetensors").unwrap();
            for chunk in bytes(&some.iter().cloned().collect()).chunks(chunk) {
                reader.push(chunk).unwrap();
            }
        }
        prop_assert_eq!(numbers(&reader.finish().unwrap().0), read(&config(), WEIGHTS, &[]).unwrap());
    }

    #[test]
    fn any_prompt_fits_or_says_why(
        changes in prop::collection::vec(
            (
                any::<Index>(),
                prop_oneof![
                    prop::sample::select(vec!["Alex", "Mary", "Lou", "<|endoftext|>", "", "\u{1F600}", "Alex,", "e\u{301}"])
                        .prop_map(str::to_owned),
                    ".{0,12}",
                ],
            ),
            0..8,
        ),
        io in prop::sample::select(vec!["Alex", "Alex", "Alex", "Lou", "", " ", "e\u{301}", "<|endoftext|>"]),
        s in prop::sample::select(vec!["Mary", "Mary", "Mary", "Lou", "Alex", "\n", "Alex,"]),
        prepend_bos in any::<bool>(),
    ) {
        let tokenizer = Tokenizer::from_json(TOKENIZER).unwrap();
        let sentence = "Then, Alex and Mary went to the school. Mary gave a ring to Alex";
        let mut words: Vec<&str> = sentence.split(' ').collect();
        for (place, word) in &changes {
            *place.get_mut(&mut words) = word;
        }
        let prompt = CustomPrompt { sentence: words.join(" "), io: io.into(), s: s.into() };
        let spec = DatasetSpec { prepend_bos, prompts: Some(vec![prompt]), ..DatasetSpec::default() };
        let view = DatasetView::new(&spec, "ABB -> CDD, BAB -> DCD", &tokenizer, 64).unwrap();
        let [prompt] = &view.prompts[..] else { panic!("one prompt") };
        prop_assert_eq!(prompt.positions.is_none(), prompt.problem.is_some());
        prop_assert_eq!(prompt.ids.len(), prompt.tokens.len());
        let fits = spec.check_fit(&tokenizer, 64);
        prop_assert_eq!(fits.err().map(|error| error.to_string()), prompt.problem.as_ref().map(|problem| format!("prompt 1: {}", problem.message)));
    }
}
