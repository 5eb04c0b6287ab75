use std::io::Write;

use anyhow::Result;
use patchbay::job::Analysis;
use patchbay::nearest::{Nearest, NearestTokens, SPACES, embeddings};
use serde_json::{Value, json};

use super::answered::write_script;
use super::options::EmbedOptions;
use super::progress::pull;
use super::shown::{print_json, tables};

/// Prints the tokens nearest to each one given, or one JSON object with the vectors too.
pub fn embed(options: &EmbedOptions) -> Result<()> {
    let loaded = options.common.load()?;
    let model = &loaded.model;
    let count = options.form.number("explore_nearest") as usize;
    let mut search = Nearest::new(model.clone(), &options.tokens, count)?;
    pull(&mut search)?;
    let found = search.result()?.expect("a finished search has a result");
    write_script(Nearest::NAME, json!(found), &loaded, &options.scripting)?;
    if options.common.json {
        let ids: Vec<u32> = found.iter().map(|of_token| of_token.token).collect();
        let vectors = SPACES.iter().zip(embeddings(&model.gpt2, &ids)).map(|(space, vectors)| {
            let values: Vec<f32> = vectors.into_data().iter::<f32>().collect();
            ((*space).to_owned(), json!(values.chunks(model.gpt2.config.n_embd).collect::<Vec<_>>()))
        });
        let object = json!({
            "token_ids": ids, "effective_embedding": vectors.collect::<Value>(), "nearest": found,
        });
        print_json(loaded.beside(&object))?;
    } else {
        let mut out = tables();
        for of_token in &found {
            print_table(&mut out, of_token)?;
        }
    }
    Ok(())
}

fn print_table(out: &mut impl Write, found: &NearestTokens) -> Result<()> {
    const WIDTH: usize = 28;
    writeln!(out, "{:?}, token {}: nearest by cosine", found.text, found.token)?;
    writeln!(out, "{}\n", found.report().answer)?;
    let heading: String = found.spaces.iter().map(|space| format!("{:<WIDTH$}", space.space)).collect();
    writeln!(out, "{}", heading.trim_end())?;
    let most = found.spaces.iter().map(|space| space.tokens.len()).max().unwrap_or(0);
    for place in 0..most {
        let cells = found.spaces.iter().filter_map(|space| space.tokens.get(place));
        let row: String =
            cells.map(|near| format!("{:<WIDTH$}", format!("{:.4} {:?}", near.cosine, near.text))).collect();
        writeln!(out, "{}", row.trim_end())?;
    }
    writeln!(out)?;
    Ok(())
}
