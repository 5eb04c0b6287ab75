//! Natively, on the CPU, in one program: linking one for each file takes longer than running them. Apart are tests that need a
//! process to themselves (`memory*.rs`), a GPU (`gpu.rs`) or a browser (`browser*.rs`).

#![cfg(not(target_arch = "wasm32"))]

#[path = "../fixture/mod.rs"]
mod fixture;

mod analyses {
    mod attribution;
    mod cache;
    mod circuit;
    mod heads;
    mod patching;
    mod paths;
    mod text;
    mod verify;
}
mod asked {
    mod circuits;
    mod grids;
    mod heads;
    mod job;
    mod once;
    mod reports;
    mod reproduce;
    mod schema;
    mod scripts;
    mod task;
    mod vectors;
    mod writes;
}
mod experiments {
    mod attention;
    mod attention_form;
    mod controls;
    mod decomposition;
    mod experiment;
    mod sweep;
}
mod files {
    mod in_the_wild;
    mod tokenizer;
    mod untrusted;
    mod vocabularies;
    mod weights;
}
mod models {
    mod interventions;
    mod ioi_mini;
    mod model;
    #[cfg(feature = "train")]
    mod training;
    mod variants;
}
mod tasks {
    mod dataset;
    mod pairs;
    mod prompts;
    mod task;
}
