//! The attention of one head on one prompt, on the fixture, natively on the CPU.

use std::rc::Rc;

use patchbay::ErrorKind;
use patchbay::device::ComputeDevice;
use patchbay::experiment::{AttentionResult, AttentionRun, CONTROLS, ExperimentSpec, PATCHING_POSITIONS};
use patchbay::ioi::Positions;
use patchbay::job::Job;
use patchbay::loader::LoadedModel;
use patchbay::report::Chart;
use pollster::block_on;

use crate::fixture::{assert_close, expected, load, run, spec};

fn attention(model: &Rc<LoadedModel>, spec: &ExperimentSpec, prompt: usize) -> AttentionResult {
    let mut run = AttentionRun::new(model.clone(), spec, prompt).unwrap();
    assert!(run.result().unwrap().is_none());
    while !block_on(run.step()).unwrap().finished {}
    run.result().unwrap().unwrap()
}

#[test]
fn agrees_with_the_reference_in_the_clean_run() {
    let model = block_on(load(ComputeDevice::cpu()));
    let expected = &expected()["activations"];
    assert_eq!((&expected["prompt"], expected["position"].as_u64()), (&0.into(), Some(36)));
    for layer in 0..3 {
        for head in 0..4 {
            let found = attention(&model, &ExperimentSpec { layer, head, ..spec(true) }, 0);
            let (condition, table) = &found.conditions[0];
            assert_eq!((found.head, found.positions.end, *condition), ([layer, head], 36, "clean"));
            let values = |name: &str| &expected["values"][name][layer][head];
            assert_close(&table.scores[36], values("attn_scores"), "scores");
            assert_close(&table.pattern[36], values("pattern"), "pattern");
        }
    }
}

#[test]
fn has_the_scores_of_the_run_in_every_condition() {
    let model = block_on(load(ComputeDevice::cpu()));
    let spec = ExperimentSpec { experiment: CONTROLS.name.into(), ..spec(true) };
    let result = block_on(run(&model, &spec, false)).unwrap();
    for prompt in [0, 4, 19] {
        let found = attention(&model, &spec, prompt);
        let positions = found.positions;
        assert_eq!(found.tokens.len(), positions.end + 1);
        assert_eq!(found.conditions.len(), result.conditions.len());
        for ((condition, table), (expected_condition, expected)) in
            found.conditions.iter().zip(&result.conditions)
        {
            assert_eq!(condition, expected_condition);
            let of_end = &table.scores[positions.end];
            // Another batch, and so other shapes of the same sums.
            let close = |a: f32, b: f32| (a - b).abs() < 1e-5;
            assert!(close(of_end[positions.io], expected.io_score[prompt]), "{condition}");
            assert!(close(of_end[positions.s1], expected.s1_score[prompt]), "{condition}");
            for (query, (scores, pattern)) in table.scores.iter().zip(&table.pattern).enumerate() {
                assert_eq!((scores.len(), pattern.len()), (query + 1, query + 1));
                assert!(close(pattern.iter().sum(), 1.0));
            }
        }
    }
}

#[test]
fn a_prompt_that_is_not_there_is_an_error() {
    let model = block_on(load(ComputeDevice::cpu()));
    let error = AttentionRun::new(model, &spec(true), 20).err().unwrap();
    assert_eq!((error.kind(), error.field()), (ErrorKind::BadInput, Some("prompt")));
    assert!(error.to_string().contains("prompts 1 to 20; there is no prompt 21"), "{error}");
}

#[test]
fn the_report_has_ends_attention_to_both_names_in_every_condition() {
    let model = block_on(load(ComputeDevice::cpu()));
    for (experiment, said) in
        [(PATCHING_POSITIONS.name, "all 4 conditions."), (CONTROLS.name, "all 11 conditions.")]
    {
        let spec = ExperimentSpec { experiment: experiment.into(), ..spec(true) };
        let mut run = AttentionRun::new(model.clone(), &spec, 4).unwrap();
        assert!(run.report().unwrap().is_none());
        while !block_on(run.step()).unwrap().finished {}
        let result = run.result().unwrap().unwrap();
        let report = run.report().unwrap().unwrap();
        assert_eq!(report.about, "head 2.1 · IOI, 20 prompts, seed 42, mixed, symmetric · prompt 5");
        assert_eq!(report.stem, "L2H1-n20-seed42-prompt5");
        let Positions { io, s1, end, .. } = result.positions;
        let clean = &result.conditions[0].1.pattern[end];
        let answer = format!(
            "On prompt 5, head 2.1 attends from END to “{}” (IO) with {:.2} and to “{}” (S1) with {:.2} in the clean run; in “",
            result.tokens[io], clean[io], result.tokens[s1], clean[s1]
        );
        assert!(report.answer.starts_with(&answer), "{}", report.answer);
        assert!(report.answer.ends_with(said), "{}", report.answer);

        let table = &report.tables[0];
        assert_eq!(table.rows.len(), result.conditions.len());
        for (row, (condition, of)) in table.rows.iter().zip(&result.conditions) {
            assert_eq!((&row[0], row.len()), (&(*condition).to_owned(), table.header.len()));
            let scores = &of.scores[end];
            let [to_io, difference] =
                [scores[io], scores[io] - scores[s1]].map(|score| format!("{:.2}", score + 0.0));
            assert!(row[1] == to_io || to_io == "-0.00", "{row:?}");
            // From numbers that were not rounded before.
            assert!((row[3].parse::<f32>().unwrap() - difference.parse::<f32>().unwrap()).abs() < 0.011);
        }

        let [figure] = &report.figures[..] else { panic!("one figure") };
        let names: Vec<&str> = figure.frame.axes().iter().map(|axis| axis.name.as_str()).collect();
        assert_eq!((names, figure.chart), (vec!["condition", "query", "key"], Chart::Attention));
        let size = end + 1;
        let patterns = &figure.frame.column("pattern").unwrap().values;
        for (place, (_, table)) in result.conditions.iter().enumerate() {
            let at = (place * size + end) * size;
            assert_eq!(patterns[at + s1], Some(f64::from(table.pattern[end][s1])));
            assert_eq!(patterns[at - 1], None, "the query before END does not see END");
        }
    }
}
