use super::of_grid;
use crate::analysis::patch::cells::Cells;
use crate::analysis::patch::effects::Effects;
use crate::analysis::patch::result::Measured;
use crate::bench::GPT2_SMALL;
use crate::frame::Bootstrap;
use crate::ioi::DatasetSpec;
use crate::metric::Metric;
use crate::model::Gpt2Config;
use crate::patch::{Fill, Over, PatchSpec, Run};
use crate::report::{Chart, Report};
use crate::site::Activation;
use crate::task::{Example, Examples, IoiTask, TaskSpec};

const HEADS: [Over; 2] = [Over::Layer, Over::Head];

fn spec(over: &[Over]) -> PatchSpec {
    // Each prompt by itself.
    let dataset = DatasetSpec { symmetric: false, ..DatasetSpec::default() };
    let task = TaskSpec::Ioi(IoiTask { dataset, ..IoiTask::default() });
    PatchSpec { over: over.to_vec(), ..PatchSpec::of(task, Activation::Z) }
}

fn examples(prompts: usize) -> Examples {
    let example = Example {
        clean: vec![0; 6],
        corrupted: vec![1; 6],
        positions: vec![2, 5],
        answers: vec![1],
        wrong_answers: vec![2],
        group: 0,
    };
    Examples { roles: vec!["IO".into(), "END".into()], examples: vec![example; prompts] }
}

/// A little that prompts differ by, 0 on average of an even number of them.
fn noise(prompt: usize) -> f64 {
    if prompt.is_multiple_of(2) { 0.25 } else { -0.25 }
}

/// Runs whose prompts have these means. `change`: that of a cell, by its number, in a prompt.
struct Runs {
    spec: PatchSpec,
    prompts: usize,
    seen: usize,
    base: f64,
    source: f64,
    change: fn(usize, usize) -> f64,
}

impl Runs {
    fn of(spec: PatchSpec, base: f64, source: f64, change: fn(usize, usize) -> f64) -> Self {
        Self { spec, prompts: 40, seen: 40, base, source, change }
    }

    fn look<T>(&self, at: impl FnOnce(&Measured, &Effects, bool) -> T) -> T {
        let examples = examples(self.prompts);
        let cells = Cells::new(&self.spec, &examples, &Gpt2Config::from_json(GPT2_SMALL).unwrap()).unwrap();
        let run = |mean: f64| {
            (0..self.prompts).map(|it| (it < self.seen).then(|| mean + noise(it))).collect::<Vec<_>>()
        };
        let base = run(self.base);
        let count = cells.all().len();
        let values = (0..self.prompts * count).map(|i| {
            let (prompt, cell) = (i / count, i % count);
            Some(base[prompt]? + (self.change)(cell, prompt))
        });
        let source = (self.spec.fill == Fill::Patch).then(|| run(self.source));
        let values = values.collect();
        let measured =
            Measured { spec: &self.spec, examples: &examples, cells: &cells, base, source, values };
        let finished = self.seen == self.prompts;
        at(&measured, &measured.effects(finished), finished)
    }

    fn report(&self) -> Report {
        self.look(of_grid)
    }
}

/// Some of the published figures of GPT-2 small; and a head of which it is not clear that it does anything.
fn published(cell: usize, prompt: usize) -> f64 {
    let way = 6.0;
    match (cell / 12, cell % 12) {
        (5, 5) => 0.34 * way,
        (8, 6) => 0.32 * way,
        (9, 9) => 0.06 * way,
        (10, 7) => -0.48 * way,
        (11, 10) => -0.28 * way,
        (4, 4) => 0.08 * way + 40.0 * noise(prompt),
        _ => 0.0,
    }
}

