use std::io::Write;

use anyhow::Result;
use patchbay::ioi_mini::{Exam, ExamResult, GreaterThan, Repeated, TaskResults, examine, examine_tasks};
use patchbay::loader::LoadedModel;
use serde_json::{Map, Value, json};

use super::options::CommonOptions;
use super::shown::{print_json, tables};

/// Prints how well a model does on the exams and on the other tasks.
pub fn evaluate(options: &CommonOptions) -> Result<()> {
    let loaded = options.load()?;
    let exams = Exams::of(&loaded.model)?;
    if options.json {
        print_json(loaded.beside(&json!({ "exams": exams.by_name(), "tasks": exams.tasks() })))
    } else {
        exams.print(&mut tables(), loaded.name())
    }
}

/// What a model has done in each.
pub struct Exams {
    exams: Vec<(Exam, ExamResult)>,
    tasks: TaskResults,
}

impl Exams {
    pub fn of(model: &LoadedModel) -> Result<Self> {
        let tokens_per_batch = model.device.tokens_per_batch();
        let result = |exam: Exam| {
            let asked = examine(&model.gpt2, &model.tokenizer, exam.prompts(), tokens_per_batch);
            Ok((exam, pollster::block_on(asked)?))
        };
        let tasks = examine_tasks(&model.gpt2, &model.tokenizer, tokens_per_batch);
        Ok(Self {
            exams: Exam::ALL.into_iter().map(result).collect::<Result<_>>()?,
            tasks: pollster::block_on(tasks)?,
        })
    }

    pub fn by_name(&self) -> Map<String, Value> {
        let name = |exam: &Exam| json!(exam).as_str().unwrap_or_default().to_owned();
        self.exams.iter().map(|(exam, result)| (name(exam), json!(result))).collect()
    }

    pub fn tasks(&self) -> &TaskResults {
        &self.tasks
    }

    pub fn print(&self, out: &mut impl Write, model: &str) -> Result<()> {
        writeln!(out, "{model}")?;
        writeln!(out, "{:<24}{:>10}{:>10}{:>12}", "1000 prompts of", "accuracy", "log-loss", "logit diff")?;
        for (exam, ExamResult { accuracy, log_loss, logit_diff, .. }) in &self.exams {
            let percent = 100.0 * accuracy;
            writeln!(out, "{:<24}{percent:>8.1} %{log_loss:>10.4}{logit_diff:>12.3}", exam.title())?;
        }
        let TaskResults { repeated, greater_than } = &self.tasks;
        if let Some(Repeated { sequences, accuracy }) = repeated {
            let percent = 100.0 * accuracy;
            writeln!(out, "repeated tokens: {percent:.1} % of the second halves of {sequences} sequences")?;
        }
        if let Some(GreaterThan { prompts, prob_diff }) = greater_than {
            writeln!(out, "greater-than: probability difference {prob_diff:.3} of {prompts} prompts")?;
        }
        Ok(())
    }
}
