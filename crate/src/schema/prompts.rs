//! The prompts of the IOI task: generated, or one's own.

use super::reading::Reading;
use super::{Choice, Field, Kind, LeftOutLine};
use crate::ioi::{CustomPrompt, DatasetSpec, Flip, OwnLines};
use crate::left_out::LeaveOut;

const GROUP: &str = "task";

/// The tasks whose prompts are drawn.
const DRAWN: &[&str] = &["ioi", "induction", "greater_than"];
const IOI: &[&str] = &["ioi"];

const ORDERS: [Choice; 3] = [
    Choice::new("mixed", "mixed", "From the first seven templates of each order."),
    Choice::new("ABBA", "ABBA", "IO is named before the subject."),
    Choice::new("BABA", "BABA", "The subject is named before IO."),
];

pub fn fields() -> Vec<Field> {
    let usual = DatasetSpec::default();
    vec![
        Field {
            name: "n",
            label: "Prompts (n)",
            help: "The number of prompts.",
            kind: Kind::Integer { min: 1, max: DatasetSpec::MAX_PROMPTS },
            default: usual.n.to_string(),
            tasks: DRAWN,
            ..Field::of(GROUP)
        },
        Field {
            name: "seed",
            label: "Seed",
            help: "What random draws begin with; the same seed gives the same prompts.",
            kind: Kind::Integer { min: 0, max: u32::MAX },
            default: usual.seed.to_string(),
            tasks: DRAWN,
            ..Field::of(GROUP)
        },
        Field {
            name: "prompt_type",
            label: "Prompt type",
            help: "The templates that prompts are drawn from, by the order of their names: A is IO, B the subject, \
                   and the answer comes last.",
            kind: Kind::choice(&ORDERS),
            default: ORDERS[0].value.to_owned(),
            tasks: IOI,
            ..Field::of(GROUP)
        },
        Field {
            name: "symmetric",
            label: "Symmetric",
            help: "Follow each prompt by the same sentence with its two names exchanged, so that each name is as \
                   often IO as it is the subject.",
            kind: Kind::Flag,
            default: usual.symmetric.to_string(),
            tasks: IOI,
            ..Field::of(GROUP)
        },
        Field {
            name: "prepend_bos",
            label: "Prepend BOS",
            help: "Put the token <|endoftext|> before every prompt; heads with nothing to find often attend to it.",
            kind: Kind::Flag,
            default: usual.prepend_bos.to_string(),
            ..Field::of(GROUP)
        },
        Field {
            name: "prompts",
            label: "Own prompts",
            help: "Run these prompts instead of generated ones: a prompt a line, the whole sentence with its answer, \
                   IO and S, with | or tabs between; or CSV with these columns, or JSON.",
            kind: Kind::Prompts,
            optional: true,
            tasks: IOI,
            ..Field::of(GROUP)
        },
    ]
}

/// What the flipped run is on.
pub fn flip() -> Field {
    Field {
        name: "flip",
        label: "Flip",
        help: "How the names of the second run's prompts are reordered, of ABBA and of BABA prompts. A letter other \
               than A and B is a random name.",
        kind: Kind::Text { max_length: 500 },
        default: Flip::DEFAULT.to_owned(),
        check: |text| Flip::parse(text).map(drop).map_err(|error| error.to_string()),
        tasks: IOI,
        ..Field::of(GROUP)
    }
}

/// The lines of one's own prompts; none where none are asked for.
fn own(reading: &mut Reading) -> OwnLines {
    let text = reading.text("prompts");
    if text.is_empty() {
        return OwnLines::default();
    }
    let read = OwnLines::read(text);
    if let Err(message) = read.as_ref().map_err(String::clone).and_then(OwnLines::check) {
        reading.refuse("prompts", message);
    }
    read.unwrap_or_default()
}

pub fn read(reading: &mut Reading) -> DatasetSpec {
    let own = own(reading);
    let line = |line: usize, message: String| LeftOutLine { line, message };
    reading.left_out.extend(own.problems.into_iter().map(|(number, message)| line(number, message)));
    let (lines, prompts): (Vec<usize>, Vec<CustomPrompt>) = own.prompts.into_iter().unzip();
    let is_own = !prompts.is_empty();
    let mut spec = DatasetSpec {
        n: if is_own { prompts.len() as u32 } else { reading.integer("n") },
        seed: reading.integer("seed"),
        symmetric: !is_own && reading.flag("symmetric"),
        prompt_type: reading.choice("prompt_type"),
        prepend_bos: reading.flag("prepend_bos"),
        prompts: is_own.then_some(prompts),
    };
    if is_own {
        // By these others are generated.
        reading.overlook(&["n", "symmetric", "prompt_type"]);
    }
    reading.check(spec.check());
    if let Some(model) = reading.model {
        if spec.prepend_bos {
            reading.check(model.tokenizer.bos());
        }
        let left_out = reading.check(spec.leave_out(model.tokenizer, model.config.n_ctx)).unwrap_or_default();
        reading.left_out.extend(left_out.into_iter().map(|left| line(lines[left.prompt - 1], left.why)));
        if spec.prompts.as_ref().is_some_and(Vec::is_empty)
            && let Some(LeftOutLine { line, message }) = reading.left_out.iter().min_by_key(|left| left.line)
        {
            let message = format!("no prompt fits this model; line {line}: {message}");
            reading.refuse("prompts", message);
        }
    }
    spec
}
