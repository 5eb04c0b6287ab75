//! Activations to take away: which, of which layers, where, of which run.

use serde_json::json;

use super::reading::{About, Reading};
use super::{Choice, Field, Form, Kind, task};
use crate::Error;
use crate::analysis::{CACHED, CacheSpec, check_cache};
use crate::plain::quoted;
use crate::site::Activation;

const RUN: [Choice; 2] =
    [Choice::new("clean", "the clean run", ""), Choice::new("corrupted", "the corrupted run", "")];

pub const FORM: Form = Form {
    analysis: "cache",
    fields: |_| {
        let text = |name, label, help, default: &str, max_length| Field {
            name,
            label,
            help,
            kind: Kind::Text { max_length },
            default: default.to_owned(),
            ..Field::of_question()
        };
        let question = vec![
            text(
                "cache_sites",
                "Activations",
                "Some of resid_pre, q, k, v, pattern, z, result, attn_out, resid_mid, mlp_out, resid_post, with commas between.",
                Activation::ResidPost.name(),
                200,
            ),
            text(
                "cache_layers",
                "of layers",
                "Numbers from 0 with commas between, 3-5 for several, or all.",
                ALL,
                200,
            ),
            text(
                "cache_at",
                "at",
                "Every position up to END (all), or roles such as END, with commas between.",
                ALL,
                200,
            ),
            Field::chosen("cache_run", "of", &RUN, "Which of an example's two runs is read."),
        ];
        [question, task::fields()].concat()
    },
    spec: |reading| {
        let spec = CacheSpec {
            sites: sites(reading),
            layers: layers(reading),
            at: listed(reading.text("cache_at")).map(str::to_owned).collect(),
            run: reading.choice("cache_run"),
            task: task::read(reading),
        };
        if reading.check(spec.check().map_err(renamed)).is_some()
            && let Some(About { config, tokenizer }) = reading.model
        {
            reading.check(check_cache(&spec, config, tokenizer).map_err(renamed));
        }
        json!({"analysis": "cache", "spec": spec})
    },
};

const ALL: &str = "all";

/// What stands between commas; nothing of "all".
fn listed(text: &str) -> impl Iterator<Item = &str> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.filter(move |_| text.trim() != ALL)
}

fn sites(reading: &mut Reading) -> Vec<Activation> {
    let text = reading.text("cache_sites");
    let found: Result<Vec<Activation>, &str> =
        listed(text).map(|name| name.parse().map_err(|_| name)).collect();
    found.unwrap_or_else(|odd| {
        let known = CACHED.map(Activation::name).join(", ");
        reading.refuse("cache_sites", format!("there is no activation {}; there is {known}", quoted(odd)));
        vec![Activation::ResidPost]
    })
}

fn layers(reading: &mut Reading) -> Vec<usize> {
    const MOST: usize = 1_000;
    let range = |entry: &str| -> Option<Vec<usize>> {
        let number = |text: &str| text.trim().parse().ok().filter(|&layer: &usize| layer < MOST);
        match entry.split_once('-') {
            None => number(entry).map(|layer| vec![layer]),
            Some((from, to)) => {
                let (from, to) = (number(from)?, number(to)?);
                (from <= to).then(|| (from..=to).collect())
            }
        }
    };
    let found: Result<Vec<Vec<usize>>, &str> =
        listed(reading.text("cache_layers")).map(|entry| range(entry).ok_or(entry)).collect();
    found.map(|layers| layers.concat()).unwrap_or_else(|odd| {
        reading
            .refuse("cache_layers", format!("expected layers such as 0,3-5 or all, found {}", quoted(odd)));
        Vec::new()
    })
}

/// What the spec's fields are called here.
fn renamed(error: Error) -> Error {
    let called = match error.field() {
        Some("sites") => "cache_sites",
        Some("layers") => "cache_layers",
        Some("at") => "cache_at",
        _ => return error,
    };
    Error::input(called, error.to_string())
}
