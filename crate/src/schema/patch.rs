//! What matters: one edit at every place of a grid. The fields read as a sentence.

use serde_json::json;

use super::reading::{About, Reading};
use super::{Choice, Field, Form, Kind, metric, task};
use crate::Error;
use crate::analysis::check_grid;
use crate::patch::{At, Fill, Over, PatchSpec, Run};
use crate::site::Activation;

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

const EDITS: [Choice; 4] = [
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
];

const OVER: [Choice; 5] = [
    Choice::new("layer,head", "layer × head", ""),
    Choice::new("layer,role", "layer × role", ""),
    Choice::new("layer,position", "layer × position", "Positions count from the first token."),
    Choice::new("layer", "layer", ""),
    Choice::new("role,layer,head", "layer × head, at each role", "As many maps as the task has roles."),
];

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
        let question = vec![
            Field::chosen(
                "patch_site",
                "Replace",
                &SITES,
                "The activation that is edited, at one place at a time.",
            ),
            Field::chosen("patch_edit", "by", &EDITS, "What is put in its place, and in which run."),
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
    let are_inputs = site.is_input() && sites.iter().all(|site| site.is_input());
    let over: Vec<Over> =
        reading.text("patch_over").split(',').map(|axis| axis.parse().expect("an axis")).collect();
    let (direction, fill) = match reading.text("patch_edit") {
        "noise" => (Run::Noise, Fill::Patch),
        "zero" => (Run::Noise, Fill::Zero),
        "mean" => (Run::Noise, Fill::Mean),
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

/// What the spec's fields are called here.
fn renamed(error: Error) -> Error {
    let called = match error.field() {
        Some("site") => "patch_site",
        Some("over" | "layer" | "head") => "patch_over",
        Some("at") => "patch_at",
        Some("direction" | "fill") => "patch_edit",
        Some("metric") => METRIC[0],
        _ => return error,
    };
    Error::input(called, error.to_string())
}
