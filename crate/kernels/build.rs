//! For a browser, the product's inner loops once more, as a module of its own: see src/tile.rs.

use std::path::PathBuf;
use std::process::Command;

const LOOPS: &str = "src/tile.rs";

fn main() {
    println!("cargo::rerun-if-changed={LOOPS}");
    if variable("CARGO_CFG_TARGET_ARCH") == "wasm32" {
        let module = PathBuf::from(variable("OUT_DIR")).join("tile.wasm");
        compile(&module);
        assert_has_only_code(&std::fs::read(module).expect("the compiler wrote it"));
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).expect("cargo sets it")
}

fn compile(module: &std::path::Path) {
    let status = Command::new(variable("RUSTC"))
        .args(["--edition=2024", "--crate-name=tile", "--crate-type=cdylib"])
        .args(["--target", &variable("TARGET")])
        .args([
            "-Copt-level=3",
            "-Cpanic=abort",
            "-Cstrip=symbols",
            "-Ctarget-feature=+simd128,+relaxed-simd",
        ])
        // A stack of no bytes: what would use it stops there, and takes no memory of the program's.
        .args(["-Clink-arg=--import-memory", "-Clink-arg=-zstack-size=0"])
        .arg(LOOPS)
        .arg("-o")
        .arg(module)
        .status()
        .expect("the compiler can be started");
    assert!(status.success(), "{LOOPS} with relaxed SIMD: {status}");
}

/// Data, such as the message of a panic, would be written over what the program has there.
fn assert_has_only_code(module: &[u8]) {
    const TYPES_TO_EXPORTS: std::ops::RangeInclusive<u8> = 1..=7;
    const CODE: u8 = 10;
    let mut rest = &module[8..];
    while let [section, after @ ..] = rest {
        assert!(
            TYPES_TO_EXPORTS.contains(section) || *section == CODE,
            "{LOOPS} with relaxed SIMD has a section {section}, as it would where it can panic"
        );
        let (size, body) = leb128(after);
        rest = &body[size..];
    }
}

/// The number that begins here, and what follows it.
fn leb128(bytes: &[u8]) -> (usize, &[u8]) {
    let last = bytes.iter().position(|byte| byte & 0x80 == 0).expect("a number ends");
    let (number, rest) = bytes.split_at(last + 1);
    (number.iter().rev().fold(0, |value, byte| value << 7 | usize::from(byte & 0x7f)), rest)
}
