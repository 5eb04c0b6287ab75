//! What is said, of results that are made up.

use super::{of_run, of_sweep};
use crate::experiment::{
    CONTROLS, Case, ConditionResult, EditEvidence, Evidence, Experiment, ExperimentResult, ExperimentSpec,
    KEY_REPLACEMENTS, LayerCount, PATCHING_POSITIONS, QUERY_REPLACEMENTS, RolePositions, SweepResult,
    SweepRow,
};
use crate::ioi::{DatasetSpec, Flip};

/// Each condition's mean; prompts are a tenth of `spread` above and below it, in turns.
struct Run {
    experiment: &'static Experiment,
    spec: ExperimentSpec,
    spread: f32,
    untouched: bool,
}

impl Run {
    fn of(experiment: &'static Experiment) -> Self {
        let dataset = DatasetSpec { n: 40, symmetric: false, ..DatasetSpec::default() };
        let spec = ExperimentSpec { dataset, ..ExperimentSpec::default() };
        Self { experiment, spec, spread: 1.0, untouched: false }
    }

    /// What is said where the conditions have these means; those without one are 0.
    fn answer(&self, means: &[(&str, f32)]) -> String {
        let prompts = self.spec.dataset.generate().unwrap();
        let cases: Vec<&'static Case> = self.experiment.cases.iter().collect();
        let shown = || self.experiment.shown();
        let condition = |(place, case): (usize, &Case)| {
            let mean = means.iter().find(|(name, _)| *name == case.condition).map_or(0.0, |it| it.1);
            // Each condition varies in its own way, so that differences do too.
            let values = (0..prompts.len()).map(|prompt| {
                let sign = if (prompt + place) / 2 % 2 == 0 { 0.1 } else { -0.1 };
                mean + self.spread * sign
            });
            let values: Vec<f32> = values.collect();
            let condition = ConditionResult {
                mean_diff: 0.0,
                diff: values.clone(),
                io_score: values.clone(),
                s1_score: values.clone(),
                io_probability: self.experiment.probability.then_some(values),
            };
            (case.condition, condition)
        };
        let touched = if self.untouched { 0 } else { prompts.len() };
        let edit = EditEvidence { prompts_touched: touched, ..EditEvidence::default() };
        let result = ExperimentResult {
            experiment: self.experiment.name,
            head: [10, 7],
            spec: self.spec.clone(),
            positions: RolePositions::default(),
            conditions: shown().enumerate().map(condition).collect(),
            evidence: Evidence {
                edits: shown().skip(1).map(|case| (case.condition, edit.clone())).collect(),
                ..Evidence::default()
            },
            accuracy: None,
        };
        of_run(self.experiment, &cases, &result, &prompts).answer
    }
}

fn patching(clean: f32, patched: f32) -> String {
    let answer = Run::of(&PATCHING_POSITIONS).answer(&[("clean", clean), ("patched", patched)]);
    answer.split_once(". If").expect("a sentence on projections").0.to_owned()
}

#[test]
fn patching_positions_is_answered_by_sign_and_share() {
    let run = Run::of(&PATCHING_POSITIONS);
    assert_eq!(
        run.answer(&[
            ("clean", 3.29),
            ("patched", 2.95),
            ("projected", 1.26),
            ("projected on random directions", 0.4)
        ]),
        "Head 10.7 attends to IO rather than S1 by 3.29. With positions from the flipped sentence, 90% is left: it finds IO by name more than by place. If what END reads is projected on W_U[IO] and W_U[S], 38% is left; on two random directions, 12% is left."
    );
    for (clean, patched, expected) in [
        (
            3.0,
            -1.5,
            "attends to IO rather than S1 by 3.00. With positions from the flipped sentence, it turns to S1, by 1.50: it finds IO by place more than by name",
        ),
        (
            3.0,
            3.6,
            "attends to IO rather than S1 by 3.00. With positions from the flipped sentence, it grows to 120%: it finds IO by name more than by place",
        ),
        (
            3.0,
            3.01,
            "attends to IO rather than S1 by 3.00. With positions from the flipped sentence, no change can be measured: it finds IO by name more than by place",
        ),
        (
            3.0,
            0.01,
            "attends to IO rather than S1 by 3.00. With positions from the flipped sentence, nothing measurable is left: place and name weigh about the same",
        ),
        (
            -2.0,
            -1.0,
            "attends to S1 rather than IO by 2.00. With positions from the flipped sentence, 50% is left: it finds S1 by name more than by place",
        ),
        (
            -2.0,
            1.0,
            "attends to S1 rather than IO by 2.00. With positions from the flipped sentence, it turns to IO, by 1.00: it finds S1 by place more than by name",
        ),
    ] {
        assert_eq!(patching(clean, patched), format!("Head 10.7 {expected}"));
    }
}

#[test]
fn where_a_preference_is_barely_certain_neither_what_is_left_nor_a_change_may_be() {
    assert_eq!(
        patching(0.033, 0.015),
        "Head 10.7 attends to IO rather than S1 by 0.0330. With positions from the flipped sentence, it is not clear what is left"
    );
}

#[test]
fn without_a_preference_there_are_no_shares() {
    let run = Run::of(&PATCHING_POSITIONS);
    assert_eq!(
        run.answer(&[("clean", 0.01), ("patched", 0.5), ("projected", -0.3)]),
        "Head 10.7 has no clear preference for IO or S1: END→IO − END→S1 is 0.0100 on average, 95% CI [-0.0200, 0.0400], so that no share of it is told. Edits change it: “patched” by +0.490 and “projected” by -0.310."
    );
    assert!(
        run.answer(&[("clean", 0.01)])
            .ends_with(". No edit changes that by more than these prompts can tell.")
    );
}

