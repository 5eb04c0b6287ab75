//! A head's scores as linear functions.

use serde_json::json;

use super::{Choice, Field, Form, decompose, head, prompts};
use crate::experiment::LinearFunctionsSpec;

const OF: [Choice; 2] = [
    Choice::new("queries", "queries", "Of what stands at END, the keys held fixed."),
    Choice::new("keys", "keys", "Of what stands at IO and S1, the query held fixed."),
];

const KEYS: [Choice; 4] = [
    Choice::new("unchanged", "as they are", ""),
    Choice::new("W_E (no MLPs)", "W_E", "The names' token embeddings."),
    Choice::new("W_E (including MLPs)", "W_EE", "What layer 0 makes of the names by themselves."),
    Choice::new("W_E (only MLPs)", "W_EE, only MLPs", "MLP_0's part of that."),
];

pub const FORM: Form = Form {
    analysis: "linear",
    fields: |_| {
        let of = "What the score is a function of; the other side is held fixed.";
        let keys = "What the keys that are held fixed are computed from.";
        let question = vec![
            Field::chosen("linear_of", "Function of", &OF, of),
            decompose::score("linear_score"),
            Field::chosen("linear_keys", "Keys", &KEYS, keys),
        ];
        [question, head::fields(), prompts::fields()].concat()
    },
    spec: |reading| {
        let dataset = prompts::read(reading);
        let [layer, head] = head::read(reading);
        let changed = reading.text("linear_keys") != "unchanged";
        let spec = LinearFunctionsSpec {
            layer,
            head,
            dataset,
            func: reading.choice("linear_of"),
            subtract_s1: reading.text("linear_score") == "io_minus_s1",
            only_effective_embeddings: changed.then(|| reading.choice("linear_keys")),
        };
        reading.check_as(Some("linear_keys"), spec.check_keys());
        json!({"analysis": "linear", "spec": spec})
    },
};
