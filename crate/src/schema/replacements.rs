//! What the head would attend to if it read something simple: the experiments that replace queries or keys.

use serde_json::json;

use super::{Choice, Field, Form, experiment, head};
use crate::experiment::{KEY_REPLACEMENTS, QUERY_REPLACEMENTS};

const SIDES: [Choice; 2] = [
    Choice::new("queries", "the query's input", QUERY_REPLACEMENTS.question),
    Choice::new("keys", "the keys' input", KEY_REPLACEMENTS.question),
];

pub const FORM: Form = Form {
    analysis: "replacements",
    fields: |_| {
        let help = "What is computed from one vector in place of the residual stream.";
        let side = Field::chosen("replace_side", "Replace", &SIDES, help);
        let question = vec![side, experiment::name_mover("replace_name_mover")];
        [question, head::fields(), experiment::run()].concat()
    },
    spec: |reading| {
        let experiment =
            if reading.text("replace_side") == "keys" { &KEY_REPLACEMENTS } else { &QUERY_REPLACEMENTS };
        let spec = experiment::at_head(reading, experiment.name.to_owned(), "replace_name_mover");
        json!({"analysis": "experiment", "spec": spec})
    },
};