#[test]
fn without_an_interval_nothing_is_said_to_be_certain() {
    let mut run = Run::of(&PATCHING_POSITIONS);
    run.spec.dataset.n = 1;
    assert!(
        run.answer(&[("clean", 2.0), ("patched", 1.0)]).starts_with(
            "In 1 prompt, head 10.7 attends to IO rather than S1 by 2.10. With positions from the flipped sentence, it is 1.10. If "
        )
    );
}

#[test]
fn an_edit_that_changes_nothing_tells_nothing() {
    let run = Run { untouched: true, ..Run::of(&PATCHING_POSITIONS) };
    let answer = run.answer(&[("clean", 2.0), ("patched", 2.0)]);
    assert!(answer.contains("nothing changes, since what the head reads is the same there: this does not tell place from name."), "{answer}");
}

#[test]
fn only_a_flip_of_places_tells_place_from_name() {
    let mut run = Run::of(&PATCHING_POSITIONS);
    for (flip, said) in [
        (Flip::DEFAULT, "With positions from the flipped sentence, 50% is left: it finds"),
        ("ABB->BAB,BAB->ABB", "With positions from the flipped sentence, 50% is left: it finds"),
        ("ABB -> ACC, BAB -> CAC", "With q_input from the flipped sentence, 50% is left. If"),
        ("ABB -> BAA, BAB -> ABA", "With q_input from the flipped sentence, 50% is left. If"),
    ] {
        run.spec.flip = flip.into();
        let answer = run.answer(&[("clean", 2.0), ("patched", 1.0)]);
        assert!(answer.contains(said), "{answer}");
    }
}

/// Those that differ in ln1's scale alone are spoken of once, as the spec has it.
#[test]
fn controls_are_answered_as_ln_is_set() {
    let mut run = Run::of(&CONTROLS);
    let means = [
        ("clean", 4.0),
        ("patched, frozen LN", 3.0),
        ("patched, live LN", 2.0),
        ("projected, frozen LN", 1.0),
        ("projected, live LN", 1.6),
        ("projected on random names", 1.0),
        ("projected on random directions", 0.4),
    ];
    let expected = |patched: &str, projected: &str, names: &str| {
        format!(
            "Head 10.7 attends to IO rather than S1 by 4.00. With positions from the flipped sentence, {patched} is left: it finds IO by name more than by place. If what END reads is projected on W_U[IO] and W_U[S], {projected} is left; on two random names, {names}; on two random directions, 10% is left."
        )
    };
    let same = "25% is left, which these prompts cannot tell from the first";
    assert_eq!(run.answer(&means), expected("75%", "25%", same));
    run.spec.freeze_ln = false;
    assert_eq!(run.answer(&means), expected("50%", "40%", "25% is left"));
}

#[test]
fn replacements_are_answered_in_probabilities() {
    let run = Run { spread: 0.1, ..Run::of(&QUERY_REPLACEMENTS) };
    assert_eq!(
        run.answer(&[
            ("clean", 0.42),
            ("W_U[IO]", 0.9),
            ("name mover", 0.85),
            ("W_U[S]", 0.1),
            ("W_U[random name]", 0.9)
        ]),
        "Head 10.7 attends from END to IO with a probability of 0.420. If END's query is computed from W_U[IO], it is 0.900; from what the name mover writes, it is 0.850; from W_U[S], it is 0.100; from a random name's unembedding, it is 0.900, which these prompts cannot tell from the first."
    );
    // ln1's scale is frozen whatever the spec says.
    let mut run = Run { spread: 0.1, ..Run::of(&KEY_REPLACEMENTS) };
    run.spec.freeze_ln = false;
    assert_eq!(
        run.answer(&[("clean", 0.42), ("W_E", 0.1), ("W_EE", 0.4), ("MLP_0", 0.3)]),
        "Head 10.7 attends from END to IO with a probability of 0.420. If the keys of IO and S1 are computed from W_E, it is 0.100; from W_EE, it is 0.400; from what MLP_0 writes there, it is 0.300."
    );
}

#[test]
fn of_all_heads_a_change_is_told_where_the_prompts_can_tell_it_from_none() {
    let Run { experiment, spec, .. } = Run::of(&PATCHING_POSITIONS);
    let cases: Vec<&'static Case> = experiment.cases.iter().filter(|case| !case.control).collect();
    let answer = |finished: bool, change: fn(usize) -> f64| {
        let changes: Vec<Option<f64>> = (0..40).map(|prompt| Some(change(prompt))).collect();
        let mean = changes.iter().flatten().sum::<f64>() / 40.0;
        let row = |case: &&'static Case| SweepRow {
            layer: 0,
            head: 0,
            condition: case.condition,
            mean_diff: if case.said.is_empty() { 1.0 } else { 1.0 + mean },
        };
        let result = SweepResult {
            experiment: experiment.name,
            spec: spec.clone().into(),
            prompts: 40,
            layers: vec![LayerCount { layer: 0, prompts: 40 }],
            rows: cases.iter().map(row).collect(),
            finished,
        };
        of_sweep(experiment, &cases, &result, &[&changes]).expect("a report").answer
    };
    let alike = answer(true, |_| 0.1);
    assert!(alike.ends_with("the score of 0.0 changes most, by +0.100."), "{alike}");
    // The same mean of changes that go both ways; and one whose interval is not known yet.
    for said in [answer(true, |prompt| if prompt % 2 == 0 { 2.1 } else { -1.9 }), answer(false, |_| 0.1)] {
        assert!(!said.contains("changes"), "{said}");
    }
}
