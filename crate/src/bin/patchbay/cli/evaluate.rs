use std::io::Write;

use anyhow::Result;
use patchbay::ioi_mini::{Exam, ExamResult, examine};
use patchbay::loader::LoadedModel;
use serde_json::{Map, Value, json};

use super::options::CommonOptions;
use super::shown::{print_json, tables};

/// Prints how well a model does on the exams.
pub fn evaluate(options: &CommonOptions) -> Result<()> {
    let loaded = options.load()?;
    let exams = Exams::of(&loaded.model)?;
    if options.json {
        print_json(loaded.beside(&json!({ "exams": exams.by_name() })))
    } else {
        exams.print(&mut tables(), loaded.name())
    }
}

/// What a model has done in each.
pub struct Exams(Vec<(Exam, ExamResult)>);

impl Exams {
    pub fn of(model: &LoadedModel) -> Result<Self> {
        let tokens_per_batch = model.device.tokens_per_batch();
        let result = |exam: Exam| {
            let asked = examine(&model.gpt2, &model.tokenizer, exam.prompts(), tokens_per_batch);
            Ok((exam, pollster::block_on(asked)?))
        };
        Exam::ALL.into_iter().map(result).collect::<Result<_>>().map(Self)
    }

    pub fn by_name(&self) -> Map<String, Value> {
        let name = |exam: &Exam| json!(exam).as_str().unwrap_or_default().to_owned();
        self.0.iter().map(|(exam, result)| (name(exam), json!(result))).collect()
    }

    pub fn print(&self, out: &mut impl Write, model: &str) -> Result<()> {
        writeln!(out, "{model}")?;
        writeln!(out, "{:<24}{:>10}{:>10}{:>12}", "1000 prompts of", "accuracy", "log-loss", "logit diff")?;
        for (exam, ExamResult { accuracy, log_loss, logit_diff, .. }) in &self.0 {
            let percent = 100.0 * accuracy;
            writeln!(out, "{:<24}{percent:>8.1} %{log_loss:>10.4}{logit_diff:>12.3}", exam.title())?;
        }
        Ok(())
    }
}
