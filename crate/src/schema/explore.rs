//! Where tokens are vectors: a token's neighbours, and how much of IO's embedding is what the head's key reads.

use serde_json::json;

use super::{Field, Form, Kind, head, prompts};
use crate::experiment::ResemblanceSpec;
use crate::nearest::token_of;

pub const NEAREST: Form = Form {
    analysis: "nearest",
    fields: |_| {
        vec![
            Field {
                name: "explore_token",
                label: "Token",
                help: "The token whose neighbours are looked for; the space before a word is part of it.",
                kind: Kind::Text { max_length: 50 },
                default: " Mary".to_owned(),
                ..Field::of_question()
            },
            Field {
                name: "explore_nearest",
                label: "Neighbours",
                help: "How many of the nearest tokens.",
                kind: Kind::Integer { min: 0, max: 1000 },
                default: "10".to_owned(),
                ..Field::of_question()
            },
        ]
    },
    spec: |reading| {
        let token = reading.text("explore_token");
        if let Some(model) = reading.model {
            reading.check_as(Some("explore_token"), token_of(token, model.tokenizer));
        }
        json!({"analysis": "nearest", "tokens": [token], "count": reading.integer("explore_nearest")})
    },
};

pub const RESEMBLANCE: Form = Form {
    analysis: "resemblance",
    fields: |_| [head::fields(), prompts::fields()].concat(),
    spec: |reading| {
        let dataset = prompts::read(reading);
        let [layer, head] = head::read(reading);
        json!({"analysis": "resemblance", "spec": ResemblanceSpec { layer, head, dataset }})
    },
};
