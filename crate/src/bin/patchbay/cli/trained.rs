//! What the card says of a trained model's heads, on the page's default dataset.

use std::rc::Rc;

use anyhow::Result;
use patchbay::analysis::{
    Ablation, CircuitRun, CircuitSpec, HeadsRun, HeadsSpec, Keep, Mlps, PathRun, PathSpec, Receiver,
};
use patchbay::experiment::{ExperimentSpec, Sweep, SweepRow, SweepSpec};
use patchbay::ioi::{ABC, DatasetSpec};
use patchbay::loader::LoadedModel;
use patchbay::metric::Metric;
use patchbay::patch::Node;
use patchbay::site::Activation;
use patchbay::task::{Corruption, IoiTask, TaskSpec};
use serde_json::{Map, Value, json};

use super::progress::pull;

pub struct Trained {
    /// The head whose score from END to IO is furthest above that to S1: the one that moves the name.
    pub mover: [usize; 2],
    /// By `heads`, and the scores by `sweep`.
    pub heads: Value,
    /// By `run`: the means of the mover's conditions.
    pub experiment: Value,
    /// By `paths`: what each head sends to the mover's queries, and what its score is without that.
    pub paths: Value,
    /// By `circuit`: what a few heads keep of the logit difference.
    pub circuit: Value,
    /// Those heads, as `circuit --keep` takes them.
    pub keep: String,
}

/// A circuit has at most one in so many heads.
const ONE_HEAD_IN: usize = 3;
/// How far its faithfulness may be from 1.
const NEAR: f64 = 0.05;

impl Trained {
    pub fn of(model: &Rc<LoadedModel>) -> Result<Self> {
        let (mut heads, rows) = (heads_of(model)?, rows_of(model)?);
        let clean: Vec<&SweepRow> = rows.iter().filter(|row| row.condition == "clean").collect();
        let of_layer = |layer: &[&SweepRow]| layer.iter().map(|row| row.mean_diff).collect::<Vec<_>>();
        let by_layer = clean.chunks(model.gpt2.config.n_head).map(of_layer);
        heads["score_diff"] = json!(by_layer.collect::<Vec<_>>());
        let mover = clean.iter().max_by(|a, b| a.mean_diff.total_cmp(&b.mean_diff));
        let mover = mover.map(|row| [row.layer, row.head]).expect("a model has heads");
        let of_mover = rows.iter().filter(|row| [row.layer, row.head] == mover);
        let experiment: Map<String, Value> =
            of_mover.map(|row| (row.condition.to_owned(), json!(row.mean_diff))).collect();
        let (keep, circuit) = circuit_of(model)?;
        let paths = paths_of(model, mover)?;
        Ok(Self { mover, heads, experiment: experiment.into(), paths, circuit, keep })
    }
}

fn heads_of(model: &Rc<LoadedModel>) -> Result<Value> {
    let n_ctx = model.gpt2.config.n_ctx;
    let spec = HeadsSpec::of(TaskSpec::default(), DatasetSpec::default().seed, None, n_ctx);
    let mut run = HeadsRun::new(model.clone(), &spec)?;
    pull(&mut run)?;
    let mut heads = json!(run.result()?);
    // How sure the figures are is no figure of the model.
    heads.as_object_mut().expect("a result is an object").remove("intervals");
    Ok(heads)
}

fn rows_of(model: &Rc<LoadedModel>) -> Result<Vec<SweepRow>> {
    let mut sweep = Sweep::new(model.clone(), &SweepSpec::from(ExperimentSpec::default()))?;
    pull(&mut sweep)?;
    Ok(sweep.result()?.expect("a finished sweep has a result").rows)
}

fn paths_of(model: &Rc<LoadedModel>, mover: [usize; 2]) -> Result<Value> {
    let [layer, head] = mover;
    if layer == 0 {
        return Ok(Value::Null);
    }
    let spec = PathSpec {
        task: TaskSpec::default(),
        senders: Vec::new(),
        receivers: vec![Receiver::Head { layer, head, input: Activation::Q }],
        mlps: Mlps::default(),
        metric: Metric::AttnScoreDiff(mover),
        per_prompt: false,
    };
    let mut run = PathRun::new(model.clone(), &spec)?;
    pull(&mut run)?;
    let found = json!(run.result()?);
    Ok(json!({ "clean": found["clean"], "change": found["change"] }))
}

/// Heads one by one, each time that with which the circuit is nearest to the model, until it is near enough.
fn circuit_of(model: &Rc<LoadedModel>) -> Result<(String, Value)> {
    let config = &model.gpt2.config;
    let heads = (0..config.n_layer).flat_map(|layer| (0..config.n_head).map(move |head| (layer, head)));
    let mut others: Vec<Node> = heads.map(|(layer, head)| Node { layer, head, at: "all".into() }).collect();
    let mut kept: Vec<Node> = Vec::new();
    let mut best = Value::Null;
    for _ in 0..others.len() / ONE_HEAD_IN {
        let mut nearest: Option<(f64, usize, Value)> = None;
        for (i, node) in others.iter().enumerate() {
            let nodes = [&kept[..], std::slice::from_ref(node)].concat();
            let found = kept_by(model, nodes)?;
            let miss = (1.0 - found["faithfulness"].as_f64().unwrap_or(f64::NEG_INFINITY)).abs();
            if nearest.as_ref().is_none_or(|(least, ..)| miss < *least) {
                nearest = Some((miss, i, found));
            }
        }
        let Some((miss, i, found)) = nearest else { break };
        kept.push(others.remove(i));
        best = found;
        if miss < NEAR {
            break;
        }
    }
    kept.sort_by_key(|node| (node.layer, node.head));
    let keep = kept.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let figures =
        ["full", "circuit", "empty", "faithfulness"].map(|name| (name.to_owned(), best[name].clone()));
    Ok((keep, Map::from_iter(figures).into()))
}

fn kept_by(model: &Rc<LoadedModel>, nodes: Vec<Node>) -> Result<Value> {
    let corruption = Corruption(ABC.to_owned());
    let spec = CircuitSpec {
        task: TaskSpec::Ioi(IoiTask { corruption, ..IoiTask::default() }),
        keep: Keep::Nodes(nodes),
        fill: Ablation::Mean,
        metric: Metric::default(),
        examine: false,
        per_prompt: false,
    };
    let mut run = CircuitRun::new(model.clone(), &spec)?;
    pull(&mut run)?;
    Ok(json!(run.result()?))
}