#[test]
fn denoising_says_how_many_heads_bring_the_answer_back() {
    let report = Runs::of(spec(&HEADS), -3.0, 3.0, published).report();
    assert_eq!(
        report.answer,
        "Of 144 heads, three bring back more than 5% of the logit difference by themselves; two take more than 5% away, most of all head 10.7 (48%). \
         Head 5.5 brings back most, 34%, then 8.6 (32%) and 9.9 (6.0%). \
         The corrupted run's mean of -3.00 counts as 0%, the clean run's of 3.00 as 100%."
    );
    assert!(report.about.starts_with("z patched from the clean run into the corrupted run, at all positions · logit difference · IOI, 150 prompts"));
    assert!(report.stem.starts_with("z-denoise-layer-head-n150"));
    let [map, largest] = &report.figures[..] else { panic!("two figures") };
    assert_eq!(
        (map.name, map.chart, largest.name, largest.chart),
        ("map", Chart::HeatMap, "largest", Chart::Bars)
    );
    let names: Vec<&str> = map.frame.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "recovered",
            "recovered_low",
            "recovered_high",
            "change",
            "change_low",
            "change_high",
            "logit_diff",
            "logit_diff_low",
            "logit_diff_high",
            "count"
        ]
    );
    let value = |name: &str, cell: usize| map.frame.column(name).unwrap().values[cell].unwrap();
    let of_5_5 = 5 * 12 + 5;
    assert!((value("recovered", of_5_5) - 0.34).abs() < 1e-12);
    assert!((value("recovered_low", of_5_5) - 0.34).abs() < 1e-3);
    assert!((value("logit_diff", of_5_5) - (-3.0 + 0.34 * 6.0)).abs() < 1e-12);
    assert_eq!(value("count", of_5_5), 40.0);
    assert_eq!(largest.frame.axes()[0].labels[..4], ["10.7", "5.5", "8.6", "11.10"]);
    let [table] = &report.tables[..] else { panic!("a table") };
    assert_eq!(
        table.rows[..3].iter().map(|row| row[0].as_str()).collect::<Vec<_>>(),
        ["corrupted run", "clean run", "10.7"]
    );
    assert!(table.rows.iter().all(|row| row.len() == table.header.len()));
    assert_eq!(table.rows[2][3], "-2.8800");
}

#[test]
fn noising_and_ablating_say_what_is_lost() {
    let noise = PatchSpec { direction: Some(Run::Noise), ..spec(&HEADS) };
    let lost: fn(usize, usize) -> f64 = |cell, prompt| -published(cell, prompt);
    assert!(Runs::of(noise, 3.0, -3.0, lost).report().answer.starts_with(
        "Of 144 heads, three take more than 5% of the logit difference away when patched by themselves; two add more than 5%, most of all head 10.7 (48%). \
         Head 5.5 takes most away, 34%,"
    ));
    let zero = PatchSpec { fill: Fill::Zero, ..spec(&HEADS) };
    let one: fn(usize, usize) -> f64 = |cell, _| if cell == 117 { -1.5 } else { 0.0 };
    assert_eq!(
        Runs::of(zero.clone(), 3.0, 0.0, one).report().answer,
        "Of 144 heads, one takes more than 5% of the logit difference away when set to zero by itself. \
         Head 9.9 takes most away, 50%. The clean run's mean of 3.00 counts as 100%."
    );
    // What is lost of a difference below 0 is its size too.
    let less: fn(usize, usize) -> f64 = |cell, _| if cell == 117 { 1.5 } else { 0.0 };
    let report = Runs::of(zero, -3.0, 0.0, less).report();
    assert!(report.answer.contains("Head 9.9 takes most away, 50%."), "{}", report.answer);
    let mean = PatchSpec { fill: Fill::Mean, ..spec(&HEADS) };
    let none = Runs::of(mean, 3.0, 0.0, |cell, _| if cell == 3 { -0.03 } else { 0.0 }).report().answer;
    assert_eq!(
        none,
        "Of 144 heads, none takes more than 5% of the logit difference away when set to its mean by itself. \
         The clean run's mean of 3.00 counts as 100%."
    );
}

