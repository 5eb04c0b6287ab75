use super::super::result::{Accounting, Part};
use super::super::spec::{DecompositionSpec, QueryIntervention};
use super::*;
use crate::frame::Interval;
use crate::ioi::DatasetSpec;
use crate::report::{Chart, Figure};

const CERTAIN: Option<Interval> = Some(Interval { low: 1.0, high: 2.0 });

/// A result for head 2.1 of a model with two heads a layer, on 40 prompts; `parts` by label. What does not fit the labels is the
/// caller's to set.
fn result(by: DecomposeBy, parts: &[(&str, &[f64])]) -> DecompositionResult {
    let components = ["bias", "W_E", "W_pos", "MLP_0", "MLP_1", "0.0", "0.1", "1.0", "1.1", "b_O_0", "b_O_1"];
    let sum: f64 = parts.iter().flat_map(|(_, values)| *values).sum();
    DecompositionResult {
        head: [2, 1],
        spec: DecompositionSpec {
            layer: 2,
            head: 1,
            decompose_by: by,
            dataset: DatasetSpec { n: 40, ..DatasetSpec::default() },
            ..DecompositionSpec::default()
        },
        prompts: 40,
        n_head: 2,
        components: components.map(String::from).into(),
        parts: parts
            .iter()
            .map(|(label, values)| Part { label: (*label).into(), values: values.to_vec() })
            .collect(),
        accounting: Accounting {
            measured: sum,
            measured_interval: CERTAIN,
            sum,
            contributions_interval: CERTAIN,
            holds: true,
            ..Accounting::default()
        },
    }
}

/// bias, W_E, W_pos, MLP_0, MLP_1, 0.0, 0.1, 1.0, 1.1, b_O_0, b_O_1
const VALUES: [f64; 11] = [0.0, 0.5, -0.25, 4.0, 0.25, -2.0, 1.0, 0.5, 0.125, 0.0, -0.125];

fn by_keys() -> DecompositionResult {
    result(DecomposeBy::Keys, &[("unchanged", &VALUES)])
}

/// Two components, so four pairs a plane.
fn by_both(planes: [[f64; 4]; 2]) -> DecompositionResult {
    let labels = ["IO_dir|MLP0_dir", "IO_dir|MLP0_perp"];
    let parts: Vec<_> = labels.into_iter().zip(planes.iter().map(<[f64; 4]>::as_slice)).collect();
    let mut result = result(DecomposeBy::Both, &parts);
    (result.head, result.components) = ([0, 1], vec!["bias".into(), "W_E".into()]);
    result
}

const PLANES: [[f64; 4]; 2] = [[1.0, -4.0, 0.0, 2.0], [3.0, 0.0, 5.0, 1.0]];

fn labels(figure: &Figure, axis: usize) -> Vec<&str> {
    figure.frame.axes()[axis].labels.iter().map(String::as_str).collect()
}

fn values(figure: &Figure, column: &str) -> Vec<f64> {
    figure.frame.column(column).unwrap().values.iter().copied().map(Option::unwrap).collect()
}

#[test]
fn the_largest_come_first_then_the_layers_then_all() {
    let report = by_keys().report();
    assert_eq!(
        report.answer,
        "What head 2.1 reads of MLP_0 at IO rather than at S1 makes 100% of the sum of all contributions; the 10 largest of 11 make 100%. The head's mean score END→IO minus END→S1 is 4.00."
    );
    assert_eq!(
        (report.about.as_str(), report.stem.as_str()),
        ("head 2.1 · IOI, 40 prompts, seed 42, mixed, symmetric", "L2H1-n40-seed42")
    );
    assert!(report.tables.is_empty(), "one part has no table of parts");
    let [largest, layers, all] = report.figures.as_slice() else { panic!("three figures") };
    assert_eq!([largest.name, layers.name, all.name], ["largest", "layers", "components"]);
    assert_eq!([largest.chart, layers.chart, all.chart], [Chart::Bars, Chart::Components, Chart::Components]);
    // Equal ones stand in the record's order.
    assert_eq!(
        labels(largest, 0),
        ["MLP_0", "0.0", "0.1", "W_E", "1.0", "W_pos", "MLP_1", "1.1", "b_O_1", "bias", "b_O_0"]
    );
    assert_eq!(values(largest, "contribution")[..3], [4.0, -2.0, 1.0]);
    assert_eq!(values(largest, "percent")[..3], [100.0, -50.0, 25.0]);
    assert_eq!(labels(layers, 0), ["bias", "W_E", "W_pos", "attn_0", "MLP_0", "attn_1", "MLP_1"]);
    assert_eq!(values(layers, "contribution"), [0.0, 0.5, -0.25, -1.0, 4.0, 0.5, 0.25]);
    assert_eq!(values(all, "contribution"), VALUES);
    for figure in [largest, layers, all] {
        assert!(
            figure
                .caption
                .starts_with("Contributions to the mean score END→IO minus END→S1. The keys are decomposed.")
        );
    }
}

