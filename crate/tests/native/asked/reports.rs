//! What is said and drawn of experiments on the fixture, natively on the CPU.

use std::rc::Rc;

use patchbay::device::ComputeDevice;
use patchbay::experiment::{
    CONTROLS, EXPERIMENTS, ExperimentSpec, KEY_REPLACEMENTS, QUERY_REPLACEMENTS, Run, Sweep, SweepSpec,
};
use patchbay::frame::{Bootstrap, Frame};
use patchbay::ioi::{CustomPrompt, DatasetSpec};
use patchbay::job::Job;
use patchbay::loader::LoadedModel;
use patchbay::report::{Chart, Figure, Report, Table};
use pollster::block_on;

use crate::fixture;
use crate::fixture::{expected, load, numbers, spec};

fn report(model: &Rc<LoadedModel>, spec: &ExperimentSpec, accuracy: bool) -> Report {
    let mut run = Run::new(model.clone(), spec, accuracy).unwrap();
    while !block_on(run.step()).unwrap().finished {
        assert!(run.report().unwrap().is_none());
    }
    let report = run.report().unwrap().expect("a finished run has a report");
    for Table { name, header, rows, .. } in &report.tables {
        assert!(rows.iter().all(|row| row.len() == header.len()), "{name}");
    }
    for Figure { name, frame, groups, .. } in &report.figures {
        let last = frame.axes().last().unwrap().labels.len();
        for group in groups {
            assert!(group.of.len() == last && group.of.iter().all(|&it| it < group.labels.len()), "{name}");
        }
    }
    report
}

fn named(experiment: &str) -> ExperimentSpec {
    ExperimentSpec { experiment: experiment.into(), ..spec(true) }
}

fn figure<'a>(report: &'a Report, name: &str) -> &'a Figure {
    report.figures.iter().find(|figure| figure.name == name).unwrap_or_else(|| panic!("no figure {name}"))
}

fn values(frame: &Frame, column: &str) -> Vec<f64> {
    frame.column(column).unwrap().values.iter().map(|value| value.unwrap_or(f64::NAN)).collect()
}

fn labels<'a>(frame: &'a Frame, axis: &str) -> &'a [String] {
    &frame.axes()[frame.axis(axis).unwrap()].labels
}

fn header(report: &Report, table: usize) -> Vec<&str> {
    report.tables[table].header.iter().map(String::as_str).collect()
}

