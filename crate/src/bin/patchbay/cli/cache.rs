use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use patchbay::Error;
use patchbay::analysis::CacheRun;
use patchbay::job::{Job, TakenFile};
use serde_json::json;

use super::answered::print_cost;
use super::loaded::Loaded;
use super::options::CacheOptions;
use super::progress::pull;
use super::shown::{print_json, tables};

/// Writes activations into a file, or says what that would cost.
pub fn cache(options: &CacheOptions) -> Result<()> {
    let (mut spec, own) = options.spec()?;
    let to = options.to.as_deref().filter(|_| !options.cost);
    if let Some(to) = to {
        check_free(to, options.overwrite)?;
    }
    let mut loaded = options.common.load()?;
    loaded.fit(&mut spec.task, own)?;
    let mut run = CacheRun::new(loaded.model.clone(), &spec)?;
    let Some(to) = to else {
        return print_cost(run.cost(), run.file_bytes(), &spec, &loaded, options.common.json);
    };
    pull(&mut run)?;
    let file = run.file(about(&loaded))?.expect("a finished run has a file");
    write(to, options.overwrite, &file)?;
    let result = run.result()?.expect("a finished run has a result");
    if options.common.json {
        let mut object = loaded.beside(&result);
        object["file"] = json!(to.display().to_string());
        return print_json(object);
    }
    let mut out = tables();
    writeln!(out, "{} prompts, on {}", result.prompts, loaded.model.device.adapter)?;
    for tensor in &result.tensors {
        writeln!(out, "{} {} {:?}", tensor.name, tensor.dtype, tensor.shape)?;
    }
    writeln!(out, "{}: {:.1} MB", to.display(), result.bytes as f64 / 1e6)?;
    Ok(())
}

/// Which model it is of.
fn about(loaded: &Loaded) -> BTreeMap<String, String> {
    let model = [("model", loaded.name()), ("model_sha256", loaded.sha256())];
    model.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
}

/// Before anything is computed.
fn check_free(to: &Path, overwrite: bool) -> Result<()> {
    match to.symlink_metadata() {
        Ok(found) if !found.is_file() => {
            Err(refused(format!("expected a file, found something else at {}", to.display())))
        }
        Ok(_) if !overwrite => Err(refused(format!("{} is there already", to.display()))),
        _ => Ok(()),
    }
}

fn refused(why: String) -> anyhow::Error {
    Error::input("to", format!("--to: {why}; name another file, or give --overwrite")).into()
}

/// Under its name only once it is whole.
fn write(to: &Path, overwrite: bool, TakenFile { header, data }: &TakenFile) -> Result<()> {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let cannot_write = || format!("cannot write {}", to.display());
    let written = || -> Result<()> {
        let mut file = File::create(&part)?;
        file.write_all(header)?;
        file.write_all(data)?;
        file.sync_all()?;
        // One may have come to be there meanwhile.
        check_free(to, overwrite)?;
        Ok(fs::rename(&part, to)?)
    };
    written().inspect_err(|_| drop(fs::remove_file(&part))).with_context(cannot_write)
}