#[test]
fn parts_have_a_table_and_maps_beside_each_other() {
    let mut by_keys = result(
        DecomposeBy::Keys,
        &[("IO_dir|unchanged", &VALUES), ("IO_perp|unchanged", &VALUES.map(|x| -x / 2.0))],
    );
    by_keys.spec.intervene_on_query = Some(QueryIntervention::ProjectToUnembedding);
    by_keys.spec.include_s1_in_unembed_projection = true;
    by_keys.spec.subtract_s1 = false;
    let report = by_keys.report();
    let names = ["query along W_U[IO] and W_U[S]", "query perpendicular to W_U[IO] and W_U[S]"];
    assert!(report.answer.starts_with(
        "What head 2.1 reads of MLP_0 at IO (query along W_U[IO] and W_U[S]) makes 200% of the sum of all contributions; the 10 largest of 22 make "
    ), "{}", report.answer);
    let [table] = report.tables.as_slice() else { panic!("a table of parts") };
    assert_eq!(table.header, ["part", "contribution", "percent"]);
    assert_eq!(
        table.rows,
        [
            [names[0], "4.0000", "+200.0%"],
            [names[1], "-2.0000", "-100.0%"],
            ["all contributions", "2.0000", "+100.0%"]
        ]
    );
    let [largest, layers, all] = report.figures.as_slice() else { panic!("three figures") };
    assert_eq!(largest.title, "The 20 largest contributions");
    assert_eq!(labels(largest, 0)[..3], ["MLP_0 q∥", "0.0 q∥", "MLP_0 q⊥"]);
    assert_eq!(labels(largest, 0).len(), 20);
    for map in [layers, all] {
        assert_eq!(labels(map, 0), names);
        assert!(
            map.caption.contains("The keys are decomposed, the query is projected on W_U[IO] and W_U[S].")
        );
    }
    assert_eq!(values(layers, "contribution")[7..], [0.0, -0.25, 0.125, 0.5, -2.0, -0.25, -0.125]);
}

#[test]
fn the_largest_pairs_are_found_by_size() {
    let report = by_both(PLANES).report();
    assert_eq!(
        report.answer,
        "At head 0.1 the pair of the query's W_E and the key's bias (query along W_U[IO], key perpendicular to MLP_0) makes 62% of the sum of all contributions. The head's mean score END→IO minus END→S1 is 8.00."
    );
    // A head of layer 0 has no layers below it, and so no map of them.
    let [largest, all] = report.figures.as_slice() else { panic!("two figures") };
    assert_eq!([largest.name, all.name], ["largest", "pairs"]);
    assert_eq!([largest.chart, all.chart], [Chart::Bars, Chart::Pairs]);
    assert_eq!(labels(largest, 0)[..3], ["W_E × bias q∥ k⊥", "bias × W_E q∥ k∥", "bias × bias q∥ k⊥"]);
    assert_eq!(labels(largest, 0).len(), 8);
    assert_eq!(values(largest, "percent")[..3], [62.5, -50.0, 37.5]);
    assert!(largest.caption.contains(
        "100% is the size of all contributions' sum, 8.0000: 12.0000 of those that raise the score, -4.0000 of those that lower it."
    ));
    assert_eq!(
        labels(all, 0),
        ["query along W_U[IO], key along MLP_0", "query along W_U[IO], key perpendicular to MLP_0"]
    );
    assert_eq!([labels(all, 1), labels(all, 2)], [["bias", "W_E"], ["bias", "W_E"]]);
    assert_eq!(values(all, "contribution"), PLANES.concat());
}

