//! What the programs of experiments, and of what else is asked of their prompts, are given: prompts as examples, conditions,
//! and what is drawn or spelled for each prompt.

use serde_json::{Value, json};

use super::data::Data;
use super::given::read;
use super::kinds::none;
use crate::Result;
use crate::experiment::{
    DecompositionSpec, Draws, Edit, EditedPositions, Experiment, ExperimentSpec, Intervention, NameForms,
    Replacement, Side, Span, SweepSpec, Token, Vector, Without, name_tokens,
};
use crate::ioi::{DatasetSpec, Flip, IoiDataset};
use crate::loader::LoadedModel;
use crate::site::Activation;
use crate::task::{Example, Examples};

const ROLES: [&str; 3] = ["IO", "S1", "END"];

pub fn of_run(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let spec: ExperimentSpec = read(&result["spec"])?;
    let found = result["conditions"].take();
    let mean = |values: &Value| -> Option<f64> {
        let values: Vec<f64> = values.as_array()?.iter().filter_map(Value::as_f64).collect();
        Some(values.iter().sum::<f64>() / values.len() as f64)
    };
    let (mut means, mut attention) = (json!({}), json!({}));
    for (condition, of) in found.as_object().into_iter().flatten() {
        means[condition] = of["mean_diff"].clone();
        if let Some(mean) = mean(&of["io_probability"]) {
            attention[condition] = json!(mean);
        }
    }
    (result["conditions"], result["attention"]) = (means, attention);
    of_conditions(&spec.into(), |condition| found.get(condition).is_some(), model)
}

pub fn of_sweep(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let rows = result["rows"].as_array().into_iter().flatten();
    let found: Vec<&Value> = rows.map(|row| &row["condition"]).collect();
    of_conditions(&read(&result["spec"])?, |condition| found.iter().any(|name| *name == condition), model)
}

/// Those conditions of an experiment that were found.
fn of_conditions(spec: &SweepSpec, is_found: impl Fn(&str) -> bool, model: &LoadedModel) -> Result<Data> {
    let experiment = Experiment::named(&spec.experiment)?;
    let SweepSpec { dataset, freeze_ln, flip, .. } = spec;
    let tokenizer = &model.tokenizer;
    let cases = experiment.cases.iter().filter(|case| is_found(case.condition));
    let edits: Vec<_> = cases.filter_map(|case| Some((case.condition, case.edit?))).collect();
    let condition = |&(condition, edit): &(&str, Edit)| {
        let [input, places, by, frozen] = edited(edit, *freeze_ln)?;
        Ok(json!([condition, input, places, by, frozen]))
    };
    let mut data = Data::default();
    data.set(
        "Conditions: the input, where it is replaced (None for everywhere), by what, and whether ln1's scale stays the clean run's",
        "CONDITIONS",
        &edits.iter().map(condition).collect::<Result<Value>>()?,
    );
    let prompts = dataset.generate()?;
    let draws = Draws::new(experiment, dataset.seed, &prompts, tokenizer, model.gpt2.config.n_embd)?;
    let drawn: Option<Vec<_>> = (0..prompts.len()).map(|prompt| draws.drawn(prompt)).collect();
    if let Some(drawn) = drawn {
        data.set("Two random names and a random token for each prompt", "RANDOM", &json!(drawn));
    }
    let flipped = Flip::parse(flip)?.apply(&prompts, dataset.seed)?;
    let of_prompts = IoiDataset::new(prompts, tokenizer, dataset.prepend_bos)?;
    let flipped = of_prompts.flipped(flipped, tokenizer, dataset.prepend_bos)?;
    let all_names = Replacement::Normalized(Vector::NameMover(Without::Names));
    if edits.iter().any(|(_, edit)| edit.replacement == all_names) {
        names(&mut data, &of_prompts, [true, true], model)?;
    }
    examples(&mut data, &of_prompts, Some(&flipped.tokens), model)?;
    Ok(data)
}

pub fn of_decomposition(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let spec: DecompositionSpec = read(&result["spec"])?;
    let by = |side| match (spec.on(side), side) {
        (Intervention::Nothing, _) => Ok(Value::Null),
        (Intervention::Substitute(vector), _) => named(vector),
        (Intervention::Project, Side::Queries) => Ok(json!("projected on names")),
        (Intervention::Project, Side::Keys) => Ok(json!("projected on MLP_0")),
    };
    let mut data = Data::default();
    data.set(
        "What queries and keys are computed from, or are split along; None for what the model itself has",
        "BY",
        &json!({ "q": by(Side::Queries)?, "k": by(Side::Keys)? }),
    );
    let edits = spec.edit().into_iter().map(|edit| edited(edit, true).map(Value::from));
    data.set("The edits of the score that is taken apart", "EDITS", &edits.collect::<Result<Value>>()?);
    let of_prompts = dataset(&spec.dataset, model)?;
    if spec.on(Side::Queries) == Intervention::Project {
        let which = [spec.include_s1_in_unembed_projection, spec.include_name_forms_in_unembed_projection];
        names(&mut data, &of_prompts, which, model)?;
    }
    examples(&mut data, &of_prompts, None, model)?;
    Ok(data)
}

