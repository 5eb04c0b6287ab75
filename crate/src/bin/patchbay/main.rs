//! The command `patchbay`: the page's experiment without the page.

#[cfg(not(target_arch = "wasm32"))]
mod cli;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    cli::main()
}

/// There is no command line in a browser; cargo builds this along with the browser's tests.
#[cfg(target_arch = "wasm32")]
fn main() {}
