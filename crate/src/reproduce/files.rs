//! The files of a run: all of it, and its numbers prompt by prompt. Prompts are numbered from 1.

use serde_json::{Value, json};

use super::{Answer, Finished, Offered, Record, VERSION};
use crate::experiment::ConditionResult;
use crate::frame::{Axis, Column, Frame};
use crate::{Error, Result};

impl Finished {
    pub(super) fn files(&self) -> Vec<Offered> {
        let stem = &self.record.stem;
        let own = self.record.result.spec.dataset.prompts.is_some();
        [
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
            ("JSON", _) => Ok(self.json()),
            ("CSV", _) => Ok(self.by_prompt().to_csv()),
            ("prompts", Some(own)) => Ok(lines(own.iter().map(|prompt| json!(prompt))) + "\n"),
            _ => Err(Error::input("file", format!("the run has no file of {what}"))),
        }
    }

    /// A line for each part of what is known of all, and for each prompt.
    fn json(&self) -> String {
        let Record { id, date, origin, result, device, note, model, timings_ms, left_out, report, .. } =
            &self.record;
        let Answer { head, spec, evidence, accuracy, .. } = result;
        let parts = [
            ("patchbay", json!(VERSION)),
            ("date", json!(date)),
            ("question", json!(self.experiment.question)),
            ("about", report["about"].clone()),
            ("answer", report["answer"].clone()),
            ("notes", report["notes"].clone()),
            ("spec", json!(spec)),
            ("head", json!(head)),
            ("model", merged([&json!({ "id": id }), model, origin])),
            ("device", merged([device, &json!({ "note": note })])),
            ("timings_ms", timings_ms.clone()),
            ("tables", report["tables"].clone()),
            ("means", report["figures"].clone()),
            ("evidence", evidence.clone()),
            ("accuracy", json!(accuracy)),
            ("left_out", left_out.clone()),
        ];
        let parts = parts.map(|(name, value)| format!("  \"{name}\": {value},\n")).concat();
        let prompts = (0..self.prompts.len()).map(|i| self.line(i));
        format!("{{\n{parts}  \"prompts\": {}\n}}\n", lines(prompts))
    }

    /// What there is of a prompt.
    fn line(&self, i: usize) -> Value {
        let (prompt, positions) = (&self.prompts[i], &self.record.result.positions);
        let mut scores = json!({});
        for (case, of) in self.conditions() {
            for (name, _, values) in columns(of) {
                scores[case.condition][name] = json!(values[i]);
            }
        }
        json!({
            "prompt": i + 1,
            "sentence": prompt.sentence,
            "flipped": self.flipped[i].sentence,
            "io": prompt.io,
            "s": prompt.s,
            "order": prompt.order(),
            "template": prompt.template,
            "positions": { "io": positions.io[i], "s1": positions.s1[i], "end": positions.end[i] },
            "scores": scores,
        })
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

/// An object with the entries of all.
fn merged<const N: usize>(objects: [&Value; N]) -> Value {
    let entries = objects.into_iter().filter_map(Value::as_object).flatten();
    Value::Object(entries.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Name, unit and a number for each prompt.
fn columns(of: &ConditionResult) -> Vec<(&'static str, &'static str, &[f32])> {
    let scores = [("io_score", &of.io_score), ("s1_score", &of.s1_score), ("diff", &of.diff)];
    let scores = scores.map(|(name, values)| (name, "attention score", &values[..]));
    let probability = of.io_probability.as_deref().map(|values| ("io_probability", "probability", values));
    scores.into_iter().chain(probability).collect()
}

/// A list with a line for each.
fn lines(values: impl Iterator<Item = Value>) -> String {
    let lines: Vec<String> = values.map(|value| format!("\n    {value}")).collect();
    format!("[{}\n  ]", lines.join(","))
}
