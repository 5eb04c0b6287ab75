//! What matters: one edit at every place of a grid. The fields read as a sentence.

use serde_json::json;

use super::reading::{About, Reading};
use super::{Choice, Field, Form, Kind, metric, task};
use crate::analysis::check_grid;
use crate::error::excerpt;
use crate::patch::{At, Direction, FileVector, Fill, Over, PatchSpec, Run};
use crate::plain::quoted;
use crate::site::Activation;
use crate::{Error, Result};

const SITES: [Choice; 17] = [
    Choice::new(
        "z",
        "z, what a head gathers",
        "The mean of a head's values by its pattern, before it is written.",
    ),
    Choice::new("result", "result, what a head writes", "What a head adds to the residual stream."),
    Choice::new("pattern", "pattern", "Where a head attends to; positions are those of its queries."),
    Choice::new("q", "q, queries", ""),
    Choice::new("k", "k, keys", ""),
    Choice::new("v", "v, values", ""),
    Choice::new("q_input", "q_input, what queries read", "The residual stream, for a head's queries alone."),
    Choice::new("k_input", "k_input, what keys read", "The residual stream, for a head's keys alone."),
    Choice::new("v_input", "v_input, what values read", "The residual stream, for a head's values alone."),
    Choice::new(
        "resid_pre",
        "resid_pre, the stream before a layer",
        "The residual stream, shared by all heads.",
    ),
    Choice::new(
        "resid_mid",
        "resid_mid, before a layer's MLP",
        "The residual stream between attention and MLP.",
    ),
    Choice::new("resid_post", "resid_post, after a layer", "The residual stream, shared by all heads."),
    Choice::new("attn_out", "attn_out, what attention writes", "What all heads of a layer and its bias add."),
    Choice::new("mlp_out", "mlp_out, what the MLP writes", "What a layer's MLP adds to the residual stream."),
    Choice::new(
        "resid_pre,attn_out,mlp_out",
        "resid_pre, attn_out and mlp_out",
        "One after the other, a map for each.",
    ),
    Choice::new("z,q,k,v,pattern", "z, q, k, v and pattern", "One after the other, a map for each."),
    Choice::new(
        "q_input,k_input,v_input",
        "q_input, k_input and v_input",
        "One after the other, a map for each.",
    ),
];

const EDITS: [Choice; 7] = [
    Choice::new(
        "denoise",
        "the clean run's (denoising)",
        "In the corrupted run: what brings the answer back is enough for it, where all else is corrupted.",
    ),
    Choice::new(
        "noise",
        "the corrupted run's (noising)",
        "In the clean run: what takes the answer away is needed for it, where all else is clean.",
    ),
    Choice::new("zero", "zero", "In the clean run."),
    Choice::new(
        "mean",
        "the mean",
        "In the clean run: the mean over the corrupted runs of like prompts, position by position.",
    ),
    Choice::new("add", "itself plus a vector", "In the clean run: steering along a direction."),
    Choice::new(
        "project_out",
        "itself without its part along a vector",
        "In the clean run: what takes the answer away hangs on that direction.",
    ),
    Choice::new(
        "project",
        "its part along a vector",
        "In the clean run: what leaves the answer there hangs on that direction alone.",
    ),
];

const OVER: [Choice; 5] = [
    Choice::new("layer,head", "layer × head", ""),
    Choice::new("layer,role", "layer × role", ""),
    Choice::new("layer,position", "layer × position", "Positions count from the first token."),
    Choice::new("layer", "layer", ""),
    Choice::new("role,layer,head", "layer × head, at each role", "As many maps as the task has roles."),
];

const VECTOR: &str = "patch_vector";
const TIMES: &str = "patch_times";

/// The most bytes of a vector's text: 1600 numbers of GPT-2 XL take some 20 000.
const MOST_BYTES: usize = 100_000;

/// The metric, and the head whose score it is.
const METRIC: [&str; 2] = ["patch_metric", "patch_scored"];

