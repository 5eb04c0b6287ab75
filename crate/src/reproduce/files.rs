//! The files of a run: all of it, and its numbers prompt by prompt. Prompts are numbered from 1.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Finished, Offered, VERSION};
use crate::experiment::ConditionResult;
use crate::frame::{Axis, Column, Frame};
use crate::ioi::{Order, TemplateId};
use crate::{Error, Result};

/// A prompt's line in the file of all.
#[derive(Serialize)]
struct Line<'a> {
    /// From 1.
    prompt: usize,
    sentence: &'a str,
    flipped: &'a str,
    io: &'a str,
    s: &'a str,
    order: Order,
    template: Option<TemplateId>,
    /// In tokens, BOS counted.
    positions: Value,
    /// By condition.
    scores: BTreeMap<&'static str, Value>,
}

impl Finished {
    pub(super) fn files(&self) -> Vec<Offered> {
        let stem = &self.record.stem;
        let own = self.record.result.spec.dataset.prompts.is_some();
        [
            ("script", format!("{stem}.py"), "text/x-python", self.is_scripted()),
            ("JSON", format!("{stem}.json"), "application/json", true),
            ("CSV", format!("{stem}.csv"), "text/csv", true),
            ("prompts", self.prompts_file(), "application/json", own),
        ]
        .into_iter()
        .filter_map(|(what, name, mime, is_there)| is_there.then_some(Offered { what, name, mime }))
        .collect()
    }

    /// For the command, where the prompts are one's own.
    pub(super) fn prompts_file(&self) -> String {
        format!("{}-prompts.json", self.record.stem)
    }

    /// What is in one of them.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `file` if it is none of this run's.
    pub fn file(&self, what: &str) -> Result<String> {
        match (what, &self.record.result.spec.dataset.prompts) {
            ("script", _) => self.script(),
            ("JSON", _) => Ok(self.json()),
            ("CSV", _) => Ok(self.by_prompt().to_csv()),
            ("prompts", Some(own)) => Ok(pretty(&json!(own)) + "\n"),
            _ => Err(Error::input("file", format!("the run has no file of {what}"))),
        }
    }

    /// A line for each prompt, after what is known of all.
    fn json(&self) -> String {
        let of = |path: &str| self.whole.pointer(path).cloned().unwrap_or_default();
        let mut model = of("/origin");
        if let (Some(model), Value::Object(shape)) = (model.as_object_mut(), of("/model")) {
            model.extend(shape);
            model.insert("id".into(), of("/id"));
        }
        let mut device = of("/device");
        device["note"] = of("/note");
        let parts = [
            ("patchbay", json!(VERSION)),
            ("date", of("/date")),
            ("question", json!(self.experiment.question)),
            ("about", of("/report/about")),
            ("answer", of("/report/answer")),
            ("notes", of("/report/notes")),
            ("spec", of("/result/spec")),
            ("head", of("/result/head")),
            ("model", model),
            ("device", device),
            ("timings_ms", of("/timings_ms")),
            ("tables", of("/report/tables")),
            ("means", of("/report/figures")),
            ("evidence", of("/result/evidence")),
            ("accuracy", of("/result/accuracy")),
            ("left_out", of("/left_out")),
        ];
        let mut text = String::from("{\n");
        for (name, value) in parts {
            text += &format!("  \"{name}\": {},\n", pretty(&value).replace('\n', "\n  "));
        }
        text += "  \"prompts\": [";
        for i in 0..self.prompts.len() {
            text += if i == 0 { "\n    " } else { ",\n    " };
            text += &serde_json::to_string(&self.line(i)).expect("plain data");
        }
        text + "\n  ]\n}\n"
    }

    fn line(&self, i: usize) -> Line<'_> {
        let (prompt, flipped, positions) =
            (&self.prompts[i], &self.flipped[i], &self.record.result.positions);
        let scores = self.conditions().map(|(case, of)| {
            let columns =
                columns(of).into_iter().map(|(name, _, values)| (name.to_owned(), json!(values[i])));
            (case.condition, Value::Object(columns.collect()))
        });
        Line {
            prompt: i + 1,
            sentence: &prompt.sentence,
            flipped: &flipped.sentence,
            io: &prompt.io,
            s: &prompt.s,
            order: prompt.order(),
            template: prompt.template,
            positions: json!({ "io": positions.io[i], "s1": positions.s1[i], "end": positions.end[i] }),
            scores: scores.collect(),
        }
    }

    /// By condition and prompt.
    fn by_prompt(&self) -> Frame {
        let conditions = self.conditions().map(|(case, _)| case.condition);
        let prompts = (1..=self.prompts.len()).map(|number| number.to_string());
        let mut all: Vec<Column> = Vec::new();
        for (_, condition) in self.conditions() {
            for (place, (name, unit, values)) in columns(condition).into_iter().enumerate() {
                if all.len() == place {
                    all.push(Column::new(name, unit, Vec::new()));
                }
                all[place].values.extend(values.iter().map(|&value| Some(f64::from(value))));
            }
        }
        Frame::new(vec![Axis::new("condition", conditions), Axis::new("prompt", prompts)], all)
    }
}

/// Name, unit and a number for each prompt.
fn columns(of: &ConditionResult) -> Vec<(&'static str, &'static str, &[f32])> {
    let scores = [("io_score", &of.io_score), ("s1_score", &of.s1_score), ("diff", &of.diff)];
    let scores = scores.map(|(name, values)| (name, "attention score", &values[..]));
    let probability = of.io_probability.as_deref().map(|values| ("io_probability", "probability", values));
    scores.into_iter().chain(probability).collect()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("plain data")
}
