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

pub fn of_zeroed(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let (_, examples) = task_of(result, model)?;
    let mut data = Data::default();
    let about = "Layer, head and places (None for all) whose z is zero";
    nodes(&mut data, about, "ZERO", &read::<Vec<Node>>(&result["spec"]["zero"])?, &examples)?;
    data.examples(&examples, &model.tokenizer)?;
    Ok(data)
}

pub fn of_paths(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let (_, examples) = task_of(result, model)?;
    let mut data = Data::default();
    let about = "Layer, head and places (None for all) that send; without any every head at all positions";
    nodes(&mut data, about, "SENDERS", &read::<Vec<Node>>(&result["spec"]["senders"])?, &examples)?;
    data.examples(&examples, &model.tokenizer)?;
    Ok(data)
}

pub fn of_circuit(result: &mut Value, model: &LoadedModel) -> Result<Data> {
    let spec: CircuitSpec = read(&result["spec"])?;
    let (_, examples) = task_of(result, model)?;
    let kept: Vec<Node> = spec.keep.nodes().into_iter().map(|(node, _)| node).collect();
    let mut data = Data::default();
    nodes(&mut data, "Layer, head and places (None for all) of the circuit", "NODES", &kept, &examples)?;
    data.examples(&examples, &model.tokenizer)?;
    Ok(data)
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
    let roles: BTreeMap<String, usize> = read(&result["roles"])?;
    let mut data = Data::default();
    data.set("", "TEXT", &json!(model.tokenizer.decode(&ids)?));
    // As places of one example.
    let end = ids.len() - 1;
    let (mut names, mut positions): (Vec<String>, Vec<usize>) = roles.into_iter().unzip();
    if !names.contains(&"END".to_owned()) {
        names.push("END".into());
        positions.push(end);
    }
    // END is last.
    let last = names.iter().position(|name| name == "END").expect("it is there");
    let count = names.len();
    names.swap(last, count - 1);
    positions.swap(last, count - 1);
    let example = Example {
        corrupted: ids.clone(),
        clean: ids,
        positions,
        answers: Vec::new(),
        wrong_answers: Vec::new(),
        group: 0,
    };
    let examples = Examples { roles: names, examples: vec![example] };
    let zero = spec.zero.iter().map(|node| {
        let positions = node.places(&examples)?.positions(&examples.examples[0]);
        Ok(json!([node.layer, node.head, positions]))
    });
    data.set("Layer, head and positions whose z is zero", "ZERO", &zero.collect::<Result<Value>>()?);
    Ok(data)
}
