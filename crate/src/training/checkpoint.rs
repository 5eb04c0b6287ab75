use std::fs;
use std::path::Path;

use burn::module::Module;
use serde::{Deserialize, Serialize};

use super::{TrainSpec, Trainer};
use crate::device::ComputeDevice;
use crate::{Error, Result};

/// What stands in state.json, written last: a checkpoint without it is not whole.
#[derive(Serialize, Deserialize)]
struct State {
    spec: TrainSpec,
    step: usize,
}

const STATE: &str = "state.json";
const MODEL: &str = "model.bpk";
const OPTIMIZER: &str = "optimizer.bpk";

impl Trainer {
    /// Writes all that it takes to go on to a folder, in place of what was written there before.
    ///
    /// # Errors
    /// [`Error::BadModel`] if it cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        // Beside the old one, which stays whole until this one is.
        let fresh = folder.with_extension("part");
        let written = || -> std::result::Result<(), Box<dyn std::error::Error>> {
            remove(&fresh)?;
            fs::create_dir_all(&fresh)?;
            self.model.clone().save_file(fresh.join(MODEL))?;
            self.optimizer.save(fresh.join(OPTIMIZER))?;
            let state = State { spec: self.spec.clone(), step: self.step };
            fs::write(fresh.join(STATE), serde_json::to_string_pretty(&state)?)?;
            remove(folder)?;
            fs::rename(&fresh, folder)?;
            Ok(())
        };
        written().map_err(|error| failed("written", folder, &*error))
    }

    /// A training as it was when it was saved. None where nothing is saved.
    ///
    /// # Errors
    /// [`Error::BadModel`] if it cannot be read; [`Error::BadInput`] if it was another training.
    pub fn resume(folder: &Path, spec: &TrainSpec, device: &ComputeDevice) -> Result<Option<Self>> {
        if !folder.join(STATE).exists() {
            return Ok(None);
        }
        let read = || -> std::result::Result<State, Box<dyn std::error::Error>> {
            Ok(serde_json::from_slice(&fs::read(folder.join(STATE))?)?)
        };
        let State { spec: saved, step } = read().map_err(|error| failed("read", folder, &*error))?;
        if saved != *spec {
            return Err(Error::input(
                "resume",
                format!(
                    "the checkpoint in {} is of another training: {saved:?}. Give the same options, or delete it",
                    folder.display()
                ),
            ));
        }
        let fresh = Self::new(saved, device)?;
        let load = |fresh: Self| -> std::result::Result<Self, Box<dyn std::error::Error>> {
            let model = fresh.model.clone().try_load_file(folder.join(MODEL))?;
            let optimizer = fresh.optimizer.clone().load(folder.join(OPTIMIZER))?;
            Ok(Self { model, optimizer, step, ..fresh })
        };
        Ok(Some(load(fresh).map_err(|error| failed("read", folder, &*error))?))
    }
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn failed(what: &str, folder: &Path, error: &dyn std::error::Error) -> Error {
    Error::model(format!("the checkpoint {} cannot be {what}: {error}", folder.display()))
}
