//! The options of `patch`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use patchbay::Error;
use patchbay::patch::{Direction, Fill, Over, PatchSpec, Run};
use patchbay::site::Activation;
use patchbay::vector_file::{MOST_BYTES, VectorFile};

use serde_json::Value;

use super::{CommonOptions, Judging, Printing, TaskOptions};

use crate::cli::files::read_up_to;
use crate::cli::prompts::OwnPrompts;

#[derive(Args)]
pub struct PatchOptions {
    #[command(flatten)]
    pub task: TaskOptions,
    /// Take all of it from a file: a spec, or a result of --json, which has one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["site", "over", "fill", "project", "project_out", "add"])]
    pub spec: Option<PathBuf>,
    /// The activation that is edited, or several with a grid for each: resid_pre,attn_out,mlp_out.
    #[arg(long, required_unless_present = "spec", value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Activation::SITES.map(Activation::name)))]
    pub site: Vec<String>,
    /// The grid's axes: layer, head, role, position.
    #[arg(long, value_delimiter = ',', required_unless_present = "spec",
        value_parser = PossibleValuesParser::new(Over::ALL.map(Over::name)))]
    pub over: Vec<String>,
    /// The positions, where they are no axis: all, a role, or a number from 0.
    #[arg(long, default_value = "all", value_name = "ROLE|all")]
    pub at: String,
    /// The layer, where it is no axis.
    #[arg(long)]
    pub layer: Option<usize>,
    /// The head, where it is no axis; without it all heads.
    #[arg(long)]
    pub head: Option<usize>,
    /// The run that is edited: the corrupted one (denoise, the default of patching) or the clean one (noise).
    #[arg(long, value_enum)]
    pub direction: Option<DirectionName>,
    /// Put zero there, or the mean of the corrupted run over the prompt's group, instead of the other run's values.
    #[arg(long, value_enum)]
    pub fill: Option<FillName>,
    /// Project what is there on the span of directions.
    ///
    /// A direction is W_U[answers], W_U[wrong], W_U[answers-wrong], or a file: .npy, .json with an array of numbers, or
    /// .safetensors with FILE:TENSOR; a row of several is FILE:TENSOR[5], or FILE[5].
    #[arg(long, value_delimiter = ',', value_name = "DIRECTIONS", conflicts_with = "fill")]
    pub project: Vec<String>,
    /// Take out of what is there its part in the span of directions.
    #[arg(long, value_delimiter = ',', value_name = "DIRECTIONS", conflicts_with_all = ["fill", "project"])]
    pub project_out: Vec<String>,
    /// Add a direction.
    #[arg(long, value_name = "DIRECTION", conflicts_with_all = ["fill", "project", "project_out"])]
    pub add: Option<String>,
    /// So many times.
    #[arg(long, default_value_t = 1.0, requires = "add")]
    pub times: f32,
    /// Keep ln1's scale as in the unedited run; for q_input, k_input and v_input.
    #[arg(long)]
    pub freeze_ln: bool,
    #[command(flatten)]
    pub judging: Judging,
    #[command(flatten)]
    pub printing: Printing,
    #[command(flatten)]
    pub common: CommonOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DirectionName {
    /// Put clean values into the corrupted run.
    Denoise,
    /// Put corrupted values into the clean run.
    Noise,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FillName {
    Zero,
    Mean,
}

impl PatchOptions {
    pub fn spec(&self) -> Result<(PatchSpec, OwnPrompts)> {
        if let Some(file) = &self.spec {
            let spec = spec_of(file)?;
            spec.check()?;
            return Ok((spec, OwnPrompts::default()));
        }
        let (task, own) = self.task.spec()?;
        let fill = match (self.fill, &self.add) {
            (Some(FillName::Zero), _) => Fill::Zero,
            (Some(FillName::Mean), _) => Fill::Mean,
            (None, Some(add)) => Fill::Add(direction(add)?, self.times),
            (None, None) if !self.project.is_empty() => Fill::Project(directions(&self.project)?),
            (None, None) if !self.project_out.is_empty() => Fill::ProjectOut(directions(&self.project_out)?),
            (None, None) => Fill::Patch,
        };
        let mut sites = self.site.iter().map(|site| site.parse()).collect::<patchbay::Result<Vec<_>>>()?;
        let spec = PatchSpec {
            task,
            site: sites.remove(0),
            also: sites,
            over: self.over.iter().map(|axis| axis.parse()).collect::<patchbay::Result<_>>()?,
            at: self.at.clone().into(),
            layer: self.layer,
            head: self.head,
            direction: self.direction.map(|direction| match direction {
                DirectionName::Denoise => Run::Denoise,
                DirectionName::Noise => Run::Noise,
            }),
            fill,
            freeze_ln: self.freeze_ln,
            metric: self.judging.metric.parse()?,
            per_prompt: self.judging.per_prompt,
        };
        spec.check()?;
        Ok((spec, own))
    }
}

fn spec_of(file: &Path) -> Result<PatchSpec> {
    const MOST_BYTES: u64 = 64 << 20;
    let shown = file.display();
    let unreadable =
        |error: serde_json::Error| Error::input("spec", format!("{shown} has no spec of a grid: {error}"));
    let mut json: Value =
        serde_json::from_slice(&read_up_to(file, &shown.to_string(), MOST_BYTES)?).map_err(unreadable)?;
    let spec = json.get_mut("spec").map(Value::take).unwrap_or(json);
    Ok(serde_json::from_value(spec).map_err(unreadable)?)
}

fn directions(texts: &[String]) -> Result<Vec<Direction>> {
    texts.iter().map(|text| direction(text)).collect()
}

/// One with a name, or of a file.
fn direction(text: &str) -> Result<Direction> {
    let Some((path, tensor, row)) = file_of(text) else { return Ok(text.parse()?) };
    let shown = path.display().to_string();
    let size = path.metadata()?.len();
    if size > MOST_BYTES as u64 {
        let most = MOST_BYTES >> 20;
        let message =
            format!("{shown}: expected at most {most} MiB, found {}; save the vector by itself", size >> 20);
        return Err(Error::input("fill", message).into());
    }
    let bytes = read_up_to(path, &shown, MOST_BYTES as u64)?;
    Ok(Direction::Vector(VectorFile::open(&shown, &bytes)?.vector(tensor, row)?))
}

/// FILE, FILE:TENSOR, either of them with [ROW]; nothing where there is no such file.
fn file_of(text: &str) -> Option<(&Path, Option<&str>, Option<usize>)> {
    let is_file = |text: &str| Path::new(text).is_file();
    let rowed = text.strip_suffix(']').and_then(|text| text.rsplit_once('['));
    let rowed = rowed.and_then(|(before, row)| Some((before, Some(row.parse().ok()?))));
    // As it is written first, since any character may be in a name.
    for (before, row) in [Some((text, None)), rowed].into_iter().flatten() {
        if is_file(before) {
            return Some((Path::new(before), None, row));
        }
        if let Some((file, tensor)) = before.rsplit_once(':').filter(|(file, _)| is_file(file)) {
            // A tensor's own name may end in brackets too; a row is what is meant by them.
            if row.is_some() || rowed.is_none() {
                return Some((Path::new(file), Some(tensor), row));
            }
        }
    }
    None
}