#[test]
fn no_share_is_told_of_what_may_be_nothing() {
    let change: fn(usize, usize) -> f64 = |cell, prompt| match cell {
        117 => 0.5,
        3 => -0.25,
        7 => 8.0 * noise(prompt),
        _ => 0.0,
    };
    let report = Runs::of(spec(&HEADS), 0.02, 0.02, change).report();
    assert_eq!(
        report.answer,
        "Of 144 heads, two change the logit difference by themselves by more than these prompts can tell, most of all 9.9 (+0.500) and 0.3 (-0.250). \
         The clean and the corrupted run do not clearly differ in it: 0, 95% CI [0, 0], so that no share of it is told."
    );
    assert_eq!(report.figures[0].frame.columns()[0].name, "change");
    let kl = PatchSpec { metric: Metric::Kl, fill: Fill::Zero, ..spec(&HEADS) };
    let answer = Runs::of(kl, 0.0, 0.0, |cell, _| if cell == 117 { 0.5 } else { 0.0 }).report().answer;
    assert_eq!(
        answer,
        "Of 144 heads, only head 9.9 changes the KL divergence when set to zero by itself by more than these prompts can tell: by +0.500."
    );
    let nothing = Runs::of(spec(&HEADS), -3.0, 3.0, |_, _| 0.0).report().answer;
    assert_eq!(nothing, "Of 144 heads, none changes the logit difference at all.");
}

#[test]
fn one_prompt_has_means_and_no_shares() {
    let one = Runs { prompts: 1, seen: 1, ..Runs::of(spec(&HEADS), -3.0, 3.0, published) };
    let report = one.report();
    assert_eq!(
        report.answer,
        "Of 144 heads, head 4.4 changes the logit difference most by itself, by +10.5."
    );
    assert_eq!(report.notes.len(), 1);
    assert_eq!(report.figures[1].caption, "So few prompts have no confidence interval.");
}

#[test]
fn what_is_there_so_far_is_said_to_be_so() {
    let half = Runs { seen: 20, ..Runs::of(spec(&HEADS), -3.0, 3.0, published) };
    let report = half.report();
    assert!(
        report.answer.starts_with("So far, of 144 heads, four bring back more than 5%"),
        "{}",
        report.answer
    );
    assert_eq!(report.notes[0], "Prompts seen so far: 20 of 40.");
    let ends = report.figures[0].frame.column("recovered_low").unwrap();
    assert!(ends.values.iter().all(Option::is_none));
}

#[test]
fn cells_are_named_by_their_axes() {
    let names = |over: &[Over], cell: usize| {
        Runs::of(spec(over), -3.0, 3.0, published).look(|measured, effects, finished| {
            let report = of_grid(measured, effects, finished);
            let named = super::Named::of(&measured.cells.axes);
            (named.cell(cell), named.spoken(cell), named.kind(), report.figures[0].chart)
        })
    };
    let named = |cell: &str, spoken: &str, kind: &'static str, chart| {
        (cell.to_owned(), spoken.to_owned(), kind, chart)
    };
    let map = Chart::HeatMap;
    assert_eq!(names(&HEADS, 117), named("9.9", "head 9.9", "head", map));
    assert_eq!(names(&[Over::Layer, Over::Role], 5), named("layer 2, END", "layer 2 at END", "place", map));
    assert_eq!(
        names(&[Over::Layer, Over::Position], 8),
        named("layer 1, position 2", "layer 1 at position 2", "place", map)
    );
    assert_eq!(names(&[Over::Layer], 4), named("layer 4", "layer 4", "layer", Chart::Bars));
    assert_eq!(
        names(&[Over::Role, Over::Layer, Over::Head], 144 + 117),
        named("9.9, END", "head 9.9 at END", "place", map)
    );
}

#[test]
fn intervals_are_those_of_each_cell_by_itself() {
    let runs =
        Runs::of(spec(&HEADS), -3.0, 3.0, |cell, prompt| ((cell * 7 + prompt * prompt) % 11) as f64 / 5.0);
    runs.look(|measured, effects, _| {
        for cell in [0, 31, 32, 100, 143] {
            let column: Vec<Option<f64>> = measured.values.iter().skip(cell).step_by(144).copied().collect();
            let expected = Bootstrap::of(1).intervals(&[column])[0];
            assert_eq!(effects.cells[cell].unwrap().mean.interval, expected);
        }
    });
}
