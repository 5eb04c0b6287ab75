mod address;
mod folder;

use std::io::Write;

use anyhow::{Result, anyhow};
use patchbay::Error;
use patchbay::device::ComputeDevice;
use patchbay::hub::gpt2_small;
use patchbay::loader::ModelLoader;

use self::address::Address;
use self::folder::{Folder, Staging};
use super::files::{self, CONFIG, INDEX, Source, WEIGHTS, check_cached, read};
use super::hub::{Client, Environment, Snapshot};
use super::loaded::load;
use super::model::{HubName, Model};
use super::opened::Opened;
use super::options::{DeviceChoice, FetchOptions};
use super::record::Record;
use super::shown::tables;

/// Puts a model's files into a folder, all of one version: none has its place before all have been verified.
pub fn fetch(options: &FetchOptions) -> Result<()> {
    let environment = Environment::read()?;
    let model = Model::parse(&options.model, &environment.endpoint)?;
    let job = Job { options, expected: expected(options, &model)? };
    match model {
        Model::Hub(name) => job.fetch_hub(name, &environment),
        Model::Url(base) if environment.offline => {
            Err(anyhow!("cannot fetch {}: HF_HUB_OFFLINE is set", base.address))
        }
        Model::Url(base) => {
            let folder = Folder::open(&options.to, &base.address)?;
            if let Some(record) = folder.complete(None).filter(|record| job.is_expected(record)) {
                return job.report("holds it already", record);
            }
            let staging = Staging::new(&folder)?;
            let record_of = base.address.clone();
            let address = Address::new(base, Client::new(&environment), staging.path.clone());
            let names = job.stage(&address, &staging, false)?;
            address.check_unchanged()?;
            job.finish(&folder, staging, record_of, None, &names)
        }
        Model::Embedded | Model::Folder(_) => {
            let message = format!(
                "--model: expected OWNER/NAME on the hub, or an address that starts with https:// or http://, found \"{}\"",
                options.model.display()
            );
            Err(Error::input("model", message).into())
        }
    }
}

/// The SHA-256 that the weights must have.
fn expected(options: &FetchOptions, model: &Model) -> Result<Option<String>> {
    let known = gpt2_small();
    match (&options.sha256, model) {
        (Some(other), Model::Hub(name)) if name.is_pinned() && *other != known.weights.sha256 => {
            let (expected, id) = (known.weights.sha256, known.id);
            let message = format!("--sha256: expected {expected} for {id}, found {other}; leave it out");
            Err(Error::input("sha256", message).into())
        }
        (None, Model::Hub(name)) if name.is_pinned() => Ok(Some(known.weights.sha256)),
        (asked, _) => Ok(asked.clone()),
    }
}

struct Job<'a> {
    options: &'a FetchOptions,
    expected: Option<String>,
}

impl Job<'_> {
    fn fetch_hub(&self, name: HubName, environment: &Environment) -> Result<()> {
        let (id, is_pinned) = (name.id.clone(), name.is_pinned());
        let folder = Folder::open(&self.options.to, &id)?;
        let snapshot = Snapshot::open(name, environment)?;
        if let Some(record) =
            folder.complete(Some(&snapshot.commit)).filter(|record| self.is_expected(record))
        {
            return self.report("holds it already", record);
        }
        let staging = Staging::new(&folder)?;
        let names = self.stage(&snapshot, &staging, is_pinned)?;
        self.finish(&folder, staging, id, Some(snapshot.commit), &names)
    }

    /// All files of the model, verified.
    fn stage(&self, source: &dyn Source, staging: &Staging, is_pinned: bool) -> Result<Vec<String>> {
        let config = files::config(source)?;
        let tokenizer = files::tokenizer(source)?;
        // Before the wait for the weights.
        ModelLoader::new(ComputeDevice::cpu(), read(&config, CONFIG)?, &tokenizer.read_tokenizer()?)?;
        let weights = files::weights(source)?;
        let mut found = vec![(CONFIG.to_owned(), config)];
        found.extend(tokenizer.files);
        found.extend(weights.index.map(|index| (INDEX.to_owned(), index)));
        found.extend(weights.files);
        for (name, path) in &found {
            if !path.starts_with(&staging.path) {
                check_cached(name, path, None)?;
                staging.copy(name, path)?;
            }
        }
        let staged = Opened::folder(staging.path.clone(), is_pinned)?;
        let (_, identity, ()) = load(&staged, DeviceChoice::Cpu, |_| Ok(()))?;
        match &self.expected {
            Some(expected) if *expected != identity.sha256 => Err(Error::model(format!(
                "the weights are not what they should be: expected SHA-256 {expected}, found {}",
                identity.sha256
            ))
            .into()),
            _ => Ok(found.into_iter().map(|(name, _)| name).collect()),
        }
    }

    fn finish(
        &self,
        folder: &Folder,
        staging: Staging,
        model: String,
        revision: Option<String>,
        names: &[String],
    ) -> Result<()> {
        let record = Record { model, revision, files: staging.stored(names)? };
        folder.take(staging, &record)?;
        self.report("holds the model", &record)
    }

    fn is_expected(&self, record: &Record) -> bool {
        let found = record.files.get(WEIGHTS).map(|stored| &stored.sha256);
        self.expected.is_none() || self.expected.as_ref() == found
    }

    fn report(&self, what: &str, record: &Record) -> Result<()> {
        let place = self.options.to.display();
        let of = match (&record.revision, record.files.get(WEIGHTS)) {
            (Some(revision), _) if self.expected.is_none() => format!("{} at {revision}", record.model),
            (_, Some(stored)) => format!("SHA-256 of {WEIGHTS}: {}", stored.sha256),
            _ => record.model.clone(),
        };
        let known = if self.expected.is_some() { ", as expected" } else { "" };
        writeln!(tables(), "{place} {what}; {of}{known}")?;
        Ok(())
    }
}
