//! Prompts to look at and prompts of one's own, on the fixture, natively on the CPU.

use std::rc::Rc;

use patchbay::ErrorKind;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{ExperimentSpec, Run};
use patchbay::ioi::{
    CustomPrompt, DatasetSpec, DatasetView, Flip, FlippedPositions, Lexicon, Order, ProblemKind, PromptType,
};
use patchbay::loader::LoadedModel;
use pollster::block_on;
use serde_json::json;

use crate::fixture::{expected, load, run, spec};

fn model() -> Rc<LoadedModel> {
    block_on(load(ComputeDevice::cpu()))
}

fn view(model: &LoadedModel, spec: &DatasetSpec, flip: &str) -> patchbay::Result<DatasetView> {
    DatasetView::new(spec, flip, &model.tokenizer, model.gpt2.config.n_ctx)
}

fn custom(sentence: &str, io: &str, s: &str) -> CustomPrompt {
    CustomPrompt { sentence: sentence.into(), io: io.into(), s: s.into() }
}

/// The spec's experiment on prompts of one's own.
fn on(prompts: Vec<CustomPrompt>) -> ExperimentSpec {
    let spec = spec(true);
    ExperimentSpec { dataset: DatasetSpec { prompts: Some(prompts), ..spec.dataset }, ..spec }
}

const GOOD: &str = "Then, Alex and Anthony went to the school. Anthony gave a ring to Alex";

#[test]
fn a_dataset_is_seen_as_the_model_reads_it() {
    let model = model();
    let expected = &expected()["dataset"];
    let spec = spec(true);
    let view = view(&model, &spec.dataset, &spec.flip).unwrap();
    assert_eq!(view.prompts.len(), 20);
    for (i, prompt) in view.prompts.iter().enumerate() {
        assert_eq!(prompt.problem, None);
        assert_eq!(prompt.sentence, expected["sentences"][i]);
        assert_eq!(json!(prompt.order), expected["templates"][i]);
        assert_eq!(json!(prompt.ids), json!(expected["tokens"][i].as_array().unwrap()[..prompt.ids.len()]));
        assert_eq!(prompt.tokens.concat(), format!("<|endoftext|>{}", prompt.sentence));
        let found = prompt.positions.unwrap();
        for (role, position) in [("IO", found.io), ("S1", found.s1), ("S2", found.s2), ("end", found.end)] {
            assert_eq!(position, expected["word_idx"][role][i]);
        }
        assert_eq!(prompt.tokens[found.io], format!(" {}", prompt.io));
        assert_eq!(prompt.tokens[found.s2], format!(" {}", prompt.s));
        let flipped = prompt.flipped.as_ref().unwrap();
        let expected = &expected["flips"][Flip::DEFAULT];
        assert_eq!(flipped.sentence, expected["sentences"][i]);
        assert_eq!(
            (json!(flipped.io), json!(flipped.s)),
            (expected["io"][i].clone(), expected["s"][i].clone())
        );
        assert_eq!(flipped.tokens.concat(), format!("<|endoftext|>{}", flipped.sentence));
        assert_eq!(flipped.ids.len(), prompt.ids.len());
        // By the default flip IO and S1 change places.
        let FlippedPositions { io, s1, s2, end } = flipped.positions;
        assert_eq!((io, s1, s2, end), (Some(found.s1), Some(found.io), Some(found.s2), found.end));
    }
}

