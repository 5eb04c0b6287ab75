//! Experiments, at one head and at all.

use serde_json::json;

use super::reading::Reading;
use super::{Choice, Field, Form, Kind, head, prompts};
use crate::experiment::{Experiment, ExperimentSpec, SweepSpec};
use crate::plain::quoted;

pub const AT_HEAD: Form = Form {
    analysis: "experiment",
    fields: |experiments| {
        let question = vec![chosen(experiments), name_mover("name_mover")];
        [question, head::fields(), run(), vec![accuracy()]].concat()
    },
    spec: |reading| {
        let experiment = reading.text("experiment").to_owned();
        let spec = at_head(reading, experiment, "name_mover");
        json!({"analysis": "experiment", "spec": spec, "accuracy": reading.flag("accuracy")})
    },
};

pub const SWEEP: Form = Form {
    analysis: "sweep",
    fields: |experiments| [vec![chosen(experiments)], run()].concat(),
    spec: |reading| {
        let spec = at_all(reading, reading.text("experiment").to_owned());
        if let Some(experiment) = named(reading, &spec.experiment) {
            reading.check(experiment.check_sweeps());
        }
        json!({"analysis": "sweep", "spec": spec})
    },
};

/// Which experiment.
pub fn chosen(experiments: &[&Experiment]) -> Field {
    let choice =
        |experiment: &&Experiment| Choice::new(experiment.name, experiment.title, experiment.question);
    Field {
        name: "experiment",
        label: "Experiment",
        help: "What is asked.",
        kind: Kind::Choice { choices: experiments.iter().map(choice).collect() },
        default: ExperimentSpec::default().experiment,
        ..Field::of("question")
    }
}

/// What experiments at one head and at all have in common.
pub fn run() -> Vec<Field> {
    [prompts::fields(), flipping()].concat()
}

/// What they have besides their prompts.
pub fn flipping() -> Vec<Field> {
    let freeze_ln = Field {
        name: "freeze_ln",
        label: "Freeze LN scale",
        help: "Keep ln1's scale as it was in the clean run, where the experiment does not say otherwise; else it is \
               computed from the edited input.",
        kind: Kind::Flag,
        default: ExperimentSpec::default().freeze_ln.to_string(),
        ..Field::of("run")
    };
    vec![prompts::flip(), freeze_ln]
}

fn accuracy() -> Field {
    Field {
        name: "accuracy",
        label: "IOI accuracy",
        help: "Also compute the share of prompts in which the model's logit of IO at END is above that of S; this \
               takes a run through all layers.",
        kind: Kind::Flag,
        default: false.to_string(),
        optional: true,
        ..Field::of("run")
    }
}

pub fn name_mover(name: &'static str) -> Field {
    Field {
        name,
        label: "Name mover",
        help: "The head whose output at END query_replacements puts in, as LAYER.HEAD; if none is named it is 9.9, \
               as in GPT-2 small, and where 9.9 is not below the head, what it would put in is left out.",
        kind: Kind::Text { max_length: 9 },
        check: |text| layer_and_head(text).map(drop),
        ..Field::of_question()
    }
}

/// "0.0"
pub fn layer_and_head(text: &str) -> std::result::Result<[usize; 2], String> {
    let number = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let parts = text.split_once('.').and_then(|(layer, head)| Some([number(layer)?, number(head)?]));
    parts.ok_or_else(|| format!("expected a layer and a head, as 0.0, found {}", quoted(text)))
}

fn named<'a>(reading: &Reading<'a>, name: &str) -> Option<&'a Experiment> {
    reading.experiments.iter().copied().find(|experiment| experiment.name == name)
}

fn at_all(reading: &mut Reading, experiment: String) -> SweepSpec {
    SweepSpec {
        experiment,
        dataset: prompts::read(reading),
        flip: reading.text("flip").to_owned(),
        freeze_ln: reading.flag("freeze_ln"),
    }
}

/// `mover`: the field that names the name mover.
pub fn at_head(reading: &mut Reading, experiment: String, mover: &'static str) -> ExperimentSpec {
    let SweepSpec { experiment, dataset, flip, freeze_ln } = at_all(reading, experiment);
    let [layer, head] = head::read(reading);
    let name_mover = layer_and_head(reading.text(mover)).ok();
    let spec = ExperimentSpec { experiment, layer, head, dataset, flip, freeze_ln, name_mover };
    if let Some(experiment) = named(reading, &spec.experiment) {
        reading.check(spec.check_layer(experiment));
    }
    if let Some(model) = reading.model {
        reading.check_as(Some(mover), spec.check_name_mover(model.config));
    }
    spec
}