pub const FORM: Form = Form {
    analysis: "patch",
    fields: |_| {
        let at = Field {
            name: "patch_at",
            label: "at",
            help: "The positions, where they are no part of the grid: all, a role such as END, or a position from 0.",
            kind: Kind::Text { max_length: 50 },
            default: At::All.to_string(),
            ..Field::of_question()
        };
        let freeze_ln = Field {
            name: "patch_freeze_ln",
            label: "Freeze LN scale",
            help: "Keep ln1's scale as it was in the unedited run; else it is computed from the edited input.",
            default: false.to_string(),
            ..Field::of_question()
        };
        let vector = Field {
            name: VECTOR,
            label: "Vector",
            help: "A direction as wide as the activation, from a file, or one that the model has: W_U[answers], W_U[wrong], W_U[answers-wrong].",
            kind: Kind::Vector,
            check: |text| direction(text).map(drop).map_err(|error| error.to_string()),
            ..Field::of_question()
        };
        let times = Field {
            name: TIMES,
            label: "times",
            help: "How many times the vector is added; a negative number takes it away.",
            kind: Kind::Text { max_length: 20 },
            default: "1".to_owned(),
            check: |text| match text.trim().parse::<f32>() {
                Ok(number) if number.is_finite() => Ok(()),
                _ => Err(format!("expected a number, found {}", quoted(text))),
            },
            ..Field::of_question()
        };
        let question = vec![
            Field::chosen(
                "patch_site",
                "Replace",
                &SITES,
                "The activation that is edited, at one place at a time.",
            ),
            Field::chosen("patch_edit", "by", &EDITS, "What is put in its place, and in which run."),
            times,
            vector,
            freeze_ln,
            Field::chosen("patch_over", "for each", &OVER, "Where: an edit for each place, each by itself."),
            at,
        ];
        [question, metric::fields(METRIC, "and measure"), task::fields()].concat()
    },
    spec: |reading| {
        let spec = spec(reading);
        if reading.check(spec.check().map_err(renamed)).is_some()
            && let Some(About { config, tokenizer }) = reading.model
        {
            reading.check(check_grid(&spec, config, tokenizer).map_err(renamed));
        }
        json!({"analysis": "patch", "spec": spec})
    },
};

fn spec(reading: &mut Reading) -> PatchSpec {
    let mut sites: Vec<Activation> =
        reading.text("patch_site").split(',').map(|site| site.parse().expect("a site")).collect();
    let site = sites.remove(0);
    if !matches!(reading.text("patch_edit"), "add" | "project" | "project_out") {
        reading.overlook(&[VECTOR]);
    }
    if reading.text("patch_edit") != "add" {
        reading.overlook(&[TIMES]);
    }
    let are_inputs = site.is_input() && sites.iter().all(|site| site.is_input());
    let over: Vec<Over> =
        reading.text("patch_over").split(',').map(|axis| axis.parse().expect("an axis")).collect();
    let (direction, fill) = match reading.text("patch_edit") {
        "noise" => (Run::Noise, Fill::Patch),
        "zero" => (Run::Noise, Fill::Zero),
        "mean" => (Run::Noise, Fill::Mean),
        edit @ ("add" | "project" | "project_out") => (Run::Noise, along(reading, edit)),
        _ => (Run::Denoise, Fill::Patch),
    };
    // Beside an axis of positions it says nothing, and so do a head and a scale where neither is asked for.
    let has_positions = over.contains(&Over::Role) || over.contains(&Over::Position);
    if has_positions {
        reading.overlook(&["patch_at"]);
    }
    let metric = metric::read(reading, METRIC);
    PatchSpec {
        also: sites,
        over,
        at: if has_positions { At::All } else { reading.text("patch_at").to_owned().into() },
        direction: Some(direction),
        fill,
        freeze_ln: are_inputs && reading.flag("patch_freeze_ln"),
        metric,
        per_prompt: true,
        ..PatchSpec::of(task::read(reading), site)
    }
}

/// What an edit does with the vector that is chosen.
fn along(reading: &mut Reading, edit: &str) -> Fill {
    let text = reading.text(VECTOR);
    if text.is_empty() {
        reading.refuse(
            VECTOR,
            "expected a vector, found none; choose a file that has one, or one of the model's",
        );
        return Fill::Zero;
    }
    let direction = direction(text).expect("the text has been looked at");
    match edit {
        "project" => Fill::Project(vec![direction]),
        "project_out" => Fill::ProjectOut(vec![direction]),
        _ => Fill::Add(direction, reading.text(TIMES).trim().parse().expect("the text has been looked at")),
    }
}

/// A direction by its name, or a vector of a file as JSON.
fn direction(text: &str) -> Result<Direction> {
    if text.len() > MOST_BYTES {
        return Err(Error::input(
            VECTOR,
            format!("expected at most {MOST_BYTES} bytes of a vector, found {}", text.len()),
        ));
    }
    if !text.starts_with('{') {
        return text.parse();
    }
    let vector: FileVector = serde_json::from_str(text).map_err(|error| {
        Error::input(VECTOR, format!("the vector cannot be read: {}", excerpt(&error.to_string())))
    })?;
    vector.check()?;
    Ok(Direction::Vector(vector))
}

/// What the spec's fields are called here.
fn renamed(error: Error) -> Error {
    let called = match error.field() {
        Some("site") => "patch_site",
        Some("over" | "layer" | "head") => "patch_over",
        Some("at") => "patch_at",
        Some("direction") => "patch_edit",
        Some("fill") => VECTOR,
        Some("metric") => METRIC[0],
        _ => return error,
    };
    Error::input(called, error.to_string())
}