#[test]
fn a_flipped_prompt_has_roles_where_its_own_names_stand() {
    let model = model();
    for (flip, s_is_there_twice) in [
        (Flip::DEFAULT, true),
        ("ABB -> BAA, BAB -> ABA", true),
        ("ABB -> ACC, BAB -> CAC", true),
        // S is the third name alone.
        ("ABB -> ABC, BAB -> BAC", false),
        ("ABB -> AAB, BAB -> AAB", false),
    ] {
        for prompt in view(&model, &spec(true).dataset, flip).unwrap().prompts {
            let (flipped, original) = (prompt.flipped.unwrap(), prompt.positions.unwrap());
            let FlippedPositions { io, s1, s2, end } = flipped.positions;
            let is_at = |name: &str, at: Option<usize>| flipped.tokens[at.unwrap()] == format!(" {name}");
            assert!(is_at(&flipped.io, io) && is_at(&flipped.s, s2), "{flip}: {}", flipped.sentence);
            assert_eq!((s2, end), (Some(original.s2), original.end));
            assert_eq!(s1.is_some(), s_is_there_twice, "{flip}: {}", flipped.sentence);
            assert!(s1.is_none() || is_at(&flipped.s, s1), "{flip}: {}", flipped.sentence);
            // The last word is no role's.
            assert!([io, s1].iter().flatten().all(|&at| at < original.s2));
        }
    }
}

#[test]
fn where_two_new_letters_draw_one_name_each_of_its_places_has_a_role() {
    let model = model();
    let dataset = DatasetSpec { n: 12, seed: 5, symmetric: false, ..spec(true).dataset };
    let mut one_name = 0;
    for prompt in view(&model, &dataset, "ABB -> CDD, BAB -> DCD").unwrap().prompts {
        let (flipped, original) = (prompt.flipped.unwrap(), prompt.positions.unwrap());
        one_name += usize::from(flipped.io == flipped.s);
        let FlippedPositions { io, s1, s2, .. } = flipped.positions;
        let mut found = [io, s1, s2].map(Option::unwrap);
        found.sort_unstable();
        let mut places = [original.io, original.s1, original.s2];
        places.sort_unstable();
        assert_eq!(found, places, "{}", flipped.sentence);
    }
    assert!(one_name > 0, "no prompt draws one name twice, so that this tests nothing");
}

#[test]
fn a_generated_prompt_names_its_template() {
    let lexicon = Lexicon::get();
    for (prompt_type, orders) in [
        (PromptType::Mixed, [Order::Abba, Order::Baba].as_slice()),
        (PromptType::Abba, &[Order::Abba]),
        (PromptType::Baba, &[Order::Baba]),
    ] {
        let prompts = DatasetSpec { prompt_type, ..DatasetSpec::default() }.generate().unwrap();
        for prompt in prompts {
            let id = prompt.template.unwrap();
            assert!(orders.contains(&id.order));
            assert_eq!(id.order, prompt.order());
            // What stands between the slots is in the sentence, in that order.
            let mut rest = prompt.sentence.as_str();
            for part in lexicon.template(id).split(['[', ']']).step_by(2) {
                let at = rest.find(part).unwrap_or_else(|| panic!("{} has no {part}", prompt.sentence));
                rest = &rest[at + part.len()..];
            }
        }
    }
}

