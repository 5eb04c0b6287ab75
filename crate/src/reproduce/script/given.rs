//! What the program of an analysis is given beside settings and figures: its examples, and heads at places in them.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::data::Data;
use crate::analysis::{CircuitSpec, HeadsSpec, TextSpec};
use crate::loader::LoadedModel;
use crate::patch::{Node, Place, Places};
use crate::task::{Example, Examples, TaskSpec};
use crate::{Error, Result};

const ZERO: &str = "Layer, head and places (None for all) whose z is zero";

pub fn read<T: DeserializeOwned>(json: &Value) -> Result<T> {
    serde_json::from_value(json.clone())
        .map_err(|error| Error::input("result", format!("the result cannot be read: {error}")))
}

fn task_of(result: &Value, model: &LoadedModel) -> Result<(TaskSpec, Examples)> {
    let task: TaskSpec = read(&result["spec"]["task"])?;
    let examples = task.examples(&model.tokenizer, model.gpt2.config.n_ctx)?;
    Ok((task, examples))
}

pub fn of_task(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let mut data = Data::default();
    data.examples(&task_of(result, model)?.1, &model.tokenizer)?;
    Ok(data)
}

/// Heads at places, which are None for all positions or a list of roles and of numbers.
fn nodes(data: &mut Data, about: &str, name: &str, nodes: &[Node], examples: &Examples) -> Result<()> {
    let node = |node: &Node| {
        let places = match node.places(examples)? {
            Places::All => Value::Null,
            Places::These(places) => places
                .iter()
                .map(|place| match *place {
                    Place::Role(role) => json!(examples.roles[role]),
                    Place::Index(index) => json!(index),
                })
                .collect(),
        };
        Ok(json!([node.layer, node.head, places]))
    };
    let nodes = nodes.iter().map(node).collect::<Result<Value>>()?;
    data.set(about, name, &nodes);
    Ok(())
}

/// The examples of a task, and some heads at places in them.
fn of_nodes(result: &Value, model: &LoadedModel, about: &str, name: &str, of: &[Node]) -> Result<Data> {
    let (_, examples) = task_of(result, model)?;
    let mut data = Data::default();
    nodes(&mut data, about, name, of, &examples)?;
    data.examples(&examples, &model.tokenizer)?;
    Ok(data)
}

pub fn of_zeroed(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let zero: Vec<Node> = read(&result["spec"]["zero"])?;
    of_nodes(result, model, ZERO, "ZERO", &zero)
}

pub fn of_paths(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let about = "Layer, head and places (None for all) that send; without any every head at all positions";
    let senders: Vec<Node> = read(&result["spec"]["senders"])?;
    of_nodes(result, model, about, "SENDERS", &senders)
}

pub fn of_circuit(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let spec: CircuitSpec = read(&result["spec"])?;
    let kept: Vec<Node> = spec.keep.nodes().into_iter().map(|(node, _)| node).collect();
    of_nodes(result, model, "Layer, head and places (None for all) of the circuit", "NODES", &kept)
}

pub fn of_heads(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let spec: HeadsSpec = read(&result["spec"])?;
    let (task, examples) = task_of(result, model)?;
    let mut data = Data::default();
    if result["copying"].is_array() {
        let copied = task.copied(&examples, &model.tokenizer);
        data.set("The tokens of which a head is asked whether it copies them", "COPIED", &json!(copied));
    }
    if result["induction"].is_array() {
        let sequences = TaskSpec::Induction(spec.sequences.clone());
        let sequences = sequences.examples(&model.tokenizer, model.gpt2.config.n_ctx)?;
        let rows: Vec<_> = sequences.examples.into_iter().map(|example| example.clean).collect();
        data.set(
            "Sequences in which each of so many tokens occurs twice",
            "LENGTH",
            &json!(spec.sequences.length),
        );
        data.set("", "SEQUENCES", &json!(rows));
    }
    data.examples(&examples, &model.tokenizer)?;
    Ok(data)
}

pub fn of_text(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let spec: TextSpec = read(&result["spec"])?;
    let ids: Vec<u32> = read(&result["ids"])?;
    let mut roles: BTreeMap<String, usize> = read(&result["roles"])?;
    // END comes last.
    let end = roles.remove("END").unwrap_or(ids.len() - 1);
    let (names, positions): (Vec<String>, Vec<usize>) =
        roles.into_iter().chain([("END".into(), end)]).unzip();
    let example = Example {
        corrupted: ids.clone(),
        clean: ids,
        positions,
        answers: Vec::new(),
        wrong_answers: Vec::new(),
        group: 0,
    };
    let examples = Examples { roles: names, examples: vec![example] };
    let mut data = Data::default();
    nodes(&mut data, ZERO, "ZERO", &spec.zero, &examples)?;
    data.examples(&examples, &model.tokenizer)?;
    Ok(data)
}

/// The tokens are in the answer.
pub fn of_nearest(result: &mut Value, _: &LoadedModel) -> Result<Data> {
    *result = json!({ "nearest": result.take() });
    Ok(Data::default())
}
