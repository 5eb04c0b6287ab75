use std::io::Write;

use anyhow::Result;
use patchbay::experiment::ExperimentSpec;
use patchbay::ioi::{Flip, IoiDataset, Positions, Prompt};
use patchbay::tokenizer::Tokenizer;
use serde_json::{Value, json};

use super::opened::Opened;
use super::options::DatasetOptions;
use super::shown::{print_json, tables, visible};

/// Prints a dataset and its flips.
pub fn dataset(options: &DatasetOptions) -> Result<()> {
    let (ExperimentSpec { dataset: mut spec, flip, .. }, mut own) = options.form.spec()?;
    let flip = Flip::parse(&flip)?;
    // Sentences need no tokenizer.
    let model = if options.json || options.model.is_some() {
        let opened = Opened::new(options.model.as_deref())?;
        Some((Tokenizer::from_json(&opened.tokenizer()?)?, opened.name))
    } else {
        None
    };
    if let Some((tokenizer, _)) = &model {
        own.fit(&mut spec, tokenizer, usize::MAX)?;
    }
    own.tell();
    let prompts = spec.generate()?;
    let flipped = flip.apply(&prompts, spec.seed)?;
    match model {
        Some((tokenizer, name)) if options.json => {
            let clean = IoiDataset::new(prompts, &tokenizer, spec.prepend_bos)?;
            let flipped = clean.flipped(flipped, &tokenizer, spec.prepend_bos)?;
            let pad = tokenizer.bos()?;
            let word_idx =
                |role: fn(&Positions) -> usize| -> Vec<usize> { clean.positions.iter().map(role).collect() };
            let mut entry = side(&clean.prompts, &clean.tokens, pad);
            entry["model"] = json!(name);
            entry["spec"] = serde_json::to_value(&spec)?;
            entry["templates"] = json!(clean.prompts.iter().map(Prompt::order).collect::<Vec<_>>());
            entry["word_idx"] = json!({
                "IO": word_idx(|p| p.io),
                "S1": word_idx(|p| p.s1),
                "S2": word_idx(|p| p.s2),
                "end": word_idx(|p| p.end),
            });
            entry["io_token_ids"] = json!(clean.io_token_ids);
            entry["s_token_ids"] = json!(clean.s_token_ids);
            entry["flips"] = json!({ flip.text(): side(&flipped.prompts, &flipped.tokens, pad) });
            if !own.left_out.is_empty() {
                entry["left_out"] = json!(own.left_out);
            }
            print_json(entry)?;
        }
        _ => {
            let mut out = tables();
            for (prompt, flipped) in prompts.iter().zip(&flipped) {
                writeln!(out, "{}\n    {}", visible(&prompt.sentence), visible(&flipped.sentence))?;
            }
        }
    }
    Ok(())
}

/// What a dataset and its flip both have, rows padded on the right.
fn side(prompts: &[Prompt], tokens: &[Vec<u32>], pad: u32) -> Value {
    let longest = tokens.iter().map(Vec::len).max().unwrap_or(0);
    let padded = |row: &Vec<u32>| {
        let mut row = row.clone();
        row.resize(longest, pad);
        row
    };
    let texts = |of: fn(&Prompt) -> &str| prompts.iter().map(of).collect::<Vec<_>>();
    json!({
        "sentences": texts(|p| &p.sentence),
        "io": texts(|p| &p.io),
        "s": texts(|p| &p.s),
        "tokens": tokens.iter().map(padded).collect::<Vec<_>>(),
    })
}