#[test]
fn pairs_are_summed_up_by_both_their_layers() {
    let mut values = [0.0; 121];
    let mut set = |query: usize, key: usize, value| values[query * 11 + key] = value;
    set(5, 3, 1.0); // 0.0 × MLP_0
    set(6, 3, 2.0); // 0.1 × MLP_0
    set(9, 3, 4.0); // b_O_0 × MLP_0
    set(8, 10, 8.0); // 1.1 × b_O_1
    set(0, 1, 16.0); // bias × W_E
    let (names, sums) = result(DecomposeBy::Both, &[("IO_dir|MLP0_dir", &values)]).by_layer();
    let found: Vec<_> = sums[0].iter().enumerate().filter(|(_, value)| **value != 0.0).collect();
    let named: Vec<_> =
        found.iter().map(|(i, value)| (names[i / 7].as_str(), names[i % 7].as_str(), **value)).collect();
    assert_eq!(named, [("bias", "W_E", 16.0), ("attn_0", "MLP_0", 7.0), ("attn_1", "attn_1", 8.0)]);
}

#[test]
fn a_contribution_keeps_its_sign_where_all_of_them_lower_the_score() {
    let report = by_both(PLANES.map(|plane| plane.map(|value| -value))).report();
    assert!(
        report.answer.contains(" makes -62% of the size of the sum of all contributions. "),
        "{}",
        report.answer
    );
    let [largest, _] = report.figures.as_slice() else { panic!("two figures") };
    assert_eq!(values(largest, "percent")[..3], [-62.5, 50.0, -37.5]);
    assert!(
        largest
            .caption
            .contains("sum, -8.0000: 4.0000 of those that raise the score, -12.0000 of those that lower it.")
    );
}

/// Neither in words, nor in a column, nor in a table; and why not is said once.
fn assert_no_percentages(result: &DecompositionResult, why: &str) {
    let report = result.report();
    let said = std::iter::once(&report.answer).chain(report.figures.iter().map(|figure| &figure.caption));
    for text in said {
        assert!(!text.contains('%'), "{text}");
    }
    assert!(report.figures.iter().all(|figure| figure.frame.column("percent").is_err()));
    assert!(
        report
            .tables
            .iter()
            .all(|table| table.header == ["part", "contribution"]
                && table.rows.iter().all(|row| row.len() == 2))
    );
    let notes: Vec<_> = report.notes.iter().filter(|note| note.starts_with("No percentages")).collect();
    assert!(matches!(notes.as_slice(), [note] if note.contains(why)), "{:?}", report.notes);
}

#[test]
fn nothing_is_a_percentage_of_a_sum_that_is_small_beside_its_parts() {
    let canceling = |last: f64| by_both([[1.0, -1.0, 0.5, -0.5], [0.25, -0.25, 0.0, last]]);
    // Sizes of 3.5 + x and a sum of x: 5 % at x = 0.184.
    let small = canceling(0.18);
    assert_no_percentages(
        &small,
        "contributions of 1.9300 and of -1.7500 cancel to 0.1800, which is less than 5% of their sizes",
    );
    assert_eq!(
        small.report().answer,
        "At head 0.1 the pair of the query's bias and the key's bias (query along W_U[IO], key along MLP_0) contributes most, 1.00. The head's mean score END→IO minus END→S1 is 0.180."
    );
    let large = canceling(0.19).report();
    assert!(large.figures[0].frame.column("percent").is_ok());
    assert_no_percentages(&canceling(0.0), "cancel to 0.0000");
}

#[test]
fn nothing_is_a_percentage_of_a_score_that_may_be_0() {
    let mut result = by_keys();
    result.accounting.measured_interval = Some(Interval { low: -0.125, high: 8.0 });
    assert_no_percentages(&result, "the mean score may be 0: its 95% confidence interval is [-0.125, 8.000]");
    result.accounting.measured_interval = Some(Interval { low: 0.125, high: 8.0 });
    assert!(result.report().figures[0].frame.column("percent").is_ok());
    result.accounting.measured_interval = None;
    assert_no_percentages(&result, "the mean score has no confidence interval, so that it may be 0");
}

