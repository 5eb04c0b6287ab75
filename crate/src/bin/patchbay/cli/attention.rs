use std::io::Write;

use anyhow::Result;
use patchbay::analysis::{Prediction, TextResult, TextRun, TextSource};
use patchbay::job::Job;

use super::answered::answer;
use super::options::AttentionOptions;
use super::shown::{tables, visible};

/// Prints what a head attends to in a text and what comes next after each token, or one JSON object; or what it would cost.
pub fn attention(options: &AttentionOptions) -> Result<()> {
    let (mut spec, own) = options.spec()?;
    let (mut loaded, [layer, head]) = options.at.load(&options.common)?;
    (spec.layer, spec.head) = (layer, head);
    if let TextSource::Example { task, .. } = &mut spec.source {
        loaded.fit(task, own)?;
    }
    let run = TextRun::new(loaded.model.clone(), &spec)?;
    answer(run, &spec, &loaded, &options.common, &options.printing, |run| {
        let report = run.report()?.expect("a finished run has a report");
        let mut out = tables();
        writeln!(out, "{}, on {}\n{}", report.about, loaded.model.device.adapter, report.answer)?;
        print_tokens(&mut out, &run.result()?.expect("a finished run has a result"))
    })
}

/// A line for each token: what the last one's query gives it, and what comes after it.
fn print_tokens(out: &mut impl Write, result: &TextResult) -> Result<()> {
    let last = result.tokens.len() - 1;
    let (scores, pattern) = (&result.scores[last], &result.pattern[last]);
    writeln!(out, "\n{:<26}{:>10}{:>10}  then", "token", "score", "pattern")?;
    for (at, token) in result.tokens.iter().enumerate() {
        let roles = result.roles.iter().filter(|(_, position)| **position == at);
        let roles: String = roles.map(|(role, _)| format!(" {role}")).collect();
        let next = |Prediction { token, probability, .. }: &Prediction| {
            format!("{:.1}% \"{}\"", 100.0 * probability, visible(token))
        };
        let next: Vec<String> = result.predictions[at].iter().map(next).collect();
        let name = format!("{at} \"{}\"{roles}", visible(token));
        writeln!(out, "{name:<26}{:>10.3}{:>10.3}  {}", scores[at], pattern[at], next.join(", "))?;
    }
    Ok(())
}