#[test]
fn patching_positions_has_the_means_of_the_reference_with_their_intervals() {
    let model = block_on(load(ComputeDevice::cpu()));
    let report = report(&model, &spec(true), true);
    assert_eq!(
        report.about,
        "head 2.1 · IOI, 20 prompts, seed 42, mixed, symmetric · flip ABB -> BAB, BAB -> ABB · LayerNorm scale frozen"
    );
    assert_eq!(report.stem, "L2H1-n20-seed42");
    assert_eq!(report.notes.len(), 2);
    assert!(report.notes[0].starts_with("These are few prompts: 20 in 10 pairs, each of which counts once."));
    let accuracy = expected()["accuracy"].as_f64().unwrap() * 100.0;
    assert_eq!(
        report.notes[1],
        format!("IOI accuracy: logit[IO] > logit[S] at END in {accuracy:.1}% of the prompts.")
    );

    let conditions = ["clean", "patched", "projected", "projected on random directions"];
    let of = |condition: &str| expected()["frozen_ln"]["conditions"][condition].clone();
    let means = figure(&report, "means");
    assert_eq!(
        (means.chart, labels(&means.frame, "condition")),
        (Chart::Dots, &conditions.map(String::from)[..])
    );
    let diffs: Vec<f64> = conditions.iter().flat_map(|condition| numbers(&of(condition)["diff"])).collect();
    let spread = figure(&report, "spread");
    let close = |found: &[f64], expected: &[f64]| {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < fixture::TOLERANCE, "{found}, expected {expected}");
        }
    };
    close(&values(&spread.frame, "diff"), &diffs);
    close(&values(&figure(&report, "prompts").frame, "diff"), &diffs);

    // The intervals are those of the pairs of prompts, each with its own draws' means; rounding moves them as the scores.
    for (i, condition) in conditions.iter().enumerate() {
        let column: Vec<Option<f64>> = numbers(&of(condition)["diff"]).into_iter().map(Some).collect();
        let interval = Bootstrap::of(2).intervals(&[column])[0].unwrap();
        let mean = of(condition)["mean_diff"].as_f64().unwrap();
        let found = ["diff", "diff_low", "diff_high"].map(|column| values(&means.frame, column)[i]);
        close(&found, &[mean, interval.low, interval.high]);
        let row = &report.tables[0].rows[i];
        assert_eq!(row[0], *condition);
        assert_eq!(row[1], format!("{:.4}", found[0]));
        assert_eq!(row[2], format!("[{:.3}, {:.3}]", found[1], found[2]));
    }
    // No change of the clean run is told; and no share of any, since the clean mean may be 0.
    let table = &report.tables[0];
    assert_eq!(header(&report, 0)[3..7], ["change", "95% CI", "share of clean", "95% CI"]);
    assert_eq!(table.rows[0][3..7], ["–"; 4]);
    assert!(table.rows[1][3].starts_with("-0.18") && table.rows[1][5..7] == ["–", "–"]);
    assert!(table.caption.contains("No share is told"));
    assert!(table.caption.contains("10,000 resamples of the 10 pairs of prompts, seed 1"));
    let effects = &figure(&report, "effects").frame;
    assert_eq!(labels(effects, "condition").len(), 3);
    assert!(values(effects, "percent").iter().all(|percent| percent.is_nan()));

    assert_eq!(header(&report, 1), ["edit", "prompts touched", "mean ‖Δq_input‖", "mean ‖Δq‖"]);
    assert_eq!(report.tables[1].rows[0][..2], ["patched", "20 of 20"]);
    assert!(report.tables[1].caption.ends_with("must change nothing: “no-op” changed scores by at most 0."));
}

#[test]
fn prompts_are_numbered_from_1_and_told_apart_by_order_and_template() {
    let model = block_on(load(ComputeDevice::cpu()));
    let spec = ExperimentSpec { dataset: DatasetSpec { n: 40, ..DatasetSpec::default() }, ..spec(true) };
    let prompts = spec.dataset.generate().unwrap();
    let report = report(&model, &spec, false);
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    let Figure { frame, groups, caption, .. } = figure(&report, "spread");
    assert_eq!(labels(frame, "prompt")[0], "1");
    assert_eq!(labels(frame, "prompt")[39], "40");
    let [order, template] = &groups[..] else { panic!("two ways to tell them apart") };
    assert_eq!((order.name, template.name), ("order", "template"));
    for (i, prompt) in prompts.iter().enumerate() {
        assert_eq!(order.labels[order.of[i]], prompt.order().name());
        let id = prompt.template.unwrap();
        assert_eq!(template.labels[template.of[i]], format!("{} {}", id.order.name(), id.index + 1));
    }
    assert!(template.labels.is_sorted_by_key(|label| {
        let (order, index) = label.split_once(' ').unwrap();
        (order.to_owned(), index.parse::<usize>().unwrap())
    }));
    assert!(caption.contains("template"));
    // The clean run has no difference to itself; the others' are theirs.
    let (diff, change) = (values(frame, "diff"), values(frame, "change"));
    assert!(change[..40].iter().all(|change| change.is_nan()));
    assert!((40..160).all(|i| change[i] == diff[i] - diff[i % 40]));
}