#[test]
fn a_prompt_that_does_not_fit_says_why() {
    use ProblemKind::*;
    let model = model();
    let long =
        format!("Then, Alex and Anthony had {}fun. Anthony gave a ring to Alex", "a lot of ".repeat(20));
    let cases = [
        (custom(GOOD, "Alex", "Alex"), SameName, "both are \"Alex\""),
        (custom(GOOD, "Alex", ""), NameNotOneToken, "must be one word, not \"\""),
        (custom(GOOD, "Mary Ann", "Anthony"), NameNotOneToken, "must be one word, not \"Mary Ann\""),
        (
            custom(&GOOD.replace("Alex", "Xyzzy"), "Xyzzy", "Anthony"),
            NameNotOneToken,
            "tokens with its leading",
        ),
        (custom(GOOD, "Anthony", "Alex"), LastWordNotAnswer, "but is \"Alex\""),
        (custom(&format!("{GOOD}."), "Alex", "Anthony"), LastWordNotAnswer, "but is \"Alex.\""),
        (custom("", "Alex", "Anthony"), LastWordNotAnswer, "but is \"\""),
        (custom("Alex", "Alex", "Anthony"), LastWordNotOneToken, "is not one token behind"),
        (
            custom("Then, Anthony and Anthony went to Alex", "Alex", "Anthony"),
            RoleNotFound,
            "IO is not found",
        ),
        (custom("Then, Alex and Mary went to Alex", "Alex", "Anthony"), RoleNotFound, "S1 is not found"),
        (custom("Then, Alex and Anthony went to Alex", "Alex", "Anthony"), RoleNotFound, "S2 is not found"),
        // The first word of a sentence has no space before it, and is another token.
        (
            custom("Alex and Anthony met. Anthony saw Alex", "Alex", "Anthony"),
            RoleNotFound,
            "IO is not found",
        ),
        (
            custom("Alex saw Anthony and Anthony saw Alex again. Anthony saw Alex", "Alex", "Anthony"),
            RoleNotFound,
            "begins with the name \"Alex\"",
        ),
        (
            custom("Then, Mary and Alex met Anthony. Anthony saw Alex", "Alex", "Anthony"),
            NamesOutOfOrder,
            "must be Alex, Anthony, Anthony, so that a flip can exchange them; found Mary, Alex, Anthony",
        ),
        (
            custom("Then, Alex and Anthony, or Anthony, met Alex", "Alex", "Anthony"),
            NamesOutOfOrder,
            "found Alex, Alex",
        ),
        (custom(&long, "Alex", "Anthony"), TooLong, "the model's context is 64"),
    ];
    let prompts: Vec<CustomPrompt> = cases.iter().map(|(prompt, ..)| prompt.clone()).collect();
    let view = view(&model, &on(prompts.clone()).dataset, Flip::DEFAULT).unwrap();
    for ((prompt, kind, words), seen) in cases.iter().zip(&view.prompts) {
        let problem = seen.problem.as_ref().unwrap_or_else(|| panic!("{prompt:?} fits"));
        assert_eq!(problem.kind, *kind, "{prompt:?}: {}", problem.message);
        assert!(problem.message.contains(words), "{prompt:?}: {}", problem.message);
        assert!(seen.positions.is_none() && seen.flipped.is_none());
        assert_eq!(seen.tokens.concat(), format!("<|endoftext|>{}", prompt.sentence));
    }
    // And a run of them is refused with the first.
    for (i, (prompt, _, words)) in cases.iter().enumerate() {
        let error =
            Run::new(model.clone(), &on(vec![custom(GOOD, "Alex", "Anthony"), prompt.clone()]), false);
        let error = error.err().unwrap_or_else(|| panic!("case {i} runs"));
        assert_eq!((error.kind(), error.field()), (ErrorKind::BadInput, Some("prompts")));
        assert!(error.to_string().contains("prompt 2: ") && error.to_string().contains(words), "{error}");
    }
}

#[test]
fn good_prompts_run_as_if_they_had_been_generated() {
    let model = model();
    let generated = spec(true);
    let prompts = generated.dataset.generate().unwrap();
    let mine: Vec<CustomPrompt> = prompts.iter().map(|p| custom(&p.sentence, &p.io, &p.s)).collect();
    // With two new letters the flips draw, prompt by prompt.
    let flip = "ABB -> CDD, BAB -> DCD";
    let generated = ExperimentSpec { flip: flip.into(), ..generated };
    let given = ExperimentSpec { flip: flip.into(), ..on(mine.clone()) };
    let [expected, found] = [&generated, &given].map(|spec| block_on(run(&model, spec, true)).unwrap());
    assert_eq!((found.conditions, found.evidence), (expected.conditions, expected.evidence));
    assert_eq!(found.accuracy, expected.accuracy);

    // A bad one among them changes nothing of what is seen of the others.
    let mut with_bad = mine;
    with_bad.insert(3, custom("Nobody is here", "Alex", "Anthony"));
    let mut seen = view(&model, &on(with_bad).dataset, flip).unwrap().prompts;
    assert!(seen.remove(3).problem.is_some());
    let expected = view(&model, &generated.dataset, flip).unwrap().prompts;
    for (seen, mut expected) in seen.into_iter().zip(expected) {
        expected.template = None;
        assert_eq!(seen, expected);
    }
}

