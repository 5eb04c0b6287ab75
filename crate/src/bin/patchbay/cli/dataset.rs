use std::path::Path;

use anyhow::{Context, Result};
use patchbay::ioi::{Flip, IoiDataset, Prompt};
use patchbay::tokenizer::Tokenizer;
use serde_json::{Value, json};

use super::options::DatasetOptions;

/// Prints a dataset and its flips.
pub fn dataset(options: &DatasetOptions) -> Result<()> {
    let spec = options.dataset.spec();
    let prompts = spec.generate()?;
    let flip = Flip::parse(&options.dataset.flip)?;
    let flipped = flip.apply(&prompts, spec.seed)?;
    match &options.model {
        Some(model) if options.json => {
            let tokenizer = Tokenizer::from_json(&read(model, "tokenizer.json")?)?;
            let clean = IoiDataset::new(prompts, &tokenizer, spec.prepend_bos)?;
            let flipped = clean.flipped(flipped, &tokenizer, spec.prepend_bos)?;
            let pad = tokenizer.bos();
            let word_idx = |role: fn(&patchbay::ioi::Positions) -> usize| -> Vec<usize> {
                clean.positions.iter().map(role).collect()
            };
            let mut entry = side(&clean, pad);
            entry["spec"] = serde_json::to_value(&spec)?;
            entry["templates"] = json!(clean.prompts.iter().map(Prompt::order).collect::<Vec<_>>());
            entry["word_idx"] = json!({
                "IO": word_idx(|p| p.io), "S1": word_idx(|p| p.s1), "S2": word_idx(|p| p.s2), "end": word_idx(|p| p.end),
            });
            entry["io_token_ids"] = json!(clean.io_token_ids);
            entry["s_token_ids"] = json!(clean.s_token_ids);
            entry["flips"] = json!({ flip.text(): side(&flipped, pad) });
            println!("{entry}");
        }
        _ => {
            for (prompt, flipped) in prompts.iter().zip(&flipped) {
                println!("{}\n    {}", prompt.sentence, flipped.sentence);
            }
        }
    }
    Ok(())
}

/// What a dataset and its flip both have, rows padded on the right.
fn side(dataset: &IoiDataset, pad: u32) -> Value {
    let longest = dataset.tokens.iter().map(Vec::len).max().unwrap_or(0);
    let padded = |row: &Vec<u32>| {
        let mut row = row.clone();
        row.resize(longest, pad);
        row
    };
    let texts = |of: fn(&Prompt) -> &str| dataset.prompts.iter().map(of).collect::<Vec<_>>();
    json!({
        "sentences": texts(|p| &p.sentence),
        "io": texts(|p| &p.io),
        "s": texts(|p| &p.s),
        "tokens": dataset.tokens.iter().map(padded).collect::<Vec<_>>(),
    })
}

/// One file of a model's folder.
pub fn read(model: &Path, file: &str) -> Result<Vec<u8>> {
    let path = model.join(file);
    std::fs::read(&path).with_context(|| {
        format!("cannot read {}; a model folder holds config.json, model.safetensors and tokenizer.json", path.display())
    })
}