pub fn of_linear(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let (width, maps): (usize, Vec<f64>) = (read(&result["d_model"])?, read(&result["linear_map"])?);
    let rows = maps.len() / width;
    let mean = |entry| maps[entry..].iter().step_by(width).sum::<f64>() / rows as f64;
    result["mean_map"] = (0..width).map(mean).collect();
    let mut data = Data::default();
    examples(&mut data, &dataset(&read(&result["spec"]["dataset"])?, model)?, None, model)?;
    Ok(data)
}

fn dataset(spec: &DatasetSpec, model: &LoadedModel) -> Result<IoiDataset> {
    IoiDataset::new(spec.generate()?, &model.tokenizer, spec.prepend_bos)
}

/// `corrupted`: nothing where they are not asked for.
fn examples(
    data: &mut Data,
    prompts: &IoiDataset,
    corrupted: Option<&[Vec<u32>]>,
    model: &LoadedModel,
) -> Result<()> {
    let corrupted = corrupted.unwrap_or(&prompts.tokens);
    let example = |i: usize| {
        let at = prompts.positions[i];
        Example {
            clean: prompts.tokens[i].clone(),
            corrupted: corrupted[i].clone(),
            positions: vec![at.io, at.s1, at.end],
            answers: vec![prompts.io_token_ids[i]],
            wrong_answers: vec![prompts.s_token_ids[i]],
            group: at.end,
        }
    };
    let examples = (0..prompts.len()).map(example).collect();
    data.examples(&Examples { roles: ROLES.map(String::from).into(), examples }, &model.tokenizer)
}

/// `which`: whether S is among them, and whether all forms are.
fn names(data: &mut Data, of: &IoiDataset, which: [bool; 2], model: &LoadedModel) -> Result<()> {
    let forms = NameForms::new(&of.prompts, &model.tokenizer)?;
    let prompts: Vec<usize> = (0..of.len()).collect();
    let columns = name_tokens([&of.io_token_ids, &of.s_token_ids], &prompts, Some(&forms), which);
    let row = |&prompt: &usize| columns.iter().map(|column| column[prompt]).collect::<Value>();
    data.set("The names of each prompt, in their forms", "NAMES", &prompts.iter().map(row).collect());
    Ok(())
}

/// What the programs have of an edit: the input, its places, by what, and whether ln1's scale is frozen.
fn edited(edit: Edit, freeze_ln: bool) -> Result<[Value; 4]> {
    let input = if edit.input == Activation::KInput { "k" } else { "q" };
    let places = match edit.positions {
        EditedPositions::All => Value::Null,
        EditedPositions::End => json!(["END"]),
        EditedPositions::Names => json!(["IO", "S1"]),
    };
    let by = match edit.replacement {
        Replacement::Clean => return Err(none("there is no script of an edit that changes nothing".into())),
        Replacement::Flipped => json!("flipped"),
        Replacement::ProjectedOn(span) => json!(format!("projected on {}", span_name(span))),
        Replacement::Normalized(vector) => named(vector)?,
    };
    Ok([json!(input), places, by, json!(edit.ln.is_frozen(freeze_ln))])
}

fn span_name(span: Span) -> &'static str {
    match span {
        Span::IoAndS => "IO and S",
        Span::Io => "IO",
        Span::S => "S",
        Span::RandomNames => "random names",
        Span::RandomDirections => "random directions",
    }
}

/// A vector that stands in for what a head reads.
fn named(vector: Vector) -> Result<Value> {
    Ok(match vector {
        Vector::Unembedding(Token::Io) => json!("W_U[IO]"),
        Vector::Unembedding(Token::S) => json!("W_U[S]"),
        Vector::Unembedding(Token::RandomName(_)) => json!("W_U[random name]"),
        Vector::Unembedding(Token::Random) => json!("W_U[random token]"),
        Vector::NameMover(Without::Nothing) => json!("name mover"),
        Vector::NameMover(Without::Io) => json!("name mover without IO"),
        Vector::NameMover(Without::Names) => json!("name mover without names"),
        Vector::Embedding(form) => json!(form),
        Vector::Mlp0 => json!("MLP_0"),
        Vector::RandomDirection(_) => {
            return Err(none("there is no script of a random direction as an input".into()));
        }
    })
}
