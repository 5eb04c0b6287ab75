//! Patchbay: GPT-2 with its activations on a patch bay.
//!
//! The data flows one way, and so do the dependencies between modules:
//!
//! 1. [`ioi`] makes prompts from a [`ioi::DatasetSpec`], the same as the reference's Python generator
//!    ([`python_random`]), and flips their names ([`ioi::Flip`]).
//! 2. [`tokenizer`] turns prompts into an [`ioi::IoiDataset`]: token rows, and the positions of the roles
//!    IO, S1, S2 and END.
//! 3. [`task`] makes of these what a model is asked on, whatever the task: examples with a clean and a corrupted row,
//!    roles and answers.
//! 4. [`loader`] reads config.json, tokenizer.json (or vocab.json and merges.txt) and model.safetensors ([`weights`]) into a
//!    [`model::Gpt2`] on a [`device`](mod@device) that has been found to compute what the CPU does ([`self_check`]).
//!    [`hub`] says where GPT-2 small's are.
//! 5. [`site`] names the activations, [`patch`] says as data what is put where, [`metric`] what a run is judged by.
//!    [`vector_file`] reads what somebody wants to put there from a file.
//! 6. [`engine`] runs unedited and edited runs of many prompts together up the layers: an edited run is a branch of the
//!    tree of their tokens. It is held against [`hooks`], the plain forward in which every activation can be read and
//!    replaced, and which training differentiates.
//! 7. [`analysis`] is what can be asked with it, and [`experiment`] the notebook's questions: edits at a head, its attention,
//!    why it attends. [`published`] has what others found of GPT-2 small, to hold a model against. [`projection`] is one of
//!    the edits, [`nearest`] looks over the vocabulary for tokens that are alike.
//! 8. [`frame`] is what a result is made of: numbers by named axes, their means and how sure these are. [`report`] is
//!    what is said and drawn of it, [`reproduce`] what repeats a run elsewhere.
//! 9. [`job`] plans any of these from a spec, by name, as something that is pulled step by step; [`speed`] says how long
//!    that takes. [`schema`] says which fields a spec is asked for by, and reads their texts; [`plain`] what of a text can
//!    be shown.
//!
//! The page ships with a toy model, [`ioi_mini`], which `training` (feature "train") makes.
//!
//! [`bench`](mod@bench) has a run's steps one by one, to be timed.
//!
//! `wasm.rs` puts this on the page, `bin/patchbay` on the command line; neither computes anything.

pub mod analysis;
pub mod bench;
mod columns;
pub mod device;
pub mod engine;
pub mod error;
pub mod experiment;
pub mod frame;
pub mod hooks;
pub mod hub;
pub mod ioi;
#[cfg(not(target_arch = "wasm32"))]
pub mod ioi_mini;
pub mod job;
pub mod left_out;
pub mod loader;
pub mod metric;
pub mod model;
pub mod nearest;
pub mod patch;
pub mod plain;
pub mod projection;
pub mod published;
pub mod python_random;
pub mod report;
pub mod reproduce;
pub mod room;
pub mod schema;
pub mod self_check;
pub mod site;
pub mod speed;
pub mod task;
pub mod tokenizer;
#[cfg(feature = "train")]
pub mod training;
pub mod vector_file;
#[cfg(feature = "gpu")]
mod warm_up;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
pub mod weights;
mod wrong_file;

pub use error::{Error, ErrorKind, Result};
