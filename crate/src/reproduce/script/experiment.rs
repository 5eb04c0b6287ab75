//! What the program of an experiment is given: its prompts as examples, and its conditions.

use serde_json::{Value, json};

use super::data::Data;
use super::given::read;
use super::kinds::none;
use crate::Result;
use crate::experiment::{Draws, Edit, EditedPositions, Experiment, ExperimentSpec, Replacement, Span};
use crate::ioi::{Flip, IoiDataset};
use crate::loader::LoadedModel;
use crate::site::Activation;
use crate::task::{Example, Examples};

const ROLES: [&str; 3] = ["IO", "S1", "END"];

pub fn of_run(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let spec: ExperimentSpec = read(&result["spec"])?;
    let experiment = Experiment::named(&spec.experiment)?;
    let (tokenizer, ExperimentSpec { dataset, .. }) = (&model.tokenizer, &spec);
    let prompts = dataset.generate()?;
    let flipped = Flip::parse(&spec.flip)?.apply(&prompts, dataset.seed)?;
    let draws = Draws::new(experiment, dataset.seed, &prompts, tokenizer, model.gpt2.config.n_embd)?;
    let of_prompts = IoiDataset::new(prompts, tokenizer, dataset.prepend_bos)?;
    let flipped = of_prompts.flipped(flipped, tokenizer, dataset.prepend_bos)?;

    let (mut conditions, mut means) = (Vec::new(), json!({}));
    let found = result["conditions"].take();
    let mut has_random_names = false;
    for case in experiment.cases.iter().filter(|case| found.get(case.condition).is_some()) {
        means[case.condition] = found[case.condition]["mean_diff"].clone();
        let Some(edit) = case.edit else { continue };
        has_random_names |= edit.replacement == Replacement::ProjectedOn(Span::RandomNames);
        let [input, places, by, frozen] = edited(edit, spec.freeze_ln)
            .ok_or_else(|| none(format!("there is no script of the condition \"{}\"", case.condition)))?;
        conditions.push(json!([case.condition, input, places, by, frozen]));
    }
    result["conditions"] = means;

    let example = |i: usize| {
        let (at, one) = (of_prompts.positions[i], |tokens: &[u32]| vec![tokens[i]]);
        Example {
            clean: of_prompts.tokens[i].clone(),
            corrupted: flipped.tokens[i].clone(),
            positions: vec![at.io, at.s1, at.end],
            answers: one(&of_prompts.io_token_ids),
            wrong_answers: one(&of_prompts.s_token_ids),
            group: at.end,
        }
    };
    let mut data = Data::default();
    data.set(
        "Conditions: the input, where it is replaced (None for everywhere), by what, and whether ln1's scale stays the clean run's",
        "CONDITIONS",
        &json!(conditions),
    );
    if has_random_names {
        let names: Vec<_> = (0..of_prompts.len()).map(|i| draws.names(i)).collect();
        data.set("Two random names for each prompt", "RANDOM_NAMES", &json!(names));
    }
    let examples = (0..of_prompts.len()).map(example).collect();
    data.examples(&Examples { roles: ROLES.map(String::from).into(), examples }, tokenizer)?;
    Ok(data)
}

/// What the program makes of an edit, if it can.
fn edited(edit: Edit, freeze_ln: bool) -> Option<[Value; 4]> {
    let input = match edit.input {
        Activation::QInput => "q",
        Activation::KInput => "k",
        _ => return None,
    };
    let places = match edit.positions {
        EditedPositions::All => Value::Null,
        EditedPositions::End => json!(["END"]),
        EditedPositions::Names => json!(["IO", "S1"]),
    };
    let by = match edit.replacement {
        Replacement::Flipped => "flipped",
        Replacement::ProjectedOn(Span::IoAndS) => "IO and S",
        Replacement::ProjectedOn(Span::Io) => "IO",
        Replacement::ProjectedOn(Span::S) => "S",
        Replacement::ProjectedOn(Span::RandomNames) => "random names",
        Replacement::ProjectedOn(Span::RandomDirections) => "random directions",
        Replacement::Clean | Replacement::Normalized(_) => return None,
    };
    Some([json!(input), places, json!(by), json!(edit.ln.is_frozen(freeze_ln))])
}