/// Where the other side is projected, contributions are not all of the score.
#[test]
fn nothing_is_a_percentage_of_contributions_whose_sum_may_be_0() {
    let mut result = by_keys();
    result.accounting.contributions_interval = Some(Interval { low: -0.125, high: 8.0 });
    assert_no_percentages(
        &result,
        "the sum of all contributions may be 0: its 95% confidence interval is [-0.125, 8.000]",
    );
}

#[test]
fn nothing_is_a_percentage_of_what_is_no_number_or_does_not_add_up() {
    let mut result = by_keys();
    result.accounting.holds = false;
    assert_no_percentages(&result, "they do not add up to the score");
    result.accounting.holds = true;
    result.parts[0].values[3] = f64::NAN;
    assert_no_percentages(&result, "cancel to NaN");
}

#[test]
fn nothing_may_contribute() {
    let mut nothing = by_keys();
    nothing.parts[0].values.fill(0.0);
    nothing.accounting = Accounting { holds: true, ..Accounting::default() };
    assert_no_percentages(&nothing, "every contribution is 0");
    assert_eq!(
        nothing.report().answer,
        "Nothing that head 2.1 reads contributes to its score. The head's mean score END→IO minus END→S1 is 0."
    );
}

#[test]
fn one_component_and_one_prompt_are_enough() {
    let mut one = result(DecomposeBy::Queries, &[("unchanged", &[0.5])]);
    (one.head, one.prompts, one.components) = ([0, 1], 1, vec!["bias".into()]);
    one.spec.dataset = DatasetSpec { n: 1, symmetric: false, ..DatasetSpec::default() };
    (one.accounting.measured_interval, one.accounting.contributions_interval) = (None, None);
    let report = one.report();
    assert_eq!(
        report.answer,
        "The bias of head 0.1's query contributes most, 0.500. The head's mean score END→IO minus END→S1 is 0.500."
    );
    assert!(
        report.notes.iter().any(|note| note.starts_with("These are few prompts: 1. ")),
        "{:?}",
        report.notes
    );
    assert_eq!(report.about, "head 0.1 · IOI, 1 prompt, seed 42, mixed");
}

#[test]
fn whether_it_adds_up_is_said_last_and_first_where_it_does_not() {
    let books = |holds, normalization| Accounting {
        measured: 1.0,
        sum: 1.5,
        normalization,
        miss: 0.5,
        relative_miss: 0.5,
        holds,
        ..Accounting::default()
    };
    let mut result = by_keys();
    result.prompts = 20;
    result.accounting = books(true, 0.0);
    assert_eq!(
        result.report().notes.last().unwrap(),
        "All contributions, with those of the biases b_O, sum to 1.5000; the model's own score is 1.0000, mean over 20 prompts. They are 5.0e-1 apart, 5.0e-1 of the score's size: they add up."
    );
    result.accounting = books(true, 0.25);
    assert!(result.report().notes.last().unwrap().contains("b_O and LN's normalization (0.2500), sum to"));
    result.accounting = books(false, 0.0);
    let wrong = result.report();
    assert_eq!(
        wrong.answer,
        "This decomposition is wrong: its contributions come to 1.50, and the model's own score is 1.00."
    );
    assert!(wrong.notes[0].starts_with("This decomposition is wrong. "));
    assert!(wrong.notes[0].ends_with("and rounding explains 1e-4 at most."));
    // It is drawn nevertheless.
    assert_eq!(wrong.figures.len(), 3);
}

#[test]
fn a_replaced_side_is_said_with_the_score() {
    let mut replaced = by_keys();
    replaced.spec.intervene_on_query = Some(QueryIntervention::SubUnembedding);
    let report = replaced.report();
    assert!(
        report.answer.ends_with(
            " The head's mean score END→IO minus END→S1, with the query computed from W_U[IO], is 4.00."
        ),
        "{}",
        report.answer
    );
    assert!(
        report.figures[0].caption.contains("The keys are decomposed, with the query computed from W_U[IO].")
    );
}