#[test]
fn ones_own_prompts_have_no_templates() {
    let model = block_on(load(ComputeDevice::cpu()));
    let own = |place: &str| CustomPrompt {
        sentence: format!("Then, Alex and Anthony went to the {place}. Anthony gave a ring to Alex"),
        io: "Alex".into(),
        s: "Anthony".into(),
    };
    let prompts = ["school", "store", "garden"].map(own).to_vec();
    let of = |prompts: Vec<CustomPrompt>| {
        let spec = spec(true);
        ExperimentSpec { dataset: DatasetSpec { prompts: Some(prompts), ..spec.dataset }, ..spec }
    };
    let three = report(&model, &of(prompts.clone()), false);
    assert!(three.about.starts_with("head 2.1 · 3 own prompts · "), "{}", three.about);
    assert_eq!(three.stem, "L2H1-own3-seed42");
    // They are taken as they are, though the spec says symmetric.
    assert!(three.notes[0].starts_with("These are few prompts: 3. "), "{:?}", three.notes);
    let said: Vec<&String> = three.figures.iter().map(|figure| &figure.caption).collect();
    assert!(said.iter().chain([&&three.tables[0].caption]).all(|it| !it.contains("template")), "{said:?}");
    assert!(three.tables[0].caption.contains("of the 3 prompts, seed 1)"));
    let groups = &figure(&three, "spread").groups;
    assert_eq!(groups.iter().map(|group| group.name).collect::<Vec<_>>(), ["order"]);

    // The same again, or with its names exchanged, is no other prompt.
    let exchanged = CustomPrompt {
        sentence: "Then, Anthony and Alex went to the school. Alex gave a ring to Anthony".into(),
        io: "Anthony".into(),
        s: "Alex".into(),
    };
    let again = [prompts[0].clone(), prompts[1].clone(), prompts[0].clone(), exchanged];
    let two = report(&model, &of(again.to_vec()), false);
    assert!(
        two.notes[0].starts_with("These are few prompts: 4, which count as 2, since "),
        "{:?}",
        two.notes
    );
    assert!(two.notes[0].ends_with(" Their intervals are rough."), "{:?}", two.notes);
    assert!(two.tables[0].caption.contains("of the 2 groups of prompts, seed 1)"));
    let repeated = report(&model, &of(vec![prompts[0].clone(); 3]), false);
    assert!(
        repeated.notes[0]
            .ends_with("One prompt that is only repeated has no confidence interval: give more prompts.")
    );
    assert_eq!([2, 4, 5, 6].map(|cell| repeated.tables[0].rows[1][cell].as_str()), ["–"; 4]);

    let one = report(&model, &of(prompts[..1].to_vec()), false);
    assert!(
        one.about.contains("· 1 own prompt ·") && one.answer.starts_with("In 1 prompt, head 2.1 attends to ")
    );
    let few = "These are few prompts: 1. What so few show may be due to which they are. One prompt has no confidence interval: give more prompts.";
    assert_eq!(one.notes[..1], [few.to_owned()]);
    assert_eq!(one.tables[0].rows[1][2], "–");
    assert!(values(&figure(&one, "means").frame, "diff_low")[0].is_nan());
}

#[test]
fn every_experiment_has_a_report_of_all_its_conditions() {
    let model = block_on(load(ComputeDevice::cpu()));
    for experiment in EXPERIMENTS {
        let spec = ExperimentSpec { name_mover: Some([1, 2]), ..named(experiment.name) };
        let report = report(&model, &spec, false);
        let shown: Vec<&str> = experiment.shown().map(|case| case.condition).collect();
        assert_eq!(labels(&figure(&report, "means").frame, "condition"), shown);
        let rows = report.tables.iter().map(|table| table.rows.len()).collect::<Vec<_>>();
        assert_eq!(rows, [shown.len(), shown.len() - 1, shown.len()], "{}", experiment.name);
        assert!(report.answer.ends_with('.') && report.answer.contains("2.1"), "{}", report.answer);
        // A name mover is named where one's output is put in.
        let mover = experiment.name == QUERY_REPLACEMENTS.name;
        assert_eq!(report.about.contains("name mover 1.2"), mover, "{}", report.about);
        assert_eq!(report.about.contains("flip"), !experiment.probability);
    }
}

