//! The program that a page loads: all that `patchbay::wasm` exports. It is a crate of its own since one that is linked as a program cannot
//! be compiled while what it depends on still is, and nothing but a page wants the library so.

#[cfg(target_arch = "wasm32")]
pub use patchbay::wasm::*;
