//! `bindgen FILE.wasm FOLDER`: puts the program into the folder, with the JavaScript by which a page calls it and that
//! JavaScript's types.

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().context("expected a .wasm file")?;
    let folder = arguments.next().context("expected a folder")?;
    Bindgen::new()
        .input_path(program)
        .out_name("patchbay")
        .web(true)?
        .typescript(true)
        // The JavaScript knows where the program is: beside it.
        .omit_default_module_path(false)
        .generate(folder)
}
