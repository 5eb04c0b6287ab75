//! `bindgen FILE.wasm FOLDER`: puts the program into the folder, with the JavaScript by which a page calls it and that
//! JavaScript's types.

use std::path::Path;

use anyhow::{Context, Result, ensure};
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
        .generate(&folder)?;
    let script = Path::new(&folder).join("patchbay.js");
    let text = std::fs::read_to_string(&script)?;
    std::fs::write(script, for_shared_memory(text)?)?;
    Ok(())
}

/// What wasm-bindgen writes where a program says that its memory is shared. Ours says so only when a page is about to give it
/// threads, so its JavaScript has to be right for both.
const FOR_SHARED_MEMORY: [(&str, &str); 4] = [
    // A shared memory that grows leaves what was made of it as it was.
    (".byteLength === 0", ".buffer !== wasm.memory.buffer"),
    // Browsers read no text from shared memory, and write none.
    (
        "decodeText(getUint8ArrayMemory0().subarray(",
        "decodeText(getUint8ArrayMemory0().slice(",
    ),
    ("if (!('encodeInto' in cachedTextEncoder)) {", "{"),
    // Nor random numbers.
    (
        "globalThis.crypto.getRandomValues(getArrayU8FromWasm0(arg0, arg1));",
        "getArrayU8FromWasm0(arg0, arg1).set(globalThis.crypto.getRandomValues(new Uint8Array(arg1)));",
    ),
];

fn for_shared_memory(mut text: String) -> Result<String> {
    for (written, ours) in FOR_SHARED_MEMORY {
        ensure!(text.contains(written), "expected wasm-bindgen to write {written}");
        text = text.replace(written, ours);
    }
    Ok(text)
}
