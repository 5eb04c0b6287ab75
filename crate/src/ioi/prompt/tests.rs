use super::{DatasetSpec, Order, Prompt, find_word};
use crate::frame::{Bootstrap, Together};
use crate::ioi::{CustomPrompt, Flip};

fn own(prompts: impl IntoIterator<Item = Prompt>) -> DatasetSpec {
    let own = |Prompt { sentence, io, s, .. }| CustomPrompt { sentence, io, s };
    DatasetSpec { prompts: Some(prompts.into_iter().map(own).collect()), ..DatasetSpec::default() }
}

#[test]
fn what_is_repeated_or_has_its_names_exchanged_is_not_independent() {
    let prompt = |template, io, s| Prompt::from_template(template, io, s, "school", "ring");
    let [ring, wave, comma] = [
        "Then, [A] and [B] met. [B] gave a ring to [A]",
        "Then, [A] and [B] met. [B] waved to [A]",
        "When [A], [B] and others met, [B] waved to [A]",
    ];
    let together = own([
        prompt(ring, "Alex", "Mary"),
        prompt(ring, "Mary", "Alex"),
        prompt(wave, "Alex", "Mary"),
        prompt(ring, "Alex", "Mary"),
        // Other names in the same words, and the other order of them, are other prompts.
        prompt(ring, "Alex", "Anthony"),
        prompt("Then, [B] and [A] met. [B] gave a ring to [A]", "Alex", "Mary"),
        prompt(comma, "Alex", "Mary"),
        prompt(comma, "Mary", "Alex"),
    ])
    .together();
    assert_eq!(together, Together::Alike(vec![0, 0, 1, 0, 2, 3, 4, 4]));
    assert_eq!(own([prompt(ring, "Alex", "Mary")]).together(), Together::Neighbours(1));
}

/// The same prompts have the same intervals, whoever gives them.
#[test]
fn generated_prompts_that_are_copied_are_drawn_as_they_were() {
    for symmetric in [true, false] {
        let generated = DatasetSpec { symmetric, ..DatasetSpec::default() };
        let copied = own(generated.generate().unwrap());
        let values: Vec<Option<f64>> = (0..150).map(|i| Some(f64::from(i * 37 % 101))).collect();
        let [of_generated, of_copied] =
            [generated, copied].map(|spec| Bootstrap::of(spec.together()).draw(&[&values]));
        assert_eq!(of_generated, of_copied);
    }
}

#[test]
fn a_word_is_not_found_within_another() {
    assert_eq!(find_word("Andrew and Andre", "Andre"), Some(11));
    assert_eq!(find_word("In January, Jan", "Jan"), Some(12));
    assert_eq!(find_word("(Jan, \"Ann\"'s)", "Ann"), Some(7));
    assert_eq!(find_word("Mary-Ann, Annä", "Ann"), Some(5));
    assert_eq!(find_word("Joann", "ann"), None);
    assert_eq!(find_word("Zoë and Zoëlle", "Zoë"), Some(0));
}

/// A generated prompt has its template's order, whatever names it drew.
#[test]
fn every_generated_prompt_has_its_templates_order() {
    let mut within = 0;
    for seed in 0..2_000 {
        let spec = DatasetSpec { seed, ..DatasetSpec::default() };
        for prompt in spec.generate().unwrap() {
            assert_eq!(prompt.order(), prompt.template.unwrap().order, "{}", prompt.sentence);
            let Prompt { io, s, .. } = &prompt;
            within += usize::from(io.contains(s.as_str()) || s.contains(io.as_str()));
        }
    }
    assert!(within > 20, "only {within} prompts have a name within another: they test nothing");
}

#[test]
fn a_name_within_another_is_flipped_as_any() {
    let spec = DatasetSpec { seed: 135, ..DatasetSpec::default() };
    let prompts = spec.generate().unwrap();
    let flipped = Flip::parse(Flip::DEFAULT).unwrap().apply(&prompts, spec.seed).unwrap();
    let (prompt, flipped) = (&prompts[125], &flipped[125]);
    assert!(prompt.sentence.starts_with("After Andrew and Andre "), "{}", prompt.sentence);
    assert_eq!((prompt.io.as_str(), prompt.s.as_str(), prompt.order()), ("Andrew", "Andre", Order::Abba));
    assert!(flipped.sentence.starts_with("After Andre and Andrew "), "{}", flipped.sentence);
    let (_, rest) = prompt.sentence.split_once(", ").unwrap();
    assert!(rest.starts_with("Andre gave ") && rest.ends_with(" to Andrew"), "{rest}");
    assert!(flipped.sentence.ends_with(rest), "{}", flipped.sentence);
}
