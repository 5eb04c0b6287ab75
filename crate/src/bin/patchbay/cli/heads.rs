use std::io::Write;

use anyhow::Result;
use patchbay::analysis::{HeadsResult, HeadsRun, PerHead};

use super::answered::answer;
use super::options::HeadsOptions;
use super::shown::tables;

/// Prints what each head looks at, copies and is worth, or one JSON object; or what it would cost.
pub fn heads(options: &HeadsOptions) -> Result<()> {
    let (mut task, own) = options.task()?;
    let mut loaded = options.common.load()?;
    loaded.fit(&mut task, own)?;
    let spec = options.spec(task, loaded.model.gpt2.config.n_ctx);
    let run = HeadsRun::new(loaded.model.clone(), &spec)?;
    answer(run, &spec, &loaded, &options.common, &options.printing, |run| {
        let result = run.result()?.expect("a finished run has a result");
        print_heads(&mut tables(), &result, &loaded.model.device.adapter)
    })
}

/// A line for each head.
fn print_heads(out: &mut impl Write, result: &HeadsResult, adapter: &str) -> Result<()> {
    write!(out, "{} prompts, on {adapter}", result.prompts)?;
    if let Some(logit_diff) = result.logit_diff {
        write!(out, "; logit difference {logit_diff:.3}")?;
    }
    writeln!(out)?;
    let mut columns: Vec<(&str, &PerHead)> = Vec::new();
    let mut add = |name, figure| columns.extend(Option::as_ref(figure).map(|figure| (name, figure)));
    add("previous", &result.previous_token);
    add("duplicate", &result.duplicate_token);
    add("induction", &result.induction);
    columns.extend(result.attention.iter().flatten().map(|(roles, figure)| (roles.as_str(), figure)));
    let mut add = |name, figure| columns.extend(Option::as_ref(figure).map(|figure| (name, figure)));
    add("copying", &result.copying);
    add("negative", &result.copying_negative);
    add("direct", &result.direct);
    add("ablated", &result.ablated);
    let width = |name: &str| name.chars().count().max(6) + 2;
    let names: String = columns.iter().map(|(name, _)| format!("{name:>0$}", width(name))).collect();
    writeln!(out, "{:<6}{names}", "head")?;
    let sizes = columns.first().map_or((0, 0), |(_, figure)| (figure.len(), figure[0].len()));
    for (layer, head) in (0..sizes.0).flat_map(|layer| (0..sizes.1).map(move |head| (layer, head))) {
        let number = |(name, figure): &(&str, &PerHead)| {
            let number = figure[layer][head].map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
            format!("{number:>0$}", width(name))
        };
        let numbers: String = columns.iter().map(number).collect();
        writeln!(out, "{:<6}{numbers}", format!("{layer}.{head}"))?;
    }
    Ok(())
}
