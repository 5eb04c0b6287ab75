//! Path patching on the fixture, natively on the CPU.

use patchbay::device::ComputeDevice;
use patchbay::job;
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixture::load;
use crate::fixture::paths::{assert_paths, entries, paths};

#[test]
fn every_path_agrees_with_the_reference() {
    let model = block_on(load(ComputeDevice::cpu()));
    block_on(assert_paths(&model, &entries()));
}

fn refused(spec: &Value) -> (Option<&'static str>, String) {
    let model = block_on(load(ComputeDevice::cpu()));
    let error = block_on(paths(&model, spec)).unwrap_err();
    (error.field(), error.to_string())
}

#[test]
fn a_path_without_a_way_is_refused_with_the_reason() {
    let task = &entries()[0]["spec"]["task"];
    let spec = |senders: &[&str], receivers: &[&str], metric: &str| json!({ "task": task, "senders": senders, "receivers": receivers, "metric": metric });
    let all: &[&str] = &[];
    for (senders, receivers, metric, field, message) in [
        (all, all, "logit_diff", "receivers", "a path needs a receiver"),
        (all, &["0.1.q", "0.2.k"][..], "logit_diff", "receivers", "no head is below layer 0"),
        (
            &["2.1@END", "1.0"][..],
            &["1.1.q"][..],
            "logit_diff",
            "senders",
            "every sender is in layer 1 or above",
        ),
        (&["0.1@S2"], &["1.1.q"], "logit_diff", "senders", "queries and logits are read at END"),
        (&["0.1@S3"], &["1.1.q"], "logit_diff", "senders", "no role \"S3\""),
        (&["0.4"], &["1.1.q"], "logit_diff", "senders", "heads 0 to 3"),
        (&["0.1", "0.1@all"], &["1.1.q"], "logit_diff", "senders", "named twice"),
        (all, &["1.1.q", "1.1.q"], "logit_diff", "receivers", "named twice"),
        (all, &["logits", "1.1.q"], "logit_diff", "receivers", "found both"),
        (all, &["3.1.q"], "logit_diff", "receivers", "layers 0 to 2"),
        (all, &["logits"], "attn_score_diff[2.1]", "metric", "no metric of the logits"),
        (all, &["2.1.v"], "attn_score_diff[1.1]", "metric", "reads nothing that these paths can change"),
    ] {
        let (found, said) = refused(&spec(senders, receivers, metric));
        assert_eq!(found, Some(field), "{said}");
        assert!(said.contains(message), "{said}");
    }
}

/// A path that ends in a query is END alone: of layers between MLPs only, and the whole from the receiver's layer on.
#[test]
fn a_path_costs_what_it_changes() {
    let model = block_on(load(ComputeDevice::cpu()));
    let config = model.gpt2.config.clone();
    let task = &entries()[0]["spec"]["task"];
    let flops = |senders: &[&str], receivers: &str| {
        let spec = json!({ "task": task, "senders": senders, "receivers": [receivers] });
        job::plan(model.clone(), json!({ "analysis": "paths", "spec": spec })).unwrap().cost().done
    };
    let prompts = 6.0;
    let (d, inner) = (config.n_embd as f64, config.n_inner as f64);
    let (output, mlp) = (2.0 * d * d, 4.0 * d * inner);
    let measured = 2.0 * d;
    // A second sender like the first: what the corrupted runs have to be for it is there.
    let more = flops(&["0.1@END", "0.2@END"], "logits") - flops(&["0.1@END"], "logits");
    assert_eq!(more, prompts * (output + 3.0 * mlp + measured));
}
