//! Which circuit: what heads send along single paths, and how much some of them keep by themselves.

use serde_json::json;

use super::listed::{nodes, receivers};
use super::reading::{About, Reading};
use super::{Choice, Field, Form, Kind, Suggestion, metric, task};
use crate::Error;
use crate::analysis::{
    Ablation, CircuitSpec, Keep, Mlps, PathSpec, Preset, Receiver, check_circuit, check_paths,
};
use crate::patch::Node;

const STEPS: [Choice; 2] = [
    Choice::new(
        "paths",
        "trace paths",
        "What each head sends to the logits, or to what a head above it reads.",
    ),
    Choice::new(
        "circuit",
        "test a circuit",
        "How much of the answer is left where only the heads named below work.",
    ),
];

const MLPS: [Choice; 2] = [
    Choice::new("recomputed", "recomputed", "MLPs on the way read what is sent, and pass it on."),
    Choice::new(
        "frozen",
        "as in the clean run",
        "MLPs on the way write what they do in the clean run: the direct path alone is left.",
    ),
];

const FILLS: [Choice; 3] = [
    Choice::new(
        "mean",
        "their mean",
        "The mean over the corrupted runs of like prompts, position by position.",
    ),
    Choice::new("zero", "zero", ""),
    Choice::new("patch", "the corrupted run's", "What they write in the same prompt's corrupted run."),
];

/// The metric, and the head whose score it is.
const PATHS_METRIC: [&str; 2] = ["paths_metric", "paths_scored"];
const METRIC: [&str; 2] = ["circuit_metric", "circuit_scored"];

/// Which of the two the page asks; neither says anything of it.
fn step() -> Field {
    Field::chosen("circuit_step", "Step", &STEPS, "Trace paths to find heads, then test them as a circuit.")
}

pub const PATHS: Form = Form {
    analysis: "paths",
    fields: |_| {
        let receivers_field = Field {
            name: "paths_receivers",
            label: "To",
            help: "What reads at the end of the paths: logits; or what heads make their queries, keys or values of, \
                   together, as 9.9.q, 9.6.q.",
            kind: Kind::Text { max_length: 1000 },
            default: Receiver::Logits.to_string(),
            check: |text| receivers::<Receiver>(text).map(drop).map_err(|error| error.to_string()),
            ..Field::of_question()
        };
        let mlps = Field::chosen("paths_mlps", "MLPs on the way", &MLPS, "What MLPs between both ends do.");
        let own = vec![step(), receivers_field, mlps];
        [own, metric::fields(PATHS_METRIC, "and measure"), task::fields()].concat()
    },
    spec: |reading| {
        let spec = PathSpec {
            senders: Vec::new(),
            receivers: receivers(reading.text("paths_receivers")).unwrap_or_default(),
            mlps: reading.choice::<Mlps>("paths_mlps"),
            metric: metric::read(reading, PATHS_METRIC),
            per_prompt: false,
            task: task::read(reading),
        };
        let renamed = |error: Error| match error.field() {
            Some("receivers") => Error::input("paths_receivers", error.to_string()),
            Some("metric") => Error::input(PATHS_METRIC[0], error.to_string()),
            _ => error,
        };
        if reading.check(spec.check().map_err(renamed)).is_some()
            && let Some(About { config, tokenizer }) = reading.model
        {
            reading.check(check_paths(&spec, config, tokenizer).map_err(renamed));
        }
        json!({"analysis": "paths", "spec": spec})
    },
};

pub const CIRCUIT: Form = Form {
    analysis: "circuit",
    fields: |_| [vec![step()], fields(true)].concat(),
    spec: |reading| json!({"analysis": "circuit", "spec": read(reading, Some(false))}),
};

/// What each node adds, as a further question.
pub const EXAMINE: Form = Form {
    analysis: "examine",
    fields: |_| fields(true),
    spec: |reading| json!({"analysis": "circuit", "spec": read(reading, Some(true))}),
};

/// What its nodes send each other.
pub const EDGES: Form = Form {
    analysis: "edges",
    fields: |_| fields(false),
    spec: |reading| json!({"analysis": "edges", "spec": read(reading, None)}),
};

/// `fills`: whether other heads become anything.
fn fields(fills: bool) -> Vec<Field> {
    let keep = Field {
        name: "circuit_keep",
        label: "Heads that stay",
        help: "With their positions, as 9.9@END, 5.5@S2+END, 0.3@all; the model's own default head at END where none is \
               named.",
        kind: Kind::Text { max_length: 5000 },
        check: |text| nodes(text).map(drop).map_err(|error| error.to_string()),
        suggested: vec![Suggestion {
            label: "the 26 heads of Wang et al. 2022",
            text: Preset::Ioi.nodes().map(|(node, _)| node.to_string()).collect::<Vec<_>>().join(", "),
        }],
        ..Field::of_question()
    };
    let fill = Field::chosen(
        "circuit_fill",
        "All others become",
        &FILLS,
        "What every other head gathers (its z) becomes, at every position; MLPs stay.",
    );
    let fill = fills.then_some(fill);
    let own = [keep].into_iter().chain(fill).collect();
    [own, metric::fields(METRIC, "and measure"), task::fields()].concat()
}

/// `examine`: of a circuit that others are left out of.
fn read(reading: &mut Reading, examine: Option<bool>) -> CircuitSpec {
    let named = nodes(reading.text("circuit_keep")).unwrap_or_default();
    let [layer, head] = reading.default_head();
    let usual = || Node { layer, head, at: "END".into() };
    let spec = CircuitSpec {
        keep: kept(if named.is_empty() { vec![usual()] } else { named }),
        fill: examine.map_or_else(Ablation::default, |_| reading.choice("circuit_fill")),
        metric: metric::read(reading, METRIC),
        examine: examine.unwrap_or(false),
        per_prompt: false,
        task: task::read(reading),
    };
    let renamed = |error: Error| match error.field() {
        Some("keep") => Error::input("circuit_keep", error.to_string()),
        Some("metric") => Error::input(METRIC[0], error.to_string()),
        _ => error,
    };
    if reading.check(spec.check().map_err(renamed)).is_some()
        && let Some(About { config, tokenizer }) = reading.model
    {
        reading.check(check_circuit(&spec, config, tokenizer).map_err(renamed));
    }
    spec
}

/// Nodes that are a published circuit's are told with its classes.
fn kept(nodes: Vec<Node>) -> Keep {
    let of_preset: Vec<Node> = Preset::Ioi.nodes().map(|(node, _)| node).collect();
    let is_preset = nodes.len() == of_preset.len() && of_preset.iter().all(|node| nodes.contains(node));
    if is_preset { Keep::Preset(Preset::Ioi) } else { Keep::Nodes(nodes) }
}
