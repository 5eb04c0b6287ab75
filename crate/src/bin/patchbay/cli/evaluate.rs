use std::io::Write;

use anyhow::Result;
use patchbay::ioi::DatasetSpec;
use patchbay::ioi_mini::{Exam, ExamResult, Survey, examine, survey};
use patchbay::loader::LoadedModel;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::options::CommonOptions;
use super::shown::{print_json, tables};

/// Prints how well a model does on the exams, and what each of its heads does.
pub fn evaluate(options: &CommonOptions) -> Result<()> {
    let loaded = options.load()?;
    let evaluation = evaluate_model(&loaded.model)?;
    if options.json {
        print_json(loaded.beside(&evaluation))
    } else {
        evaluation.print(&mut tables(), loaded.name())
    }
}

/// What the model card says of a model.
#[derive(Serialize)]
pub struct Evaluation {
    /// By exam.
    exams: Map<String, Value>,
    #[serde(skip)]
    results: Vec<(Exam, ExamResult)>,
    /// On the page's default dataset.
    pub survey: Survey,
}

pub fn evaluate_model(model: &LoadedModel) -> Result<Evaluation> {
    let tokens_per_batch = model.device.tokens_per_batch();
    let mut results = Vec::new();
    for exam in Exam::ALL {
        let asked = examine(&model.gpt2, &model.tokenizer, exam.prompts(), tokens_per_batch);
        results.push((exam, pollster::block_on(asked)?));
    }
    let prompts = DatasetSpec::default().generate()?;
    let survey = pollster::block_on(survey(&model.gpt2, &model.tokenizer, prompts, tokens_per_batch))?;
    let name = |exam: &Exam| json!(exam).as_str().unwrap_or_default().to_owned();
    let exams = results.iter().map(|(exam, result)| (name(exam), json!(result))).collect();
    Ok(Evaluation { exams, results, survey })
}

impl Evaluation {
    pub fn print(&self, out: &mut impl Write, model: &str) -> Result<()> {
        writeln!(out, "{model}")?;
        writeln!(out, "{:<24}{:>10}{:>10}{:>12}", "1000 prompts of", "accuracy", "log-loss", "logit diff")?;
        for (exam, ExamResult { accuracy, log_loss, logit_diff, .. }) in &self.results {
            let percent = 100.0 * accuracy;
            writeln!(out, "{:<24}{percent:>8.1} %{log_loss:>10.4}{logit_diff:>12.3}", exam.title())?;
        }
        let Survey { prompts, logit_diff, mover: [layer, head], heads } = &self.survey;
        writeln!(out, "\n{prompts} prompts of the default dataset, logit[IO] − logit[S] {logit_diff:.3}")?;
        writeln!(
            out,
            "attention from → to, score END→IO − END→S1, direct part in the logit difference, and what an"
        )?;
        writeln!(
            out,
            "ablation of the head does to the logit difference and to the score of {layer}.{head}"
        )?;
        writeln!(
            out,
            "{:<6}{:>8}{:>8}{:>8}{:>8}{:>8}{:>9}{:>9}{:>9}{:>9}",
            "head", "END→IO", "END→S1", "END→S2", "S2→S1", "→prev", "score", "direct", "Δlogit", "Δscore"
        )?;
        for h in heads {
            writeln!(
                out,
                "{:<6}{:>8.3}{:>8.3}{:>8.3}{:>8.3}{:>8.3}{:>9.3}{:>9.3}{:>9.3}{:>9.3}",
                format!("{}.{}", h.layer, h.head),
                h.end_to_io,
                h.end_to_s1,
                h.end_to_s2,
                h.s2_to_s1,
                h.to_previous,
                h.score_diff,
                h.direct,
                h.ablated,
                h.ablated_mover
            )?;
        }
        Ok(())
    }
}