#[test]
fn names_that_the_lexicon_lacks_are_flipped_too() {
    let model = model();
    let prompt = custom("Then, Lou and Chris went to the school. Chris gave a ring to Lou", "Lou", "Chris");
    assert!(!Lexicon::get().is_name("Lou") && !Lexicon::get().is_name("Chris"));
    let spec = on(vec![prompt]);
    let seen = view(&model, &spec.dataset, Flip::DEFAULT).unwrap().prompts.remove(0);
    let flipped = seen.flipped.unwrap();
    assert_eq!(flipped.sentence, "Then, Chris and Lou went to the school. Chris gave a ring to Lou");
    assert_eq!((flipped.io.as_str(), flipped.s.as_str()), ("Lou", "Chris"));
    let result = block_on(run(&model, &spec, false)).unwrap();
    assert_eq!(result.evidence.edits[0].1.prompts_touched, 1);
}

/// " Mary" also begins " Maryland", and "Max" stands in "Maxine".
#[test]
fn a_role_is_a_word_and_not_the_beginning_of_one() {
    let model = model();
    for (sentence, io, s, places) in [
        (
            "In Maryland, John and Mary went to the school. John gave a ring to Mary",
            "Mary",
            "John",
            ["and", "Mary"],
        ),
        (
            "After Maxine left, Max and John went to the school. Max gave a Johnny to John",
            "John",
            "Max",
            ["and", "John"],
        ),
        ("For Max's sake, Max and John met. Max gave a ring to John", "John", "Max", ["and", "John"]),
    ] {
        let spec = on(vec![custom(sentence, io, s)]);
        let seen = view(&model, &spec.dataset, Flip::DEFAULT).unwrap().prompts.remove(0);
        assert_eq!(seen.problem, None, "{sentence}");
        let at = seen.positions.unwrap();
        // IO follows "and"; S2 begins the last clause.
        assert_eq!(seen.tokens[at.io - 1].trim(), places[0], "{sentence}: {:?}", seen.tokens);
        assert_eq!(seen.tokens[at.io].trim(), places[1]);
        let before: String = seen.tokens[..at.s2].concat();
        assert!(before.ends_with('.'), "{before}");
        assert_eq!(seen.order, Order::Baba);
    }
}

#[test]
fn prompts_from_a_link_are_bounded() {
    let one = || custom(GOOD, "Alex", "Anthony");
    for (prompts, words) in [
        (vec![], "from 1 to 2000 prompts of one's own, not 0"),
        (vec![one(); 2001], "not 2001"),
        (vec![one(), custom(&"a ".repeat(2049), "Alex", "Anthony")], "prompt 2: the sentence has 4098 bytes"),
        (vec![custom(GOOD, &"a".repeat(65), "Anthony")], "prompt 1: IO has 65 bytes"),
        (vec![custom(GOOD, "Alex", &"é".repeat(33))], "prompt 1: S has 66 bytes"),
    ] {
        let error = on(prompts).dataset.check().unwrap_err();
        assert_eq!(error.field(), Some("prompts"));
        assert!(error.to_string().contains(words), "{error}");
    }
    let mut json = json!(on(vec![one()]).dataset);
    assert_eq!(serde_json::from_value::<DatasetSpec>(json.clone()).unwrap(), on(vec![one()]).dataset);
    json["prompts"][0]["html"] = json!("<b>");
    assert!(serde_json::from_value::<DatasetSpec>(json).is_err());
    // Without any, a spec is what it was before there could be any.
    assert!(json!(DatasetSpec::default()).get("prompts").is_none());
}
