//! model.safetensors into its part, from wherever an earlier try ended to the verified end.

use anyhow::{Result, anyhow};
use indicatif::ProgressBar;
use patchbay::{Error, ErrorKind};
use ureq::http::StatusCode;

use super::http::{Answer, Client, Version};
use super::intake::{Intake, SmallFiles};
use super::part::{Mark, Part};
use super::retry::{Failure, persist};
use super::source::Pin;
use crate::cli::progress::say;

/// A part is marked once in so many bytes, and when a try ends: no more than this is lost to a crash.
const MARK_EVERY: u64 = 8 << 20;

pub struct Download<'a> {
    pub client: &'a Client,
    pub url: &'a str,
    pub pin: Option<&'a Pin>,
    pub small: &'a SmallFiles,
    pub bar: &'a ProgressBar,
}

impl Download<'_> {
    /// The SHA-256 of the whole, verified part. A part that cannot be right is removed.
    pub fn run(&self, mut part: Part) -> Result<(Part, String)> {
        match self.complete(&mut part) {
            Ok(sha256) => Ok((part, sha256)),
            Err(error) if error.downcast_ref().map(Error::kind) == Some(ErrorKind::BadModel) => {
                part.remove()?;
                Err(anyhow!("{error:#}. What was fetched of it is removed: fetch again"))
            }
            Err(error) => Err(error),
        }
    }

    fn complete(&self, part: &mut Part) -> Result<String> {
        let mut intake = self.read(part)?;
        let kept = intake.bytes();
        if kept > 0 {
            say(self.bar, &format!("model.safetensors: {kept} bytes are there already"));
        }
        self.bar.reset_eta();
        persist(self.url, self.bar, kept, || {
            self.attempt(part, &mut intake).or_else(|failure| {
                let marked = mark(part, &intake);
                match failure {
                    // It is the one to tell of; what is not marked is fetched again.
                    Failure::Final(_) => Err(failure),
                    Failure::Passing { .. } => {
                        marked?;
                        Err(failure.keeping(intake.bytes()))
                    }
                }
            })
        })?;
        Ok(intake.finish(self.pin)?)
    }

    /// What is there already, hashed and checked again, for anything may have happened to it.
    fn read(&self, part: &mut Part) -> Result<Intake> {
        self.bar.set_message("reading what is there");
        let mut intake = Intake::new(self.small)?;
        if self.read_into(&mut intake, part)? {
            return Ok(intake);
        }
        say(self.bar, "model.safetensors: what is there is damaged; starting over");
        part.start_over(Version::default())?;
        Ok(Intake::new(self.small)?)
    }

    /// Whether it can be the beginning of the file.
    fn read_into(&self, intake: &mut Intake, part: &mut Part) -> Result<bool> {
        let Some(mark) = part.mark().cloned() else {
            return Ok(true);
        };
        if part.size()? < mark.bytes {
            return Ok(false);
        }
        let mut chunk = vec![0; 1 << 20];
        loop {
            match part.read(&mut chunk)? {
                0 => return Ok(intake.sha256() == mark.sha256),
                read if intake.push(&chunk[..read]).is_err() => return Ok(false),
                _ => self.show(part.version(), intake),
            }
        }
    }

    /// One request, and as much of the file as it brings.
    fn attempt(&self, part: &mut Part, intake: &mut Intake) -> Result<(), Failure> {
        let at = intake.bytes();
        if at > 0 && part.version().total.or(intake.total()) == Some(at) {
            return Ok(());
        }
        let from = part.version().validator().filter(|_| at > 0).map(|version| (at, version));
        let mut answer = self.client.get(self.url, from)?;
        let resumed = answer.status == StatusCode::PARTIAL_CONTENT;
        if !resumed || answer.first != at || !answer.version.may_be(part.version()) {
            if answer.status == StatusCode::OK {
                self.check_size(&answer.version)?;
            }
            if at > 0 {
                let why = if !resumed && answer.version.may_be(part.version()) {
                    "the server sends the file from its beginning only"
                } else {
                    "the file on the server has changed"
                };
                say(self.bar, &format!("model.safetensors: {why}; starting over"));
            }
            *intake = Intake::new(self.small).map_err(anyhow::Error::from)?;
            let version =
                if answer.status == StatusCode::OK { answer.version.clone() } else { Version::default() };
            part.start_over(version)?;
            if answer.status != StatusCode::OK {
                // Nothing is there now, so that this asks for the whole file.
                return self.attempt(part, intake);
            }
        }
        self.receive(&mut answer, part, intake)
    }

    /// Before anything is dropped for it: a page that asks to log in to the network is an answer too.
    fn check_size(&self, version: &Version) -> Result<()> {
        match (self.pin.and_then(|pin| pin.size), version.total) {
            (Some(expected), Some(found)) if found != expected => Err(anyhow!(
                "model.safetensors at {} is not the file it should be: expected {expected} bytes, the server announces {found}",
                self.url
            )),
            _ => Ok(()),
        }
    }

    fn receive(&self, answer: &mut Answer, part: &mut Part, intake: &mut Intake) -> Result<(), Failure> {
        self.bar.set_message("");
        let mut chunk = vec![0; 1 << 20];
        loop {
            match answer.read(&mut chunk)? {
                0 => break,
                read => self.take(&chunk[..read], part, intake)?,
            }
        }
        match part.version().total.or(intake.total()) {
            Some(total) if intake.bytes() >= total => Ok(()),
            _ => Err(Failure::passing("the answer ended before the file did")),
        }
    }

    fn take(&self, bytes: &[u8], part: &mut Part, intake: &mut Intake) -> Result<()> {
        intake.push(bytes)?;
        if let (Some(by_header), Some(announced)) = (intake.total(), part.version().total)
            && by_header != announced
        {
            return Err(Error::model(format!(
                "model.safetensors: its header adds up to {by_header} bytes, but the server announces {announced}"
            ))
            .into());
        }
        part.write(bytes)?;
        if intake.bytes() % MARK_EVERY < bytes.len() as u64 {
            mark(part, intake)?;
        }
        self.show(part.version(), intake);
        Ok(())
    }

    fn show(&self, version: &Version, intake: &Intake) {
        if let Some(total) = version.total.or(intake.total()) {
            self.bar.set_length(total);
        }
        self.bar.set_position(intake.bytes());
    }
}

/// Not after a failed write: then there is another number of bytes than has been taken in.
fn mark(part: &mut Part, intake: &Intake) -> Result<()> {
    if part.size()? != intake.bytes() {
        return Ok(());
    }
    part.set_mark(Mark { bytes: intake.bytes(), sha256: intake.sha256() })
}