#[test]
fn replacements_show_probabilities_and_both_scores() {
    let model = block_on(load(ComputeDevice::cpu()));
    for (experiment, moved) in [
        (QUERY_REPLACEMENTS.name, ["mean ‖Δq_input‖", "mean ‖Δq‖"].as_slice()),
        (
            KEY_REPLACEMENTS.name,
            &["mean ‖Δk_input‖ at IO", "mean ‖Δk_input‖ at S1", "mean ‖Δk‖ at IO", "mean ‖Δk‖ at S1"],
        ),
    ] {
        let report = report(&model, &named(experiment), false);
        assert_eq!(report.stem, format!("L2H1-{experiment}-n20-seed42"));
        let names: Vec<&str> = report.figures.iter().map(|figure| figure.name).collect();
        assert_eq!(names, ["means", "spread"]);
        let columns = |figure: &Figure| -> Vec<String> {
            figure.frame.columns().iter().map(|column| column.name.clone()).collect()
        };
        assert_eq!(columns(&report.figures[1]), ["io_probability", "io_score", "diff"]);
        let with_intervals = ["io_probability", "io_score", "diff"]
            .iter()
            .flat_map(|name| ["", "_low", "_high"].map(|end| format!("{name}{end}")));
        assert_eq!(columns(&report.figures[0]), with_intervals.collect::<Vec<_>>());
        assert_eq!(header(&report, 1)[2..], *moved);
        let left_out = experiment == QUERY_REPLACEMENTS.name;
        let told = report.notes.iter().any(|note| {
            note == "Left out: “name mover”, “name mover, without W_U[IO]” and “name mover, without names”, since no name mover is below head 2.1; name one to have them."
        });
        assert_eq!(told, left_out, "{:?}", report.notes);
    }
}

#[test]
fn controls_have_columns_of_queries_and_of_keys() {
    let model = block_on(load(ComputeDevice::cpu()));
    let report = report(&model, &named(CONTROLS.name), false);
    assert_eq!(header(&report, 1).len(), 8);
    for row in &report.tables[1].rows {
        let is_of_keys = row[0] == "patched k_input";
        assert_eq!(row[2..4] == ["–", "–"], is_of_keys, "{row:?}");
        assert_eq!(row[4..] == ["–"; 4], !is_of_keys, "{row:?}");
    }
    assert!(report.tables[1].caption.ends_with(
        "“no-op q_input” changed scores by at most 0 and “no-op k_input” changed scores by at most 0."
    ));
}

#[test]
fn a_sweep_says_which_heads_prefer_whom() {
    let model = block_on(load(ComputeDevice::cpu()));
    let sweep_spec = SweepSpec::from(spec(true));
    let mut sweep = Sweep::new(model, &sweep_spec).unwrap();
    assert!(sweep.report().unwrap().is_none());
    let mut partial = 0;
    while !block_on(sweep.step()).unwrap().finished {
        let Some(report) = sweep.report().unwrap() else { continue };
        assert!(report.answer.starts_with("So far, of "), "{}", report.answer);
        assert!(report.notes[0].starts_with("Prompts seen so far by layer"), "{:?}", report.notes);
        // Layers above have no values yet.
        let clean = values(&figure(&report, "clean").frame, "diff");
        assert_eq!(clean.len(), 12);
        partial += usize::from(clean.iter().any(|value| value.is_nan()));
    }
    assert!(partial > 0);

    let report = sweep.report().unwrap().unwrap();
    assert!(
        report.about.starts_with("all heads, patching positions · IOI, 20 prompts, "),
        "{}",
        report.about
    );
    assert_eq!(report.stem, "heads-patching_positions-n20-seed42");
    let expected = &expected()["sweep"]["frozen_ln"];
    let clean = numbers(&expected["clean"]);
    let found = &figure(&report, "clean").frame;
    assert_eq!((labels(found, "layer").len(), labels(found, "head").len()), (3, 4));
    let changes = &figure(&report, "changes").frame;
    let conditions = labels(changes, "condition");
    assert_eq!(conditions, ["patched", "projected", "projected on random directions"]);
    let all = values(changes, "change");
    for (i, value) in values(found, "diff").iter().enumerate() {
        assert!((value - clean[i]).abs() < fixture::TOLERANCE);
        for (place, condition) in conditions.iter().enumerate() {
            let change = numbers(&expected[condition.as_str()])[i] - clean[i];
            assert!((all[12 * place + i] - change).abs() < fixture::TOLERANCE);
        }
    }
    // By the reference's figures: 1.2 has 0.9998, three heads more than half of it, and 1.1 the least. No more is said: the largest
    // change, 2.2's, has an interval that spans 0.
    assert_eq!(
        report.answer,
        "Of 12 heads, 1.2 attends most to IO rather than S1, by 1.00; 3 more do by over half of that: 2.1, 1.0 and 0.2. To S1 rather than IO, 1.1 attends most, by 0.620."
    );
}
