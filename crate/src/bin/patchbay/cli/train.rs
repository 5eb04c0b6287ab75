use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use patchbay::ioi::Prompt;
use patchbay::ioi_mini::{Exam, HeldOut, examine};
use patchbay::training::{StepReport, Trainer, export};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::evaluate::Exams;
use super::files::hex;
use super::loaded::Loaded;
use super::options::{DeviceChoice, TrainOptions};
use super::progress::{bar, say_above};
use super::shown::tables;
use super::trained::Trained;

/// Steps between two checkpoints, and two looks at the accuracy.
const CHECKPOINT: usize = 250;
const LOOK: usize = 50;
/// Prompts of such a look.
const LOOK_AT: usize = 200;

/// Trains a model from a seed and writes its files, and card.json with its figures.
pub fn train(options: &TrainOptions) -> Result<()> {
    let spec = options.spec();
    let device = options.device.open()?;
    let checkpoint = checkpoint_of(&options.to);
    let resumed = if options.resume { Trainer::resume(&checkpoint, &spec, &device)? } else { None };
    let mut trainer = match resumed {
        Some(trainer) => trainer,
        None => Trainer::new(spec, &device)?,
    };
    let begun = Instant::now();
    let from = trainer.step();
    let loss = take_steps(&mut trainer, &checkpoint)?;
    let seconds = begun.elapsed().as_secs();

    let files = pollster::block_on(export(&trainer))?;
    fs::create_dir_all(&options.to).with_context(|| format!("cannot make {}", options.to.display()))?;
    let mut described = Map::new();
    for (name, bytes) in &files {
        let path = options.to.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        let entry = json!({ "bytes": bytes.len(), "sha256": hex(Sha256::new_with_prefix(bytes)) });
        described.insert((*name).to_owned(), entry);
    }
    // What is judged is what was written.
    let model = Loaded::new(Some(&options.to), DeviceChoice::Cpu)?.model;
    let exams = Exams::of(&model)?;
    let trained = Trained::of(&model)?;
    let card = json!({
        "files": described,
        "default_head": trained.mover,
        "circuit": trained.keep,
        "command": options.command(),
        "spec": trainer.spec(),
        "parameters": model.gpt2.config.parameters(),
        "vocab_size": model.gpt2.config.vocab_size,
        "held_out": {
            "pairs_of_names": HeldOut::new().pairs(),
            "templates": HeldOut::templates(true),
        },
        "training": {
            "device": device.adapter,
            "texts": trainer.spec().steps * trainer.spec().batch,
            "loss": loss,
            "seconds": (from == 0).then_some(seconds),
        },
        "evaluation": { "exams": exams.by_name(), "tasks": exams.tasks(), "heads": trained.heads, "experiment": trained.experiment, "paths": trained.paths, "circuit": trained.circuit },
    });
    fs::write(options.to.join("card.json"), format!("{card:#}\n"))?;
    exams.print(&mut tables(), &options.to.to_string_lossy())?;
    // Only now: until here a failure can be mended and the training gone on with.
    fs::remove_dir_all(&checkpoint).ok();
    Ok(())
}

/// Beside the folder of the model.
fn checkpoint_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".checkpoint");
    to.with_file_name(name)
}

/// Steps until the last, with a checkpoint now and then. Gives the mean loss of the last steps.
fn take_steps(trainer: &mut Trainer, checkpoint: &Path) -> Result<Option<f32>> {
    let steps = trainer.spec().steps;
    let bar = bar(Some(steps as u64), "{wide_bar} {pos}/{len} {eta} {msg}");
    let prompts: Vec<Prompt> = Exam::UnseenSeed.prompts().into_iter().take(LOOK_AT).collect();
    let mut losses = Vec::new();
    while trainer.step() < steps {
        let StepReport { step, loss } = pollster::block_on(trainer.train_step())?;
        losses.push(loss);
        bar.set_position(step as u64);
        if step % LOOK == 0 || step == steps {
            let (model, tokenizer) = (trainer.model(), trainer.tokenizer());
            let look = pollster::block_on(examine(&model, tokenizer, prompts.clone(), 1024))?;
            let line = format!(
                "step {step}: loss {:.4}; of the last name: log-loss {:.3}, accuracy {:.1} %, logit difference {:.2}",
                mean_of_last(&losses).unwrap_or(loss),
                look.log_loss,
                100.0 * look.accuracy,
                look.logit_diff
            );
            say_above(&bar, &line);
        }
        if step % CHECKPOINT == 0 || step == steps {
            trainer.save(checkpoint)?;
        }
    }
    bar.finish_and_clear();
    Ok(mean_of_last(&losses))
}

fn mean_of_last(losses: &[f32]) -> Option<f32> {
    let last = &losses[losses.len().saturating_sub(LOOK)..];
    (!last.is_empty()).then(|| last.iter().sum::<f32>() / last.len() as f32)
}

impl TrainOptions {
    /// The command that trains the same model.
    fn command(&self) -> Value {
        let spec = self.spec();
        let options = format!(
            "--seed {} --layers {} --heads {} --width {} --mlps {} --inner {} --steps {} --batch {} --learning-rate {} --weight-decay {} --guidance {}",
            spec.seed,
            spec.n_layer,
            spec.n_head,
            spec.n_embd,
            spec.mlps,
            spec.n_inner,
            spec.steps,
            spec.batch,
            spec.learning_rate,
            spec.weight_decay,
            spec.guidance
        );
        json!(format!("cargo run --release --features train -- train {options} --device cpu --to DIR"))
    }
}
