//! Why a head attends.

use serde_json::json;

use super::{Choice, Field, Form, head, prompts};
use crate::experiment::{DecomposeBy, DecompositionSpec, Side};

const AS_IT_IS: Choice = Choice::new("unchanged", "as it is", "");

const BY: [Choice; 3] = [
    Choice::new("keys", "keys", "What was written at IO and S1, the query held fixed."),
    Choice::new("queries", "queries", "What was written at END, the keys held fixed."),
    Choice::new(
        "both",
        "both, pair by pair",
        "Every component of the query with every one of the key, in their parts along W_U[IO] and MLP_0's output and perpendicular to them.",
    ),
];

const QUERY: [Choice; 3] = [
    AS_IT_IS,
    Choice::new("sub_W_U_IO", "substitute W_U[IO]", "The query is computed from the unembedding of IO."),
    Choice::new(
        "project_to_W_U_IO",
        "project on W_U[IO]",
        "The query is taken in two parts, along the unembedding of IO and perpendicular to it.",
    ),
];

const KEY: [Choice; 6] = [
    AS_IT_IS,
    Choice::new(
        "sub_MLP0",
        "substitute MLP_0's output",
        "The keys are computed from what MLP_0 writes at IO and S1.",
    ),
    Choice::new(
        "sub_W_E (no MLPs)",
        "substitute W_E",
        "The keys are computed from the names' token embeddings.",
    ),
    Choice::new(
        "sub_W_E (including MLPs)",
        "substitute W_EE",
        "The keys are computed from what layer 0 makes of the names by themselves.",
    ),
    Choice::new(
        "sub_W_E (only MLPs)",
        "substitute W_EE, only MLPs",
        "The keys are computed from MLP_0's part of that.",
    ),
    Choice::new(
        "project_to_MLP0",
        "project on MLP_0's output",
        "The keys are taken in two parts, along what MLP_0 writes there and perpendicular to it.",
    ),
];

const SPAN: [Choice; 4] = [
    Choice::new("io", "W_U[IO]", ""),
    Choice::new("io_s", "W_U[IO] and W_U[S]", ""),
    Choice::new("io_forms", "W_U[IO], all forms", "The name as \" Mary\", \"Mary\" and \"mary\"."),
    Choice::new(
        "io_s_forms",
        "W_U[IO] and W_U[S], all forms",
        "The names as \" Mary\", \"Mary\" and \"mary\".",
    ),
];

const SCORES: [Choice; 2] =
    [Choice::new("io_minus_s1", "END→IO minus END→S1", ""), Choice::new("io", "END→IO", "")];

/// Which of a head's scores is asked about.
pub fn score(name: &'static str) -> Field {
    Field::chosen(name, "Score", &SCORES, "The attention score that is asked about.")
}

pub const FORM: Form = Form {
    analysis: "decompose",
    fields: |_| {
        let question = vec![
            Field::chosen("decompose_by", "Decompose by", &BY, "The side that is taken apart."),
            score("decompose_score"),
            Field::chosen("decompose_query", "Query", &QUERY, "What END's query is computed from."),
            Field::chosen("decompose_key", "Key", &KEY, "What the keys of IO and S1 are computed from."),
            Field::chosen(
                "decompose_span",
                "Projected on",
                &SPAN,
                "The directions that a query is projected on, where it is.",
            ),
        ];
        [question, head::fields(), prompts::fields()].concat()
    },
    spec: |reading| {
        let dataset = prompts::read(reading);
        let [layer, head] = head::read(reading);
        let decompose_by = reading.choice("decompose_by");
        let changed = |name| Some(name).filter(|&name| reading.text(name) != AS_IT_IS.value);
        let intervene_on_query = changed("decompose_query").map(|name| reading.choice(name));
        let intervene_on_key = changed("decompose_key").map(|name| reading.choice(name));
        let projected =
            decompose_by == DecomposeBy::Both || reading.text("decompose_query").starts_with("project");
        let span = reading.text("decompose_span");
        let spec = DecompositionSpec {
            layer,
            head,
            dataset,
            decompose_by,
            intervene_on_query,
            intervene_on_key,
            subtract_s1: reading.text("decompose_score") == "io_minus_s1",
            include_s1_in_unembed_projection: projected && span.contains("_s"),
            include_name_forms_in_unembed_projection: projected && span.contains("_forms"),
        };
        for (side, field) in [(Side::Queries, "decompose_query"), (Side::Keys, "decompose_key")] {
            reading.check_as(Some(field), spec.check_side(side));
        }
        reading.check(spec.check_layer());
        json!({"analysis": "decompose", "spec": spec})
    },
};
