//! For a browser, the product once more, as modules that may take its place: see src/module.rs.

use std::path::{Path, PathBuf};
use std::process::Command;

const MODULE: &str = "src/module.rs";

/// Names, what they have, and how they are linked.
const MODULES: [(&str, &str, &[&str]); 3] = [
    ("relaxed", "+relaxed-simd", &[]),
    ("threads", "+atomics", SHARED),
    ("relaxed_threads", "+relaxed-simd,+atomics", SHARED),
];

/// With the most that 32 bits can address.
const SHARED: &[&str] =
    &["--cfg=threads", "-Clink-arg=--shared-memory", "-Clink-arg=--max-memory=4294967296"];

fn main() {
    println!("cargo::rerun-if-changed=src");
    if variable("CARGO_CFG_TARGET_ARCH") == "wasm32" {
        for (name, features, how) in MODULES {
            let module = PathBuf::from(variable("OUT_DIR")).join(name).with_extension("wasm");
            compile(&module, features, how);
            assert_has_only_code(&std::fs::read(module).expect("the compiler wrote it"));
        }
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).expect("cargo sets it")
}

fn compile(module: &Path, features: &str, how: &[&str]) {
    let status = Command::new(variable("RUSTC"))
        .args(["--edition=2024", "--crate-name=module", "--crate-type=cdylib"])
        .args(["--target", &variable("TARGET")])
        .args(["-Copt-level=3", "-Cpanic=abort", "-Cstrip=symbols"])
        .arg(format!("-Ctarget-feature=+simd128,{features}"))
        // A stack of no bytes: what would use it stops there, and takes no memory of the program's.
        .args(["-Clink-arg=--import-memory", "-Clink-arg=-zstack-size=0"])
        .args(how)
        .arg(MODULE)
        .arg("-o")
        .arg(module)
        .status()
        .expect("the compiler can be started");
    assert!(status.success(), "{MODULE} with {features}: {status}");
}

/// Data, such as the message of a panic, would be written over what the program has there; and there is no stack.
fn assert_has_only_code(module: &[u8]) {
    const TYPES_TO_EXPORTS: std::ops::RangeInclusive<u8> = 1..=7;
    const CODE: u8 = 10;
    /// A function that has something there begins so: global.get 0, i32.const.
    const TAKES_STACK: [u8; 3] = [0x23, 0, 0x41];
    let mut rest = &module[8..];
    while let [section, after @ ..] = rest {
        assert!(
            TYPES_TO_EXPORTS.contains(section) || *section == CODE,
            "{MODULE} has a section {section}, as it would where it can panic"
        );
        let (size, body) = leb128(after);
        assert!(
            *section != CODE || !body[..size].windows(3).any(|bytes| bytes == TAKES_STACK),
            "{MODULE} needs a stack"
        );
        rest = &body[size..];
    }
}

/// The number that begins here, and what follows it.
fn leb128(bytes: &[u8]) -> (usize, &[u8]) {
    let last = bytes.iter().position(|byte| byte & 0x80 == 0).expect("a number ends");
    let (number, rest) = bytes.split_at(last + 1);
    (number.iter().rev().fold(0, |value, byte| value << 7 | usize::from(byte & 0x7f)), rest)
}
